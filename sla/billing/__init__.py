"""A month's charges: drafted from the worklog, looked over by people, closed once and for all.

`marking` notes whom a change concerns, `charger` works out their lines from what is stored, `planning` what of them
differs from the stored `charge_line`s, `charging` (the worker's) writes that; `recharging` looks every day whether it
was needed. `statements` is the one query that pages, files and interfaces read, `asked` its filters; `reviewing`
and `entering` are a billing person's words, `closing` freezes a `statement` by its checklist, and `month_file` what
left the house of it, in the `names` of that day. `accounting` remembers what the books call things.

- A closed line never changes: what comes to light later is a correction row in the open month.
- Nothing is charged twice: a stretch of work has one line in all months, and corrections add up to the difference.
"""
