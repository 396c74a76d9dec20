"""Privacy: what is kept of people, for how long, and who has looked at it (POPIA s 14, 19, 23, 24)."""
