"""TwiML: one document from the templates of the steps it plays, in a closed Jinja environment.

Every value is turned to plain text, stripped of the characters that XML forbids and then escaped, in this order, so
not even a value marked safe gets through; a missing value is an error; inside there is only extends, block, include
and if.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Twilio's connection overrides (TWILIO.md §1.2): try again within its 15 seconds, for a second delivery is harmless.
AGAIN = "#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx"
TEMPLATES = Path(__file__).parent.parent / "twiml_templates"
# What XML 1.0 forbids; one such character in a name would end the call.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _plain(value: Any) -> Any:
    if isinstance(value, StrictUndefined):
        return value  # raises when it is turned to text, naming what is missing
    return FORBIDDEN.sub("", str.__str__(str(value)))


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_plain,
    trim_blocks=True,
    lstrip_blocks=True,
)


def document(steps: Iterable[tuple[str, Mapping[str, Any]]], end: str = "") -> str:
    """One document that plays these steps (name and values) one after another, and then `end`."""
    played = "".join(
        _environment.get_template(f"{name}.xml").render({"sound": ""} | dict(values)).strip() + "\n"
        for name, values in steps
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n{played}{end}</Response>\n'
