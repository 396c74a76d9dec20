"""What work costs: stories reckoned by hand, in charges.txt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from charged import Story, shortly

from sla.money.charge import charge

STORIES = Path(__file__).with_name("charges.txt").read_text().strip().split("\n\n")


@pytest.mark.parametrize("text", STORIES, ids=lambda text: re.sub(r"\W+", "_", text.partition("\n")[0]))
def test_stories(text: str):
    story, expected, found = Story(), [], []
    for line in filter(lambda line: not line.startswith("#"), map(str.strip, text.splitlines()[1:])):
        if line.startswith("= "):
            expected.append(line[2:])
            continue
        if line.startswith(("now ", "later ")):
            found += told(story, expected[len(found) :])
            if line.startswith("later "):
                story.close()
            line = line.partition(" ")[2]
        story.hear(line)
    found += told(story, expected[len(found) :])
    assert found == expected


def told(story: Story, expected: list[str]) -> list[str]:
    """The lines there are now, in the order of the story, or the corrections if its month is closed."""
    order = list(story.work)
    lines = story.correct() if story.books else charge(story.judged())
    if not story.books:
        lines = sorted(lines, key=lambda line: order.index(line.interval.start))
    return [shortly(line, month=" in " in want) for line, want in zip(lines, expected, strict=True)]
