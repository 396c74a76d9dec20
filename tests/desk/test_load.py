"""Loading set-up files: all or nothing, every fault with its line, and the same file twice changes nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from desk import listing
from desk.db import set_up_version
from desk.setup.load import load
from desk.setup.sheets import SetUpFaults
from desk.staff import Staff
from ivr.line import BlockedNumber, Line
from ivr.switchboard import build
from oncall.roster import PolicyRecord, RotaRecord
from sla import holidays
from sla.book import write
from sla.contract import Contract
from sla.hours import BusinessHours, Closure
from sla.overtime import Band, Cover
from sla.standing import standing
from sla.targets import Measure
from sla.timeline import Happened, Timeline, What
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from desk.db import Database
    from ivr.switchboard import Switchboard

FAULTS = Path(__file__).with_name("set_up_faults.txt")
NOW = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
DEMO = sorted((Path(__file__).parents[2] / "desk/demo").glob("*.yaml"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are; their names are told as they are typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(database: Database, **files: str) -> list[str]:
    """Load files: `staff_csv="…"` is staff.csv."""
    paths = [Path(name.replace("_", ".")) for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(dedent(text))
    changes = database.write(lambda session: load(session, paths, NOW, anyway="it is agreed"))
    return [change for change in changes if not change.startswith("Beware: ")]


def refused(database: Database, **files: str) -> list[str]:
    before = board(database)
    with pytest.raises(SetUpFaults) as caught:
        loaded(database, **files)
    assert board(database) == before
    return str(caught.value).splitlines()


def board(database: Database) -> Switchboard:
    with database.reading() as session:
        return build(session, set_up_version(session))


def one(database: Database, query: Any) -> Any:
    with database.reading() as session:
        return session.scalars(query).one()


def test_the_cast_is_as_designed(database: Database):
    whole = board(database)
    line = whole.lines["+27878090263"]
    assert (line.company, line.languages) == ("Protea IT Support", ("en",))
    assert [step[0].engineer for step in line.hunt.steps] == ["lerato", "thandi"]
    assert {number: caller.customer for number, caller in whole.directory.items()} == {
        "+27825550201": "Karoo Clinic",
        "+27825550202": "Harbour Foods",
        "+27825550203": "Mill Lane Books",
    }
    covers = {
        whole.directory[number].customer: [str(terms[0][1].bands[band].cover)[0] for band in Band]
        for number in whole.directory
        if (terms := whole.contracts[whole.directory[number].customer_id])
    }
    assert covers == {
        "Karoo Clinic": ["i", "i", "i", "i", "i"],
        "Harbour Foods": ["i", "b", "b", "b", "b"],
        "Mill Lane Books": ["b", "b", "b", "b", "b"],
    }


@pytest.mark.parametrize(
    ("monday", "ring"),
    [
        (date(2026, 1, 1), ["lerato", "thandi"]),
        (date(2026, 11, 15), ["lerato", "thandi"]),
        (date(2026, 11, 16), ["thandi", "pieter"]),
        (date(2026, 11, 22), ["thandi", "pieter"]),
        (date(2026, 11, 23), ["pieter", "lerato"]),
    ],
)
def test_the_week_of_16_november_is_thandis(database: Database, monday: date, ring: list[str]):
    at = datetime(monday.year, monday.month, monday.day, 6, 30, tzinfo=UTC)
    assert [duty.engineer for duty in board(database).rotas["Standby"].who(at)] == ring


def test_the_same_files_again_change_nothing(database: Database):
    before = board(database)
    assert database.write(lambda session: load(session, DEMO, NOW)) == []
    assert board(database) == before


EVERYTHING = """\
    staff:
      - {key: ada, name: Ada, role: engineer, phone: 082 555 0301}
      - {key: bob, name: Bob, role: billing}
    customers:
      - code: shop
        name: Shop
        contacts: [{name: Sue, phone: 082 555 0302, email: sue@shop.example, language: en}]
        contracts: [{name: basic, valid_from: 2026-02-01, office: included, weekday_after_hours: billable,
                     saturday: billable, sunday: not_covered, public_holiday: not_covered}]
    hours:
      - name: Shop
        zone: Europe/London
        week: {mon-thu: [08:30-12:00, "13:00-17:00"], Friday: 8:30-24:00, "sat, sun": 10:00 – 12:00}
        closures: [{starts: 2026-12-24, ends: 2027-01-04T08:30, reason: Holidays}]
    holidays: [{day: 2026-12-28, name: Declared}]
    hunt_groups: [{name: Shop, members: ada}]
    rotas:
      - name: Nights
        zone: Europe/London
        layers:
          - rotations:
              - {name: Weekend, members: [ada], starts: 2026-01-02T17:00, hours: [Fri 17:00 to Mon 08:30]}
          - rotations:
              - {name: All, members: [bob, ada], starts: 2026-01-05T08:30, ends: 2027-01-04T08:30, turn: 2 days}
        overrides:
          - {kind: replace, staff: bob, instead_of: ada, starts: 2026-07-03T18:00, ends: 2026-07-04T18:00}
    policies: [{name: Shop, steps: [[{rota: Nights}, {rota: Nights, place: 1}], {engineer: bob}], rounds: 3}]
    lines: [{number: 087 809 0264, company: Shop, hours: Shop, hunt_group: Shop, policy: Shop}]
    blocked: [{number: 082 555 0666, reason: Silent calls}]
