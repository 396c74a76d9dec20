"""An errand: a browser that is sent to the provider to prove who is before it, and has to come back with the proof.

Nothing of it is stored. State, nonce and code verifier (OpenID Connect Core §3.1.2.1, RFC 7636) are derived from the
browser's own secret and a random part that travels in the state: no other browser can bring the answer home, and
signing in, which makes a new secret, uses up every errand that was begun before.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from desk.door.doubt import Doubt, NotVouched

if TYPE_CHECKING:
    from collections.abc import Callable

    Keyed = Callable[[str], str]

LIFE = timedelta(minutes=10)
LONGEST = 200


@dataclass(frozen=True)
class Errand:
    """What goes to the provider and has to come back: `state` in the address, `nonce` in what it signs."""

    state: str
    nonce: str
    verifier: str  # shown to the provider alone, and only with the code


def begin(keyed: Keyed, now: datetime) -> Errand:
    """A new errand of the browser whose secret is in `keyed`."""
    return _errand(keyed, f"{int(now.timestamp()):x}.{secrets.token_urlsafe(16)}")


def resume(keyed: Keyed, state: str, now: datetime) -> Errand:
    """The errand that this browser was sent on; raises NotVouched for another's, a made-up one, or one that is over."""
    named, _, _ = state[:LONGEST].rpartition(".")
    errand = _errand(keyed, named)
    if not hmac.compare_digest(errand.state.encode(), state.encode()):
        raise NotVouched(Doubt.ELSEWHERE)
    begun = datetime.fromtimestamp(int(named.partition(".")[0], 16), UTC)
    if now >= begun + LIFE:
        raise NotVouched(Doubt.LATE)
    return errand


def _errand(keyed: Keyed, named: str) -> Errand:
    return Errand(f"{named}.{keyed(f'state {named}')}", keyed(f"nonce {named}"), keyed(f"verifier {named}"))
