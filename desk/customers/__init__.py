"""Customers, their contacts and their contracts, on pages.

What is typed is put in as a set-up file would put it (desk.setup): `entries` makes of a form what a file has, so there
is one truth of what a number, an address or a contract is. `register` finds what the pages show. A contract is never
edited: `draft` is the form of the version to come, `comparing` tells what a call would cost by it, `succession` looks
at it, agrees and withdraws it.
"""
