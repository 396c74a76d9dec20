"""The part of Twilio's REST API that the product uses, over HTTP and stateful (TWILIO.md §4).

`create_rest(sid, token, clock)` is a WSGI application; `serve(rest)` puts it on a loopback port. `account`
holds the state (rest_account.py), `faults` the misbehaviour (rest_faults.py). Refusals carry Twilio's codes
and test numbers (rest_checks.py, rest_refusals.py); lists filter and page as Twilio's do (rest_lists.py).
Status callbacks and TwiML are the network's business: it hears of calls and messages through the hooks.
"""

import errno
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server

from simulator.rest_account import Account, Request
from simulator.rest_faults import Fault, Faults
from simulator.rest_refusals import Refused
from simulator.rest_views import ROOT, ROUTES, Views

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Rest(Flask):
    """Twilio's REST API for one account."""

    def __init__(self, account: Account, faults: Faults) -> None:
        super().__init__("simulator.rest", static_folder=None)
        self.account = account
        self.faults = faults
        self.config["PROPAGATE_EXCEPTIONS"] = True  # a dropped connection is an exception the server must see
        views = Views(account)
        for method, path, name in ROUTES:
            self.add_url_rule(ROOT + path, f"{method} {path}", getattr(views, name), methods=[method])
        self.before_request(self.receive)
        self.after_request(self.answer)
        self.register_error_handler(Refused, refuse)
        self.register_error_handler(HTTPException, refuse_unknown)

    def receive(self) -> None:
        """Note the request, let it fail if it must, and check who asks."""
        query, form = request.args.to_dict(flat=False), request.form.to_dict(flat=False)
        note = g.note = Request(request.method, request.path, query, form, self.account.now())
        self.account.requests.append(note)
        g.fault = self.faults.strike(note.method, note.path)
        note.fault = g.fault.name if g.fault else None
        self.faults.dawdle(note.method, note.path, accepted=False)
        if g.fault and not g.fault.accepted:
            raise failure(g.fault)
        self.authenticate()

    def authenticate(self) -> None:
        """Basic auth with the account's token or an API key (TWILIO.md §4)."""
        given = request.authorization
        secrets = self.account.keys | {self.account.sid: self.account.token}
        password = given.password if given and given.type == "basic" else None
        secret = secrets.get(given.username or "") if given else None
        if not password or not secret or not hmac.compare_digest(password.encode(), secret.encode()):
            raise Refused(20003)
        if (request.view_args or {}).pop("account_sid", self.account.sid) != self.account.sid:
            raise Refused(20404, request.path)

    def answer(self, response: Response) -> Response:
        """The answer, or what a fault makes of it after the request was carried out."""
        note: Request | None = g.get("note")
        if note is None:  # it could not even be read: whoever asked has gone
            return response
        fault: Fault | None = g.fault
        if fault is None or fault.accepted:
            self.faults.dawdle(note.method, note.path, accepted=True)
        if fault and fault.accepted:
            response = refuse(failure(fault))
        note.status = response.status_code
        response.headers["Date"] = http_date(note.at)  # the carrier's own clock, not that of this machine
        if response.status_code == 429 and self.faults.retry_after:
            response.headers["Retry-After"] = self.faults.retry_after
        return response


def refuse(refused: Refused) -> Response:
    """Twilio's error as JSON; what was not found is named by its path."""
    if refused.code == 20404:
        refused = Refused(20404, request.path)
    response = jsonify(refused.body())
    response.status_code = refused.status
    if refused.code == 20003:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def refuse_unknown(error: HTTPException) -> Response:
    """An address or method that Twilio does not have, or that this simulator leaves out."""
    return refuse(Refused(20004 if error.code == 405 else 20404, request.path))


def failure(fault: Fault) -> Refused:
    """The refusal; or a broken connection, on which werkzeug and gunicorn close the socket without a word."""
    if fault.code is None:
        raise ConnectionResetError(errno.ECONNRESET, "dropped on purpose")
    return Refused(fault.code)


def create_rest(
    account_sid: str,
    auth_token: str,
    clock: Callable[[], datetime],
    *,
    seed: str = "0",
    keys: dict[str, str] | None = None,
    faults: Faults | None = None,
) -> Rest:
    """The API of one account without numbers; add them with `rest.account.add_number`."""
    return Rest(Account(account_sid, auth_token, clock, seed=seed, keys=keys or {}), faults or Faults())


class Quiet(WSGIRequestHandler):
    """Says nothing per request, the account notes them all; hangs up when a fault drops the connection."""

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:
        self.close_connection = True

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)  # the Date is the account's

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


@contextmanager
def serve(rest: Flask, port: int = 0) -> Iterator[str]:
    """Serve on 127.0.0.1 from a thread, a thread per request; gives the base address."""
    server = make_server("127.0.0.1", port, rest, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
