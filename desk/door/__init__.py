"""The door: who may come in, how they prove it, and what they may see.

Decisions
- A browser holds one random secret in one cookie; the database holds its digest. Before sign-in the secret is
  worth nothing; signing in always makes a new one, so a secret that was planted opens nothing. The token of every
  form is derived from it, so forms need no storage and die with the session.
- Tries are counted in the database before the password is looked at, so any number of processes let through exactly
  as many as one would. Passwords live apart from `staff`, which rehearsals copy.
- A blueprint has one guard (`requires`), and the menu asks the same guard. In a demonstration whoever is not signed
  in counts as a manager who has no account.
"""
