"""The process in which apprise sends one message: `{"url", "words", "networks"}` on its standard input.

Exit status 0: it was taken. Otherwise why not, on the standard output, in our words: those of apprise may hold the
address.

What is watched is every connection that Python opens, after names were looked up and after redirects: an address that
is not allowed is refused there, whatever apprise makes of the URL. What cannot be had from apprise: a bound on how
much of an answer is read (the process is bounded instead), and the status of the answer but for what it logs.
"""

from __future__ import annotations

import json
import logging
import re
import resource
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING

from desk import outward

if TYPE_CHECKING:
    from desk.outward import Network

MEMORY = 512 * 1024 * 1024  # bytes
TIMES = (5.0, 10.0)  # seconds to connect, and to wait for an answer
CONNECTS, FORBIDDEN = "socket.connect", ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")


class Refused(PermissionError):
    """It wanted to do what it may not."""


class Heard(logging.Handler):
    """What apprise logs, for the status that may stand there."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the status."""
        if found := re.search(r"\berror=(\d{3})\b", record.getMessage()):
            self.status = found[1]


def main() -> int:
    """Send it."""
    asked = json.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    heard = Heard()
    from apprise import Apprise, AppriseAsset  # here, for what it costs, and after the limits

    logging.getLogger("apprise").addHandler(heard)
    refused = watch(outward.networks(",".join(asked["networks"])))
    asset = AppriseAsset(app_id="Afterhours", app_desc="", app_url="", async_mode=False, http_redirects=False)
    room = Apprise.instantiate(asked["url"], asset=asset)
    if room is None:
        return _no("this is no address of that service")
    room.verify_certificate, room.redirects = True, False
    room.socket_connect_timeout, room.socket_read_timeout = TIMES
    if room.notify(body=asked["words"], body_format="text"):
        return 0
    if refused:
        return _no(refused[-1])
    return _no(f"it answered {heard.status}" if heard.status else "it cannot be reached, or did not answer")


def watch(networks: tuple[Network, ...]) -> list[str]:
    """From now on nothing leaves but to where it may; what was refused is listed."""
    refused: list[str] = []

    def look(event: str, args: tuple[object, ...]) -> None:
        if event in FORBIDDEN:
            raise Refused(event)
        if event == CONNECTS and not _may(args[1], networks):
            refused.append("it is not on the public internet")
            raise Refused("not on the public internet")

    sys.addaudithook(look)
    return refused


def _may(address: object, networks: tuple[Network, ...]) -> bool:
    if not isinstance(address, tuple):
        return False  # a socket of this machine
    try:
        return outward.allowed(ip_address(str(address[0])), networks)
    except ValueError:
        return False


def _no(why: str) -> int:
    sys.stdout.write(why)
    return 1


if __name__ == "__main__":
    sys.exit(main())
