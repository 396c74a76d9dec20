"""Form: what a visitor typed, read into a request for help, or the faults of each field; nothing typed is lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desk import mailing, numbers
from desk.mailing import NotAnAddress
from desk.numbers import NotANumber
from tickets.file import Sent
from tickets.mail.charsets import storable
from tickets.mail.file_names import safe
from tickets.mail.words import one_line
from tickets.public import kinds
from tickets.public.kinds import Untaken
from tickets.ticket import Priority

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from werkzeug.datastructures import FileStorage

WORDS, NAME, ADDRESS, PHONE, SUBJECT = 10_000, 100, 254, 40, 90  # characters
FILES, FILE, TOGETHER = 5, 5 * 1024 * 1024, 10 * 1024 * 1024  # how many, and bytes
BODY = 24 * 1024 * 1024  # of a whole form: more than may be sent, so that who sends too much keeps their words
BAD = {"stopped": Priority.HIGH, "partly": Priority.NORMAL, "question": Priority.LOW}
FIELDS = ("what", "bad", "emergency", "accept", "name", "email", "phone", "key")
BAIT = "website"  # a field that people do not see, and machines fill in


@dataclass(frozen=True)
class Request:
    """A request for help in which everything is as it has to be."""

    what: str
    priority: Priority
    emergency: bool
    name: str
    email: str
    phone: str | None
    files: Sequence[Sent]
    key: str

    @property
    def subject(self) -> str:
        """The first line, as far as it fits."""
        return subject_of(self.what)

    @property
    def digest(self) -> str:
        """What is the same where the same form was sent twice, and another where anything in it was changed."""
        parts = [self.key, self.what, self.priority, str(self.emergency), self.name, self.email, self.phone or ""]
        parts += [f"{one.name} {one.sha256}" for one in self.files]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass
class Reading:
    """A form as it is read: field by field, noting faults."""

    typed: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    def words(self, name: str, most: int, asked: str) -> str:
        """What was typed into a field of several lines."""
        said = storable(self.typed.get(name, "")).strip()
        if not said:
            self.faults[name] = asked
        elif len(said) > most:
            self.faults[name] = (
                f"That is too long: {len(said):,} characters, and {most:,} fit. Send the rest as a file."
            )
        return said

    def line(self, name: str, most: int, asked: str) -> str:
        """What was typed into a field of one line."""
        said = one_line(self.typed.get(name, ""))
        if not said:
            self.faults[name] = asked
        elif len(said) > most:
            self.faults[name] = f"That is too long: {most} characters at most."
        return said

    def priority(self) -> Priority:
        """How bad it is."""
        bad = self.typed.get("bad", "")
        if bad not in BAD:
            self.faults["bad"] = "Choose how bad it is."
        return BAD.get(bad, Priority.NORMAL)

    def emergency(self) -> bool:
        """Whether somebody is to be called out, and what that may cost is accepted."""
        wanted, accepted = bool(self.typed.get("emergency")), bool(self.typed.get("accept"))
        if wanted and not accepted:
            self.faults["accept"] = "Accept that it may be charged, or take the tick from the emergency."
        return wanted

    def email(self) -> str:
        """The address, in the one way in which it is stored."""
        said = self.typed.get("email", "").strip()
        if not said:
            self.faults["email"] = "Enter your mail address: we answer there."
            return ""
        try:
            return mailing.typed(said)
        except NotAnAddress as error:
            self.faults["email"] = f"Enter a mail address such as name@company.co.za. {error}"
            return ""

    def phone(self, ours: Collection[str]) -> str | None:
        """The number in E.164, or none."""
        said = one_line(self.typed.get("phone", ""))
        if not said:
            return None
        try:
            number = numbers.parse(said[: PHONE + 1])
        except NotANumber:
            self.faults["phone"] = "Enter a telephone number such as 082 555 0199 or +27 82 555 0199, or none."
            return None
        if number in ours or not numbers.may_dial(number):
            self.faults["phone"] = "We cannot ring this number. Enter another one, or none."
        return number

    def files(self, sent: Sequence[FileStorage]) -> list[Sent]:
        """The files; of a browser's empty field there is none."""
        named = [one for one in sent if one.filename]
        if len(named) > FILES:
            self.faults["files"] = f"Those are {len(named)} files; {FILES} can be sent at once."
            return []
        read = [(one.filename or "", one.stream.read(FILE + 1)) for one in named]
        if sum(len(content) for _, content in read) > TOGETHER:
            self.faults["files"] = f"These files are too large together: {TOGETHER // 2**20} MB at most."
        try:
            return [_file(name, content, number) for number, (name, content) in enumerate(read, 1)]
        except Untaken as error:
            self.faults.setdefault("files", str(error))
            return []


def request(typed: Mapping[str, str], sent: Sequence[FileStorage], ours: Collection[str]) -> Request | dict[str, str]:
    """The request, or what is wrong with it, by field; `ours` are numbers that nobody can be rung on."""
    form = Reading(typed)
    what = form.words("what", WORDS, "Write what is wrong.")
    priority, emergency = form.priority(), form.emergency()
    name, email = form.line("name", NAME, "Enter your name."), form.email()
    phone, files = form.phone(ours), form.files(sent)
    if typed.get(BAIT):
        form.faults[BAIT] = "A field was filled in that people cannot see. It is empty now: please send the form again."
    return form.faults or Request(what, priority, emergency, name, email, phone, files, typed.get("key", "")[:100])


@dataclass(frozen=True)
class Message:
    """More about a ticket."""

    words: str
    files: Sequence[Sent]


def message(typed: Mapping[str, str], sent: Sequence[FileStorage]) -> Message | dict[str, str]:
    """What is added to a ticket, or what is wrong with it."""
    form = Reading(typed)
    words, files = form.words("words", WORDS, "Write your message."), form.files(sent)
    return form.faults or Message(words, files)


def subject_of(words: str) -> str:
    """The first line, cut at a word where it is too long."""
    line = one_line(words.strip().split("\n")[0])
    if len(line) <= SUBJECT:
        return line
    return (line[:SUBJECT].rpartition(" ")[0].rstrip(" ,.;:") or line[:SUBJECT]) + " …"


def _file(raw: str, content: bytes, number: int) -> Sent:
    name = safe(raw, "", number)
    if len(content) > FILE:
        raise Untaken(f"{name} is too large: {FILE // 2**20} MB at most.")
    try:
        return Sent(name, kinds.type_of(name, content), content)
    except Untaken as error:
        raise Untaken(f"{name} {error}. Send a picture, a PDF, a text, an office document or a ZIP.") from None
