"""The form in which answers are kept: plain text, a file for each group of questions.

    ### GET /v1/experts?q=rust
    200 application/json
    {"confidence": "high", ...}

A JSON answer is laid out so that a diff shows which line of it moved, with each number in the digits that it came in.
Of a page, the blanks at the ends of lines are left out, and so are empty lines. Versions, which move with every change
of a fact or of the index's layout, stand in a file of their own and as names in the answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "### "
WIDE = 160
"""Columns: what fits stands in one line."""
VERSIONS = "versions"
"""The file of the versions, which no question is asked for."""
FOLDER = Path(__file__).parent / "recorded"

_VERSION = re.compile(r'("version":\s*")([0-9a-f]{24})(")')


class Digits(str):
    """A number as it was written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, in the form it is kept in. `ending`: an exit code, or a status and a content type."""

    ending: str
    body: str

    @property
    def is_json(self) -> bool:
        """Whether the body can be read as JSON."""
        return self.body.startswith(("{", "["))

    @property
    def json(self) -> Any:
        """The body of a JSON answer; numbers are `Digits`."""
        return _read(self.body)


Groups = dict[str, dict[str, Answer]]
"""Name of a file without its ending -> question -> answer, in the order in which they were asked."""


def _read(text: str) -> Any:
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def answer_of(ending: str, body: str) -> Answer:
    """An answer in the form it is kept in."""
    if body.startswith(("{", "[")):
        return Answer(ending, laid_out(_read(body)))
    lines = [line.strip() for line in body.splitlines()]
    return Answer(ending, "\n".join(line for line in lines if line))


def _flat(value: Any) -> str:
    if isinstance(value, Digits):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(name)}: {_flat(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def laid_out(value: Any, indent: str = "") -> str:
    """JSON in lines: what is short stands in one."""
    flat = _flat(value)
    if len(flat) + len(indent) <= WIDE or not isinstance(value, dict | list):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{deeper}{_flat(name)}: {laid_out(each, deeper)}" for name, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + laid_out(each, deeper) for each in value) + f"\n{indent}]"


class Versions:
    """Names for the versions in answers: home, viewer, and a number where a viewer has several."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def within(self, body: str, *, home: str, viewer: str) -> str:
        """The body with a name for each version in it."""

        def named(found: re.Match[str]) -> str:
            version = (home, found[2])
            if version not in self._names:
                taken, number = set(self._names.values()), 1
                while f"{home} {viewer} {number}" in taken:
                    number += 1
                self._names[version] = f"{home} {viewer} {number}"
            return f"{found[1]}{self._names[version]}{found[3]}"

        return _VERSION.sub(named, body)

    def answer(self) -> Answer:
        """All names with what they stand for."""
        return Answer("", laid_out(dict(sorted((name, version) for (_, version), name in self._names.items()))))


def write(groups: Groups, folder: Path = FOLDER) -> None:
    """Keep all answers in a folder; files of groups that are no more go."""
    folder.mkdir(parents=True, exist_ok=True)
    for gone in folder.glob("*.txt"):
        gone.unlink()
    for name, answers in groups.items():
        (folder / f"{name}.txt").write_text(text_of(answers), encoding="utf-8", newline="\n")


def text_of(answers: dict[str, Answer]) -> str:
    """The file of a group."""
    return "\n".join(f"{MARK}{question}\n{answer.ending}\n{answer.body}\n" for question, answer in answers.items())


def read(folder: Path = FOLDER) -> Groups:
    """All answers of a folder."""
    return {path.stem: dict(_answers(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.txt"))}


def _answers(text: str) -> Iterator[tuple[str, Answer]]:
    for part in ("\n" + text).split(f"\n{MARK}")[1:]:
        question, ending, body = part.split("\n", 2)
        yield question, Answer(ending, body.rstrip("\n"))
