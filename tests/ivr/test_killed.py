"""`kill -9` of the web process at every step of an emergency call: the call goes on where it was.

A call whose web process dies must end in nothing but what an unharmed call ends in: word for word the same
transcript, one ticket with the same timeline, the same pages, the same verdict over the same seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app import system_clock
from cast import MILL_LANE
from conftest import LINE, ORIGIN
from desk.db import Database
from ivr.call import Call, Visit
from ivr.recordings import Recording
from kill_switch import BEFORE_REPLY, HEADER, POINTS
from oncall import paging
from served import RETRIED, command, served
from simulator.clock import Clock
from simulator.network import Network
from sla import worklog
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import simulator.call
    from served import Served
    from simulator.handset import BehaviourName
    from simulator.web import Reply, Request, Web

# What changes from call to call: the reference, its tail, and how long the caller has really been waiting.
CHANGING = (
    (re.compile(r"(\d \d \d, ){2}\d \d \d"), "<reference>"),
    (re.compile(r"\bTicket (\d ){2}\d"), "Ticket <tail>"),
    (re.compile(r"waiting \d+ (second|minute)s?"), "waiting <a while>"),
)
KEYS = {"main_menu": "2", "overtime_notice": "1"}  # Mill Lane Books, closed: an emergency at overtime rates
TALK = 600


@dataclass(frozen=True)
class Story:
    """An emergency call, by how its telephones behave, and the webhooks that it consists of."""

    name: str
    behaviours: tuple[BehaviourName, ...]
    webhooks: tuple[str, ...]
    known: frozenset[int] = frozenset()  # webhooks that are like earlier ones

    def __str__(self) -> str:
        return self.name

    def steps(self, *kinds: str) -> list[int]:
        """The webhooks worth killing for; of some kinds, where kinds are named."""
        found = [number for number in range(len(self.webhooks)) if number not in self.known]
        return [number for number in found if not kinds or self.webhooks[number].startswith(kinds)]


ARRIVES = ("incoming", "main_menu/1", "overtime_notice/2")
UNREACHED = ("leg initiated", "leg ringing", "leg busy")
ASKED = ("leg initiated", "leg ringing", "leg in-progress", "answered/0", "whisper/1", "leg completed")
REACHED = Story(
    "the second engineer takes it",
    ("decline", "accept"),
    (*ARRIVES, *ASKED, "page/3", *ASKED, "page/4", "status completed"),
    known=frozenset({10, 11, 12}),  # the second telephone rings as the first one did
)
# Three engineers, twice round; what comes before the last answer of them was killed in the other story.
LEAVES_A_MESSAGE = Story(
    "nobody is reached",
    ("busy",),
    (
        *ARRIVES,
        *(webhook for number in range(3, 9) for webhook in (*UNREACHED, f"page/{number}")),
        "message/9",
        "recording",
        "status completed",
    ),
    known=frozenset(range(26)),
)
STORIES = (REACHED, LEAVES_A_MESSAGE)
CALLER = ("incoming", "main_menu", "overtime_notice", "page", "message")  # asked on the leg that has a fallback


def each(*kinds: str) -> list[Any]:
    """A parameter for each webhook of the stories."""
    return [
        pytest.param(story, number, id=f"{number} {story.webhooks[number]}")
        for story in STORIES
        for number in story.steps(*kinds)
    ]


@dataclass
class Saboteur:
    """On the way to the server; before a webhook, counted from 0, it does the deed that is planned for it."""

    web: Web
    deaths: dict[int, str] = field(default_factory=dict)  # where the process that answers dies
    deeds: dict[int, Callable[[], object]] = field(default_factory=dict)
    before_retry: Callable[[], object] | None = None  # then every attempt is killed, not just the first
    sent: list[str] = field(default_factory=list)

    def send(self, request: Request) -> Reply:
        if "I-Twilio-Idempotency-Token" not in request.headers:
            self.sent.append(request.url.partition("/voice/")[2].partition("?")[0])
            self.deeds.get(len(self.sent) - 1, lambda: None)()
        elif self.before_retry is None:
            return self.web.send(request)
        else:
            self.before_retry()
        death = self.deaths.get(len(self.sent) - 1)
        armed = replace(request, headers={**request.headers, HEADER: death}) if death else request
        return self.web.send(armed)


@dataclass
class Site:
    """A server, its database, and what each story comes to when nobody is killed."""

    server: Served
    database: Database
    unharmed: dict[Story, dict[str, Any]] = field(default_factory=dict)
    seeds: count[int] = field(default_factory=count)

    def play(self, story: Story, saboteur: Saboteur) -> dict[str, Any]:
        """Play a story to its end, and say what came of it."""
        self.server.wait_for_workers()
        self.database.write(lambda session: session.execute(update(Ticket).values(state=State.RESOLVED)))
        settings = self.server.settings
        network = Network(
            saboteur,
            Clock(system_clock()),
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            seed=next(self.seeds),  # or every call would be the first one again
        )
        voice = f"{ORIGIN}/voice"
        network.connect_number(
            LINE, f"{voice}/incoming{RETRIED}", f"{voice}/fallback{RETRIED}", f"{voice}/status{RETRIED}"
        )
        network.in_order(story.behaviours)
        began = network.clock()
        call = network.ring(MILL_LANE, LINE)
        converse(call)
        return {
            "transcript": [constant(line) for line in call.transcript],
            "webhooks": [webhook(request) for request in call.requests],
            "faults": {number: request.faults for number, request in enumerate(call.requests) if request.faults},
            **self._stored(call, began),
        }

    def _stored(self, call: simulator.call.Call, began: Any) -> dict[str, Any]:
        with self.database.reading() as session:
            stored = session.get_one(Call, call.sid)
            pages = paging.of_call(session, call.sid)
            work = [found for page in pages if (found := worklog.of(session, f"page {page.id}"))]
            places = list(dict.fromkeys(page.staff_id for page in pages))
            opened = session.scalars(select(Ticket).where(Ticket.opened_at >= stored.started_at)).all()
            return {
                "tickets": [(ticket.id == stored.ticket_id, ticket.priority, ticket.state) for ticket in opened],
                "timeline": [(event.kind, constant(event.text)) for event in stored.ticket.events],
                "visits": [
                    (visit.number, visit.step, visit.heard, visit.path)
                    for visit in session.scalars(select(Visit).where(Visit.call_sid == call.sid).order_by(Visit.at))
                ],
                "pages": [
                    (places.index(page.staff_id), page.outcome, page.bridged, page.ended_at is None, page.reason)
                    for page in pages
                ],
                "consent": stored.consent,
                "verdict": [(one.state, one.consent, one.contract_version) for one in work],
                # By the network's own clock, which does not count how long we really took.
                "over after": [(one.ends - began).total_seconds() for one in work],
                "from the key": all(
                    one.starts in {page.accepted_at for page in pages} and one.starts < one.ends for one in work
                ),
                "messages": [
                    (one.seconds, one.status)
                    for one in session.scalars(select(Recording).where(Recording.call_sid == call.sid))
                ],
                "over": stored.ended_at is not None,
            }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all kills on a database: whoever is shot is replaced."""
    folder = tmp_path_factory.mktemp("killed")
    copies = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_databases")
    with copies.copy(folder) as url:
        command(url, "desk", "force", "closed")
        database = Database(url)
        try:
            with served(url, folder / "gunicorn.log", "tests/kill_switch.py") as server:
                site = Site(server, database)
                site.play(REACHED, Saboteur(server.web))  # the first call of a process is slower
                site.unharmed = {story: site.play(story, Saboteur(server.web)) for story in STORIES}
                yield site
        finally:
            database.engine.dispose()


