"""Every recorded answer is given again, byte for byte; and what is recorded holds what it is there to hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from tests.answers import recording
from tests.answers.asking import viewer_of
from tests.answers.comparing import told
from tests.answers.questions import DEMO, PORT, every_question
from tests.answers.record import ROOT, ask_everything, moved
from tests.answers.recording import FOLDER, VERSIONS

AGAIN = 'if they are meant to move: .venv/bin/python -m tests.answers.record "why"'
WRITING = (
    "/v1/ingest/",
    "/v1/feedback",
    "/v1/asks",
    "/v1/questions",
    "/v1/feeds/",
    "/v1/unsubscribe/",
    "/v1/interactions/{source}",
    "/v1/people/{source}",
    "/v1/posts/{source}",
)
NO_ANSWER = (
    *("/v1/me/", "/v1/audit", "/v1/slates", "/v1/posts/{id}/states", "/v1/nominations", "/v1/regulated-topics"),
    "/v1/vocabularies",
    "/badges/",
)
"""What one is told of oneself has the time at which somebody looked, or said something, and so has the log of talent
questions, which are off here. Nothing is endorsed here, nobody is nominated, no badges are signed, and there is no
vocabulary."""
BOARD = ("port:p05", "port:p14")
HIDDEN = ("port:p33", "port:p60", "port:p38")


def test_every_answer_is_what_it_was_when_it_was_recorded() -> None:
    found = moved(recording.read(), ask_everything())
    if found:
        pytest.fail(f"{told(found)}\n{AGAIN}", pytrace=False)


def recorded(home: str = "") -> Iterator[tuple[str, str]]:
    """Question and body of every recorded answer."""
    for group, answers in recording.read().items():
        if group != VERSIONS and group.startswith(home):
            yield from ((question, answer.body) for question, answer in answers.items())


def test_hundreds_of_answers_are_kept_in_little_more_than_three_megabytes() -> None:
    asked = every_question()
    assert len(asked) == len(set(asked)) >= 400
    assert sum(path.stat().st_size for path in FOLDER.glob("*.txt")) < 3_300_000
    doors = [question.split(" ", 1)[0] for _, _, question in asked]
    assert min(doors.count("$"), doors.count("GET"), sum(group == "pages" for _, group, _ in asked)) > 50


def test_every_question_of_the_contract_is_asked() -> None:
    paths = json.loads((ROOT / "api" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    questions = [question for _, _, question in every_question()]
    for path, methods in paths.items():
        if methods.keys() & {"get", "post"} and not path.startswith((*WRITING, *NO_ANSWER)):
            pattern = re.compile(rf"(?:GET|POST) {re.sub('{[^}]*}', '[^/?]+:[^/?]+', path)}(?:[? ]|$)")
            assert any(pattern.search(question) for question in questions), path


def test_every_question_is_put_by_each_of_several_viewers() -> None:
    for home, cast in (("demo", DEMO), ("port", PORT)):
        viewers = {viewer_of(question) for question, _ in recorded(home)}
        assert {viewer or "shared" for viewer in cast.viewers} <= viewers


def test_answers_of_every_kind_are_among_them() -> None:
    every = "\n".join(body for _, body in recorded())
    for confidence in ("high", "medium", "low"):
        assert f'"confidence": "{confidence}"' in every
    for status in (400, 401, 403, 404, 405, 422):
        assert f'"status": {status}' in every
    assert every.count('"abstained": "') > 10
    assert len(set(re.findall(r'"detected:\d+"', "\n".join(body for _, body in recorded("port"))))) >= 5


def test_a_post_of_the_board_that_came_after_the_index_is_in_answers_of_the_board_alone() -> None:
    viewers = {viewer_of(question) for question, body in recorded("port") if "port:late-4" in body}
    assert viewers
    assert viewers <= set(BOARD)


def test_a_post_that_came_after_the_index_is_in_answers_of_others_too() -> None:
    viewers = {viewer_of(question) for question, body in recorded("port") if "port:late-1" in body}
    assert "shared" in viewers
    assert viewers - {"shared", *BOARD}


def test_a_hidden_person_is_in_no_answer() -> None:
    assert not [question for question, body in recorded("port") for person in HIDDEN if person in body]


def test_the_same_question_has_other_answers_for_other_viewers() -> None:
    asked: dict[str, set[str]] = {}
    for question, body in recorded("port"):
        if question.startswith("GET /v1/experts?"):
            text = re.sub(r"&as=\S+|&limit=\d+", "", question)
            asked.setdefault(text, set()).add(re.sub(r'"version": "[^"]*"', "", body))
    assert sum(len(bodies) > 1 for bodies in asked.values()) >= 4
