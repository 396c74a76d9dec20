"""Time and money: when we are open, what was promised, what may be billed.

Overtime, and how a due time comes about, are arithmetic on values; hours, holidays, contracts and the worklog store
them. A due time is made from the bottom up: `calendar` counts open time, `clock` stands still in pauses, `targets` say
what is promised, `timeline` what happened, `promise` counts one target from one instant, `standing` judges, `trace`
tells it in sentences.

Money likewise: `rule`, `windows` and `rates` are what a contract says of each hour, `presets` what most contracts
begin as; `pieces` cuts work where a rule ends, `merging` finds what is billed as one call, `allowance` what included
hours pay for, `bill` makes seconds into money, `charge` the line of all that, `reckoning` its sentence; `correction`
makes good what a closed month said, `preview` answers before anybody has called. `row` is a line as staff read it,
`exports` makes files of rows, `reconciliation` says whether the carrier's calls of a month and ours are the same.

Decisions:
- A company closure, or the switch that forces the line open or shut, changes who answers. It never changes the
  rate band: bands come from the regular hours and the public-holiday table alone. Only a contract that says that
  closures count is charged by them, and the switch counts for nobody.
- Holidays and closures stop the count of a promise; the switch does not: what was promised when the line was open
  is not put off by shutting it.
- A band is decided by the local date, second by second; the contract in force when the work begins decides what
  each band means.
"""