def converse(call: simulator.call.Call) -> None:
    """What the caller does; the engineer of the second ring hangs up first."""
    while call.waiting:
        if call.waiting.kind == "bridged":
            call.talk(TALK)
            call.engineer.hang_up()
        elif call.waiting.kind == "record":
            call.speak(20, then="#")
        else:
            call.press(KEYS[step(call)])


def step(call: simulator.call.Call) -> str:
    """The step that a call waits in, by the action it will ask."""
    found = re.search(r"/voice/(\w+)/\d+\?", call.documents[-1])
    assert found, call.documents[-1]
    return found[1]


def webhook(request: Any) -> str:
    name = request.url.partition("/voice/")[2].partition("?")[0].partition("#")[0]
    return f"{name} {request.params['CallStatus']}" if name in ("leg", "status") else name


def constant(text: str) -> str:
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    return text


def compare(harmed: dict[str, Any], unharmed: dict[str, Any], *apart_from: str) -> None:
    """Equal in everything but the faults on the wire, the end of the work within 2 seconds."""
    for name in unharmed.keys() - {"faults", *apart_from}:
        expected = unharmed[name]
        assert harmed[name] == (pytest.approx(expected, abs=2) if name == "over after" else expected), name


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_stories_are_what_they_are_taken_for(site: Site, story: Story):
    found = site.unharmed[story]
    assert tuple(found["webhooks"]) == story.webhooks
    assert found["faults"] == {}
    assert [(own, priority) for own, priority, _ in found["tickets"]] == [(True, "emergency")]
    assert (found["over"], found["from the key"], found["consent"]) == (True, True, True)
    if story is REACHED:
        assert [page[:3] for page in found["pages"]] == [(0, "declined", False), (1, "accepted", True)]
        assert [verdict[0] for verdict in found["verdict"]] == ["billable"]
        assert TALK < found["over after"][0] < TALK + 120
    else:
        assert [page[1] for page in found["pages"]] == ["busy"] * 6
        assert (found["verdict"], found["messages"]) == ([], [(20, "completed")])


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("story", "number"), each())
def test_killed_while_it_answers(site: Site, story: Story, number: int, point: str):
    """The other process takes the carrier's second attempt."""
    harmed = site.play(story, Saboteur(site.server.web, deaths={number: point}))
    # Its socket dies a moment after it, and may take the next connection along.
    assert harmed["faults"].keys() - {number + 1} == {number}, "the process that answered was killed"
    compare(harmed, site.unharmed[story])


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_whole_server_killed_between_webhooks(site: Site, story: Story):
    """Shot and started again before each webhook that asks what to do, and before the last report."""

    def restart() -> None:
        site.server.kill()
        site.server.start()

    asking = story.steps(*CALLER, "answered", "whisper", "status")
    harmed = site.play(story, Saboteur(site.server.web, deeds=dict.fromkeys(asking, restart)))
    assert harmed["faults"] == {}
    compare(harmed, site.unharmed[story])


