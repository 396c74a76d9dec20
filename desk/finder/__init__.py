"""The one box in the head of every page: what somebody types there, and everything that it may mean.

`meant` reads references and telephone numbers out of whatever was typed or pasted. `found` looks for them, and for the
words, in a few bounded queries: tickets and calls by their indexes and among the newest alone, however many there are.
`places` are the pages by their names. Nothing is found that whoever looks could not open.
"""
