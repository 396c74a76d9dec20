"""The forms of a page as it comes from the server, which is all that a browser without scripts has of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

UNNAMED = {"hidden", "submit", "button"}


def faults_of_forms(text: str) -> list[str]:
    """What keeps somebody from sending a form of this page without a script, or from knowing what they send."""
    page = html.document_fromstring(text)
    return [fault for form in page.iter("form") for fault in _of_form(form, page)]


def _of_form(form: HtmlElement, page: HtmlElement) -> Iterator[str]:
    name = f"the form to {form.get('action')}"
    method = form.get("method", "").lower()
    if not re.match("/(?!/)", form.get("action", "/")):  # without one it goes to the page's own address
        yield f"{name} does not lead to a place here"
    if method not in ("get", "post"):
        yield f"{name} does not say how it is sent"
    fields = [*form.iter("input", "select", "textarea", "button"), *_elsewhere(form, page)]
    if method == "post" and not any(one.get("name") == "form_token" and one.get("value") for one in fields):
        yield f"{name} has no token, so it is refused"
    if not any(_sends(one) for one in fields):
        yield f"{name} has no button"
    for field in fields:
        if field.tag != "button" and field.get("type") not in UNNAMED and not _label(field, page):
            yield f"{name} has a field without a label: {field.get('name')}"


def _elsewhere(form: HtmlElement, page: HtmlElement) -> list[HtmlElement]:
    """The fields that name this form as theirs, wherever they stand."""
    return page.xpath("//*[@form=$name]", name=form.get("id")) if form.get("id") else []


def _sends(field: HtmlElement) -> bool:
    kind = field.get("type", "submit")
    return (field.tag == "button" and kind == "submit") or (field.tag == "input" and field.get("type") == "submit")


def _label(field: HtmlElement, page: HtmlElement) -> str:
    named = [page.get_element_by_id(one, None) for one in field.get("aria-labelledby", "").split()]
    labels = [*field.iterancestors("label"), *(one for one in named if one is not None)]
    if field.get("id"):
        labels += page.xpath("//label[@for=$name]", name=field.get("id"))
    return field.get("aria-label", "") or "".join(one.text_content() for one in labels).strip()
