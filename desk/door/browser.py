"""What a browser keeps and sends: one secret in one cookie, and with every form the token derived from it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, request

from desk.door import sessions
from desk.door.keys import SHAPE, Kind, fresh

if TYPE_CHECKING:
    from flask import Response

    from desk.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")
SIGNED_OTHERWISE = ("voice", "api")  # the carrier's signature; a token that no browser sends by itself
THEME_LIFE = 365 * 24 * 3600


def place() -> str:
    """The address a request comes from."""
    return request.remote_addr or "unknown"


def session_secret() -> str | None:
    """What the browser shows as its proof of being signed in."""
    secret = _secret()
    return secret if secret and secret.startswith(Kind.SESSION) else None


def form_token() -> str:
    """The token that a form carries; only pages of ours can know it."""
    return keyed("form")


def keyed(words: str) -> str:
    """What only we can make of these words for this browser; one that keeps nothing yet is given a secret."""
    secret = _secret()
    if secret is None:
        secret = fresh(Kind.VISIT)
        keep(secret)
    return _keyed(words, secret)


def check_form() -> None:
    """Refuse what another site's page makes a browser send (CSRF)."""
    if request.method in SAFE or request.endpoint is None or request.blueprint in SIGNED_OTHERWISE:
        return
    secret, sent = _secret(), request.form.get("form_token", "")
    if secret is None or not hmac.compare_digest(_keyed("form", secret).encode(), sent.encode()):
        abort(400)


def check_text() -> None:
    """Refuse a NUL wherever it is sent: no keyboard types one, and PostgreSQL answers with an error of its own."""
    if request.endpoint is None or request.blueprint == "voice":
        return
    sent = [*request.args.lists(), *request.form.lists()]
    words = [*(request.view_args or {}).values(), *(word for _, words in sent for word in words)]
    if any("\0" in str(word) for word in words):
        abort(422)


def keep(secret: str | None) -> None:
    """Let the browser keep this secret from now on instead of the one it has; None drops it."""
    g.secret = secret


def give_cookies(response: Response) -> Response:
    """Hand over the secret, if there is a new one."""
    if "secret" in g:
        lifetime = int(sessions.LONGEST.total_seconds())
        set_cookie(response, cookie_name(), g.secret, lifetime)
    return response


def set_cookie(response: Response, name: str, value: str | None, lifetime: int) -> None:
    """Set a cookie that no script reads and no other site sends; without a value, take it away."""
    # `__Host-` needs Secure also where it is taken away.
    flags = {"path": "/", "secure": _settings().is_https, "httponly": True, "samesite": "Lax"}
    response.set_cookie(name, value or "", max_age=lifetime if value else 0, **flags)  # type: ignore[arg-type]


def cookie_name() -> str:
    """With TLS the prefix keeps neighbours under the same domain from planting one."""
    return "__Host-afterhours" if _settings().is_https else "afterhours"


def _secret() -> str | None:
    if "secret" in g:
        return cast("str | None", g.secret)
    shown = request.cookies.get(cookie_name(), "")
    return shown if SHAPE.fullmatch(shown) else None


def _keyed(words: str, secret: str) -> str:
    key = _settings().secret_key.get_secret_value().encode()
    return hmac.digest(key, f"{words} {secret}".encode(), "sha256").hex()


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])
