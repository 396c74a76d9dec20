"""The engineers' telephones: they ring by our order, and get our texts; what their owners do about it.

An engineer who is paged takes it, passes it on, wants to hear it again, presses something else, hangs up, is busy or
does not answer; who gets the text may reply to it, follow its link, or do both.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.callers import PACE, SERIAL, People, network_of
from bench.storm import Paced
from cast import LERATO, NALEDI, PIETER, THANDI
from conftest import ACCOUNT, LINE, ORIGIN
from served import RETRIED
from simulator.joined import Joined
from simulator.web import Request
from simulator.webhooks import Hook

if TYPE_CHECKING:
    from random import Random

    import simulator.call
    from served import Served
    from simulator.rest_account import Account
    from simulator.rest_records import Call as Entry
    from simulator.rest_records import Message

ENGINEERS = (THANDI, PIETER, LERATO, NALEDI)
# What they do about a page, and how many of them; the keys are pressed one after another, then there is silence.
BY_STORM = {"1": 3, "2": 2, "31": 1, "5": 1, "": 1, "hangs up": 1, "busy": 1, "no answer": 2}
AT_PEACE = {"1": 6, "2": 1, "no answer": 1}
REPLIES = 0.15  # of those who get a text about an emergency
LINKS = 0.2
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SUMMONS = re.compile(r"Reply 1 (\d+) or (\S+)")


@dataclass
class Mood:
    """How engineers act; calm when all is over, so that it ends."""

    dice: Random
    calm: bool = False

    def choose(self) -> str:
        """What the next of them does about a page."""
        acts = AT_PEACE if self.calm else BY_STORM
        return self.dice.choices(list(acts), list(acts.values()))[0]


class Rung(People):
    """Some telephones that ring by our order, out of one queue for all of them."""

    pause = 0.0

    def __init__(self, server: Served, account: Account, queue: SimpleQueue[Entry], mood: Mood) -> None:
        super().__init__(server, Joined(account, network_of(server)))
        self.joined.queued, account.on_call = queue, queue.put
        account.on_hang_up = lambda _: None  # whoever holds the telephone looks whether it still rings
        self.mood = mood

    def act(self) -> simulator.call.Call | None:
        self.joined.network = network_of(self.server)
        for number in ENGINEERS:
            self.joined.network.handset(number, None)  # by hand, as follows
        try:
            call = self.joined.ring(within=0.5)
        except Empty:
            return None
        paged = "/voice/paged/" in call.url
        self.hold(call, self.mood.choose() if paged else "1")
        return call

    def hold(self, call: simulator.call.Call, does: str) -> None:
        """Let it ring for a while, then do that."""
        if call.waiting is None:
            return
        time.sleep(self.mood.dice.uniform(1, 15) * PACE)
        entry = self.joined.account.calls[call.sid]
        try:
            if entry.ended:  # our order was taken back
                call.cancel()
            elif does == "busy":
                call.decline_ring()
            elif does == "no answer":
                call.let_ring()
            else:
                self.joined.account.progress(call.sid, "in-progress")
                call.answer()
                _press(call, does)
        except ValueError:  # taken back in the moment of the answer
            call.cancel()


def _press(call: simulator.call.Call, does: str) -> None:
    keys = [] if does == "hangs up" else list(does)
    while call.waiting and call.waiting.leg == "caller":
        if keys:
            call.press(keys.pop(0))
        elif does == "hangs up":
            call.hang_up()
        else:
            call.silence()


class Texted(People):
    """Engineers who read their texts, and answer some of them; now and then the carrier delivers an answer twice."""

    pause = 0.5

    def __init__(self, server: Served, joined: Joined, mood: Mood) -> None:
        super().__init__(server, joined)
        self.mood, self.read = mood, 0
        self.replies: dict[str, int] = {}  # by their names; how often each was taken
        self.followed = 0

    def act(self) -> None:
        messages = list(self.joined.account.messages.values())
        for message in messages[self.read :]:
            if found := SUMMONS.search(message.body):
                self._answer(message, *found.groups())
        self.read = len(messages)

    def _answer(self, message: Message, code: str, link: str) -> None:
        dice = self.mood.dice
        if dice.random() < REPLIES:
            self.over.wait(dice.uniform(0, 2))
            self._reply(message.to, f"1 {code}", twice=dice.random() < 0.3)
        if dice.random() < LINKS:
            self.followed += self._follow(link)

    def _reply(self, sender: str, words: str, *, twice: bool) -> None:
        sid = f"SM{next(SERIAL):032x}"
        fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": LINE, "Body": words}
        hook = Hook("callback", f"{ORIGIN}/voice/texted{RETRIED}", fields)
        webhooks = self.joined.network.webhooks
        sent = [one for _ in range(1 + twice) for one in webhooks.send(hook, Paced(PACE))]
        self.replies[sid] = sum(one.status == 200 and "<Response" in one.body for one in sent)

    def _follow(self, link: str) -> bool:
        """Open the page and press its button, again where it did not come up."""
        for _ in range(3):
            try:
                page = self.server.web.send(Request("GET", link, {}))
                if not (token := TOKEN.search(page.body.decode())):
                    return False  # somebody was faster, or the link is over
                cookie = page.headers.get("set-cookie", "").partition(";")[0]
                body = urlencode({"form_token": token[1]}).encode()
                return self.server.web.send(Request("POST", link, FORM | {"Cookie": cookie}, body)).status == 303
            except (OSError, HTTPException):
                self.over.wait(0.5)
        return False
