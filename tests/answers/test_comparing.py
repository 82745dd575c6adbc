"""No change of a recorded answer goes unseen, and each is named by what it is: what is said, or how."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.answers import recording
from tests.answers.comparing import SUBSTANCE, compared, told
from tests.answers.record import moved, record
from tests.answers.recording import VERSIONS, Answer, Groups, answer_of

ANSWER = """{"confidence": "high", "abstained": null, "version": "port shared 1", "recommendations": [
{"subject": {"id": "port:p01", "name": "Bram Fokke", "unit": "Quayside"}, "score": 1.2345678901234567, "reasons": [
 {"part": "words", "value": 0.75, "text": "Wrote 2 posts.", "citations": [{"post": "port:a-1", "without": 0.5}]},
 {"part": "meaning", "value": 0.4845678901234567, "text": "Wrote 3 posts.", "citations": []}]},
{"subject": {"id": "port:p02", "name": "Celia Grind", "unit": "Trade"}, "score": 1.0, "reasons": [
 {"part": "words", "value": 1.0, "text": "Wrote 1 post.", "citations": []}]}]}"""
PAGE = '<h1>Bram Fokke</h1>\n<p class="score">score 1.23</p>\n<p>Wrote 2 posts.</p>'
QUESTION = "GET /v1/experts?q=spreader"


def groups(body: str, ending: str = "200 application/json") -> Groups:
    """A recording of one answer."""
    return {"port-experts": {QUESTION: answer_of(ending, body)}}


def kinds(before: str, after: str) -> list[str]:
    """The kinds of what moved between two answers."""
    return [each.kind for each in compared(groups(before), groups(after))]


@pytest.mark.parametrize(
    ("was", "now", "kind", "place"),
    [
        ("1.2345678901234567", "1.2345678901334567", "scores", "recommendations[0 port:p01].score"),
        ("0.75", "0.76", "scores", "recommendations[0 port:p01].reasons[0 words].value"),
        ("1.2345678901234567", "1.2345678901234569", "rounding", "recommendations[0 port:p01].score"),
        ('"without": 0.5', '"without": null', "scores", "recommendations[0 port:p01].reasons[0 words]"),
        ("Wrote 3 posts", "Has written 3 posts", "sentences", "recommendations[0 port:p01].reasons[1 meaning].text"),
        ('"high"', '"low"', "confidence", "confidence"),
        ('"part": "meaning"', '"part": "sense"', "parts", "recommendations[0 port:p01].reasons"),
        ("port:a-1", "port:a-2", "ids", "recommendations[0 port:p01].reasons[0 words].citations"),
        ("port:p02", "port:p03", "ids", "recommendations"),
        ("port shared 1", "port shared 2", "versions", "version"),
        ('"abstained": null', '"abstained": "nobody"', "sentences", "abstained"),
    ],
)
def test_a_change_is_named_by_its_kind_and_its_place(was: str, now: str, kind: str, place: str) -> None:
    assert ANSWER.count(was) == 1
    (found,) = compared(groups(ANSWER), groups(ANSWER.replace(was, now)))
    assert (found.kind, found.question) == (kind, QUESTION)
    assert found.place.startswith(place)
    assert all(part in told([found]) for part in (QUESTION, found.place, found.was, found.now))


def test_people_in_another_order_are_one_difference() -> None:
    given = json.loads(ANSWER)
    given["recommendations"].reverse()
    assert kinds(ANSWER, json.dumps(given)) == ["order"]


def test_a_key_with_another_name_loses_nothing_but_its_name() -> None:
    assert kinds(ANSWER, ANSWER.replace('"unit"', '"org_unit"').replace('"subject"', '"person"')) == ["keys"] * 2
    assert kinds(ANSWER, ANSWER.replace('"score"', '"points"')) == ["keys"] * 2


def test_what_is_lost_under_a_key_with_another_name_is_told() -> None:
    assert kinds(ANSWER, ANSWER.replace('"score": 1.2345678901234567', '"points": 1.2345')) == ["keys", "scores"]
    assert kinds(ANSWER, ANSWER.replace('{"post": "port:a-1", ', '{"about": "port:a-2", ')) == ["keys", "ids"]
    assert kinds(ANSWER, ANSWER.replace('"confidence": "high", ', "")) == ["keys", "confidence"]


def test_keys_in_another_order_are_seen() -> None:
    first = '"confidence": "high", "abstained": null'
    assert kinds(ANSWER, ANSWER.replace(first, '"abstained": null, "confidence": "high"')) == ["keys"]


def test_a_number_in_other_digits_is_seen() -> None:
    assert kinds(ANSWER, ANSWER.replace('"score": 1.0,', '"score": 1,')) == ["rounding"]


def test_another_status_is_seen() -> None:
    (found,) = compared(groups(ANSWER), groups(ANSWER, "200 text/plain"))
    assert found.kind == "endings"


def test_a_question_that_is_new_or_gone_is_seen() -> None:
    assert [each.kind for each in compared(groups(ANSWER), {})] == ["answers"]
    assert [each.kind for each in compared({}, groups(ANSWER))] == ["answers"]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("1.23", "1.24", "scores"),
        ("Wrote 2", "Has written 2", "sentences"),
        ('class="score"', 'class="figure"', "lines"),
        ("<p>Wrote 2 posts.</p>", "", "lines"),
    ],
)
def test_a_line_of_a_page_is_named_by_its_kind(was: str, now: str, kind: str) -> None:
    before, after = (groups(text, "200 text/html") for text in (PAGE, PAGE.replace(was, now)))
    assert [each.kind for each in compared(before, after)] == [kind]


def recorded() -> Iterator[tuple[str, str, Answer]]:
    """Every recorded answer to a question, with its group."""
    for group, answers in recording.read().items():
        yield from ((group, question, answer) for question, answer in answers.items() if group != VERSIONS)


def changed(answer: Answer, rng: Random, pattern: str) -> Answer | None:
    """The answer with one drawn match of the pattern changed by a character, where there is one."""
    places = [match.start() for match in re.finditer(pattern, answer.body)]
    if not places:
        return None
    place = rng.choice(places)
    other = rng.choice(
        [each for each in ("13579" if answer.body[place].isdigit() else "qxz") if each != answer.body[place]]
    )
    return replace(answer, body=f"{answer.body[:place]}{other}{answer.body[place + 1 :]}")


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a digit", r"(?<=\.\d{3})\d(?!\d*e-)"),
        ("a reason", r'(?<="part": ")[a-z]'),
        ("a sentence", r'(?<="text": ")[A-Z]|(?<="detail": ")[a-z]'),
        ("a letter of a page", r"(?<=>)[A-Za-z](?=[^<>]*<)"),
    ],
)
def test_a_drawn_change_of_any_recorded_answer_is_seen(what: str, pattern: str) -> None:
    rng, tried = Random(what), 0
    for group, question, answer in recorded():
        other = changed(answer, rng, pattern)
        if other is not None:
            tried += 1
            found = compared({group: {question: answer}}, {group: {question: other}})
            assert found, f"{what}: {question}"
            assert {(each.group, each.question) for each in found} == {(group, question)}
            if what in ("a digit", "a reason"):
                assert any(each.kind in SUBSTANCE for each in found), f"{what}: {question}: {found}"
    assert tried >= 20


def test_many_differences_are_counted_and_ten_are_shown() -> None:
    before = {"port-experts": {f"GET /v1/people/port:p{n}": answer_of("200", ANSWER) for n in range(30)}}
    after = {
        "port-experts": {
            question: answer_of("200", ANSWER.replace("0.75", "0.76")) for question in before["port-experts"]
        }
    }
    text = told(compared(before, after))
    assert text.count("GET /v1/people/") == 10
    assert "and 20 more" in text
    assert "30 in 30 answers" in text


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    every = recording.read()
    recording.write(every, tmp_path)
    assert recording.read(tmp_path) == every


def test_recording_writes_what_moved_and_one_line_why(tmp_path: Path) -> None:
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text("# Changes\n- The first.\n")
    before, after = groups(ANSWER), groups(ANSWER.replace("0.75", "0.76"))
    assert [each.kind for each in record(before, "they are new", folder=tmp_path / "to", changes=changes)] == [
        "answers"
    ]
    assert record(before, "nothing moved", folder=tmp_path / "to", changes=changes) == []
    assert [each.kind for each in record(after, "words count more", folder=tmp_path / "to", changes=changes)] == [
        "scores"
    ]
    assert recording.read(tmp_path / "to") == after
    added = ["- Recorded answers: they are new.", "- Recorded answers: words count more."]
    assert changes.read_text().splitlines() == ["# Changes", "- The first.", *added]


def test_on_a_machine_that_multiplies_matrices_in_another_way_last_digits_and_versions_may_move() -> None:
    here, there = ({VERSIONS: {"blas": Answer("", name)}} for name in ("Haswell", "SkylakeX"))
    last_digit = groups(ANSWER.replace("1.2345678901234567", "1.2345678901234569"))
    assert moved(groups(ANSWER) | here, last_digit | there) == []
    assert [each.kind for each in moved(groups(ANSWER) | here, last_digit | here)] == ["rounding"]
    another = groups(ANSWER.replace("0.75", "0.76"))
    assert [each.kind for each in moved(groups(ANSWER) | here, another | there)] == ["scores"]
