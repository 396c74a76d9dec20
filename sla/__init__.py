"""Time and money: when we are open, what was promised, what may be billed.

Overtime, and how a due time comes about, are arithmetic on values; hours, holidays, contracts and the worklog store
them. A due time is made from the bottom up: `calendar` counts open time, `clock` stands still in pauses, `targets` say
what is promised, `timeline` what happened, `promise` counts one target from one instant, `standing` judges, `trace`
tells it in sentences. `money` is what an hour costs and why, `billing` the months in which it is charged, `exports`
their files. `reconciliation` says whether the carrier's calls of a month and ours are the same.

Decisions:
- A company closure, or the switch that forces the line open or shut, changes who answers. It never changes the
  rate band: bands come from the regular hours and the public-holiday table alone. Only a contract that says that
  closures count is charged by them, and the switch counts for nobody.
- Holidays and closures stop the count of a promise; the switch does not: what was promised when the line was open
  is not put off by shutting it.
- A band is decided by the local date, second by second; the contract in force when the work begins decides what
  each band means.
"""