@pytest.mark.parametrize(("story", "number"), each(*CALLER))
def test_every_attempt_killed_before_the_reply(site: Site, story: Story, number: int):
    """Three processes die after they have committed; the fallback gives the answer that none of them could."""
    server = site.server
    saboteur = Saboteur(server.web, deaths={number: BEFORE_REPLY}, before_retry=server.wait_for_workers)
    harmed = site.play(story, saboteur)
    assert len(harmed["faults"][number]) == 3
    assert harmed["webhooks"].pop(number + 1) == "fallback"
    compare(harmed, site.unharmed[story])


@pytest.mark.parametrize(("story", "number"), each("incoming", "overtime_notice", "page", "message"))
def test_away_until_the_fallback_is_asked(site: Site, story: Story, number: int):
    """Nothing was stored, and the fallback is not told what was pressed or said: a key is asked for again."""
    server = site.server
    saboteur = Saboteur(server.web, deeds={number: server.kill, number + 1: server.start})
    harmed = site.play(story, saboteur)
    assert len(harmed["faults"][number]) == 3
    assert harmed["webhooks"][number + 1] == "fallback"
    unharmed = site.unharmed[story]
    # Nor is it told whether the two were joined: our own key decides.
    assert [page[:2] for page in harmed["pages"]] == [page[:2] for page in unharmed["pages"]]
    assert all(
        page[2] in (expected[2], None) for page, expected in zip(harmed["pages"], unharmed["pages"], strict=True)
    )
    lost = story.webhooks[number].startswith(("overtime_notice", "message"))
    compare(
        harmed, unharmed, "webhooks", "pages", *(("visits", "transcript", "timeline", "over after") if lost else ())
    )
    assert set(unharmed["transcript"]) - set(harmed["transcript"]) <= {"> Thank you, we have your message."}


def test_an_engineer_whose_key_gets_no_answer_is_passed_over(site: Site):
    """No fallback is asked on an engineer's leg: accepted, never joined, so the next one is rung."""
    takes_it = 14
    server = site.server
    saboteur = Saboteur(server.web, deaths={takes_it: BEFORE_REPLY}, before_retry=server.wait_for_workers)
    harmed = site.play(REACHED, saboteur)
    assert len(harmed["faults"][takes_it]) == 3
    outcomes = [(outcome, bridged) for _, outcome, bridged, _, _ in harmed["pages"]]
    assert outcomes == [("declined", False), ("accepted", False), ("accepted", True)]
    assert [kind for kind, _ in harmed["timeline"] if kind in ("acknowledged", "released")] == [
        "acknowledged",
        "released",
        "acknowledged",
    ]
    assert [state for state, *_ in harmed["verdict"]] == ["none", "billable"], "nothing to bill for who was not joined"
