"""The shelf: where callers' messages are kept, a folder or a bucket of S3-compatible object storage.

`keep` returns when the file is there to stay, whole and for us alone, or raises NotKept; to keep it again harms
nothing. The carrier's copy goes only afterwards.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Protocol

import requests
from requests_aws4auth import AWS4Auth

if TYPE_CHECKING:
    from desk.settings import Settings

PATIENCE = (8, 30)  # seconds to connect, and to wait for an answer
SOUND = "audio/mpeg"


class NotKept(Exception):
    """It could not be kept; the text says why."""


class NotThere(Exception):
    """It could not be had; the text says why."""


class NotRemoved(Exception):
    """It may still be there; the text says why."""


class Shelf(Protocol):
    """Keeps files by name."""

    def keep(self, name: str, sound: bytes) -> None:
        """Keep it, in place of whatever had that name; raises NotKept."""

    def fetch(self, name: str) -> bytes:
        """What is kept under that name; raises NotThere."""

    def remove(self, name: str) -> None:
        """Have nothing kept under that name any more, whether or not anything was; raises NotRemoved."""


def of(settings: Settings) -> Shelf:
    """The shelf that the settings name."""
    if not settings.recordings_s3:
        return Folder(settings.recordings_dir)
    secret = settings.s3_secret_key.get_secret_value()
    return Bucket(settings.recordings_s3, settings.s3_region, settings.s3_access_key, secret)


class Folder:
    """A folder of this machine; its files are readable by us alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, name: str, sound: bytes) -> None:
        """Whole or not at all, and on the disk itself when this returns."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._replace(name, sound)
            self._settle()
        except OSError as error:
            raise NotKept(f"{self.path}: {error.strerror}") from error

    def fetch(self, name: str) -> bytes:
        """The whole file."""
        try:
            return (self.path / Path(name).name).read_bytes()
        except OSError as error:
            raise NotThere(f"{self.path / name}: {error.strerror}") from error

    def remove(self, name: str) -> None:
        """Gone from the disk itself when this returns."""
        try:
            (self.path / Path(name).name).unlink(missing_ok=True)
            self._settle()
        except OSError as error:
            raise NotRemoved(f"{self.path}: {error.strerror}") from error

    def _replace(self, name: str, sound: bytes) -> None:
        with NamedTemporaryFile(dir=self.path, delete=False) as half:
            try:
                half.write(sound)
                half.flush()
                os.fsync(half.fileno())
                Path(half.name).replace(self.path / name)
            except OSError:
                Path(half.name).unlink()  # what is left of it would fill the disk, one try after the other
                raise

    def _settle(self) -> None:
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Bucket:
    """`https://host/bucket`, or with a prefix `https://host/bucket/messages`; signed by AWS Signature Version 4."""

    def __init__(self, url: str, region: str, key: str, secret: str) -> None:
        self.url = url.rstrip("/")
        self.auth = AWS4Auth(key, secret, region, "s3")

    def keep(self, name: str, sound: bytes) -> None:
        """Put it there, and look whether it is: a page of some proxy also answers 200."""
        self._ask("PUT", name, data=sound, headers={"Content-Type": SOUND})
        there = self._ask("HEAD", name).headers
        if (there.get("Content-Type"), there.get("Content-Length")) != (SOUND, str(len(sound))):
            raise NotKept(f"{self.url} has not what it was given")

    def fetch(self, name: str) -> bytes:
        """The whole file."""
        try:
            return self._ask("GET", name).content
        except NotKept as error:
            raise NotThere(str(error)) from error

    def remove(self, name: str) -> None:
        """Delete it; whoever deletes what is not there is answered in the same way."""
        try:
            self._ask("DELETE", name, HTTPStatus.NO_CONTENT)
        except NotKept as error:
            raise NotRemoved(str(error)) from error

    def _ask(self, method: str, name: str, wanted: int = HTTPStatus.OK, **more: Any) -> requests.Response:
        try:
            answer = requests.request(
                method, f"{self.url}/{name}", auth=self.auth, timeout=PATIENCE, allow_redirects=False, **more
            )
        except requests.RequestException as error:
            raise NotKept(f"{self.url} did not answer ({type(error).__name__})") from error
        if answer.status_code != wanted:
            raise NotKept(f"{self.url} answered {answer.status_code} to {method}")
        return answer
