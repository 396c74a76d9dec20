"""The API under whatever may be asked of it: every answer is one that its description names, and none is our fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from cast import HARBOUR, WITHHELD
from conftest import LINE, ORIGIN
from desk.door.tokens import Scope
from simulator.script import play
from visitors import bearer

if TYPE_CHECKING:
    from flask import Flask
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

    from simulator.network import Network

# A cursor that nobody was given is refused, and no description tells which one was; and a case that is bad by want of
# a token is given one here.
BEYOND_A_DESCRIPTION = [negative_data_rejection, positive_data_acceptance]


@pytest.fixture
def described(app: Flask, network: Network) -> BaseSchema:
    """The description as a program reads it, of an application that has something to tell."""
    network.in_order("accept")
    for caller, keys in ((HARBOUR, ["2", "1"]), (WITHHELD, ["1", "1"])):
        play(network.ring(caller, LINE), keys)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=bearer(app, []))
    schema.config.update(base_url=f"{ORIGIN}/api/v1")
    return schema


def asked(schema: BaseSchema, examples: int, headers: dict[str, str]) -> int:
    """Ask everything that is described in as many ways, well and badly; how many operations there were."""

    def hold(case: Case) -> None:
        case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_DESCRIPTION)

    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)
        plan = settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        plan(given(cases)(hold))()
    return len(operations)


def test_every_answer_is_one_that_is_described(described: BaseSchema, app: Flask):
    assert asked(described, 60, bearer(app, Scope)) >= 16


def test_without_a_token_every_refusal_is_described(described: BaseSchema):
    assert asked(described, 10, {}) >= 16
