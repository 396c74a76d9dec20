"""A past for the demo company: three months before now, lived through the product's own doors.

Nothing is written around the product. A second application with a clock of its own is set up as the demo was, and
people ring it on a telephone network in a box, write mails and fill in forms; its worker pages, delivers, judges and
charges; colleagues press the buttons of tickets, swap shifts and close months. What came of it is moved, whole and in
one transaction, into a database that has seen no real call. Whoever is stopped half-way has changed nothing.

From the dice to the database: days (what happens on a day), words (what people say), stage (the second application and
its carrier), callers, writers and engineers (who does what), course (what becomes of a ticket), duties (the rota),
months (money), life (one thing after another), moving (into the database). All of it depends on the day alone.
"""
