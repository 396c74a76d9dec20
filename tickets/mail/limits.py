"""How much of one mail is read, whatever it holds: what is beyond stays in the raw mail, and a fault says so.

Bytes, characters or counts. Reading takes time in proportion to the size of a mail times at most `DEPTH`.
"""

HEADERS = 256 * 1024  # bytes of one block of headers
VALUE = 32 * 1024  # bytes of one header
FIELDS = 1000  # headers of one block
DEPTH = 24  # parts within parts, and forwarded mails within them
PARTS = 500  # of one mail, at all depths
JUNK = 10_000  # lines that begin as a boundary and are none
SOURCE = 4_000_000  # bytes of one text or HTML, before it is made into text
TEXT = 1_000_000  # characters of the text of a mail
TAGS = 100_000  # of the HTML of a text
SHOWN = 100_000  # characters of what is shown of it
SUBJECT = 500
NAME = 200
FILE_NAME = 150
ADDRESS = 320  # 64 before the @, 255 after it (RFC 5321 §4.5.3.1)
ADDRESSES = 100
IDENTITY = 500  # of a Message-ID; an index of a database takes no more than about 2,700 bytes
REFERENCES = 100
FAULTS = 20
FAULT = 200