"""


def test_every_section_is_stored(database: Database):
    changes = loaded(database, all_yaml=EVERYTHING)
    assert len(changes) == 14
    assert changes[0] == "added colleague ada"
    whole = board(database)
    line = whole.lines["+27878090264"]
    targets = [
        [str(target.engineer if hasattr(target, "engineer") else target.place) for target in step]
        for step in line.policy.steps
    ]
    assert (targets, line.policy.rounds) == ([["0", "1"], ["bob"]], 3)
    terms = whole.contracts[whole.directory["+27825550302"].customer_id][0][1]
    assert (terms.bands[Band.SUNDAY].cover, terms.needs_consent) == (Cover.NOT_COVERED, True)
    assert "+27825550666" in whole.blocked
    with database.reading() as session:
        assert holidays.in_force(session)[date(2026, 12, 28)] == "Declared"
    assert loaded(database, all_yaml=EVERYTHING) == []


def test_hours_are_read_as_written(database: Database):
    loaded(database, all_yaml=EVERYTHING)
    week = one(database, select(BusinessHours.week).where(BusinessHours.name == "Shop"))
    assert week == [
        *([day, *span] for day in range(4) for span in ([510, 720], [780, 1020])),
        [4, 510, 1440],
        [5, 600, 720],
        [6, 600, 720],
    ]


PROMISES = """\
    hours: [{name: Head office, zone: Africa/Johannesburg, week: {mon-fri: 7:00-19:00},
             dates: {2026-12-24: 8:00-12:00, 2026-12-31: closed, 2026-12-19: [9:00-11:00, "12:00-13:00"]}}]
    contracts:
      - {customer: harbour, name: better cover, valid_from: 2027-01-01, office: included, weekday_after_hours: billable,
         saturday: billable, sunday: billable, public_holiday: billable,
         targets: {high: {first_response: "within 2 h, aim 1 h", resolution: "3 business days, in Head office hours"},
                   emergency: {resolution: "8h, round the clock"}, low: {resolution: by agreement}}}
