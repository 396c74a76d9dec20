"""The ground every other package stands on: database, settings, numbers, staff.

It knows nothing of tickets, contracts, rotas or calls; only what stands above everything does: `models` (every table,
for migrations and rehearsals), `setup` and `listing` (set-up files in and out).

Decision: set-up (what the Switchboard is built from) is marked by the mix-in `db.SetUp`; any flushed change to
it raises one version number in the same transaction. A live call compares that number and nothing else, and a
simulation copies exactly the tables so marked.
"""
