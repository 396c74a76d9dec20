"""Every document is strict XML, whatever people are called."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from lxml import etree
from markupsafe import Markup

from ivr import twiml
from ivr.callflow import STEPS
from ivr.steps import Choose

HOSTILE = [
    "</Say><Dial>+27900000000</Dial><Say>",
    Markup("</Say><Dial>+27900000000</Dial><Say>"),
    "bell \x07 and null \x00 and \ud800",
    "quotes \" and ' and & and ]]>",
    "{{ 7 * 7 }} {% if %}",
    "עברית \u202e right to left",
]
NAMES = [step.name for step in STEPS.values() if not isinstance(step, Choose)] + [
    path.stem for besides in ("help*.xml", "verify*.xml") for path in twiml.TEMPLATES.glob(besides)
]
VALUES = dict.fromkeys(
    (
        "words",
        "voice",
        "language",
        "action",
        "whisper",
        "leg",
        "recording",
        "message",
        "caller_id",
        "number",
        "ring_seconds",
        "longest",
        "pause",
    ),
    "x",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_value_stays_text(name: str, text: str):
    document = twiml.document([(name, VALUES | {"words": text, "number": text})])
    root = etree.fromstring(document.encode())
    assert root.tag == "Response"
    assert len(root.findall(".//Dial")) == (name in ("hunt", "page", "customer", "help"))
    assert "49" not in document


def test_a_missing_value_is_refused():
    with pytest.raises(UndefinedError, match="words"):
        twiml.document([("welcome", {name: "x" for name in VALUES if name != "words"})])


def test_nothing_stands_before_the_declaration():
    assert twiml.document([("welcome", VALUES)]).startswith("<?xml")
