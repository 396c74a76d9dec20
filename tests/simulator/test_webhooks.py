"""How webhooks travel: bad answers, fallback, retries, doubles, lost and late callbacks, real sockets."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from booth import CALLER, HOST, LINE, START, THANDI, TOKEN, Site, elapsed, network, ring

from simulator import Clock, DifferentAnswers, HttpWeb, Network, Quirks, UnknownTwiml, WsgiWeb, play
from simulator.overrides import overrides
from simulator.web import NotConnected, PartialReply, Request

SORRY = "> We are sorry, an application error has occurred. Goodbye."
XML = "text/xml"
MENU = '<Gather numDigits="1" action="/chosen"><Say>Press one.</Say></Gather>'
EVENTS = "initiated ringing answered completed"
DIAL = (
    f'<Dial callerId="{LINE}" action="/dialled"><Number statusCallback="/status"'
    f' statusCallbackEvent="{EVENTS}">{THANDI}</Number></Dial>'
)


# Bad answers (§1.3)

BAD: list[tuple[Any, str]] = [
    ((500, "text/html", "<h1>Oops</h1>"), "11200"),
    ((404, XML, "<Response/>"), "11200"),
    ((302, XML, ""), "11200"),
    ((200, XML, ""), "11770"),
    ((204, XML, ""), "11770"),
    ((200, XML, ' <?xml version="1.0"?><Response/>'), "12100"),
    ((200, XML, "<Response><Say>Smith & Sons</Say></Response>"), "12100"),
    ((200, XML, "<Response><Say>\x07</Say></Response>"), "12100"),
    ((200, XML, "<!DOCTYPE a><Response/>"), "12100"),
    ((200, XML, "<response/>"), "12102"),
    ((200, "text/html", "<html/>"), "12102"),
    ((200, "application/json", "{}"), "12300"),
    ((200, "text/plain", "<Response/>"), "12300"),
    ((200, XML, f"<Response><!--{'x' * 65536}--></Response>"), "11750"),
    (ConnectionRefusedError("nobody"), "11200"),
    (TimeoutError("slow"), "11200"),
]


@pytest.mark.parametrize(("page", "code"), BAD)
def test_a_bad_answer_without_fallback_ends_in_an_apology(page: Any, code: str) -> None:
    call = ring(Site(incoming=page))
    assert call.transcript == [SORRY, "~ hangs up"]
    assert call.errors[0].startswith(code)


@pytest.mark.parametrize(("page", "code"), BAD)
def test_a_bad_answer_asks_the_fallback(page: Any, code: str) -> None:
    site = Site(incoming=MENU, chosen=page, fallback="<Say>Please hold.</Say>")
    call = ring(site, fallback="fallback")
    call.press("1")
    assert call.transcript[-2:] == ["> Please hold.", "~ hangs up"]
    form = site.forms("fallback")[0]
    assert (form["ErrorCode"], form["ErrorUrl"]) == (code, f"{HOST}/chosen")
    assert (form["CallSid"], form["From"]) == (call.sid, CALLER)


def test_a_bad_fallback_ends_in_an_apology() -> None:
    call = ring(Site(incoming="", chosen="", fallback=(500, XML, "")), fallback="fallback")
    assert call.transcript == ["~ hangs up"]
    call = ring(Site(incoming=(500, XML, ""), fallback=(500, XML, "")), fallback="fallback")
    assert call.transcript == [SORRY, "~ hangs up"]


def test_a_redirect_says_what_is_lost() -> None:
    assert "parameters are lost" in ring(Site(incoming=(308, XML, ""))).errors[0]


def test_text_html_is_read_as_twiml() -> None:
    assert ring(Site(incoming=(200, "text/html; charset=utf-8", "<Response/>"))).errors == []


# Retries and overrides (§1.2)


@pytest.mark.parametrize(
    ("fragment", "trouble", "attempts"),
    [
        ("", ConnectionRefusedError(), 2),
        ("", TimeoutError(), 1),
        ("", (500, XML, ""), 1),
        ("", ConnectionResetError(), 1),
        ("", PartialReply(), 1),
        ("#rc=0", ConnectionRefusedError(), 1),
        ("#rc=3&rp=ct,5xx", (503, XML, ""), 4),
        ("#rc=2&rp=4xx", (404, XML, ""), 3),
        ("#rc=2&rp=4xx", (500, XML, ""), 1),
        ("#rc=2&rp=all", (308, XML, ""), 1),
        ("#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx", TimeoutError(), 3),
        ("#rc=5&rt=4000&rp=rt", TimeoutError(), 4),
        ("#rc=5&rp=rt", TimeoutError(), 1),
        ("#rc=2&rp=rt", ConnectionResetError(), 3),
        ("#rc=5&rp=all", PartialReply(), 1),
    ],
)
def test_what_is_tried_again(fragment: str, trouble: Any, attempts: int) -> None:
    site = Site(incoming=trouble)
    wire = network(site)
    wire.connect_number(LINE, f"{HOST}/incoming{fragment}")
    call = wire.ring(CALLER, LINE)
    assert len(site.asked) == attempts
    assert elapsed(call) <= 15 + 9 * 0.4


def test_a_retry_carries_its_token_and_the_same_signature() -> None:
    site = Site(incoming=[ConnectionRefusedError(), ConnectionRefusedError(), "<Hangup/>"])
    wire = network(site)
    wire.connect_number(LINE, f"{HOST}/incoming#rc=2")
    call = wire.ring(CALLER, LINE)
    tokens = [asked.headers.get("HTTP_I_TWILIO_IDEMPOTENCY_TOKEN") for asked in site.asked]
    assert tokens[0] is None
    assert tokens[1] == tokens[2] is not None
    assert len({asked.headers["HTTP_X_TWILIO_SIGNATURE"] for asked in site.asked}) == 1
    assert all("#" not in asked.target for asked in site.asked)
    assert call.transcript == ["~ hangs up"]


def test_actions_have_overrides_too() -> None:
    site = Site(incoming="<Redirect>/next#rc=2&amp;rp=5xx</Redirect>", next=[(500, XML, ""), "<Hangup/>"])
    call = ring(site)
    assert call.transcript == ["~ hangs up"]
    assert call.requests[-1].faults == ["answered 500"]


def test_time_out_costs_time() -> None:
    call = ring(Site(incoming=TimeoutError("slow"), fallback="<Hangup/>"), fallback="fallback")
    assert elapsed(call) == 15


@pytest.mark.parametrize("policy", ["rt", "ct", "none"])
def test_which_policy_covers_a_broken_connection(policy: Any) -> None:
    site = Site(incoming=[ConnectionResetError(), "<Hangup/>"])
    ring(site, quirks=Quirks(broken_connection=policy))
    assert len(site.asked) == (2 if policy == "ct" else 1)


@pytest.mark.parametrize("fragment", ["rp=6xx", "rc=6", "rt=15001", "ct=x", "timeout=3", "rc"])
def test_overrides_that_twilio_does_not_know(fragment: str) -> None:
    with pytest.raises(UnknownTwiml):
        overrides(f"{HOST}/a#{fragment}")


def test_overrides_without_meaning_here_are_understood() -> None:
    assert overrides(f"{HOST}/a?b=1#e=dublin&sni=y")[0] == f"{HOST}/a?b=1"


# Twice (§1.2, §1.8)


@pytest.mark.parametrize("twice", ["after", "parallel"])
def test_every_webhook_comes_twice(twice: Any) -> None:
    site = Site(incoming=MENU, chosen="<Hangup/>", status="")
    call = ring(site, status="status", quirks=Quirks(twice=twice))
    call.press("1")
    assert sorted(asked.path for asked in site.asked) == sorted(["incoming", "chosen", "status"] * 2)
    assert call.transcript == ["> Press one.", "< 1", "~ hangs up"]


@pytest.mark.parametrize("twice", ["after", "parallel"])
def test_two_different_answers_are_an_error(twice: Any) -> None:
    site = Site(incoming=["<Say>One.</Say>", "<Say>Two.</Say>"])
    with pytest.raises(DifferentAnswers) as error:
        ring(site, quirks=Quirks(twice=twice))
    assert "One." in str(error.value)
    assert "Two." in str(error.value)


# Callbacks


def ring_out(**quirks: Any) -> tuple[Network, Site]:
    """A call in which Thandi does not answer: six callbacks with the end of the call."""
    site = Site(incoming=DIAL, dialled="<Hangup/>", status="")
    wire = network(site, status="status", quirks=Quirks(**quirks))
    wire.handset(THANDI, "no-answer")
    assert wire.ring(CALLER, LINE).ended
    return wire, site


def order(site: Site) -> list[str]:
    return [form["CallStatus"] for form in site.forms("status")]


USUAL = ["initiated", "ringing", "no-answer", "completed"]


def test_callbacks_at_once() -> None:
    assert order(ring_out()[1]) == USUAL


def test_late_callbacks_wait_to_be_delivered() -> None:
    wire, site = ring_out(callbacks="late")
    assert order(site) == []
    assert wire.deliver_callbacks() == 4
    assert order(site) == USUAL
    assert wire.deliver_callbacks() == 0


def test_shuffled_callbacks_come_in_another_order() -> None:
    wire, site = ring_out(callbacks="shuffled")
    wire.deliver_callbacks()
    assert sorted(order(site)) == sorted(USUAL)
    assert order(site) != USUAL


def test_lost_callbacks() -> None:
    assert order(ring_out(callbacks="never")[1]) == []
    assert order(ring_out(lose_callbacks=1.0)[1]) == []
    assert order(ring_out(lose_last_callback=True)[1]) == ["initiated", "ringing"]


def test_a_callback_that_fails_changes_nothing_but_is_noted() -> None:
    site = Site(incoming="<Hangup/>", status=(500, XML, "oops"))
    call = ring(site, status="status")
    assert call.transcript == ["~ hangs up"]
    assert call.errors == [f"15003 answered 500 ({HOST}/status)"]


# Quirks


def test_every_quirk_differs_from_the_usual_in_one_setting() -> None:
    every = Quirks.every()
    assert len(every) == len(set(every)) == 21
    assert Quirks() not in every
    assert len({str(quirks) for quirks in every}) == len(every)
    assert str(Quirks()) == "nothing unusual"


@pytest.mark.parametrize("quirks", Quirks.every(), ids=str)
def test_a_call_works_under_every_quirk(quirks: Quirks) -> None:
    site = Site(incoming=DIAL, dialled="<Say>Goodbye.</Say>", status="")
    wire = network(site, status="status", quirks=quirks)
    wire.handset(THANDI, "no-answer")
    call = wire.ring(CALLER, LINE)
    wire.deliver_callbacks()
    assert call.transcript[-2:] == ["> Goodbye.", "~ hangs up"]


# Sockets


class Door(BaseHTTPRequestHandler):
    """Answers over HTTP what the address asks for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        match self.path.partition("?")[0]:
            case "/silent":
                self.server.patience.wait()  # type: ignore[attr-defined]
            case "/gone":
                self.close_connection = True
            case "/half":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\n<Resp")
                self.close_connection = True
            case _:
                said = f"<Response><Say>{self.headers['Host']} {self.path}</Say></Response>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Any:
    from threading import Event

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.patience = Event()  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server.server_address
        server.patience.set()  # type: ignore[attr-defined]
        server.shutdown()


