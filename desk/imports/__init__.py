"""Customers, contacts and contracts out of a spreadsheet: looked at row by row, then put in as it was shown.

`table` reads what Excel and others write as CSV, `columns` says which column is what, `rows` makes of each row the
entries of a set-up file, so that desk.setup alone knows what a number, an address or a contract is. `looking` lets the
loader put them into a copy in memory, and tells what it did: nothing is written, and no caller waits for a lock.
`carrying` puts in exactly that, in one transaction, or nothing if it would be something else by now.

Decision: between the two steps the file stays in the browser, so nothing is kept here of a list that nobody agrees to.
Decision: 2000 rows at most. All of them are one transaction, for which a caller may wait on SQLite: some two seconds.
"""
