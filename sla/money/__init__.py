"""What work costs and why: values in, values out, never a database.

`rule`, `windows` and `rates` are what a contract says of each hour (`rate_words` in sentences, `presets` what most
contracts begin as); a `stretch` is work to be charged. `pieces` cuts it where a rule ends, `merging` finds what is
billed as one call, `allowance` what included hours pay for, `bill` makes seconds into money, `charge` the line of all
that, `reckoning` its sentence. `decision` is what a person said instead, `correction` makes good what a closed month
said, `preview` answers before anybody has called. `row` is a line as staff read it.

Amounts are `Decimal`, rounded once, half up, on the line; a line never depends on the order of the others.
"""
