"""Mail from a mail server: 250 means stored, anything else means that the server keeps it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from conftest import settings_for
from mails import giants, small
from mails.mail import letter
from post import OURS, SIPHO, STRANGER, Post
from served import ROOT, procfile, secrets
from tickets.mail import lmtp
from tickets.mail.arrival import Arrival, State, Way, raw_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from simulator.clock import Clock

MEGABYTE = 1024 * 1024


@pytest.fixture
def post(another: Callable[..., Flask], clock: Clock) -> Post:
    return Post(another(mail_in_addresses=f"{OURS}, Help@Afterhours.example", mail_in_largest=MEGABYTE), clock)


@contextmanager
def door(post: Post, way: Way = Way.LMTP) -> Iterator[int]:
    """Mail is taken at a port."""
    stop, loop, listens = asyncio.Event(), asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    def listening(port: int) -> None:
        ports.append(port)
        listens.set()

    taker = lmtp.Door(post.database, post.intake.house, way, post.clock)
    serving = lmtp.serve(taker, "127.0.0.1", 0, stop, listening)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serving)

    thread = threading.Thread(target=run)
    thread.start()
    assert listens.wait(20)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def send(port: int, raw: bytes, *to: str, sender: str = SIPHO, way: Way = Way.LMTP) -> None:
    kind = smtplib.LMTP if way == Way.LMTP else smtplib.SMTP
    with kind("127.0.0.1", port, "mx.example") as server:
        server.sendmail(sender, to or (OURS,), raw)


def stored(post: Post) -> list[Arrival]:
    with post.database.reading() as session:
        return list(session.scalars(select(Arrival).order_by(Arrival.id)))


@pytest.mark.parametrize("way", [Way.LMTP, Way.SMTP])
def test_what_is_answered_with_250_is_stored_byte_for_byte(post: Post, way: Way):
    raw = letter("The till.\r\n.\r\n..\r\nä\r\n")
    with door(post, way) as port:
        send(port, raw, way=way)
    (mail,) = stored(post)
    assert mail.way == way
    with post.database.reading() as session:
        assert raw_of(session, mail.id) == raw


def test_the_nasty_mails_come_through_as_a_server_sends_them(post: Post):
    """A server ends lines with CRLF, and every mail with one; everything else is left as it is."""
    mails = [re.sub(rb"\r\n|\r|\n", b"\r\n", mail.raw).rstrip(b"\r\n") + b"\r\n" for mail in small()[::5]]
    with door(post) as port:
        for raw in mails:
            send(port, raw)
    with post.database.reading() as session:
        assert {raw_of(session, mail.id) for mail in stored(post)} <= set(mails)
    assert sum(1 + mail.copies for mail in stored(post)) == len(mails)


def test_one_line_of_any_length_is_a_mail(post: Post):
    with door(post) as port:
        send(port, letter("till " * 100_000))
    assert stored(post)[0].size > 500_000


def test_a_mail_that_is_too_large_is_refused_for_good(post: Post):
    with door(post) as port, smtplib.LMTP("127.0.0.1", port, "mx.example") as server:
        server.ehlo()
        assert server.esmtp_features["size"] == str(MEGABYTE)
        assert server.docmd("MAIL", f"FROM:<{SIPHO}> SIZE={MEGABYTE + 1}")[0] == 552
        server.docmd("MAIL", f"FROM:<{SIPHO}>")  # it says nothing of the size
        server.docmd("RCPT", f"TO:<{OURS}>")
        assert server.data(giants.made("ten megabytes of text").raw)[0] == 552
    assert stored(post) == []


OWN = [OURS, "SUPPORT@afterhours.example", "support+24zyx@afterhours.example", "help@afterhours.example"]
OTHERS = [
    "sales@afterhours.example",
    "support@elsewhere.example",
    "support",
    "thandi@protea.example",
]


@pytest.mark.parametrize(("address", "code"), [*((one, 250) for one in OWN), *((one, 550) for one in OTHERS)])
def test_mail_is_taken_for_our_addresses_alone(post: Post, address: str, code: int):
    with door(post) as port, smtplib.LMTP("127.0.0.1", port, "mx.example") as server:
        server.ehlo()
        server.docmd("MAIL", f"FROM:<{SIPHO}>")
        assert server.docmd("RCPT", f"TO:<{address}>")[0] == code


def test_lmtp_answers_once_for_each_recipient(post: Post):
    with door(post) as port, socket.create_connection(("127.0.0.1", port), 20) as line:
        talk = line.makefile("rwb")

        def say(words: str) -> bytes:
            talk.write(words.encode() + b"\r\n")
            talk.flush()
            return talk.readline()

        talk.readline()
        say("LHLO mx.example")
        while talk.readline()[3:4] == b"-":
            pass
        say(f"MAIL FROM:<{SIPHO}>")
        say(f"RCPT TO:<{OURS}>")
        say("RCPT TO:<help@afterhours.example>")
        assert say("DATA").startswith(b"354")
        assert [say("Subject: Till\r\n\r\nHello\r\n."), talk.readline()] == [b"250 2.6.0 It is stored\r\n"] * 2
        assert say("NOOP").startswith(b"250")
        say("QUIT")
        talk.close()


def test_what_the_server_says_of_the_way_is_read_and_not_kept_in_the_mail(post: Post):
    ticket = post.comes().ticket_id
    raw = letter("More.\n", From=STRANGER)
    with door(post) as port:
        send(port, raw, post.names.address(OURS, ticket))
        send(port, letter("Disk full.\n", Message_ID="<2@x.example>"), sender="")
    post.settle()
    _, more, alarm = stored(post)
    assert (more.state, more.ticket_id) == (State.THREADED, ticket)
    assert alarm.facts["automatic"] == "an empty Return-Path"
    with post.database.reading() as session:
        assert raw_of(session, more.id) == raw


def test_without_the_database_the_server_keeps_it(post: Post):
    def fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("gone"))

    with door(post) as port:
        event.listen(post.database.engine, "commit", fail)
        with pytest.raises(smtplib.SMTPDataError) as error:
            send(port, letter())
        event.remove(post.database.engine, "commit", fail)
        assert (error.value.smtp_code, stored(post)) == (451, [])
        send(port, letter())
    assert len(stored(post)) == 1


def test_many_servers_at_once(post: Post):
    with door(post) as port:
        threads = [
            threading.Thread(target=send, args=(port, letter(f"{n}\n", Message_ID=f"<{n % 5}@x.example>")))
            for n in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(stored(post)) == 20


def test_the_command_listens_and_stops_when_it_is_told(database_url: str, tmp_path: Path, post: Post):
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    env = secrets(settings_for(database_url)) | {
        "MAIL_IN_ADDRESSES": OURS, "MAIL_IN_LISTEN": f"127.0.0.1:{port}", "LOG_LEVEL": "INFO",
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    words = [sys.executable, "-m", "flask", "--app", str(ROOT / "app"), "mail", "listen"]
    with subprocess.Popen(words, env=env, cwd=tmp_path, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stderr
        assert b"mail is taken by lmtp" in process.stderr.readline()
        send(port, letter())
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert b"no mail is taken any more" in process.stderr.read()
    assert len(stored(post)) == 1


@pytest.mark.parametrize(("line", "told"), [("mail", b"no mail is fetched"), ("lmtp", b"no mail is taken")])
def test_a_process_of_mail_that_is_not_set_up_waits_until_it_is_stopped(line: str, told: bytes, database_url: str):
    """Whoever starts all lines of the Procfile takes one that ends for a failure of the whole."""
    tools = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120
    env = secrets(settings_for(database_url)) | {"PATH": tools}
    command = ["sh", "-c", f"exec {procfile(line)}"]
    with subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stderr
        assert told in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize("way", [Way.LMTP, Way.SMTP])
def test_whoever_writes_is_not_written_down(post: Post, way: Way, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with door(post, way) as port:
        send(port, letter(), OURS, sender=SIPHO, way=way)
    assert len(stored(post)) == 1
    assert SIPHO not in caplog.text
