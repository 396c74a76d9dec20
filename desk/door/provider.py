"""The provider: who vouches for the company's people (OpenID Connect), asked over HTTP within five seconds.

- What it says is believed only if it is signed with a key of its own, by an algorithm of two keys: with `none`, or with
  a shared secret such as a published key, anybody could sign.
- Its addresses are what its own description says, over TLS; redirects are not followed.
- At most two conversations at once in a process: while it does not answer, the other threads are there for callers.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from desk.door.doubt import Doubt, NotVouched
from desk.sign_on import is_safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk.door.errand import Errand
    from desk.settings import Settings

log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds for all of a conversation; somebody waits before the sign-in page
CONNECT, READ = 3.0, 4.0
AT_ONCE = 2
SIGNED = ("RS256", "PS256", "ES256")
LEEWAY = 60  # seconds that its clock and ours may differ
KNOWN_FOR = timedelta(hours=1)
DESCRIBED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
BACK = "/sign-in/provider/back"
Result = TypeVar("Result")


@dataclass
class Described:
    """What the provider says of itself, and its keys once they were needed."""

    document: dict[str, Any]
    at: datetime
    keys: KeySet | None = None

    @property
    def method(self) -> str:
        """How we prove to it who we are; what OpenID Connect Discovery §3 says it takes unless it names others."""
        taken = self.document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in taken else "client_secret_post"


@dataclass
class Provider:
    """The provider of the settings."""

    settings: Settings
    _described: Described | None = None
    _lines: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """The provider, where one is set up."""
        return cls(settings) if settings.oidc_issuer else None

    @property
    def name(self) -> str:
        """What its button says."""
        return self.settings.oidc_name

    def address(self, errand: Errand, now: datetime) -> str:
        """Where a browser is sent; raises NotVouched if the provider cannot be asked."""
        described = self._within(lambda: self._description(now))
        with self._session(described) as session:
            where, _ = session.create_authorization_url(
                described.document["authorization_endpoint"],
                state=errand.state,
                code_verifier=errand.verifier,
                nonce=errand.nonce,
            )
        return str(where)

    def vouched(self, code: str, errand: Errand, now: datetime) -> dict[str, Any]:
        """What the provider says of whoever came back with this code; raises NotVouched."""
        return self._within(lambda: self._claims(code, errand, now))

    def _within(self, work: Callable[[], Result]) -> Result:
        """Do it, or give up in time; no timeout of a socket bounds the whole, so a thread may be left behind."""
        if not self._lines.acquire(blocking=False):
            raise NotVouched(Doubt.BUSY)
        answer: Future[Result] = Future()

        def converse() -> None:
            try:
                answer.set_result(work())
            except BaseException as error:
                answer.set_exception(error)
            finally:
                self._lines.release()

        Thread(target=converse, daemon=True).start()
        try:
            return answer.result(PATIENCE)
        except (TimeoutError, requests.RequestException):
            raise NotVouched(Doubt.AWAY) from None

    def _claims(self, code: str, errand: Errand, now: datetime) -> dict[str, Any]:
        described = self._description(now)
        try:
            with self._session(described) as session:
                where = described.document["token_endpoint"]
                token = session.fetch_token(where, code=code, code_verifier=errand.verifier)
                claims = self._believed(session, described, token, errand, now)
                return claims if "email" in claims else self._told(session, described, claims)
        except requests.RequestException:
            raise
        # What it sends may be anything; whatever cannot be read as it should be is not believed.
        except (OAuthError, JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("the provider's answer is refused: %s", error)
            raise NotVouched(_doubt(error)) from None

    def _believed(
        self, session: OAuth2Session, described: Described, token: dict[str, Any], errand: Errand, now: datetime
    ) -> dict[str, Any]:
        """What the ID token says, once everything about it is right (OpenID Connect Core §3.1.3.7)."""
        try:
            opened = jwt.decode(token["id_token"], self._keys(session, described), algorithms=SIGNED)
        except InvalidKeyIdError:  # it has begun to sign with a new one
            opened = jwt.decode(token["id_token"], self._keys(session, described, anew=True), algorithms=SIGNED)
        ours = self.settings.oidc_client_id
        wanted = {"iss": {"essential": True, "value": self.settings.oidc_issuer}, "sub": {"essential": True}}
        params = {"nonce": errand.nonce, "client_id": ours, "access_token": token.get("access_token")}
        claims = CodeIDToken(opened.claims, opened.header, wanted, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        if claims["aud"] not in (ours, [ours]):
            raise ValueError("it is meant for somebody else, too")
        return dict(claims)

    def _told(self, session: OAuth2Session, described: Described, claims: dict[str, Any]) -> dict[str, Any]:
        """The address from where some providers keep it beside the token; of the same person alone (§5.3.2)."""
        where = described.document.get("userinfo_endpoint")
        if not where or not is_safe(where):
            return claims
        answer = session.get(where)
        if answer.status_code in (401, 403):  # it will not tell us; then there is no address
            return claims
        more = _json(answer)
        if more["sub"] != claims["sub"]:
            raise ValueError("it speaks of somebody else")
        return claims | {name: more[name] for name in ("email", "email_verified") if name in more}

    def _keys(self, session: OAuth2Session, described: Described, *, anew: bool = False) -> KeySet:
        if described.keys is None or anew:
            found = _json(session.get(described.document["jwks_uri"], withhold_token=True))
            described.keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        return described.keys

    def _description(self, now: datetime) -> Described:
        if self._described is None or now >= self._described.at + KNOWN_FOR:
            issuer = self.settings.oidc_issuer
            with self._session() as session:
                answer = session.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", withhold_token=True)
                try:
                    document = _json(answer)
                except ValueError:
                    raise NotVouched(Doubt.AWAY) from None
            if document.get("issuer") != issuer or not all(is_safe(str(document.get(one))) for one in DESCRIBED):
                raise NotVouched(Doubt.ANSWER)
            self._described = Described(document, now)
        return self._described

    def _session(self, described: Described | None = None) -> OAuth2Session:
        return OAuth2Session(
            self.settings.oidc_client_id,
            self.settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method=described.method if described else None,
            scope="openid email",
            redirect_uri=self.settings.public_url + BACK,
            code_challenge_method="S256",
            default_timeout=(CONNECT, READ),
            max_redirects=0,
        )


def _json(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - what was sent, not what was passed
    return found


def _doubt(error: Exception) -> Doubt:
    if isinstance(error, OAuthError):
        return Doubt.CODE
    if isinstance(error, ExpiredTokenError):
        return Doubt.EXPIRED
    return Doubt.NONCE if isinstance(error, ClaimError) and error.claim == "nonce" else Doubt.ANSWER
