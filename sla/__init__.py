"""Time and money: when we are open, what was promised, what may be billed.

Calendar, targets and overtime are arithmetic on values; hours, holidays, contracts and the worklog store them.

Decisions:
- A company closure, or the switch that forces the line open or shut, changes who answers. It never changes the
  rate band: bands come from the regular hours and the public-holiday table alone.
- A band is decided by the local date, second by second; the contract in force when the work begins decides what
  each band means.
"""
