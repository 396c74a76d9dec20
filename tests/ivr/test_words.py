"""Our words in every language: the same sentences with the same facts in them, and times said as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import sms
from ivr import examples, prompts, spoken_af, tongues, wording

ZONE = "Africa/Johannesburg"
LANGUAGES = prompts.languages()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def test_english_and_afrikaans_are_spoken():
    assert LANGUAGES == ("af", "en")
    assert {language for language in LANGUAGES if language in tongues.TONGUES} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_every_sentence_says_what_ours_says(language: str):
    words = prompts.shipped(language)
    assert list(words) == list(prompts.shipped("en"))
    for key in wording.named():
        assert wording.checked(key, words[key]) == words[key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_keep_to_the_alphabet_of_texts(language: str):
    for key, words in prompts.shipped(language).items():
        if key.startswith("text_"):
            assert set(words) <= sms.BASIC | sms.EXTENDED, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_an_example_of_everything_that_a_prompt_names(language: str):
    words = prompts.shipped(language)
    facts = examples.facts(words, language, "Protea IT Support", ZONE, local("2026-11-22 02:00"))
    for key in wording.named():
        assert "{" not in prompts.spoken(words, key, facts)


CLOCKS = [
    ("00:00", "middernag"),
    ("01:00", "eenuur in die nag"),
    ("08:00", "agtuur"),
    ("08:15", "kwart oor agt"),
    ("08:30", "half nege"),
    ("08:40", "40 minute oor agt"),
    ("08:45", "kwart voor nege"),
    ("09:00", "nege-uur"),
    ("11:45", "kwart voor twaalf"),
    ("12:00", "twaalfuur die middag"),
    ("12:30", "half een in die middag"),
    ("17:00", "vyfuur in die middag"),
    ("20:00", "agtuur in die aand"),
]


@pytest.mark.parametrize(("shown", "said"), CLOCKS)
def test_half_past_eight_is_half_on_the_way_to_nine_in_afrikaans(shown: str, said: str):
    assert spoken_af.clock(local(f"2026-11-23 {shown}")) == said


@pytest.mark.parametrize(
    ("now", "opens", "said"),
    [
        ("2026-11-22 02:00", "2026-11-23 08:30", "Maandag om half nege"),
        ("2026-11-23 00:01", "2026-11-23 08:30", "vandag om half nege"),
        ("2026-12-15 18:00", "2027-01-04 08:30", "Maandag 4 Januarie om half nege"),
    ],
)
def test_when_we_open_again_in_afrikaans(now: str, opens: str, said: str):
    assert tongues.of("af").opening(local(opens), local(now), ZONE) == said


@pytest.mark.parametrize(
    ("waited", "said"),
    [(0, "1 sekonde"), (40, "40 sekondes"), (60, "1 minuut"), (119, "1 minuut"), (120, "2 minute")],
)
def test_how_long_somebody_has_waited_in_afrikaans(waited: int, said: str):
    assert tongues.of("af").length(timedelta(seconds=waited)) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-22 11:00", "vandag om elfuur"),
        ("2026-11-21 11:00", "gister om elfuur"),
        ("2026-11-19 16:30", "Donderdag om half vyf in die middag"),
        ("2026-11-12 11:00", "12 November"),
    ],
)
def test_when_something_last_happened_in_afrikaans(at: str, said: str):
    assert tongues.of("af").news(local(at), local("2026-11-22 12:00"), ZONE) == said


def test_a_language_that_nobody_says_times_in_has_them_in_english():
    assert tongues.of("zu") is tongues.of("en")
