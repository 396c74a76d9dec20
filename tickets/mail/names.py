"""Names we give: our Message-IDs and plus addresses, which say which ticket an answer belongs to.

A name holds the number of its ticket, sealed: nobody else can read it, make one, or change one into another (the tag is
an HMAC of what is inside and at once the nonce under which that is hidden, as in RFC 5297; both keys come from the
secret). It is written in lower-case base32, so that mailers may change its case. The domain is not part of what is
sealed: answers find their ticket after the company's address has changed.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re

TAG = 10  # bytes
NUMBER = 5  # bytes of a ticket's number
KEY = 10  # bytes of what a letter is about, so that each letter has a name of its own
BLANKS = re.compile(r"\s+")
LOCAL = 64  # characters before the @ (RFC 5321 §4.5.3.1.1)


class Names:
    """Makes and reads names under one secret."""

    def __init__(self, secret: str | bytes, domain: str) -> None:
        self.secret = secret.encode() if isinstance(secret, str) else secret
        self.domain = domain

    def message_id(self, ticket_id: int, key: str) -> str:
        """The Message-ID of a letter about that ticket; the same for the same key, which may be any text."""
        about = self._hmac("about", key.encode())[:KEY]
        return f"<{self._sealed('message', ticket_id.to_bytes(NUMBER, 'big') + about)}@{self.domain}>"

    def ticket_of(self, message_id: str) -> int | None:
        """Whose ticket a Message-ID of ours is about; None where it is not ours, or was changed."""
        local = BLANKS.sub("", message_id).strip("<>").rpartition("@")[0]
        return self._ticket("message", local, NUMBER + KEY)

    def address(self, mailbox: str, ticket_id: int) -> str:
        """`support+token@...` for a mailbox, with or without its domain; raises ValueError where it has no room."""
        local, _, domain = mailbox.partition("@")
        plus = f"{local}+{self._sealed('address', ticket_id.to_bytes(NUMBER, 'big'))}"
        if len(plus) > LOCAL:
            raise ValueError(f"{mailbox!r} is too long for a plus address")
        return f"{plus}@{domain or self.domain}"

    def ticket_of_address(self, address: str) -> int | None:
        """Whose ticket a plus address of ours is for; None where it is not ours, or was changed."""
        local = BLANKS.sub("", address).strip("<>").rpartition("@")[0]
        return self._ticket("address", local.rpartition("+")[2], NUMBER)

    def _ticket(self, purpose: str, token: str, length: int) -> int | None:
        inside = self._opened(purpose, token)
        return int.from_bytes(inside[:NUMBER], "big") if inside and len(inside) == length else None

    def _sealed(self, purpose: str, inside: bytes) -> str:
        tag = self._hmac(purpose, inside)[:TAG]
        return base64.b32encode(tag + self._hidden(purpose, tag, inside)).decode("ascii").rstrip("=").lower()

    def _opened(self, purpose: str, token: str) -> bytes | None:
        try:
            sealed = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except (binascii.Error, ValueError):
            return None
        inside = self._hidden(purpose, sealed[:TAG], sealed[TAG:])
        return inside if hmac.compare_digest(self._hmac(purpose, inside)[:TAG], sealed[:TAG]) else None

    def _hidden(self, purpose: str, tag: bytes, inside: bytes) -> bytes:
        """The bytes under a mask that only we can make; hidden twice they are what they were."""
        mask = self._hmac(f"mask {purpose}", tag)
        return bytes(one ^ other for one, other in zip(inside, mask, strict=False))

    def _hmac(self, purpose: str, what: bytes) -> bytes:
        key = hmac.digest(self.secret, f"mail {purpose}".encode(), "sha256")
        return hmac.digest(key, what, "sha256")
