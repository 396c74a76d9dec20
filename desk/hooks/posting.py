"""Posting: one request to a stranger's server, from which nothing is believed but its status, soon enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import HTTPError

from desk import outward
from desk.hooks import places
from desk.hooks.places import BadPlace
from desk.outward import OutOfBounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.outward import Bounds

CONNECT, READ = 5, 10  # seconds
PATIENCE = 15  # seconds for all of it, the look-up of the name included
KEPT = 1024  # bytes of an answer; no more of it is read


@dataclass(frozen=True)
class Said:
    """What came back: a status with the beginning of the answer, or a fault."""

    status: int | None = None
    answer: str = ""
    fault: str | None = None
    retry_after: int | None = None  # seconds, where it asks for them
    taken: bool = False  # of what has no status

    @property
    def is_taken(self) -> bool:
        """Whether it has it: of HTTP only a status of 2xx says so."""
        return self.taken if self.status is None else 200 <= self.status < 300

    @property
    def why(self) -> str:
        """What it said, in half a sentence."""
        return self.fault or f"it answered {self.status}"


def post(bounds: Bounds, url: str, body: str, headers: Mapping[str, str], patience: float = PATIENCE) -> Said:
    """Send it; every fault is an answer too."""
    heard: list[Said] = []  # what was heard by the time that patience ends: a status counts, however slow its body
    try:
        outward.within(patience, lambda: _post(bounds, url, body, headers, heard))
    except (BadPlace, OutOfBounds) as error:
        return Said(fault=str(error))
    except TimeoutError:
        return heard[-1] if heard else Said(fault=f"no answer within {patience:g} s")
    except (requests.RequestException, HTTPError, ValueError, OSError) as error:
        return heard[-1] if heard else Said(fault=_fault(error))
    return heard[-1]


def _post(bounds: Bounds, url: str, body: str, headers: Mapping[str, str], heard: list[Said]) -> None:
    host, port = places.webhook(url, bounds.networks)
    with (
        bounds.session(host, port) as session,
        session.post(
            url,
            data=body.encode(),
            headers={"Content-Type": "application/json", "User-Agent": "Afterhours", "Accept-Encoding": "identity"}
            | dict(headers),
            timeout=(CONNECT, READ),
            allow_redirects=False,
            stream=True,
        ) as answer,
    ):
        status, asked = answer.status_code, answer.headers.get("Retry-After", "")
        retry_after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else None
        heard.append(Said(status, retry_after=retry_after))
        heard.append(Said(status, plain(answer.raw.read(KEPT)), retry_after=retry_after))


def plain(raw: bytes) -> str:
    """The beginning of an answer as words that a page and a database take."""
    text = raw[:KEPT].decode(errors="replace")
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _fault(error: Exception) -> str:
    """What went wrong, without the address, which may be a secret."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be trusted"
    if isinstance(error, requests.Timeout):
        return f"no answer within {READ} s"
    if isinstance(error, requests.ConnectionError) and "Connection aborted" in str(error):
        return "it hung up without an answer"
    return "it cannot be reached" if isinstance(error, requests.ConnectionError) else type(error).__name__
