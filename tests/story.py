"""A story: a call as a file, `tests/calls/*.txt`, played on the telephone network and written down again.

`>` a person hears, `<` a person does, `~` the line does; the engineer's side is indented; `=` is what came of it,
`*` is what a manager does meanwhile on a page.
The runner plays what people do, line by line, and returns the file as it ought to be. A file may hold several calls.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

import visitors
from cast import NUMBERS
from conftest import LINE, ORIGIN, network_of
from desk import numbers
from desk.answer import Done
from desk.audit import Who
from desk.delivery import deliver
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import acknowledging, chase, outgoing, paging_step, replies, reports, sound_file, studio
from ivr.acknowledging import How
from ivr.call import Call as StoredCall
from ivr.line import BlockedNumber, Line
from oncall import calling, paging, texting, versions
from oncall.calling import Rings
from oncall.roster import HuntGroup, PolicyRecord, RotaRecord
from simulator.acts import Act, Answer, HangUp, NobodyListens, Press, Refuse, Silence, Speak, Talk
from simulator.leg import Subscription
from simulator.quirks import Quirks
from sla import worklog
from sla.contract import Contract
from sla.hours import BusinessHours, Closure, Forced
from sla.hours_change import force
from sounds import beep
from tickets import inbox
from tickets.people import Contact, Customer
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.acts import Side
    from simulator.call import Call
    from simulator.clock import Clock
    from simulator.network import Network

CALLS = sorted(Path(__file__).with_name("calls").glob("*.txt"))
ZONE = ZoneInfo("Africa/Johannesburg")
WHEN = r", (?P<day>\w+day) (?P<at>\d{4}-\d\d-\d\d [\d:]+)"
SCENE = re.compile(rf"(?P<who>.+?) calls(?: (?P<company>.+?))?{WHEN}")
# An engineer is rung who asked for a call-back: by telephone in the scene before, or now on the ticket's page.
RUNG = re.compile(rf"(?P<who>.+?) (?:is rung|(?P<paged>is paged)|presses Call back on (?P<reference>[\d-]+)){WHEN}")
# A text to our number; what it is answered, and who else is told, stands below it.
WROTE = re.compile(rf'(?P<who>.+?) texts "(?P<words>.*)"{WHEN}')
BY_ITSELF = re.compile(r"~ (.+) (is busy|does not answer|cannot be reached)|~ they talk for (\d+) s")
REFUSALS = {"is busy": "busy", "does not answer": "no-answer", "cannot be reached": "failed"}
PAUSE = timedelta(minutes=5)
RECORDED = {"isiZulu": "zu", "isiXhosa": "xh"}
SILENCES = {"says nothing", "the greeting talks on"}


# The file


@dataclass
class Scene:
    """One call of a story."""

    heading: str
    lines: list[str] = field(default_factory=list)

    @property
    def acts(self) -> deque[str]:
        """What people do, in order: also what the line says of a telephone that nobody takes, and of their talk."""
        return deque(line for line in self.lines if line.lstrip()[:1] in ("<", "*") or BY_ITSELF.fullmatch(line))

    @property
    def timeline(self) -> list[str]:
        """What the ticket's timeline has to say."""
        return [line.removeprefix("= timeline: ") for line in self.lines if line.startswith("= timeline: ")]


@dataclass
class Story:
    """A file: why it exists, what is given, and its calls."""

    head: list[str]
    scenes: list[Scene]

    @property
    def given(self) -> list[str]:
        """The sentences that set things up."""
        return [line.removeprefix("Given ") for line in self.head if line.startswith("Given ")]


def read(text: str) -> Story:
    """The story in a file."""
    story = Story([], [])
    for line in text.splitlines():
        if any(pattern.fullmatch(line) for pattern in (SCENE, RUNG, WROTE)):
            story.scenes.append(Scene(line))
        elif story.scenes:
            story.scenes[-1].lines.append(line)
        else:
            story.head.append(line)
    return story


def difference(written: str, played: str) -> str:
    """What the file says and what happened, where they differ; empty if they agree."""
    lines = unified_diff(written.splitlines(), played.splitlines(), "the file", "what happened", n=4, lineterm="")
    return "\n".join(lines)


# The play


@dataclass
class Played:
    """A story as it went."""

    text: str
    calls: list[Call]


