"""Answers of several public pages: too many, too large, a form without its token; always with a number to ring."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from flask import Response, g, make_response, render_template, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, TooManyRequests

from tickets.public import form as limits
from tickets.public import kinds
from tickets.public.house import house

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Blueprint

    from tickets.public.bounds import TooMany

    Shown = str | Response | tuple[str, int]

OLD = "The form was too old, or your browser keeps no cookies. Your words are still here: send the form once more."


def page(template: str, **values: Any) -> str:
    """A public page; each shows whom to ring."""
    return render_template(f"help/{template}.html", house=values.pop("house", None) or house(), **values)


def form(template: str, faults: Mapping[str, str], **values: Any) -> str:
    """A page with a form that takes files; a browser never fills these in again, so that is said."""
    chosen = any(one.filename for one in request.files.getlist("files")) if request.method == "POST" else False
    return page(template, faults=faults, limits=limits, accept=kinds.ACCEPT, chosen=chosen, **values)


def too_many(error: TooMany | None = None, words: str = "") -> Response:
    """So much was sent that nothing more is taken now; there is still the telephone, and what was typed stays."""
    wait = ceil((error.until - g.now).total_seconds()) if error else 60
    answer = make_response(page("too_many", minutes=-(-wait // 60), words=words), 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def gone(**values: Any) -> tuple[str, int]:
    """A link that opens nothing, or nothing any more."""
    return page("gone", **values), 410


def answered_by(pages: Blueprint, again: Callable[[], str]) -> None:
    """Give a blueprint these answers for what is refused before it is asked; `again` shows the form with its words."""
    pages.register_error_handler(TooManyRequests, lambda _: too_many())
    pages.register_error_handler(RequestEntityTooLarge, lambda _: (page("too_large"), 413))
    pages.register_error_handler(BadRequest, lambda _: (again(), 400))