"""


def test_promises_and_other_hours_of_a_date_are_stored_and_listed(database: Database):
    loaded(database, all_yaml=PROMISES)
    days = one(database, select(BusinessHours.dates).where(BusinessHours.name == "Head office"))
    assert days == {"2026-12-24": [[480, 720]], "2026-12-31": [], "2026-12-19": [[540, 660], [720, 780]]}
    with database.reading() as session:
        listed = listing.table(session, "contracts"), listing.table(session, "hours")
    for said in (
        "high: first response within 2 h, aiming at 1 h",
        "high: resolution within 3 business days, in Head office hours",
        "emergency: resolution within 8 h, round the clock",
        "low: resolution by agreement",
    ):
        assert said in listed[0]
    for said in ("on 2026-12-19  09:00-11:00, 12:00-13:00", "on 2026-12-24  08:00-12:00", "on 2026-12-31  closed"):
        assert said in re.sub(r" {3,}", "  ", listed[1])
    assert loaded(database, all_yaml=PROMISES) == [], "the same again changes nothing"


def test_a_ticket_is_due_by_what_the_files_promise(database: Database):
    loaded(database, all_yaml=PROMISES)
    with database.reading() as session:
        book = write(session)
        harbour = session.scalars(select(Customer.id).where(Customer.code == "harbour")).one()
        at = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)  # Monday 09:00
        opened = Timeline((Happened(at, What.OPENED, "high"),))
        due = standing(Measure.RESOLUTION, opened, book.plans_of(harbour), at).due
    assert due == datetime(2027, 1, 7, 17, 0, tzinfo=UTC), "Thursday 19:00, when the head office closes"


def test_the_examples_of_the_manual_load(database: Database):
    manual = (Path(__file__).parents[2] / "docs/operate.md").read_text()
    promises, hours, rates = re.findall(r"```yaml\n((?:contracts|hours):.*?)```", manual, re.DOTALL)
    assert loaded(database, promises_yaml=promises, hours_yaml=hours, rates_yaml=rates) == [
        "added business calendar Head office",
        "added contract harbour 2027-01-01",
        "added contract mill-lane 2027-01-01",
    ]


def test_a_contract_with_other_promises_needs_a_later_day(database: Database):
    loaded(database, all_yaml=PROMISES)
    [said] = refused(database, all_yaml=PROMISES.replace("within 2 h, aim 1 h", "within 1 h"))
    assert "a contract is never edited: give the new terms a later valid_from" in said


def test_hours_that_an_entry_leaves_unsaid_stay(database: Database):
    loaded(database, all_yaml=PROMISES)
    loaded(database, a_yaml="hours: [{name: Head office, zone: Africa/Johannesburg, week: {mon-thu: 7:00-19:00}}]")
    assert len(one(database, select(BusinessHours.dates).where(BusinessHours.name == "Head office"))) == 3


def test_wall_times_become_instants_in_their_own_zone(database: Database):
    loaded(database, all_yaml=EVERYTHING)
    shut = one(database, select(Closure))
    assert (shut.starts, shut.ends) == (datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 4, 8, 30, tzinfo=UTC))
    override = board(database).rotas["Nights"].overrides[0]
    assert override.start == datetime(2026, 7, 3, 17, tzinfo=UTC)  # British summer
    duties = board(database).rotas["Nights"].who(override.start + timedelta(hours=1))
    assert [duty.engineer for duty in duties] == ["bob"]


def test_only_what_a_file_says_is_changed(database: Database):
    changes = loaded(database, contacts_csv="customer;name;email\nKAROO;Sister Fatima Adams;fatima@karoo.example\n")
    assert changes == ["changed contact karoo Sister Fatima Adams: email"]
    fatima = one(database, select(Contact).where(Contact.name == "Sister Fatima Adams"))
    assert (fatima.phone, fatima.email) == ("+27825550201", "fatima@karoo.example")
    loaded(database, more_yaml="contacts: [{customer: karoo, name: Sister Fatima Adams, phone: }]")
    assert one(database, select(Contact.phone).where(Contact.id == fatima.id)) is None


def test_customers_on_lines_of_csv_with_several_contacts(database: Database):
    text = "\ufeffcode;name;contact;phone;email\r\nshop;Shop;Sue;082 555 0301;sue@shop.example\r\nshop;Shop;Tom;;\r\n"
    assert loaded(database, customers_csv=text) == [
        "added customer shop",
        "added contact shop Sue",
        "added contact shop Tom",
    ]
    assert board(database).directory["+27825550301"].customer == "Shop"


def test_contracts_are_succeeded_never_edited(database: Database):
    text = """\
        customer,name,valid_from,office,weekday_after_hours,saturday,sunday,public_holiday
        harbour,24-hour cover,{},included,included,included,included,included
        """
    (said,) = refused(database, contracts_csv=text.format("2026-01-01"))
    assert said.startswith("contracts.csv line 2: Harbour Foods has other terms from 2026-01-01 on (version 1); ")
    assert said.endswith("a contract is never edited: give the new terms a later valid_from")
    assert loaded(database, contracts_csv=text.format("2026-12-01")) == ["added contract harbour 2026-12-01"]
    assert loaded(database, contracts_csv=text.format("2026-12-01")) == []
    with database.reading() as session:
        harbour = session.scalars(select(Customer.id).where(Customer.code == "harbour")).one()
        rows = session.scalars(select(Contract).where(Contract.customer_id == harbour).order_by(Contract.version)).all()
        assert [(row.version, row.name) for row in rows] == [(1, "office-hours cover"), (2, "24-hour cover")]


def test_contacts_may_exchange_their_numbers(database: Database):
    changes = loaded(
        database,
        contacts_csv="""\
        customer,name,phone
        karoo,Sister Fatima Adams,082 555 0202
        harbour,Sipho Khumalo,082 555 0201
        """,
    )
    assert len(changes) == 2
    directory = board(database).directory
    assert (directory["+27825550201"].customer, directory["+27825550202"].customer) == ("Harbour Foods", "Karoo Clinic")


def test_a_holiday_that_was_withdrawn_comes_back(database: Database):
    text = "day,name\n2026-12-16,Day of Reconciliation\n"
    assert loaded(database, holidays_csv=text) == []
    database.write(lambda session: holidays.withdraw(session, date(2026, 12, 16), "staff", NOW))
    assert loaded(database, holidays_csv=text) == ["changed public holiday 2026-12-16 Day of Reconciliation"]
    with database.reading() as session:
        assert date(2026, 12, 16) in holidays.in_force(session)


def test_a_rota_is_as_its_file_has_it(database: Database):
    layers = """\
        rotas:
          - name: Standby
            zone: Africa/Johannesburg
            layers: [{rotations: [{name: Only, members: [naledi], starts: 2026-01-05T08:30, turn: daily}]}]
        """
    assert loaded(database, rota_yaml=layers) == ["changed rota Standby: layers"]
    assert [duty.engineer for duty in board(database).rotas["Standby"].who(NOW)] == ["naledi"]
    assert loaded(database, rota_yaml=layers) == []
    loaded(database, rota_yaml="rotas: [{name: Standby, zone: Africa/Johannesburg, layers: []}]")
    assert board(database).rotas["Standby"].who(NOW) == ()


def test_a_rota_that_gets_its_first_rotation_is_changed(database: Database):
    loaded(database, a_yaml="rotas: [{name: New, zone: UTC, layers: []}]")
    text = "rotas: [{name: New, zone: UTC, layers: [{rotations: [{name: A, members: [], starts: 2026-01-05}]}]}]"
    assert loaded(database, a_yaml=text) == ["changed rota New: layers"]


def test_a_colleague_who_left(database: Database):
    loaded(database, staff_csv="key,name,role,active\npieter,Pieter Botha,engineer,no\n")
    assert "pieter" not in board(database).engineers
    assert one(database, select(Staff.phone).where(Staff.key == "pieter")) == "+27825550102"


def written_and_said() -> dict[str, list[tuple[str, list[str]]]]:
    """By section: an entry on one line, and what is said of it."""
    sections: dict[str, list[tuple[str, list[str]]]] = {}
    for block in re.split(r"^(?=\w)", FAULTS.read_text(), flags=re.MULTILINE)[1:]:
        first, *said = block.strip().splitlines()
        section, _, entry = first.partition(": ")
        sections.setdefault(section, []).append((entry, [text.strip() for text in said]))
    return sections


@pytest.mark.parametrize("section", written_and_said())
def test_faults_say_what_to_mend(database: Database, section: str):
    rows = written_and_said()[section]
    said = refused(database, a_yaml="\n".join([f"{section}:", *(f"  - {entry}" for entry, _ in rows)]))
    by_line = [f"a.yaml line {line}: {text}" for line, (_, texts) in enumerate(rows, 2) for text in sorted(texts)]
    assert said == by_line


def test_every_fault_of_every_file_is_told_at_once_and_nothing_is_stored(database: Database):
    said = refused(
        database,
        staff_yaml="""\
        staff:
          - key: ada
            name: Ada
            role: engineer
            phone: 082 55
          - key: eve
            name: Eve
            role: billing
        """,
        rota_yaml="hunt_groups:\n  - name: New\n    members: [ada, eve, zoe]\n  - name: [\n",
        customers_csv="code,name\nshop,Shop\n,Nameless\n",
        missing_yaml="",
        lines_yaml="""\
        hunt_groups: [{name: New, members: [ada, eve, zoe]}]
        contacts:
          - {customer: shop, name: Sue, phone: 082 555 0301}
          - {customer: shop, name: Tom, phone: 082 555 0301}
        """,
    )
    assert said == [
        "customers.csv line 3: code: is missing",
        "lines.yaml line 1: members: there is no colleague 'zoe'",
        "lines.yaml line 4: phone: 082 555 0301 is already the number of Sue",
        "rota.yaml line 5: not readable as YAML: expected the node content, but found '<stream end>'",
        "staff.yaml line 5: phone: '082 55' is not a telephone number",
    ]


def test_a_file_that_is_not_there(database: Database):
    with pytest.raises(SetUpFaults, match=r"^nowhere\.yaml line 1: not readable: No such file or directory$"):
        database.write(lambda session: load(session, [Path("nowhere.yaml")], NOW))


def test_the_same_thing_twice_must_be_the_same(database: Database):
    staff = "key,name,role\nada,Ada,{}\n"
    assert loaded(database, staff_csv=staff.format("billing") + "ada,Ada,billing\n") == ["added colleague ada"]
    assert refused(
        database,
        staff_csv=staff.format("billing"),
        more_yaml="staff: [{key: ada, name: Ada, role: manager}]",
    ) == ["more.yaml line 1: this colleague is set up differently in staff.csv line 2"]
    rota = (
        "rotas: [{name: R, zone: UTC, layers: []}, {name: R, zone: UTC, layers: [{rotations: []}, {rotations: [%s]}]}]"
    )
    assert refused(database, a_yaml=rota % "{name: A, members: [], starts: 2026-01-05}") == [
        "a.yaml line 1: this rota is set up differently in a.yaml line 1"
    ]


def test_a_wrong_entry_does_not_hide_its_rightful_references(database: Database):
    said = refused(
        database,
        a_yaml="""\
        hours: [{name: Night, zone: Nowhere, week: {mon: 00:00-24:00}}]
        lines: [{number: 087 809 0264, company: A, hours: Night, hunt_group: Office, policy: Emergency}]
        """,
    )
    assert said == ["a.yaml line 1: zone: there is no time zone 'Nowhere'; one is Africa/Johannesburg"]


def test_an_override_that_the_clocks_swallow(database: Database):
    loaded(
        database,
        a_yaml="""\
        rotas:
          - name: London
            zone: Europe/London
            layers: [{rotations: [{name: A, members: [], starts: 2026-01-05}]}]
        """,
    )
    text = "rota,kind,staff,starts,ends\nLondon,add,thandi,2026-03-29T01:30,2026-03-29T02:15\n"
    (said,) = refused(database, overrides_csv=text)
    assert said.startswith(
        "overrides.csv line 2: ends: the clocks change between 2026-03-29 01:30:00 and 2026-03-29 02:15"
    )


def test_a_line_changes_its_hours_only_by_name(database: Database):
    loaded(database, all_yaml=EVERYTHING)
    text = "number,company,hours,hunt_group,policy\n087 809 0263,Protea,Shop,Office,Emergency\n"
    assert loaded(database, lines_csv=text) == ["changed line +27878090263: company, hours"]
    with database.reading() as session:
        line = session.scalars(select(Line).where(Line.number == "+27878090263")).one()
        assert (line.hours.name, line.company) == ("Shop", "Protea")
        assert session.scalars(select(BlockedNumber.reason)).one() == "Silent calls"
        assert session.scalars(select(PolicyRecord.name).order_by(PolicyRecord.name)).all() == ["Emergency", "Shop"]
        assert session.scalars(select(RotaRecord.name).order_by(RotaRecord.name)).all() == ["Nights", "Standby"]


def test_a_preset_says_what_a_contract_leaves_out(database: Database):
    words = ["preset: office hours", "rate: R900", "sunday: billable at R2 000", "merge: 20 min"]
    said = "".join(f"    {word}\n" for word in words)
    loaded(database, a_yaml=f"contracts:\n  - customer: harbour\n    name: new\n    valid_from: 2027-01-01\n{said}")
    whole = board(database)
    card = whole.contracts[whole.directory["+27825550202"].customer_id][-1][1]
    assert (card.rate, card.bands[Band.SUNDAY].rate, card.bands[Band.SATURDAY].multiplier) == (
        900,
        2000,
        Decimal("1.5"),
    )
    assert (card.merge, card.increment) == (timedelta(minutes=20), timedelta(minutes=15))
    with database.reading() as session:
        assert "R900.00 an hour; steps of 15 min; merging within 20 min" in listing.table(session, "contracts")
