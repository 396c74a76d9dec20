"""The settings of the other host that answers callers when none of our servers does (ivr.elsewhere)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from desk.sign_on import SignOn, is_safe

RESPONDER, FILES = "responder", "files"


class Put(StrEnum):
    """How our documents get there."""

    FOLDER = "folder"
    HTTP = "http"
    BUCKET = "bucket"


def _safe(url: str) -> str:
    if url and (not is_safe(url) or set(url) & set("?# ")):
        raise ValueError("must be an https address without ? and #, as in https://other.example.com/line")
    return url.rstrip("/")


class Elsewhere(SignOn):
    """What differs between installations in what answers when we do not."""

    elsewhere_url: Annotated[
        str, AfterValidator(_safe), Field(description="Where the carrier reaches the host that answers when we do not")
    ] = ""
    elsewhere_kind: Annotated[
        str,
        Field(pattern=f"^({RESPONDER}|{FILES})$", description="responder, if it runs deploy/responder.py; or files"),
    ] = RESPONDER
    elsewhere_folder: Annotated[
        Path | None, Field(description="The folder in which its documents are put, where it shares one with us")
    ] = None
    elsewhere_put: Annotated[
        str, AfterValidator(_safe), Field(description="Or the address below which they are put by HTTP PUT")
    ] = ""
    elsewhere_token: Annotated[SecretStr, Field(description="What is shown there, as a bearer token")] = SecretStr("")
    elsewhere_s3: Annotated[
        str, AfterValidator(_safe), Field(description="Or a bucket of S3-compatible storage, with the S3 keys above")
    ] = ""

    @property
    def elsewhere_way(self) -> Put | None:
        """How they get there; None without another host."""
        ways = {Put.FOLDER: self.elsewhere_folder, Put.HTTP: self.elsewhere_put, Put.BUCKET: self.elsewhere_s3}
        return next((way for way, place in ways.items() if place), None)

    @model_validator(mode="after")
    def _one_way_leads_there(self) -> Self:
        ways = [place for place in (self.elsewhere_folder, self.elsewhere_put, self.elsewhere_s3) if place]
        if bool(self.elsewhere_url) != bool(ways) or len(ways) > 1:
            raise ValueError(
                "ELSEWHERE_URL needs one of ELSEWHERE_FOLDER, ELSEWHERE_PUT and ELSEWHERE_S3, and these need it"
            )
        return self
