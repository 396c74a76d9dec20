"""Settings: read once, every fault at once, and never a secret in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from desk.settings import BadSettings, Settings, read

if TYPE_CHECKING:
    from pathlib import Path

SECRET, TOKEN = "s" * 40, "token-of-the-account"
RIGHT = {
    "SECRET_KEY": SECRET,
    "PUBLIC_URL": "https://line.example.com/",
    "TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
    "TWILIO_AUTH_TOKEN": TOKEN,
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The settings above and no others; no .env file of the developer is near."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_read_with_defaults():
    settings = read()
    assert settings.secret_key.get_secret_value() == SECRET
    assert settings.public_url == "https://line.example.com"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.demo is False


def test_every_fault_is_told_at_once(environment: pytest.MonkeyPatch):
    environment.delenv("TWILIO_AUTH_TOKEN")
    wrong = {"SECRET_KEY": "short-secret", "PUBLIC_URL": "line.example.com", "TWILIO_ACCOUNT_SID": "AC12"}
    for name, value in wrong.items():
        environment.setenv(name, value)
    environment.setenv("LOG_LEVEL", "LOUD")
    environment.setenv("DATABASE_URL", "mysql://root:hunter2@db/line")
    with pytest.raises(BadSettings) as caught:
        read()
    lines = str(caught.value).splitlines()[1:]
    names = ["SECRET_KEY", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "DATABASE_URL", "LOG_LEVEL"]
    assert [line.split(":")[0].strip() for line in lines] == names


@pytest.mark.parametrize("name", ["SECRET_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "DATABASE_URL"])
def test_a_refused_value_is_not_repeated(environment: pytest.MonkeyPatch, name: str):
    environment.setenv(name, "hunter2")
    with pytest.raises(BadSettings) as caught:
        read()
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"
    assert caught.value.__suppress_context__


def test_settings_do_not_show_their_secrets():
    assert SECRET not in repr(read())
    assert TOKEN not in repr(read())


@pytest.mark.parametrize(
    "url",
    ["", "https://", "ftp://line.example.com", "https://line.example.com/voice", "https://a.example?b", "https://a b"],
)
def test_the_public_url_is_scheme_and_host(environment: pytest.MonkeyPatch, url: str):
    environment.setenv("PUBLIC_URL", url)
    with pytest.raises(BadSettings, match="PUBLIC_URL"):
        read()


def test_a_file_beside_the_process_is_read_and_the_environment_wins(environment: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text(f"SECRET_KEY={'f' * 40}\nDEMO=true\nSOMETHING_ELSE=1\n")
    assert (read().secret_key.get_secret_value(), read().demo) == (SECRET, True)
    environment.delenv("SECRET_KEY")
    assert read().secret_key.get_secret_value() == "f" * 40


def test_settings_never_change():
    with pytest.raises(ValidationError):
        read().demo = True  # type: ignore[misc]


def test_a_bucket_without_its_key_does_not_start(environment: pytest.MonkeyPatch):
    environment.setenv("RECORDINGS_S3", "https://s3.example/messages")
    environment.setenv("S3_ACCESS_KEY", "AKIA")
    with pytest.raises(BadSettings, match=r"S3_SECRET_KEY: .*RECORDINGS_S3 needs"):
        read()
    environment.setenv("S3_SECRET_KEY", "hunter2")
    assert "hunter2" not in repr(read())
    environment.setenv("RECORDINGS_S3", "https://s3.example")
    with pytest.raises(BadSettings, match="RECORDINGS_S3"):
        read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_IN_ADDRESSES", "support"),
        ("MAIL_IN_ADDRESSES", "support+x@example.com"),
        ("MAIL_IN_ADDRESSES", "support(all)@example.com"),  # no header would take it as it is
        ("MAIL_IN_ADDRESSES", f"{'s' * 40}@example.com"),  # no room for what names a ticket
        ("MAIL_IN_HOST", "imap.example.com/x"),
        ("MAIL_IN_HOST", "imap.example.com"),  # without an account
        ("MAIL_IN_LISTEN", "localhost"),
        ("MAIL_IN_LISTEN", "127.0.0.1:99999"),
        ("MAIL_IN_PROTOCOL", "http"),
        ("MAIL_IN_LARGEST", "10"),
        ("MAIL_IN_EVERY", "0"),
        ("MAIL_IN_REOPEN_DAYS", "-1"),
        ("MAIL_IN_TICKETS_OF_ONE", "0"),
    ],
)
def test_what_cannot_be_of_mail_that_comes_in_is_told_at_the_start(
    environment: pytest.MonkeyPatch, name: str, value: str
):
    environment.setenv(name, value)
    with pytest.raises(BadSettings, match="MAIL_IN_"):
        read()


@pytest.mark.parametrize(("host", "tls", "starts"), [("imap.example.com", "none", False), ("127.0.0.1", "none", True)])
def test_a_mailbox_is_never_asked_in_the_clear(environment: pytest.MonkeyPatch, host: str, tls: str, starts: bool):
    mailbox = {"HOST": host, "TLS": tls, "USER": "support", "PASSWORD": "hunter2", "ADDRESSES": "support@example.com"}
    for name, value in mailbox.items():
        environment.setenv(f"MAIL_IN_{name}", value)
    if starts:
        assert read().mail_in_host == host
    else:
        with pytest.raises(BadSettings, match="only a mail server on this machine"):
            read()


def test_our_addresses_are_those_that_are_said_or_the_one_that_mails_come_from(environment: pytest.MonkeyPatch):
    assert read().mail_in_mailboxes == ()
    environment.setenv("MAIL_FROM", "Support <Support@example.com>")
    assert read().mail_in_mailboxes == ("support@example.com",)
    environment.setenv("MAIL_IN_ADDRESSES", "a@example.com, B@example.com")
    assert read().mail_in_mailboxes == ("a@example.com", "b@example.com")


def test_letters_ask_for_answers_to_the_first_of_our_addresses_that_are_said(environment: pytest.MonkeyPatch):
    environment.setenv("MAIL_FROM", "Support <support@example.com>")
    assert read().answers_to == "", "that its server takes addresses with a plus is not known"
    environment.setenv("MAIL_IN_ADDRESSES", "Help@example.com, support@example.com")
    assert read().answers_to == "help@example.com"


@pytest.mark.parametrize(("sender", "starts"), [("", False), ("support+out@example.com", False), ("a@b.example", True)])
def test_a_mailbox_that_is_fetched_for_nobody_is_told_at_the_start(
    environment: pytest.MonkeyPatch, sender: str, starts: bool
):
    mailbox = {"MAIL_IN_HOST": "imap.example.com", "MAIL_IN_USER": "support", "MAIL_IN_PASSWORD": "hunter2"}
    for name, value in (mailbox | {"MAIL_FROM": sender}).items():
        environment.setenv(name, value)
    if starts:
        assert read().mail_in_mailboxes == (sender,)
    else:
        with pytest.raises(BadSettings, match="MAIL_IN_HOST needs MAIL_IN_ADDRESSES"):
            read()


PROVIDER = {"OIDC_ISSUER": "https://accounts.example.com", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "hush"}


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"OIDC_ISSUER": "http://accounts.example.com"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example.com/common/v2.0"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example.com/{tenantid}/v2.0"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://accounts.example.com/?a=b"}, "OIDC_ISSUER"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_DOMAINS": "*.example.com"}, "OIDC_DOMAINS"),
        ({"OIDC_DOMAINS": "@example.com"}, "OIDC_DOMAINS"),
        ({"OIDC_TRUST_MAIL": "1"}, "OIDC_TRUST_MAIL"),
        ({"OIDC_ISSUER": "", "PASSWORD_SIGN_IN": "0"}, "PASSWORD_SIGN_IN"),
    ],
)
def test_a_provider_is_named_whole_and_a_way_in_is_left(
    environment: pytest.MonkeyPatch, more: dict[str, str], wrong: str
):
    for name, value in (PROVIDER | more).items():
        environment.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        read()
    assert [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]] == [wrong]


def test_passwords_may_be_switched_off_where_a_provider_vouches(environment: pytest.MonkeyPatch):
    for name, value in (PROVIDER | {"PASSWORD_SIGN_IN": "0", "OIDC_DOMAINS": "Example.com, b.example"}).items():
        environment.setenv(name, value)
    assert read().password_sign_in is False
    assert read().domains == {"example.com", "b.example"}
