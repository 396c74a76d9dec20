"""Transfer encodings (RFC 2045 §6), broken ones too: what can be read is read, and nothing raises."""

from __future__ import annotations

import binascii
import re
from string import ascii_letters, digits

SIXTY_FOUR = (ascii_letters + digits + "+/=").encode()
OTHERS = bytes(set(range(256)) - set(SIXTY_FOUR))
SAMPLE = 4096
ESCAPED = re.compile(rb"=([0-9A-Fa-f]{2})")
UU = re.compile(rb"(?m)^begin [0-7]{3,4} [^\r\n]*\r?\n")


def transferred(raw: bytes, encoding: str, faults: list[str] | None = None) -> bytes:
    """The bytes that were sent under that Content-Transfer-Encoding; what is odd about them goes to `faults`."""
    told = faults if faults is not None else []
    match encoding.strip(" \t;\"'").lower():
        case "base64":
            if _is_no_base64(raw):
                told.append("what was said to be base64 is not, and is taken as it stands")
                return raw
            return of_base64(raw, told)
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case "x-uuencode" | "uuencode" | "x-uue":
            return of_uu(raw)
        case _:
            return raw


def of_base64(raw: bytes, faults: list[str] | None = None) -> bytes:
    """Characters that do not belong are passed over, a cut end is read as far as it goes, pieces follow each other."""
    clean = raw.translate(None, OTHERS)
    pieces = [piece for piece in clean.split(b"=") if piece]
    if faults is not None and (any(len(piece) % 4 == 1 for piece in pieces) or raw.translate(None, SIXTY_FOUR).strip()):
        faults.append("base64 that is damaged was read as far as it goes")
    return b"".join(_piece(piece) for piece in pieces)


def of_q(text: str) -> bytes:
    """The Q encoding of headers (RFC 2047 §4.2); `_` is a blank."""
    raw = text.encode("utf-8", "replace").replace(b"_", b" ")
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), raw)


def of_uu(raw: bytes) -> bytes:
    """What stands between `begin` and `end`; lines that cannot be read are passed over."""
    begins = UU.search(raw)
    done = bytearray()
    for line in raw[begins.end() if begins else 0 :].splitlines():
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            done += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(done)


def _piece(piece: bytes) -> bytes:
    whole = piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _is_no_base64(raw: bytes) -> bool:
    """Whether the beginning has words in it, as base64 never does."""
    sample = raw[:SAMPLE].strip()
    inside = b"".join(line.strip() for line in sample.splitlines())
    return len(inside.translate(None, SIXTY_FOUR)) * 20 > len(inside) > 0
