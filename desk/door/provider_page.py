"""Signing in with the company's own account: off to the provider, and back with what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from flask import Blueprint, abort, g, redirect, request

from desk.door import browser, errand, threshold, vouching
from desk.door.doubt import Doubt, NotVouched
from desk.door.entry import TooManyTries
from desk.frame import safe_next

if TYPE_CHECKING:
    from werkzeug import Response

    from desk.door.provider import Provider
    from desk.door.threshold import Answer

vouched_for = Blueprint("vouched_for", __name__)
ONWARD, ONWARD_LIFE = "onward", 900  # a cookie: where they wanted to go before they signed in
NOT_OURS = (Doubt.AWAY, Doubt.BUSY)


@vouched_for.get("/sign-in/provider")
def ask() -> Answer | Response:
    """Send the browser to the provider; a link, for the policy of our pages lets no form lead to another site."""
    provider, onward = _provider(), safe_next(request.args.get("next"))
    try:
        answer = redirect(provider.address(errand.begin(browser.keyed, g.now), g.now), 303)
    except NotVouched as refused:
        return _refused(provider, refused, onward)
    browser.set_cookie(answer, ONWARD, quote(onward, safe="/"), ONWARD_LIFE)  # type: ignore[arg-type]
    return answer


@vouched_for.get("/sign-in/provider/back")
def back() -> Answer | Response:
    """Let in whoever the provider vouches for, under a secret that nobody could have known before."""
    provider, door = _provider(), threshold.door()
    onward = safe_next(unquote(request.cookies.get(ONWARD, "")))
    try:
        vouching.count(door, g.now)
        address = vouching.address(_claims(provider), threshold.settings())
        secret = vouching.let_in(door, address, provider.name, g.now)
    except TooManyTries as error:
        return threshold.wait(error, next=onward)
    except NotVouched as refused:
        return _refused(provider, refused, onward)
    threshold.enter(secret)
    answer = redirect(onward, 303)
    browser.set_cookie(answer, ONWARD, None, 0)  # type: ignore[arg-type]
    return answer


def _claims(provider: Provider) -> dict[str, object]:
    args = request.args
    begun = errand.resume(browser.keyed, args.get("state", ""), g.now)
    if "error" in args:
        is_theirs = args["error"] in ("server_error", "temporarily_unavailable")
        raise NotVouched(Doubt.AWAY if is_theirs else Doubt.DECLINED)
    # RFC 9207: an answer of another provider is not this one's.
    if args.get("iss", provider.settings.oidc_issuer) != provider.settings.oidc_issuer:
        raise NotVouched(Doubt.ANSWER)
    if not args.get("code"):
        raise NotVouched(Doubt.CODE)
    return provider.vouched(args["code"], begun, g.now)


def _refused(provider: Provider, refused: NotVouched, onward: str) -> Answer:
    vouching.tell(threshold.door(), refused, provider.name, g.now)
    body = threshold.page(next=onward, doubt=refused.why.name, address=refused.address)
    return body, 503 if refused.why in NOT_OURS else 422


def _provider() -> Provider:
    return threshold.provider() or abort(404)
