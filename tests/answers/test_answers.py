"""Every recorded answer is given again, byte for byte; and no change of one goes unseen."""

from __future__ import annotations

import pytest
from tests.answers import recording
from tests.answers.comparing import told
from tests.answers.record import ask_everything, moved

AGAIN = 'if they are meant to move: .venv/bin/python -m tests.answers.record "why"'


def test_every_answer_is_what_it_was_when_it_was_recorded() -> None:
    found = moved(recording.read(), ask_everything())
    if found:
        pytest.fail(f"{told(found)}\n{AGAIN}", pytrace=False)
