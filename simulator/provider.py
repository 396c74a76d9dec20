"""A provider of identities in a box: OpenID Connect over HTTP, as strict as a real one, and as wrong as it is told.

Written from OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636 (PKCE) and 9207. The authorization endpoint
knows its client and the address to go back to, wants state, nonce and a challenge by S256, and signs in `person`
without asking. The token endpoint wants the client's secret, takes each code once within a minute, and only from
whoever began with its challenge. What it signs it signs with RS256, unless `forge` says otherwise.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from werkzeug import Response as Answer

Claims = dict[str, Any]
CODE_LASTS, TOKEN_LASTS = timedelta(minutes=1), timedelta(minutes=5)


@dataclass
class Granted:
    """What a code stands for; `asked` is what the browser was sent with."""

    asked: dict[str, str]
    claims: Claims
    at: datetime
    is_used: bool = False


@dataclass
class Company:
    """Who has accounts here and what this provider does wrong; tests turn its switches."""

    clock: Callable[[], datetime]
    client_id: str
    client_secret: str
    back: str
    issuer: str = ""  # known once it is served
    person: Claims = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: a_key("first"))
    published: list[Key] = field(default_factory=list)
    codes: dict[str, Granted] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # the paths that were asked for
    # What it does wrong
    description: Claims = field(default_factory=dict)  # what its description says instead
    wrong: Claims = field(default_factory=dict)  # what its ID tokens say instead; without a value not at all
    forge: Callable[[Company, Claims], str] | None = None
    beside: Claims | None = None  # what the userinfo endpoint says, of a provider that keeps the address there
    dawdle: Callable[[str], None] = lambda _: None
    drip: Callable[[], object] | None = None  # waited for before each byte of its description
    refuses: str = ""  # the error with which it sends browsers back

    def signed(self, claims: Claims) -> str:
        """An ID token."""
        if self.forge:
            return self.forge(self, claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def described(self) -> Claims:
        """Its description (Discovery §3)."""
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in ends.items()},
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        } | self.description


def a_key(name: str) -> RSAKey:
    """A key to sign with."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


def create_provider(company: Company) -> Flask:
    """The provider as a WSGI application; simulator.rest.serve puts it on a loopback port."""
    app = Flask("simulator.provider", static_folder=None)

    @app.before_request
    def note() -> None:
        company.asked.append(request.path)
        company.dawdle(request.path)

    @app.get("/.well-known/openid-configuration")
    def description() -> Response:
        whole = jsonify(company.described())
        return Response(dripping(company.drip, whole.get_data()), mimetype=whole.mimetype) if company.drip else whole

    @app.get("/keys")
    def keys() -> Response:
        shown: list[Key] = company.published or [company.key]
        return jsonify(KeySet(shown).as_dict(private=False))

    app.add_url_rule("/authorize", "authorize", lambda: authorize(company))
    app.add_url_rule("/token", "token", lambda: token(company), methods=["POST"])
    app.add_url_rule("/userinfo", "userinfo", lambda: userinfo(company))
    return app


def dripping(pause: Callable[[], object], content: bytes) -> Iterator[bytes]:
    """Each byte in time before any timeout between two of them, and all of them much too late."""
    for byte in content:
        pause()
        yield bytes([byte])


def authorize(company: Company) -> Answer | tuple[str, int]:
    """Sign `person` in and send the browser back with a code (Core §3.1.2)."""
    asked = request.args.to_dict()
    if asked.get("client_id") != company.client_id or asked.get("redirect_uri") != company.back:
        return "This application is not registered, or not with this address to go back to.", 400
    state = {"state": asked["state"]} if "state" in asked else {}
    if company.refuses:
        return redirect(f"{company.back}?{urlencode({'error': company.refuses} | state)}")
    if (lacking := _lacking(asked)) is not None:
        return redirect(f"{company.back}?{urlencode({'error': lacking} | state)}")
    code = secrets.token_urlsafe(24)
    company.codes[code] = Granted(asked, dict(company.person), company.clock())
    return redirect(f"{company.back}?{urlencode({'code': code, 'iss': company.issuer} | state)}")


def _lacking(asked: Claims) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    is_proper = asked.get("state") and asked.get("nonce") and asked.get("code_challenge_method") == "S256"
    return None if is_proper and len(asked.get("code_challenge", "")) == 43 else "invalid_request"


def token(company: Company) -> Response | tuple[Response, int]:
    """Give an ID token for a code, once, to whoever began with its challenge (RFC 6749 §4.1.3, RFC 7636 §4.6)."""
    given = request.authorization
    secret = given.password if given and given.type == "basic" and given.username == company.client_id else None
    if not secret or not hmac.compare_digest(secret.encode(), company.client_secret.encode()):
        return jsonify(error="invalid_client"), 401
    if request.form.get("grant_type") != "authorization_code":
        return jsonify(error="unsupported_grant_type"), 400
    granted = company.codes.get(request.form.get("code", ""))
    if granted is None or not _may_have(company, granted):
        return jsonify(error="invalid_grant", error_description="the code is used, too old, or another's"), 400
    granted.is_used = True
    access = secrets.token_urlsafe(24)
    return jsonify(
        access_token=access,
        token_type="Bearer",  # noqa: S106 - a kind
        expires_in=300,
        id_token=company.signed(_claims(company, granted, access)),
    )


def _may_have(company: Company, granted: Granted) -> bool:
    form = request.form
    challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
    is_fresh = not granted.is_used and company.clock() < granted.at + CODE_LASTS
    return (
        is_fresh and form.get("redirect_uri") == company.back and challenge == granted.asked.get("code_challenge", "")
    )


def _claims(company: Company, granted: Granted, access: str) -> Claims:
    now = int(company.clock().timestamp())
    half = sha256(access.encode()).digest()[:16]
    claims = {
        "iss": company.issuer,
        "sub": "a person",
        "aud": company.client_id,
        "iat": now,
        "exp": now + int(TOKEN_LASTS.total_seconds()),
        "nonce": granted.asked["nonce"],
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        **granted.claims,
    } | company.wrong
    return {name: value for name, value in claims.items() if value is not None}


def userinfo(company: Company) -> Response | tuple[Response, int]:
    """What is kept of the person beside the token (Core §5.3)."""
    given = request.authorization
    if company.beside is None or not given or given.type != "bearer":
        return jsonify(error="invalid_token"), 401
    return jsonify({"sub": "a person"} | company.beside)
