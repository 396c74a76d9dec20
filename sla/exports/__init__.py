"""Files of charge lines, made of rows and a header alone: nothing here knows the database, the time or the locale.

A file is the rows that it is given, in their order. `formats` names every file that there is; `tally` counts and
hashes what passes while it is written, in memory that does not grow with the rows.

- `workbook` is for people: real dates and numbers whatever the language of their computer, and a sheet that says what
  was asked for, by whom, and what it comes to. `excel_za` is for people whose program cannot take a workbook.
- `import_csv` is for programs, `as_json` the shape of the API.
- `xero` and `quickbooks` are what those systems import; `documents` says which rows go there and onto which invoice,
  `mapping` what they are called there.

Decisions:
- A file that cannot be made is `Refused` before its first byte: nobody imports half a month.
- The same rows and header make the same bytes in any process, time zone and locale. So the header of a closed month
  holds who closed it and when, not who asks for the file. The bytes of a workbook also depend on the versions of
  XlsxWriter and zlib, which compress it; those of a CSV on nothing.
- A telephone number in a CSV is a `tel:` address (RFC 3966): no spreadsheet takes that for a number or a formula.
- Text that a spreadsheet would run gets an apostrophe in every CSV (`desk/cells.py`); amounts are digits that we
  write, so a negative one stays a number.
- No VAT is computed: three lines of 10.03 have 4.50 or 4.51 of it, and whoever issues the tax invoice decides.
"""
