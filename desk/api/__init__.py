"""The API for programs: read what happened and who rings, with a token, as far as its scopes go.

Decision, November 2026: an own description (OpenAPI 3.1) from the pydantic models that also make the answers, instead
of flask-openapi3. That one wants its own class in place of Flask, which every rehearsal would build again, and does
not check answers; here an answer can only be what its model says, and an operation cannot exist without its entry
in the description.
"""
