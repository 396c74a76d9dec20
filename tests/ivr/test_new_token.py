"""The carrier's token is changed, and no call is missed and nothing sent twice meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cast import HARBOUR, THANDI
from conftest import ACCOUNT, LINE, NIGHT, ORIGIN, TOKEN, settings_for
from desk.answer import Done, Later
from ivr import refusals
from ivr.carrier import Carrier
from simulator.network import Network
from simulator.web import WsgiWeb

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from simulator.clock import Clock
    from simulator.rest import Rest

NEXT = "the token to come"


@pytest.mark.parametrize("signing", [TOKEN, NEXT])
def test_calls_go_on_whichever_of_the_two_they_are_signed_by(another: Callable[..., Flask], clock: Clock, signing: str):
    app = another(twilio_auth_token_next=SecretStr(NEXT))
    network = Network(WsgiWeb(app), clock, account_sid=ACCOUNT, auth_token=signing)
    network.connect_number(LINE, f"{ORIGIN}/voice/incoming", f"{ORIGIN}/voice/fallback", f"{ORIGIN}/voice/status")
    network.handset(THANDI, "accept")
    call = network.ring(HARBOUR, LINE, talk=60)
    call.press("2")
    call.press("1")
    assert "~ joins them" in call.transcript
    assert call.errors == []


def test_a_third_token_is_nobody_s(another: Callable[..., Flask], clock: Clock):
    app = another(twilio_auth_token_next=SecretStr(NEXT))
    network = Network(WsgiWeb(app), clock, account_sid=ACCOUNT, auth_token="a guess")
    network.connect_number(LINE, f"{ORIGIN}/voice/incoming")
    assert "11200" in network.ring(HARBOUR, LINE).errors[0]


def carrier_of(rest: Rest, clock: Clock, token: str, following: str) -> Carrier:
    tokens = {"twilio_auth_token": SecretStr(token), "twilio_auth_token_next": SecretStr(following)}
    return Carrier(settings_for("sqlite://", twilio_api=rest.config["BASE"], **tokens), clock)


def test_what_we_ask_goes_by_the_new_one_once_it_is_in_force(rest: Rest, clock: Clock):
    carrier = carrier_of(rest, clock, TOKEN, NEXT)
    assert carrier.account() == "active"
    rest.account.token = NEXT  # promoted in the console
    soon = timedelta(minutes=1)
    sent = carrier.text(THANDI, LINE, "Hello", report_to=f"{ORIGIN}/voice/text", lasts=soon, before=clock() + soon)
    assert isinstance(sent, Done)
    assert [one.body for one in carrier.texts(THANDI, LINE, NIGHT)] == ["Hello"]
    rest.account.token = TOKEN  # and back again
    assert carrier.account() == "active"


def test_two_tokens_that_are_both_wrong_wait_for_people(rest: Rest, clock: Clock):
    assert carrier_of(rest, clock, "a wrong token", "a wrong one, too").account() == Later(refusals.words(20003), 20003)
