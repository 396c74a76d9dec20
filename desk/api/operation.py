"""An operation of the API: its address, what it needs, takes and gives; made once, served and described from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from desk.api.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

    from desk.door.tokens import Scope

REFS = "#/components/schemas/{model}"
TAKEN = {
    "409": "It is not any more as `seen` says",
    "413": "That is too much",
    "415": "The body is not JSON: send `Content-Type: application/json`",
}
REFUSALS = {
    "401": "No token, or one that opens nothing",
    "403": "The token lacks the scope",
    "404": "There is no such thing",
    "422": "A parameter is wrong",
    "500": "A fault of ours; `detail` says under which name it is in the log",
}


@dataclass(frozen=True)
class Operation:
    """This path (with `{names}` in it), with this scope: GET with a `query`, or POST with a body of that shape."""

    path: str
    name: str
    summary: str
    scope: Scope
    query: type[BaseModel]
    gives: type[BaseModel]
    answer: Callable[..., BaseModel | None]
    method: str = "GET"

    def described(self, schemas: dict[str, Any]) -> dict[str, Any]:
        """Its entry in the description."""
        shape = schemas[self.query.__name__]
        writes = self.method == "POST"
        in_path = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return {
            "operationId": self.name,
            "summary": self.summary,
            "description": f"Needs the scope `{self.scope}`.",
            "security": [{"token": []}],
            "parameters": [
                *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path),
                *(
                    {"name": name, "in": "query", "schema": one}
                    for name, one in ({} if writes else shape.get("properties", {})).items()
                ),
            ],
            **({"requestBody": {"required": True, **_shape("application/json", self.query)}} if writes else {}),
            "responses": {
                "200": _body("application/json", self.gives, self.gives.__doc__ or ""),
                **{
                    status: _body(MEDIA_TYPE, Problem, words)
                    for status, words in (REFUSALS | (TAKEN if writes else {})).items()
                },
            },
        }


def description(operations: Iterable[Operation], origin: str) -> dict[str, Any]:
    """All of them as an OpenAPI document."""
    listed = list(operations)
    given = [(model, "serialization") for model in dict.fromkeys([*(one.gives for one in listed), Problem])]
    taken = [(model, "validation") for model in dict.fromkeys(one.query for one in listed)]
    _, document = models_json_schema([*given, *taken], ref_template=REFS)  # type: ignore[list-item]
    schemas = document["$defs"]
    paths: dict[str, Any] = {}
    for one in listed:
        paths.setdefault(one.path, {})[one.method.lower()] = one.described(schemas)
    for query in {one.query.__name__ for one in listed if one.method == "GET"}:
        schemas.pop(query)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Afterhours",
            "version": "1",
            "description": "Calls, tickets, who rings now, customers, announcements.",
        },
        "servers": [{"url": f"{origin}/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _body(media_type: str, model: type[BaseModel], words: str) -> dict[str, Any]:
    return {"description": words, **_shape(media_type, model)}


def _shape(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": REFS.format(model=model.__name__)}}}}