def play(text: str, app: Flask, clock: Clock) -> Played:
    """Play a story on this application; the clock moves to each of its calls."""
    story, calls = read(text), []
    assert story.scenes, "a story has a line such as: Harbour Foods calls, Sunday 2026-11-22 02:00"
    stage = Stage(app, clock)
    for sentence in story.given:
        stage.set_up(sentence)
    written = "\n".join(story.head).strip() + "\n"
    for scene in story.scenes:
        clock.until(_instant(scene))
        if wrote := WROTE.fullmatch(scene.heading):
            lines = [scene.heading, *stage.write(wrote, scene.timeline)]
        else:
            call = stage.play(scene)
            calls.append(call)
            lines = [scene.heading, *call.transcript, *stage.came_out(call, scene.timeline)]
            lines += stage.texted() if " is paged, " in scene.heading else []
        written += "\n" + "\n".join(lines) + "\n"
    return Played(written, calls)


def begins(text: str) -> datetime:
    """The instant of a story's first call."""
    return _instant(read(text).scenes[0])


def _instant(scene: Scene) -> datetime:
    heading = next(filter(None, (pattern.fullmatch(scene.heading) for pattern in (SCENE, RUNG, WROTE))))
    local = datetime.fromisoformat(heading["at"]).replace(tzinfo=ZONE)
    assert f"{local:%A}" == heading["day"], f"{heading['at']} is a {local:%A}"
    return local.astimezone(UTC)


class Stage:
    """The application with its network, set up for one story."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.database = app.extensions["database"]
        self.quirks = Quirks()
        self.unreachable: set[str] = set()
        self.late = 0.0  # seconds that the carrier lets an order wait
        self.network: Network | None = None
        self.tickets = 0
        self.meanwhile: Callable[[Session], object] = lambda _: None  # between the order to ring and the ring
        self.told = 0  # the last row of the outbox whose text was written down

    def set_up(self, sentence: str) -> None:
        """Do what a `Given` says, through the product's own models and verbs."""
        for pattern, work in GIVEN.items():
            if found := re.fullmatch(pattern, sentence):
                with self.database.writing() as session:
                    work(self, session, *found.groups())
                return
        raise LookupError(f"nobody knows how to set up: Given {sentence}")

    def play(self, scene: Scene) -> Call:
        """One call, by hand on both ends."""
        self.network = network = self.network or network_of(self.app, self.clock, quirks=self.quirks)
        network.unreachable |= self.unreachable
        network.names |= {number: name for name, number in NUMBERS.items() if number.startswith("+")}
        rung = RUNG.fullmatch(scene.heading)
        call = self._ring_back(network, rung) if rung else self._ring(network, scene.heading)
        acts = scene.acts
        while call.waiting:
            try:
                self._settings(call, acts)
                _act(call, acts)
            except (NobodyListens, IndexError) as error:
                call.transcript.append(f"! {error}")
                call.hang_up()
        call.transcript.extend(f"! {act.strip()} comes after the end" for act in acts if not _of_another(call, act))
        network.deliver_callbacks()
        assert network.clashes == []
        return call

    def _settings(self, call: Call, acts: deque[str]) -> None:
        """A manager changes the settings on their page while the call goes on; it is true at the caller's next key."""
        while acts and acts[0].startswith("* "):
            call.transcript.append(line := acts.popleft())
            for pattern, path, fields in ON_A_PAGE:
                if found := re.fullmatch(pattern, line):
                    said = {name.replace("_", "-"): text for name, text in found.groupdict().items()}
                    self._press(path.format_map(said), fields | said)
                    break
            else:
                raise LookupError(f"nobody knows how to do: {line}")

    def _press(self, path: str, fields: dict[str, str]) -> None:
        """Look at what it would do, and publish it, as the page has it."""
        looked = visitors.post(self.app.test_client(), path, **fields)
        assert looked.status_code == 200, looked.text
        seen = re.search(r'name="seen" value="(\w+)"', looked.text)
        done = visitors.post(self.app.test_client(), path, **fields, sure="yes", seen=seen[1] if seen else "")
        assert done.status_code == 303, done.text

    def _ring(self, network: Network, heading: str) -> Call:
        """Somebody rings a line."""
        found = SCENE.fullmatch(heading)
        assert found
        with self.database.reading() as session:
            self.tickets = session.scalar(select(func.count(Ticket.id))) + 1
            company = select(Line.number).where(Line.company == found["company"])
            line = session.scalars(company).one() if found["company"] else LINE
        return network.ring(NUMBERS.get(found["who"], found["who"]), line)

    def _ring_back(self, network: Network, heading: re.Match[str]) -> Call:
        """An engineer is rung, as the worker has the carrier do it."""
        with self.database.writing() as session:
            self.tickets = session.scalar(select(func.count(Ticket.id)))
            if heading["reference"]:
                _asked_for(self, session, heading["who"], heading["reference"].replace("-", ""))
        if heading["paged"]:
            held = self.app.extensions
            boards, addresses = held["exchange"].boards, held["addresses"]
            chase.look(paging_step.Means(self.database, boards, addresses, self.clock, PAUSE), lambda: False)
        orders = Orders(network)
        couriers = {calling.KIND: Rings(orders, ORIGIN)}
        while orders.ring_now is None and deliver(self.database, couriers, "a story", self.clock):
            continue  # past the texts, which have no courier here
        assert orders.ring_now, "the ring was not sent"
        with self.database.writing() as session:
            self.meanwhile(session)
        self.clock.advance(self.late)
        call = orders.ring_now()
        assert network.name(call.leg.to) == heading["who"]
        return call

    def write(self, heading: re.Match[str], timeline: list[str]) -> list[str]:
        """Somebody sends a text to our number; what the ticket says of it, and who is told what."""
        board = self.app.extensions["exchange"].renew()
        sender, sid = NUMBERS.get(heading["who"], heading["who"]), f"SM{self.told:032x}"

        def work(session: Session) -> list[str]:
            if not replies.answered(session, board, sender, heading["words"], sid, self.clock()):
                reports.texted(session, sender, heading["words"], sid, self.clock())
            session.flush()
            ticket = session.scalars(select(Ticket).order_by(Ticket.id)).first()
            assert ticket
            told = [event.text for event in ticket.events]
            return [f"= ticket {_state(ticket)}", *(_found(wanted, told) for wanted in timeline)]

        return [*self.database.write(work), *self.texted()]

    def texted(self) -> list[str]:
        """The texts since the last that were written down: to whom, and what."""
        with self.database.reading() as session:
            rows = select(Outgoing).where(Outgoing.kind == texting.KIND, Outgoing.id > self.told).order_by(Outgoing.id)
            found = session.scalars(rows).all()
            self.told = max((row.id for row in found), default=self.told)
            names = {number: name for name, number in NUMBERS.items()}
            return [f"= text to {names.get(row.payload['to'])}: {_steady(row.payload['body'])}" for row in found]

    def came_out(self, call: Call, timeline: list[str]) -> list[str]:
        """What a call led to, and what holds for every call."""
        assert call.errors == []
        with self.database.reading() as session:
            stored = session.get_one(StoredCall, call.sid)
            assert session.scalar(select(func.count(Ticket.id))) == self.tickets, "whoever calls opens one ticket"
            assert stored.ended_at is not None
            asked = session.scalars(select(paging.Page).where(paging.Page.asked_in == call.sid)).all()
            pages = [*paging.of_call(session, call.sid), *asked]
            assert [page.id for page in pages if page.ended_at is None and not page.asked_in] == [], (
                "a page stays open after the call"
            )
            ticket = inbox.survivor(session, stored.ticket)
            told = [event.text for event in ticket.events]
            return [
                f"= ticket {_state(ticket)}{'' if ticket.opened_at >= stored.started_at else ', of an earlier call'}",
                f"= rang {', '.join(map(_rang, pages)) or 'nobody'}",
                f"= consent {({True: 'yes', False: 'no', None: 'none'})[stored.consent]}",
                *(f"= {said}" for said in _verdicts(session, pages)),
                *(_found(wanted, told) for wanted in timeline),
            ]


