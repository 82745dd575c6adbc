"""Every event that is written to the audit log has words, for who watches and for whom it is about."""

from __future__ import annotations

import re
from pathlib import Path

import expertfinder
from expertfinder.http.pages.drawing.logged import EVENTS, OF_ME, of_all, of_me

SOURCE = Path(str(expertfinder.__file__)).parent
WRITTEN = re.compile(
    r'AuditEntry\((?:[^()]|\([^()]*\))*?\bevent="([^"{]+)"'
    r'|\baudit\(\s*[^,]+,\s*"([^"]+)"'
    r'|^(?:SLATE|ASSESSED|OPENED)\b[^=]*= "([^"]+)"'
    r'|Literal\["(join)", "(part)"\]',
    re.MULTILINE,
)
"""Where an event stands in the code: in an entry, in a call of a door's `audit`, as a constant, as a verdict."""
COMMAND = re.compile(r'eyes\([^)]*event="([^"]+)"')
"""A command that may read everything."""


def found(pattern: re.Pattern[str]) -> set[str]:
    """What the pattern finds anywhere in the code."""
    texts = (file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    return {group for text in texts for match in pattern.finditer(text) for group in match.groups() if group}


def test_every_event_has_words() -> None:
    events = found(WRITTEN)
    assert {"assess", "slate", "privacy", "refused to act for", "vocabulary", "hide", "join", "analyse"} <= events
    assert events == set(EVENTS)
    assert set(OF_ME) < events


def test_a_command_that_read_everything_is_told_by_its_name() -> None:
    commands = found(COMMAND)
    assert {"find", "export graph", "path"} <= commands
    for command in commands:
        said = f"ran “{command}” at the prompt and read everything"
        assert of_all(f"{command} everything") == of_me(f"{command} everything") == said
