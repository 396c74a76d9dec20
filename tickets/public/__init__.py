"""Public pages: open a ticket, ask how it stands, add to it; for customers, whom these pages do not know.

- Nobody signs in here. A reference is no secret, and an address is a claim: whoever has both hears the state and
  nothing else. What was said is for whoever reads the mail of the ticket's address: a link that opens it once.
- Whatever is asked, the answer and the work are the same for a ticket that is not there and for one of somebody else.
- A ticket is made at once, whoever sends it. It pages nobody: that takes a known address, and the press of a button in
  a mail to it. Nothing that was typed stands in a mail of these pages, so they carry nobody's words to a third.
- Limits are counted in the database (desk/door/attempts.py), first for each source, then for all: who sends too much
  uses up their own. Beyond them a page says to ring.
- The form's token (desk/door/browser.py) is asked for here too: without it, a page elsewhere could have its readers'
  browsers send tickets from as many addresses as it has readers. Who sends none gets the form again, with their words.
"""
