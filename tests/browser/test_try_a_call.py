"""Try a call in a real browser: the stories told to their ends, with the mouse and without, and read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_looks import look

from browsers import chromium, needs_chromium, site
from cast import STRANGER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browsers import Site
    from databases import SqliteFiles
    from simulator.clock import Clock

pytestmark = needs_chromium
# Each story, how many steps it takes, and what stands there in the end.
STORIES = {
    "Night emergency": (9, "Billable: 10 min 3 s on a Sunday"),
    "Night, in the contract": (5, "Included: "),
    "Night, no contract": (6, "To check: "),
    "Office hours, nobody answers": (5, "No overtime: "),
    "Public holiday": (6, "Billable: "),
    "Caller presses nothing": (9, "To check: "),
}
# A browser with voices for English alone, which says each sentence at once and keeps what it said.
VOICES = """() => {
    window.spoken = [];
    const voices = ["en-US", "en-ZA"].map((lang) => ({ lang, name: lang, localService: true }));
    const speak = (words) => {
        document.documentElement.dataset.spoken = window.spoken.push([words.voice.name, words.text.trim()]);
        words.onend();
    };
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
    Object.defineProperty(window, "speechSynthesis", { value: { getVoices: () => voices, cancel: () => {}, speak } });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def seen(browser: Browser, sqlite_files: SqliteFiles, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    with sqlite_files.copy(tmp_path) as url, site(browser, url, clock) as made:
        yield made
        assert made.complaints == []


def keys_until(page: Page, words: str, key: str = "Tab") -> None:
    """Press a key until what has the focus, and shows it, is named so."""
    for _ in range(80):
        page.keyboard.press(key)
        if focused(page) == words:
            return
    raise AssertionError(f"the keyboard never comes to {words!r}")


def focused(page: Page) -> str:
    """What has the focus; it must be to be seen that it has."""
    words, outline = page.evaluate(
        "() => { const one = document.activeElement, drawn = getComputedStyle(one);"
        " return [one.innerText?.trim() ?? '', drawn.outlineStyle === 'none' ? 0 : parseFloat(drawn.outlineWidth)]; }"
    )
    assert outline > 0, words
    return str(words).replace("\n", " ")


@pytest.mark.parametrize("story", STORIES)
def test_a_story_that_is_chosen_plays_by_itself_to_its_end(seen: Site, story: str):
    steps, end = STORIES[story]
    with seen.seen_by("thandi") as page:
        page.clock.install()
        page.goto("/try")
        page.get_by_role("link", name=story, exact=True).click()
        page.get_by_role("button", name="Stop").wait_for()
        for step in range(1, steps + 1):
            page.get_by_text(f"Step {step} of {steps}").wait_for()
            page.clock.run_for(20_000)
        page.get_by_text("It has been told").wait_for()
        assert end in page.locator(".out").inner_text()
        told = page.locator(".told").get_by_text(end)  # what a newcomer came for is on the screen, not below it
        assert 0 < told.bounding_box()["y"] < page.viewport_size["height"]
        assert page.locator(".phones").get_by_text("Call ended").is_visible()


def test_a_story_by_the_keyboard_alone(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto("/try")
        keys_until(page, "Night emergency")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop").wait_for()
        page.locator("button:focus", has_text="Next step").wait_for()
        keys_until(page, "Stop")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Play by itself").wait_for()
        assert page.get_by_text("Step 1 of 9").is_visible()
        # From here it is a call of one's own: the keyboard's keys are the keys of the telephone that has the focus.
        keys_until(page, "1")
        for key, heard in (("2", "Your contract charges work"), ("1", "Please hold.")):
            page.keyboard.press(key)
            page.locator(".log").get_by_text(heard).first.wait_for()
        page.locator("button:focus", has_text="Answer").wait_for()
        page.keyboard.press("Enter")
        page.locator(".log").get_by_text("Emergency for Harbour Foods").wait_for()
        page.locator("[aria-labelledby=engineer] :focus").wait_for()
        assert focused(page)
        page.keyboard.press("1")
        page.get_by_text("Talks with Thandi Nkosi").wait_for()
        keys_until(page, "Talk 10 min")
        page.keyboard.press("Space")
        page.locator(".log").get_by_text("they talk for 600 s").wait_for()
        page.keyboard.press("Escape")
        page.locator(".phones").get_by_text("Call ended").wait_for()
        assert "Billable: " in page.locator(".out").inner_text()


def test_a_story_step_by_step_without_a_script(seen: Site):
    with seen.seen_by("thandi", java_script_enabled=False) as page:
        page.goto("/try")
        assert "Without JavaScript a story is told step by step" in page.locator("noscript").inner_text()
        page.get_by_role("link", name="Night, in the contract").click()
        for step in range(1, 6):
            assert page.get_by_text(f"Step {step} of 5").is_visible()
            page.get_by_role("button", name="Next step").click()
        assert "Included: " in page.locator(".out").inner_text()


def test_a_story_can_be_stopped_and_gone_on_with(seen: Site):
    with seen.seen_by("thandi") as page:
        page.clock.install()
        page.goto("/try")
        page.get_by_role("link", name="Night emergency").click()
        page.get_by_role("button", name="Stop").click()
        page.clock.run_for(60_000)
        assert page.get_by_text("Step 1 of 9").is_visible()
        page.get_by_role("button", name="Next step").click()
        page.get_by_text("Step 2 of 9").wait_for()
        page.go_back()
        page.get_by_text("Step 1 of 9").wait_for()
        page.get_by_role("button", name="Play by itself").click()
        page.clock.run_for(20_000)
        page.get_by_text("Step 2 of 9").wait_for()


def test_keys_that_are_typed_quickly_are_all_pressed(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto("/try?from=%2B27825550202&at=2026-11-22T02:00&m=")
        page.get_by_role("group", name="Keys of the caller").get_by_role("button", name="1", exact=True).focus()
        page.keyboard.type("21")
        page.get_by_text("The telephone of Thandi Nkosi rings.").wait_for()


def test_a_reference_is_keyed_in_on_the_telephone(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto(f"/try?from=%2B{STRANGER[1:]}&at=2026-11-24T10:00&m=3")
        keys = page.get_by_role("group", name="Keys of the caller")
        for sign in "482913075":
            keys.locator(f"[data-key='{sign}']").click()
        assert page.get_by_label("Keys to press").input_value() == "482913075"
        keys.locator("[data-key='#']").click()
        page.locator(".log").get_by_text("We do not find that reference.").wait_for()


def test_what_is_new_is_told_to_screen_readers(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto("/try?from=%2B27825550202&at=2026-11-22T02:00&m=")
        page.get_by_role("group", name="Keys of the caller").get_by_role("button", name="2", exact=False).first.click()
        page.locator("#heard").get_by_text("Your contract charges work").wait_for(state="attached")
        assert "You have reached" not in page.locator("#heard").inner_text()


def test_it_is_read_aloud_where_that_is_wanted_and_there_is_a_voice(seen: Site):
    with seen.seen_by("thandi") as page:
        page.add_init_script(f"({VOICES})()")
        page.goto("/try")
        page.get_by_role("link", name="Night emergency").click()
        page.get_by_role("button", name="Stop").click()
        assert page.evaluate("spoken") == []
        page.get_by_label("Read aloud").check()
        page.get_by_role("button", name="Next step").click()
        page.locator("html[data-spoken='3']").wait_for()
        assert page.evaluate("spoken")[0] == ["en-ZA", "Your contract charges work at this hour at overtime rates."]


def test_a_browser_without_a_voice_says_so_and_goes_on(seen: Site):
    with seen.seen_by("thandi") as page:
        page.clock.install()
        page.goto("/try")
        page.get_by_label("Read aloud").check()
        page.get_by_role("link", name="Night, in the contract").click()
        page.get_by_text("This browser has no voice that speaks en-ZA. The captions go on.").wait_for()
        page.get_by_text("Step 1 of 5").wait_for()
        page.clock.run_for(20_000)
        page.get_by_text("Step 2 of 5").wait_for()


def test_a_whole_call_can_be_read_by_everybody_everywhere(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto("/try?from=%2B27825550202&at=2026-11-22T02:00&m=2,1,v,es,es,a,e1,t600,h&plan=2,1,v,es,es,a,e1,t600,h")
        for one in page.locator("main details").all():
            one.evaluate("one => { one.open = true; }")
        look(page)
