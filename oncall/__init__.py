"""People on duty: who is on the rota, whom to ring next, and every ring of an engineer (a Page).

Rota and escalation are arithmetic on values; the roster stores them; paging records what came of them.

Decision: a Page is one ring of one engineer about one ticket, also in a live call. An engineer has at most one open
Page (a partial unique index holds it), so two callers at once can never ring the same telephone.
"""
