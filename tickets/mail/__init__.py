"""Mail: what customers write to us, read so that nothing they send is lost; and letters, what they are written.

- *Coming in*: `poller` (by `imap`) and `lmtp` store an `arrival`; the worker's `intake` reads it and has it settled
  (`settling`), led to its ticket by `threads`; `flood` says when it is too much, `house` whose mail it is.
- *Reading*: `received`, over `parts`, `fields`, `contents`, `quoting` and what these stand on; `automatic` tells
  machines from people.
- *Going out*: `owing` finds the events that owe a `letter`; `letters` has them written (`composing`, `wording`,
  `paper`), or says why not (`addressee`, `quota`); `threading` and `names` make the answer find its ticket, `courier`
  sends.

The reading is pure: bytes in, a `Received` out, whatever the bytes are. Mail is taken apart by `parts` and not by the
standard library's parser, which gives up at a thousand nested parts (RecursionError), needs ten seconds for four
hundred kilobytes nested two hundred deep, and four for twenty thousand parts: any stranger could stop the desk with
one mail. The standard library's smaller pieces (transfer encodings, parameters, dates, HTML tags) do the rest.
"""
