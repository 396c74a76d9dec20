"""What went wrong, for programs: problem+json (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel, Field


class Problem(BaseModel):
    """What every answer is that is no success."""

    type: str = Field(description="Which problem this is; the same for the same cause", examples=["about:blank"])
    title: str = Field(description="The problem in a few words")
    status: int = Field(description="The HTTP status again")
    detail: str | None = Field(default=None, description="What to do about it")


MEDIA_TYPE = "application/problem+json"


def problem(status: int, kind: str = "", detail: str | None = None, **headers: str) -> Response:
    """The answer to a request that cannot be met."""
    body: dict[str, Any] = Problem(
        type=f"urn:afterhours:{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
    ).model_dump(exclude_none=True)
    answer = Response(json.dumps(body) + "\n", status, content_type=MEDIA_TYPE)
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer
