"""The signature against the published vectors of TWILIO.md §2.5 (token 12345)."""

import pytest
from booth import CALLER, HOST, LINE, TOKEN, Site, ring

from simulator.signature import signature, signed_url

OLD = "https://mycompany.com/myapp.php?foo=1&bar=2"
HASH = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def call_of(caller: str) -> list[tuple[str, str]]:
    return [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", caller),
        ("Caller", caller),
        ("CallSid", "CA1234567890ABCDE"),
    ]


REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]

OLDER = call_of("+14158675309")


@pytest.mark.parametrize(
    ("url", "fields", "expected"),
    [
        (OLD, OLDER, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://example.com/myapp.php?foo=1&bar=2", call_of("+14158675310"), "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (OLD, call_of("+12349013030"), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (OLD, REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (OLD.replace("https", "http").replace(".com", ".com:1234"), OLDER, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (OLD.replace(".com", ".com:443"), OLDER, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (OLD.replace("https", "http").replace(".com", ".com:80"), OLDER, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (f"{OLD}&{HASH}", [], "a9nBmqA0ju/hNViExpshrM61xv4="),
        (f"https://mycompany.com/myapp.php?{HASH}", [], "y77kIzt2vzLz71DgmJGsen2scGs="),
        (OLD, [], "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
    ],
)
def test_published_vectors(url: str, fields: list[tuple[str, str]], expected: str) -> None:
    assert signature("12345", url, fields) == expected


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://a.example/x?y=1#rc=2", "https://a.example/x?y=1"),
        ("https://a.example:8443/x", "https://a.example/x"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("https://user:pw@a.example:8443/x", "https://a.example/x"),
        ("http://user:pw@a.example:8080/x", "http://a.example:8080/x"),
        ("https://a.example/x?q=%2F%3A%C3%A9%7E", "https://a.example/x?q=%2F%3A%C3%A9%7E"),
    ],
)
def test_normal_form_of_the_signed_url(url: str, normal: str) -> None:
    assert signed_url(url) == normal


def test_every_request_is_signed_over_all_its_fields() -> None:
    site = Site(incoming="<Hangup/>")
    ring(site)
    asked = site.asked[0]
    signed = signature(TOKEN, f"{HOST}/incoming", asked.form.items())
    assert asked.headers["HTTP_X_TWILIO_SIGNATURE"] == signed
    assert (asked.form["From"], asked.form["To"]) == (CALLER, LINE)


def test_a_get_request_is_signed_by_its_url_alone() -> None:
    site = Site(incoming='<Redirect method="GET">/next?a=1</Redirect>', next="<Hangup/>")
    ring(site)
    asked = site.asked[1]
    assert asked.method == "GET"
    assert asked.target.startswith("/next?a=1&CallSid=CA")
    assert asked.headers["HTTP_X_TWILIO_SIGNATURE"] == signature(TOKEN, HOST + asked.target)


def test_our_own_library_agrees() -> None:
    validator = pytest.importorskip("twilio.request_validator").RequestValidator(TOKEN)
    site = Site(incoming="<Hangup/>")
    ring(site)
    asked = site.asked[0]
    sign = asked.headers["HTTP_X_TWILIO_SIGNATURE"]
    assert validator.validate(f"{HOST}/incoming", asked.form, sign)
    assert not validator.validate(f"{HOST}/incoming", asked.form | {"From": "+27825550999"}, sign)
