"""The look at forms sees what keeps somebody from sending one."""

from __future__ import annotations

import pytest
from forms import faults_of_forms

WHOLE = """<form action="/people" method="post"><input type="hidden" name="form_token" value="x">
<label>Name <input name="name"></label><label for="why">Why</label><textarea id="why" name="why"></textarea>
<button>Add</button></form>"""


def test_nothing_is_wrong_with_a_whole_form():
    assert faults_of_forms(WHOLE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('action="/people"', 'action="//x.example/"', "does not lead to a place here"),
        ('action="/people"', 'action="https://x.example/"', "does not lead to a place here"),
        ('method="post"', "", "does not say how it is sent"),
        ('name="form_token" value="x"', 'name="form_token" value=""', "has no token"),
        ("<button>", '<button type="button">', "has no button"),
        ("<label>Name ", "<label>", "a field without a label: name"),
        ('for="why"', "", "a field without a label: why"),
    ],
)
def test_what_is_wrong_with_a_form_is_seen(right: str, wrong: str, fault: str):
    (found,) = faults_of_forms(WHOLE.replace(right, wrong))
    assert fault in found
