"""Places: where a webhook or a chat message may go, as far as its address tells; the rest is looked at on the way.

A name is looked up and its addresses are checked when something is sent (desk.outward), not when it is typed: it may
mean something else by then.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.outward import Network

LONGEST = 2000
# The services whose messages apprise sends for us; each speaks TLS to a host of its own or of the company's.
SERVICES = {
    "slack": "Slack",
    "workflows": "Microsoft Teams",
    "mmosts": "Mattermost",
    "rockets": "Rocket.Chat",
    "gchat": "Google Chat",
    "discord": "Discord",
}
PLAIN = {"mmost": "Mattermost", "rocket": "Rocket.Chat"}  # without TLS, so to this machine alone
# Of what may follow the `?` of such an address, what names a room or a version. Others would read files of this
# machine (template=), believe any certificate (verify=) or follow a redirect.
OPTIONS = frozenset({"to", "channel", "thread", "threadkey", "ver", "api-version", "mode"})


class BadPlace(ValueError):
    """Nothing is sent there; the text says why, to whoever typed it."""


def webhook(url: str, networks: Iterable[Network] = ()) -> tuple[str, int]:
    """Return host and port of an address for webhooks; raises BadPlace."""
    parts = _split(url)
    if parts.scheme == "http" and _is_loopback(parts.hostname, networks):
        return parts.hostname or "", _port(parts) or 80
    if parts.scheme != "https":
        raise BadPlace("The address of a webhook begins with https://.")
    return parts.hostname or "", _port(parts) or 443


def chat(url: str, networks: Iterable[Network] = ()) -> str:
    """Return which service an address of apprise is for; raises BadPlace."""
    parts = _split(url)
    here = parts.scheme in PLAIN and _is_loopback(parts.hostname, networks)
    if parts.scheme not in SERVICES and not here:
        known = ", ".join(f"{one}://" for one in SERVICES)
        raise BadPlace(f"The address of a chat room begins with one of {known}.")
    odd = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - OPTIONS)
    if odd:
        raise BadPlace(f"An address of a chat room takes no “{odd[0]}=” here.")
    return (SERVICES | PLAIN)[parts.scheme]


def _split(url: str) -> SplitResult:
    if not url.isprintable() or " " in url or "," in url or len(url) > LONGEST:
        raise BadPlace("This is not an address.")
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        raise BadPlace("This is not an address.") from None
    if not parts.hostname:
        raise BadPlace("This is not an address.")
    if parts.scheme in ("http", "https") and (parts.username or parts.password):
        raise BadPlace("An address with a name and password in it is not kept.")
    return parts


def _port(parts: SplitResult) -> int | None:
    return parts.port


def _is_loopback(host: str | None, networks: Iterable[Network]) -> bool:
    """Whether it is this machine, written as a number, and the setting lets us speak to it."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    return address.is_loopback and any(address in network for network in networks)
