"""Set-up files: YAML or CSV, read so that every value knows its line, stored all or nothing.

From the file to the row: sheets (entries with their lines), written (values as people write them), form, forms and
plans (what a section may say), filled (entries as forms), books (the stored set-up while it changes), store (forms
as rows), load (the whole). It knows the tables of every package, so it stands above them all.
"""