def over_sockets(door: Any, path: str, **more: Any) -> Network:
    web = HttpWeb({"afterhours.example": door}, timeout=0.2)
    wire = Network(web, Clock(START), account_sid="AC" + "0" * 32, auth_token=TOKEN, **more)
    wire.connect_number(LINE, f"{HOST}{path}")
    return wire


def test_a_call_over_a_socket(door: Any) -> None:
    call = over_sockets(door, "/voice?s=a%2Fb").ring(CALLER, LINE)
    assert call.transcript[0] == "> afterhours.example /voice?s=a%2Fb"


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/silent", "no answer in time"), ("/gone", "the connection broke"), ("/half", "the answer broke off")],
)
def test_trouble_on_the_wire(door: Any, path: str, fault: str) -> None:
    call = over_sockets(door, path).ring(CALLER, LINE)
    assert call.transcript[0] == SORRY
    assert call.requests[0].faults[0].startswith(fault)


def test_nobody_at_the_door(door: Any) -> None:
    web = HttpWeb({"afterhours.example": ("127.0.0.1", 1)})
    with pytest.raises(NotConnected):
        web.send(Request("POST", f"{HOST}/a", {}))
    with pytest.raises(NotConnected, match="no such host"):
        web.send(Request("POST", "https://elsewhere.example/a", {}))


def test_many_calls_from_several_threads(door: Any) -> None:
    wire = over_sockets(door, "/voice", quirks=Quirks(twice="parallel"))
    ended: list[str] = []

    def caller(number: int) -> None:
        for step in range(5):
            call = wire.ring(f"+2782555{number}{step:03}", LINE, clock=Clock(START))
            play(call)
            ended.append(call.sid)

    threads = [Thread(target=caller, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ended)) == 40
    assert all(wire.calls[sid].ended for sid in ended)


def test_a_wsgi_application_is_closed_when_it_asks_for_it() -> None:
    class Body(list[bytes]):
        closed = False

        def close(self) -> None:
            Body.closed = True

    def app(_environ: Any, start_response: Any) -> Body:
        start_response("200 OK", [("Content-Type", XML)])
        return Body([b"<Resp", b"onse/>"])

    reply = WsgiWeb(app).send(Request("POST", f"{HOST}/a", {}))
    assert reply.body == b"<Response/>"
    assert Body.closed
