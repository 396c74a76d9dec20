"""Where messages are kept: whole, private, and there when it is said that they are; over HTTP for a bucket."""

from __future__ import annotations

import resource
import signal
from typing import TYPE_CHECKING

import pytest
from flask import Response
from pydantic import SecretStr

from conftest import NOBODY, settings_for
from ivr import shelf
from ivr.shelf import Bucket, Folder, NotKept, NotRemoved, NotThere
from simulator import bucket
from simulator.rest import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, SOUND = "RE" + "0" * 32 + ".mp3", b"\xff\xf3" * 3000


# A folder


def test_a_file_is_kept_for_us_alone_and_in_place_of_an_older_one(tmp_path: Path):
    folder = Folder(tmp_path / "of" / "messages")
    folder.keep(NAME, b"older")
    folder.keep(NAME, SOUND)
    (file,) = folder.path.iterdir()
    assert (file.name, file.read_bytes()) == (NAME, SOUND)
    assert (file.stat().st_mode & 0o777, folder.path.stat().st_mode & 0o777) == (0o600, 0o700)


def test_what_a_folder_keeps_can_be_had_again_and_nothing_else(tmp_path: Path):
    folder = Folder(tmp_path)
    folder.keep(NAME, SOUND)
    assert folder.fetch(NAME) == SOUND
    for name in ("", "RE1.mp3"):
        with pytest.raises(NotThere):
            folder.fetch(name)


def test_what_is_removed_is_gone_and_to_remove_it_again_harms_nothing(tmp_path: Path):
    folder, beside = Folder(tmp_path / "messages"), tmp_path / NAME
    folder.keep(NAME, SOUND)
    beside.write_bytes(b"of somebody else")
    for name in (NAME, NAME, f"../{NAME}"):
        folder.remove(name)
    assert list(folder.path.iterdir()) == []
    assert beside.exists()


def test_a_folder_that_is_away_is_told(tmp_path: Path):
    with pytest.raises(NotRemoved):
        Folder(tmp_path / "not mounted").remove(NAME)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 1000 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_keeps_nothing_and_leaves_no_half(tmp_path: Path, full_disk: None):
    (tmp_path / NAME).write_bytes(b"older")
    for _ in range(2):
        with pytest.raises(NotKept, match="File too large"):
            Folder(tmp_path).keep(NAME, SOUND)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [(NAME, b"older")]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(NotKept, match="File exists"):
        Folder(tmp_path / "file").keep(NAME, SOUND)


# A bucket


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[bucket.Bucket]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = bucket.Bucket("messages", "the key", "the secret", "af-south-1")
    with serve(made) as made.config["BASE"]:
        yield made


def at(storage: bucket.Bucket, *, secret: str | None = None, region: str = "af-south-1") -> Bucket:
    return Bucket(f"{storage.config['BASE']}/messages/of us", region, "the key", secret or storage.secret)


def test_a_file_is_put_into_a_bucket(storage: bucket.Bucket):
    at(storage).keep(NAME, b"older")
    at(storage).keep(NAME, SOUND)
    assert storage.files == {f"of us/{NAME}": ("audio/mpeg", SOUND)}


def test_what_a_bucket_keeps_can_be_had_again_and_nothing_else(storage: bucket.Bucket):
    at(storage).keep(NAME, SOUND)
    assert at(storage).fetch(NAME) == SOUND
    with pytest.raises(NotThere, match="answered 404 to GET"):
        at(storage).fetch("RE1.mp3")


def test_a_bucket_gives_up_what_is_removed(storage: bucket.Bucket):
    at(storage).keep(NAME, SOUND)
    for _ in range(2):
        at(storage).remove(NAME)
    assert storage.files == {}
    storage.refusing = Response("", 200)
    with pytest.raises(NotRemoved, match="answered 200 to DELETE"):
        at(storage).remove(NAME)


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"region": "eu-west-1"}])
def test_a_key_that_may_not_is_told(storage: bucket.Bucket, wrong: dict[str, str]):
    with pytest.raises(NotKept, match="answered 403 to PUT"):
        at(storage, **wrong).keep(NAME, SOUND)
    assert storage.files == {}


@pytest.mark.parametrize("status", [200, 204, 307, 500, 503])
def test_an_answer_of_somebody_else_is_not_believed(storage: bucket.Bucket, status: int):
    storage.refusing = Response("<html>Sign in</html>", status, {"Location": "https://elsewhere.example/"})
    with pytest.raises(NotKept):
        at(storage).keep(NAME, SOUND)


def test_a_bucket_that_cannot_be_reached_is_told(storage: bucket.Bucket):
    with pytest.raises(NotKept, match="did not answer"):
        Bucket(f"{NOBODY}/messages", "af-south-1", "the key", "the secret").keep(NAME, SOUND)


def test_the_settings_choose(tmp_path: Path):
    keys = {"s3_access_key": "k", "s3_secret_key": SecretStr("s")}
    assert isinstance(shelf.of(settings_for("sqlite://", recordings_dir=tmp_path)), Folder)
    chosen = shelf.of(settings_for("sqlite://", recordings_s3="https://s3.example/messages/", **keys))
    assert isinstance(chosen, Bucket)
    assert chosen.url == "https://s3.example/messages"


def test_the_signature_is_that_of_the_documentation():
    """Amazon's own example: GET Object, in `sig-v4-header-based-auth`."""
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": nothing,
        "x-amz-date": "20130524T000000Z",
    }
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    made = bucket.signature(secret, "us-east-1", "GET", "/test.txt", headers, nothing)
    assert made == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
