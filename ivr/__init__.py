"""The phone: the whole call as a table of steps, and what happens at each of the carrier's webhooks.

Decisions:
- A table of steps, not one view per step: tests prove that it has no dead end, that every spoken key works, and
  that a webhook delivered twice gets the same answer.
- A live call decides from one frozen Switchboard and from the rows of the call itself. Everything it does between
  two webhooks happens in one transaction, the visit row included; so a process killed at any moment leaves either
  nothing or the whole answer behind, and the carrier's second attempt finds it.
- Beyond the design's map: `exchange` (one webhook from end to end), `conversation` (what the actions see of it),
  `seal` (what the carrier carries), `facts` and `spoken` (the words), `ringing` (the actions that ring), `reports`
  (what the carrier tells afterwards), `chase` and `paging_step` (the worker's paging), `paged` (what an engineer who
  is paged hears), `replies` (what one writes), `acknowledging` ("I have it", the one verb of all ways, and what it
  ends), `page_texts` and `page_mails`, `have_page` and `address` (the link in them, and a message's sound), `keeper`
  and `canary_call` (what the canary does and who answers it), `reconcile` with `discrepancies`, `unrecorded`,
  `carrier_list` and `carrier_call` (the carrier's list of a month's calls against ours), `missed` (calls that reached
  nobody), `warning` (before time for a ticket is up), `outlook` (what a line would do at an instant), `rehearsal`
  with `moves` and `stories` (a call on a copy of the set-up), `verifying` (a call that is none of the flow: is this
  the engineer's number?), `tongues` (times in every language), `greeting` (the first words at an instant), `wording`
  and `examples` (the company's own words), `announcement`, `checked`, and the pages of the settings with `hours_form`
  and `hours_sight`. Each would else have hidden in `actions`, `views` or `cli`.
"""
