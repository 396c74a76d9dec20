"""Form: what one entry of a set-up file may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from datetime import datetime

Inner = list[dict[str, Any]]  # entries of another section, read there


class Form(BaseModel):
    """The fields of one entry; what is no field is refused, so that a slip of the pen is found."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, use_enum_values=True, validate_default=True
    )
    known_by: ClassVar[tuple[str, ...]] = ("name",)

    @property
    def label(self) -> str:
        """What a report calls it."""
        return " ".join(str(getattr(self, name)) for name in self.known_by)

    def said(self, *names: str) -> dict[str, Any]:
        """These fields, as columns of their names."""
        return {name: getattr(self, name) for name in names}


def ordered(starts: datetime, ends: datetime | None) -> None:
    """Refuse a span that does not end after it starts."""
    if ends and ends <= starts:
        raise ValueError(f"it ends at {ends}, not after it starts at {starts}")
