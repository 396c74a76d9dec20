"""Twilio's own description of its API, and what requests and answers are held to by it.

The description (twilio/twilio-oai, not ours to copy) lies beside the repository.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

if TYPE_CHECKING:
    from simulator.rest import Rest
    from simulator.rest_account import Request

SPEC = Path(__file__).parents[2] / "shared" / "twilio" / "twilio_api_v2010.json"


@cache
def openapi() -> tuple[dict[str, Any], OpenAPI]:
    """The description, as data and as a judge; that it is sound itself is Twilio's affair."""
    description: dict[str, Any] = json.loads(SPEC.read_text())
    return description, OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))


def hold(rest: Rest) -> int:
    """Every request that reached the simulated carrier is valid; say how many were looked at."""
    description, judge = openapi()
    asked = [note for note in rest.account.requests if note.path.endswith(".json")]  # not the sound of recordings
    for note in asked:
        judge.validate_request(rebuilt(note))
        assert set(note.query) | set(note.form) <= known_names(description, note), note.path
    return len(asked)


def rebuilt(note: Request) -> RequestsOpenAPIRequest:
    """A request that the simulator noted, as it would have gone to Twilio."""
    return RequestsOpenAPIRequest(
        requests.Request(
            note.method,
            f"https://api.twilio.com{note.path}",
            params=note.query,
            data=note.form,
            auth=("AC" + "0" * 32, "the-token"),
            headers={"Content-Type": "application/x-www-form-urlencoded"} if note.form else {},
        )
    )


def known_names(described: dict[str, Any], note: Request) -> set[str]:
    """The parameters Twilio describes for this request; openapi-core does not look for others."""
    operation = described["paths"][template(described, note.path)][note.method.lower()]
    query = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("application/x-www-form-urlencoded", {}).get("schema", {}).get("properties", {})
    return query | set(form)


def template(described: dict[str, Any], path: str) -> str:
    """The description's own form of a path: /2010-04-01/Accounts/{AccountSid}/…"""
    parts = path.removesuffix(".json").split("/")

    def fits(known: str) -> bool:
        wanted = known.removesuffix(".json").split("/")
        return len(wanted) == len(parts) and all(
            a == b or a[0] == "{" for a, b in zip(wanted[1:], parts[1:], strict=True)
        )

    return next(str(known) for known in described["paths"] if fits(known))
