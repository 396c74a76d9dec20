"""Connection overrides: what the fragment of a webhook URL says of patience and retries (TWILIO.md §1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urldefrag

from simulator.grammar import UnknownTwiml

POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
# Milliseconds, and the number of retries; tt is the ceiling of 15 s for everything that a call asks
RANGES = {"ct": (100, 10000), "rt": (100, 15000), "tt": (100, 15000), "rc": (0, 5)}
NOT_OURS = frozenset({"sni", "e"})  # understood by Twilio, without meaning in a box


@dataclass(frozen=True)
class Overrides:
    """How long the network waits, in seconds, and what it tries again."""

    connect: float = 5
    answer: float = 15
    total: float = 15
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retry(self, trouble: str) -> bool:
        """Say whether a trouble ("ct", "rt", "4xx", "5xx") is worth another connection."""
        return trouble in self.policy or (trouble in POLICIES and "all" in self.policy)


def overrides(url: str) -> tuple[str, Overrides]:
    """Part a URL from its overrides. A fragment that Twilio would not understand is refused (11243)."""
    plain, fragment = urldefrag(url)
    given = dict(_pair(part) for part in fragment.split("&") if part)
    policy = frozenset(given.pop("rp", "ct").split(","))
    if not policy <= POLICIES:
        raise UnknownTwiml(f"rp={','.join(sorted(policy))} in {url}: not a retry policy (11243)")
    numbers = {key: _number(key, value, url) for key, value in given.items() if key not in NOT_OURS}
    return plain, Overrides(
        connect=numbers.get("ct", 5000) / 1000,
        answer=numbers.get("rt", 15000) / 1000,
        total=numbers.get("tt", 15000) / 1000,
        retries=numbers.get("rc", 1),
        policy=policy,
    )


def _pair(part: str) -> tuple[str, str]:
    key, _, value = part.partition("=")
    return key, value


def _number(key: str, value: str, url: str) -> int:
    low, high = RANGES.get(key, (1, 0))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise UnknownTwiml(f"{key}={value} in {url}: not a connection override")
    return int(value)
