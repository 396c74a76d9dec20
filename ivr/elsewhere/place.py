"""Place: where the documents for the other host are put: a folder, an address that takes PUT, or a bucket."""

from __future__ import annotations

import os
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol

import requests
from requests_aws4auth import AWS4Auth

from desk.elsewhere import Put

if TYPE_CHECKING:
    from requests.auth import AuthBase

    from desk.settings import Settings

PATIENCE = (5, 10)  # seconds to connect, and to wait for an answer
KINDS = {".json": "application/json", ".xml": "text/xml"}
TAKEN = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)


class NotPut(Exception):
    """It is not there; the text says why, without any secret."""


class Place(Protocol):
    """Takes documents by name."""

    def put(self, name: str, document: bytes) -> None:
        """Have it there in place of whatever had that name; raises NotPut."""


def of(settings: Settings) -> Place | None:
    """The place that the settings name; None without another host."""
    if settings.elsewhere_way == Put.FOLDER and settings.elsewhere_folder:
        return Folder(settings.elsewhere_folder)
    if settings.elsewhere_way == Put.HTTP:
        return Address(settings.elsewhere_put, Bearer(settings.elsewhere_token.get_secret_value()))
    if settings.elsewhere_way == Put.BUCKET:
        secret = settings.s3_secret_key.get_secret_value()
        return Address(settings.elsewhere_s3, AWS4Auth(settings.s3_access_key, secret, settings.s3_region, "s3"))
    return None


class Folder:
    """A folder that the other host serves or reads; whoever serves files has to be able to read these."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, name: str, document: bytes) -> None:
        """Whole or not at all, whoever reads it meanwhile."""
        there = self.path / name
        try:
            there.parent.mkdir(parents=True, exist_ok=True)
            half = there.with_name(f".{there.name}.{token_hex(4)}")
            try:
                _write(half, document)
                half.replace(there)
            finally:
                half.unlink(missing_ok=True)  # what is left of one would fill the disk, one try after the other
        except OSError as error:
            raise NotPut(f"{self.path}: {error.strerror}") from error


def _write(path: Path, document: bytes) -> None:
    with path.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


class Bearer(requests.auth.AuthBase):
    """A token that is shown with every request; nothing without one."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Show it."""
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Address:
    """What takes a PUT below an address."""

    def __init__(self, url: str, auth: AuthBase) -> None:
        self.url, self.auth = url, auth

    def put(self, name: str, document: bytes) -> None:
        """Send it; only a status that says so means that it is there."""
        kind = {"Content-Type": KINDS[Path(name).suffix]}
        host = self.url.split("/")[2]
        try:
            answer = requests.put(
                f"{self.url}/{name}", document, auth=self.auth, headers=kind, timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NotPut(f"{host} did not answer ({type(error).__name__})") from error
        if answer.status_code not in TAKEN:
            raise NotPut(f"{host} answered {answer.status_code}")