class Orders:
    """The carrier as far as a story needs it: takes one order to ring somebody."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.ring_now: Callable[[], Call] | None = None

    def ring(self, to: str, from_: str, url: str, *, fallback: str, report_to: str, **_: object) -> Done:
        sid = self.network.sid("CA")
        told = Subscription(report_to, events=("initiated", "ringing", "answered", "completed"))
        self.ring_now = partial(self.network.call_out, from_, to, url, sid=sid, fallback_url=fallback, status=told)
        return Done(sid)


def _act(call: Call, acts: deque[str]) -> None:
    waiting = call.waiting
    assert waiting
    while acts and _of_another(call, acts[0]):
        acts.popleft()
    if not acts:
        raise IndexError(f"the file ends while the line waits for the {waiting.leg}: {waiting.kind}")
    line = acts.popleft()
    if line == "< hangs up" and acts:  # the engineer's key crosses it on the way
        call.hang_up(crossing_key=acts.popleft().strip("< "))
        return
    ending = acts.popleft() if line.startswith("< speaks") and acts else ""
    call.do(_read(line, waiting.leg, ending.removeprefix("< ")))


def _of_another(call: Call, line: str) -> bool:
    """Whether the line speaks of a telephone that was not rung at all, so that nobody acts."""
    found, waiting = BY_ITSELF.fullmatch(line), call.waiting
    if not found or not found[1]:
        return False
    return not waiting or waiting.kind != "ringing" or call.network.name(waiting.number) != found[1]


def _read(line: str, rung: Side, ending: str) -> Act:
    """The act in a line."""
    side: Any = "engineer" if line.startswith(" ") else "caller"
    words = line.strip().removeprefix("< ")
    if found := BY_ITSELF.fullmatch(line):
        return Talk("caller", float(found[3])) if found[3] else Refuse(rung, REFUSALS[found[2]])  # type: ignore[arg-type]
    if words == "hangs up":
        return HangUp(side)
    if words in SILENCES:
        return Silence(side, words)
    if found := re.fullmatch(r"answers(?: after (\d+) s)?|a voicemail greeting starts", words):
        return Answer(side, float(found[1] or ("5" if words.startswith("answers") else "1")), words)
    if found := re.fullmatch(r"speaks for (\d+) s", words):
        return Speak(side, float(found[1]), {"hangs up": "hang up", "": "silence"}.get(ending, ending))
    return Press(side, words)


# What came of it


def _state(ticket: Ticket) -> str:
    by = f" by {ticket.owner.name}" if ticket.owner else ""
    how = "".join(f" ({event.text})" for event in ticket.events if event.kind in ("resolved", "withdrawn"))
    return f"{ticket.priority}, {ticket.state}{by}{how}"


def _steady(body: str) -> str:
    """A link without what is signed in it, which is another in every installation."""
    return re.sub(r"/have/\S+", "/have/…", body)


def _rang(page: paging.Page) -> str:
    if page.asked_in and not page.ended_at:
        return f"nobody yet, {page.staff.name} hangs up first"
    return f"{page.staff.name} {page.outcome}{f' ({page.reason})' if page.reason else ''}"


def _verdicts(session: Session, pages: list[paging.Page]) -> list[str]:
    work = [found for page in pages if (found := worklog.of(session, f"page {page.id}"))]
    said = [one.explanation.partition(";")[0].rstrip(".") for one in work]
    return [one[0].lower() + one[1:] for one in said] or ["nothing to bill"]


def _found(wanted: str, told: list[str]) -> str:
    return f"= timeline: {wanted if any(wanted in text for text in told) else f'(not there) {told}'}"


# What is given


def _staff(session: Session, name: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.name == name)).one()


def _customer(session: Session, name: str) -> Customer:
    return session.scalars(select(Customer).where(Customer.name == name)).one()


def _no_rota(stage: Stage, session: Session) -> None:
    for record in session.scalars(select(RotaRecord)):
        empty = replace(record.head.draft, layers=())
        who, reason = Who("a test", "terminal"), "a story of nobody"
        versions.publish(session, record, empty, base=record.head.number, who=who, now=stage.clock(), reason=reason)


def _forced(stage: Stage, session: Session, state: str, until: str | None) -> None:
    hours = session.scalars(select(BusinessHours)).one()
    force(hours, Forced(state), stage.clock(), _wall(until) if until else None, "a test")


def _phone(stage: Stage, session: Session, name: str, number: str) -> None:
    _staff(session, name).phone = numbers.parse(number)


def _second_phone(stage: Stage, session: Session, whose: str, number: str) -> None:
    colleague = Contact(customer_id=_customer(session, whose).id, name="A colleague", phone=numbers.parse(number))
    session.add(colleague)


def _no_phone(stage: Stage, session: Session, name: str) -> None:
    _staff(session, name).phone = None


def _has_left(stage: Stage, session: Session, name: str) -> None:
    _staff(session, name).active = False


def _unreachable(stage: Stage, session: Session, name: str) -> None:
    stage.unreachable.add(NUMBERS[name])


def _late(stage: Stage, session: Session, minutes: str) -> None:
    stage.late = 60 * float(minutes)


def _taken_meanwhile(stage: Stage, session: Session, name: str) -> None:
    def take(session: Session) -> None:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id)).first()
        assert ticket
        board = stage.app.extensions["exchange"].boards.current(session)
        acknowledging.take(session, board, ticket, _staff(session, name), How.PAGE, stage.clock())

    stage.meanwhile = take


def _resolved_meanwhile(stage: Stage, session: Session) -> None:
    def resolve(session: Session) -> None:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id)).first()
        assert ticket
        ticket.resolve(stage.clock(), "mended")

    stage.meanwhile = resolve


def _elsewhere(stage: Stage, session: Session, name: str) -> None:
    ticket = open_ticket(session, dice=Reference("280340638"), at=stage.clock(), subject="Another call")
    staff = _staff(session, name)
    paging.ring(session, ticket_id=ticket.id, staff_id=staff.id, call_sid="CAother", at=stage.clock(), ring_seconds=20)


def _asked_for(stage: Stage, session: Session, name: str, reference: str) -> None:
    ticket = session.scalars(inbox.by_reference(reference)).one()
    board = stage.app.extensions["exchange"].boards.current(session)
    outgoing.ask(session, board, ticket, _staff(session, name).id, stage.clock(), on_line=False)


def _blocked(stage: Stage, session: Session, name: str) -> None:
    session.add(BlockedNumber(number=NUMBERS[name], reason="a test"))


@dataclass
class Reference:
    """Dice that throw one reference."""

    digits: str

    def randrange(self, _start: int, _stop: int) -> int:
        return int(self.digits[:-1])


def _ticket(stage: Stage, session: Session, reference: str, whose: str, more: str | None) -> None:
    """More: how urgent, with whom, since when; in any order, with commas between."""
    contact = session.scalars(select(Contact).join(Customer).where(Customer.name == whose)).one_or_none()
    said = deque((more or "").removeprefix(", ").split(", ") if more else ())
    opened = next((_wall(one[5:]) for one in said if one.startswith("from ")), stage.clock())
    ticket = open_ticket(
        session,
        dice=Reference(reference),
        at=opened,
        subject="Set up by a test",
        priority=next((Priority(one) for one in said if one in set(Priority)), Priority.NORMAL),
        caller=NUMBERS[whose],
        contact_id=contact.id if contact else None,
        customer_id=contact.customer_id if contact else None,
    )
    assert ticket.reference == reference, f"{ticket.reference} would be a reference, {reference} is none"
    for one in said:
        if one.startswith("with "):
            ticket.acknowledge(_staff(session, one[5:]), opened)
        elif one == "resolved":
            ticket.resolve(opened, "mended")


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def _closure(stage: Stage, session: Session, start: str, end: str) -> None:
    hours = session.scalars(select(BusinessHours)).one()
    session.add(Closure(hours_id=hours.id, starts=_wall(start), ends=_wall(end), reason="a test"))


def _announcement(stage: Stage, session: Session, words: str) -> None:
    session.scalars(select(Line)).one().announcement = words


def _in_afrikaans(stage: Stage, session: Session, whose: str) -> None:
    """The line speaks Afrikaans too, and whoever calls for that customer prefers it."""
    line = session.scalars(select(Line)).one()
    line.languages = [*line.languages, "af"]
    for contact in session.scalars(select(Contact).where(Contact.customer_id == _customer(session, whose).id)):
        contact.language = "af"


def _recorded_in(stage: Stage, session: Session, whose: str, language: str) -> None:
    """Whoever calls for that customer prefers a language that the line speaks by recordings."""
    code = RECORDED[language]
    studio.add(session, code, language, "a test", stage.clock())
    line = session.scalars(select(Line)).one()
    line.languages = [*line.languages, code]
    for contact in session.scalars(select(Contact).where(Contact.customer_id == _customer(session, whose).id)):
        contact.language = code


def _recording(stage: Stage, session: Session, language: str, key: str, words: str) -> None:
    sound = sound_file.read(beep(2 + len(words) / 20))
    company = session.scalars(select(Line.company)).first() or ""
    made = studio.upload(session, RECORDED[language], key, sound, words, company, "a test", stage.clock())
    studio.publish(session, made, 0, "a test", stage.clock())


def _contract(stage: Stage, session: Session, whose: str, since: str, does: str, band: str) -> None:
    """A new version of the customer's contract, changed in one band."""
    customer = _customer(session, whose)
    last = session.scalars(
        select(Contract).where(Contract.customer_id == customer.id).order_by(Contract.version.desc())
    ).first()
    assert last
    cover = {"includes": "included", "bills": "billable", "does not cover": "not_covered"}[does]
    session.add(
        Contract(
            customer_id=customer.id,
            version=last.version + 1,
            valid_from=date.fromisoformat(since),
            name=last.name,
            bands={**last.bands, band.replace(" ", "_"): cover},
            card=last.card,
            needs_consent=last.needs_consent,
        )
    )


