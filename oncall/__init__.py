"""People on duty: who is on the rota, whom to ring next, and every ring of an engineer (a Page).

Rota and escalation are arithmetic on values; the roster stores them; paging records what came of them.

A stored rota is versions (draft: what one says; versions: publishing) and overrides (changes, swaps, cover), read as
one plan, which the Switchboard holds; record writes down who served. effect, crew and readiness tell what a change
would do and who would not be reached.

The rota goes out as calendars (subscriptions, feed) and files (export), whose past is the record (history); files of
other products come in as changes of shifts, all or nothing (foreign_file, adoption, transfer).

Fair share (measures, fairness, shares) counts what was served and rung beside what each would have had to; offboarding
tells what somebody who leaves would leave open, and hands it on.

Somebody's time has a word for each who asks: a shift is what the plan has (shifts), placed with the place at which it
rings (places), served as it was recorded (record), a spell where several in a row are one (spells), a stint where it is
counted (measures), standby where it is payroll's (duty), a stretch where it is drawn (strip). Nights are three (night).

Decision: there is no score of fairness. Whoever plans sees counts in their own units, and what each differs by; a sum
of nights and hours would be a judgement that belongs to the people.

What payroll needs of a month is read from the record, the Pages and the worklog (duty_month: standby, work) and
divided by arithmetic alone: duty, call-outs and what they count for (credit, by what was agreed), limits of the Act.

Notices (telling: each look in turn) go into the outbox and are held to what is true once more as they leave
(notice_courier). What somebody was told last is kept (moves), so that a change is told from what they know.

An emergency that nobody has is a pursuit: paged through the escalation policy until somebody has it (pursuit). What the
worker does about it stands in ivr.chase, for it takes a Switchboard to know who rings.

Decision: a step of a pursuit is claimed by a conditional update and a lease and taken in a second transaction, which
writes the Page, the ring and the texts; the outbox delivers them. So nothing is done outside by the step itself, and a
worker that is killed anywhere loses nothing and doubles nothing.

Decision: about one ticket one telephone rings at a time, whoever lets it ring: a live call, a call-back, or a pursuit.

Decision: a calendar is answered from the plan, and the worker alone numbers its events (feed), so that a fetch never
takes SQLite's write lock and never tells anything else than the call.

Decision: nothing of a rota is edited or deleted. A version is followed by another and an override is taken back, both
from an instant on, so that every question about the past has one answer.

Decision: a Page is one ring of one engineer about one ticket, also in a live call. An engineer has at most one open
Page (a partial unique index holds it), so two callers at once can never ring the same telephone.
"""
