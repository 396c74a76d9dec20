"""People on duty: who is on the rota, whom to ring next, and every ring of an engineer (a Page).

Rota and escalation are arithmetic on values; the roster stores them; paging records what came of them.

A stored rota is versions (draft: what one says; versions: publishing) and overrides (changes, swaps, cover), read as
one plan, which the Switchboard holds; record writes down who served. effect, crew and readiness tell what a change
would do and who would not be reached.

The rota goes out as calendars (subscriptions, feed) and files (export), whose past is the record (history); files of
other products come in as changes of shifts, all or nothing (intake, adoption, transfer).

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
