"""Hooks: what other programs and chat rooms are told of calls, tickets and the rota, as it happens.

Webhooks follow the Standard Webhooks specification (standardwebhooks.com): `webhook-id`, `webhook-timestamp` and
`webhook-signature`, secrets that begin with `whsec_`, the same id over all tries. Chat goes by apprise.

From causes outwards: whoever changes a ticket, a call or a rota calls nothing here. `causes` looks at every
transaction before it is written, and puts what happened into the outbox in that same transaction, once for every
endpoint that wants it. The worker takes it out of the house (`webhooks`, `chat`) on a lane of its own (`lane`), so
that no ring waits for a stranger's server.

Decision: the rows here hold no number of a caller and no words of anybody. They name the call or the ticket, and its
number is looked up when a body is made, masked unless the endpoint may have it whole; so whoever is erased is erased
from here too.

Decision: a signing secret is not stored. It is made from SECRET_KEY and the salt of the endpoint, as our other keys
are; a copy of the database signs nothing.
"""
