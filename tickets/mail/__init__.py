"""Mail: what customers write to us, read so that nothing they send is lost.

The reading is pure: bytes in, a `Received` out, whatever the bytes are. Mail is taken apart by `parts` and not by the
standard library's parser, which gives up at a thousand nested parts (RecursionError), needs ten seconds for four
hundred kilobytes nested two hundred deep, and four for twenty thousand parts: any stranger could stop the desk with
one mail. The standard library's smaller pieces (transfer encodings, parameters, dates, HTML tags) do the rest.
"""