def _line(stage: Stage, session: Session, number: str, company: str, name: str) -> None:
    """A second line, open round the clock, that rings one person."""
    key = _staff(session, name).key
    week = [[day, 0, 1440] for day in range(7)]
    hours = BusinessHours(name=company, zone="Africa/Johannesburg", week=week)
    group = HuntGroup(name=company, members=[key], ring_seconds=20)
    policy = PolicyRecord(name=company, steps=[[{"engineer": key}]], rounds=1, ring_seconds=20)
    more = {"hours": hours, "hunt_group": group, "policy": policy}
    session.add(Line(number=numbers.parse(number), company=company, languages=["en"], **more))


def _network_says(stage: Stage, session: Session, name: str, value: str) -> None:
    stage.quirks = replace(stage.quirks, **{name: {"true": True, "false": False}.get(value, value)})


# What a manager does on a page in the middle of a call: the line of the file, the page, and what is typed there.
ON_A_PAGE: list[tuple[str, str, dict[str, str]]] = [
    (
        r"\* a manager closes the office until (?P<until>.+)",
        "/settings/hours",
        {"verb": "force", "state": "closed", "reason": "a test"},
    ),
    (
        r'\* a manager words (?P<key>\S+) as "(?P<text>.+)"',
        "/settings/prompts/en/{key}",
        {},
    ),
    (
        r'\* a manager announces "(?P<say_en>.+)"',
        "/settings/announcement",
        {"verb": "announce"},
    ),
]
GIVEN: dict[str, Callable[..., None]] = {
    r"an empty rota": _no_rota,
    r"the office is forced (open|closed)(?: until (.+))?": _forced,
    r"(.+) also has the number (.+)": _second_phone,
    r"(.+) has the number (.+)": _phone,
    r"(.+) has no number": _no_phone,
    r"(.+) has left": _has_left,
    r"(.+) is on another call": _elsewhere,
    r"the carrier places its rings (\d+) minutes late": _late,
    r"(.+) takes it on its page while the next telephone begins to ring": _taken_meanwhile,
    r"it is resolved while the next telephone begins to ring": _resolved_meanwhile,
    r"(.+) has asked for a call-back on (\d{9})": _asked_for,
    r"(.+) is out of reach": _unreachable,
    r"the number of (.+) is blocked": _blocked,
    r"ticket (\d{9}) of ([^,]+)(, .+)?": _ticket,
    r"a company closure from (.+) to (.+)": _closure,
    r'an announcement "(.+)"': _announcement,
    r"(.+) speaks Afrikaans, and so does the line": _in_afrikaans,
    r"(.+) speaks (isiZulu|isiXhosa), and so does the line by recordings": _recorded_in,
    r'the (isiZulu|isiXhosa) recording of (\S+) says "(.+)"': _recording,
    r"the contract of (.+) from (\S+) (includes|bills|does not cover) (.+) work": _contract,
    r"a line (.+) of (.+) that rings (.+)": _line,
    r"the network says (\S+) (.+)": _network_says,
}
