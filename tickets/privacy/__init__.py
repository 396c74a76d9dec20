"""Privacy: what is kept of people, shown to them, taken out again, and for how long.

A *person* is somebody outside: a contact of a customer, or an unknown caller or writer whom a number or an address
names (*person*, *whom*); *tenure* and *spells* tell whose these were at which time. Colleagues are not: what is kept of
them is their work, and who leaves is taken off the rotas by oncall.offboarding; a company is not either, though POPIA
protects it too: its name is on what it was charged.

- *places* says of every column of every table whether something of a person can stand there; a test holds it complete.
- *belongings* are the rows that are theirs; *traces* are their number, address and name in the words of others.
- *export* hands over what is theirs, with what is about others taken out. Colleagues are in it by the given name by
  which letters are signed: whom one has dealt with is part of what is kept of one (POPIA s 23).
- *purge* removes every night what its rule (desk.retention) or a contract lets go: a *broom* for each table (*brooms*)
  sweeps what is *overdue*; *amiss* tells managers what should have gone and has not. *access* says who saw what.
- *erasure* takes out all of it, in pieces, however often it is killed; *compact* what the database's files still hold.

What law has us keep stays under the ticket's reference alone: when somebody worked for how long, and what it was
charged as (VAT records five years; engineers' working time three years, BCEA s 31).
"""
