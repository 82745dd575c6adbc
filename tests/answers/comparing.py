"""What moved between two recordings: which answer, where in it, what it was and is, and of what kind it is.

Kinds that say something else: answers (asked in one recording alone), endings, ids, order, scores, confidence, parts.
Kinds that say the same in another form: keys, sentences, versions, lines (of a page), rounding (a number that moved by
no more than `ROUNDING`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from tests.answers.recording import VERSIONS, Answer, Digits, Groups

SUBSTANCE = ("answers", "endings", "ids", "order", "scores", "confidence", "parts")
FORM = ("keys", "sentences", "versions", "lines", "rounding")
ROUNDING = 1e-12
"""Relative and absolute: a sum in another order moves the last of sixteen digits, a change of method moves more."""
SHOWN = 10
"""Differences that are printed in full; the rest is counted."""
LONGEST = 160
"""Characters of a value that are printed."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]*:\S+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TAG = re.compile(r"<[^>]*>")
_NAMES = ("id", "subject", "person", "post", "community", "part", "topic", "label", "skill", "name")
"""Fields that say what an entry of a list is, the first that there is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that is not as it was. `place`: the path in a JSON answer, or the line of a page."""

    group: str
    question: str
    kind: str
    place: str
    was: str
    now: str

    def __str__(self) -> str:
        place = f"\n    {self.place}" if self.place else ""
        return (
            f"{self.kind}: {self.group}: {self.question}{place}\n    was {_short(self.was)}\n    is  {_short(self.now)}"
        )


def compared(before: Groups, after: Groups) -> list[Difference]:
    """All differences, in the order of the groups and questions."""
    found: list[Difference] = []
    for group in sorted({*before, *after}):
        old, new = before.get(group, {}), after.get(group, {})
        for question in dict.fromkeys((*old, *new)):
            if question not in new:
                found.append(Difference(group, question, "answers", "", "asked", "not asked any more"))
            elif question not in old:
                found.append(Difference(group, question, "answers", "", "not asked", "asked"))
            elif old[question] != new[question]:
                for each in _answers(old[question], new[question]):
                    kind = "versions" if group == VERSIONS else each.kind
                    found.append(replace(each, group=group, question=question, kind=kind))
    return found


def _answers(old: Answer, new: Answer) -> Iterator[Difference]:
    if old.ending != new.ending:
        yield _difference("endings", "", old.ending, new.ending)
    if old.is_json and new.is_json:
        was, now = old.json, new.json
        differences = list(_values(was, now, ()))
        yield from differences
        if any(each.kind == "keys" for each in differences):
            yield from _lost(was, now)
    else:
        yield from _pages(old.body.split("\n"), new.body.split("\n"))


def _difference(kind: str, place: str, was: object, now: object) -> Difference:
    return Difference("", "", kind, place, str(was), str(now))


# --- JSON ------------------------------------------------------------------------------------------------------------


def _values(was: Any, now: Any, path: tuple[str, ...]) -> Iterator[Difference]:
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _objects(was, now, path)
    elif isinstance(was, list) and isinstance(now, list):
        yield from _lists(was, now, path)
    elif type(was) is not type(now) or was != now:
        yield _difference(_kind(was, now, path), "".join(path).lstrip("."), _word(was), _word(now))


def _objects(was: dict[str, Any], now: dict[str, Any], path: tuple[str, ...]) -> Iterator[Difference]:
    if list(was) != list(now):
        gone, new = [key for key in was if key not in now], [key for key in now if key not in was]
        place = "".join(path).lstrip(".") or "(the whole answer)"
        if gone or new:
            yield _difference("keys", place, f"with {', '.join(gone) or '-'}", f"with {', '.join(new) or '-'}")
        else:
            yield _difference("keys", place, ", ".join(was), ", ".join(now))
    for key in was:
        if key in now:
            yield from _values(was[key], now[key], (*path, f".{key}"))


def _lists(was: list[Any], now: list[Any], path: tuple[str, ...]) -> Iterator[Difference]:
    """Entries that say what they are are compared with their like, wherever it stands; others by their place."""
    place = "".join(path).lstrip(".") or "(the whole answer)"
    old, new = [_name(each) for each in was], [_name(each) for each in now]
    if all(old) and all(new) and len(set(old)) == len(old) and len(set(new)) == len(new):
        if set(old) != set(new):
            gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
            kind = "parts" if path and path[-1] == ".reasons" else "ids"
            yield _difference(kind, place, f"with {', '.join(gone) or '-'}", f"with {', '.join(come) or '-'}")
        if [name for name in old if name in new] != [name for name in new if name in old]:
            yield _difference("order", place, ", ".join(old), ", ".join(new))
        there = dict(zip(new, now, strict=True))
        for number, (name, each) in enumerate(zip(old, was, strict=True)):
            if name in there and not isinstance(each, str):
                yield from _values(each, there[name], (*path, f"[{number} {name}]"))
        return
    if len(was) != len(now):
        yield _difference("ids", place, f"{len(was)} entries", f"{len(now)} entries")
    for number, (one, other) in enumerate(zip(was, now, strict=False)):
        yield from _values(one, other, (*path, f"[{number}]"))


def _name(entry: Any) -> str:
    """What an entry of a list is; empty where it does not say."""
    if isinstance(entry, dict):
        key = next((key for key in _NAMES if key in entry), None)
        return _name(entry[key]) if key else ""
    if isinstance(entry, list):
        return _name(entry[0]) if entry else ""
    return entry if isinstance(entry, str) and not isinstance(entry, Digits) else ""


def _kind(was: Any, now: Any, path: tuple[str, ...]) -> str:
    key = next((part[1:] for part in reversed(path) if part.startswith(".")), "")
    if isinstance(was, Digits) and isinstance(now, Digits):
        return "rounding" if math.isclose(float(was), float(now), rel_tol=ROUNDING, abs_tol=ROUNDING) else "scores"
    if key == "version":
        return "versions"
    if key in ("confidence", "part"):
        return "confidence" if key == "confidence" else "parts"
    texts = [each for each in (was, now) if isinstance(each, str) and not isinstance(each, Digits)]
    if any(_ID.fullmatch(text) for text in texts) or key == "id":
        return "ids"
    return "sentences" if texts and not isinstance(was, Digits) and not isinstance(now, Digits) else "scores"


def _word(value: Any) -> str:
    return value if isinstance(value, Digits) else repr(value)


# --- what an answer says, whatever the keys --------------------------------------------------------------------------


@dataclass(slots=True)
class _Substance:
    """The ids, numbers, words of confidence and parts in an answer, in the order in which they stand."""

    ids: list[str]
    scores: list[str]
    confidence: list[str]
    parts: list[str]


def _substance(value: Any, key: str, into: _Substance) -> _Substance:
    if isinstance(value, dict):
        for name, each in value.items():
            _substance(each, name, into)
    elif isinstance(value, list):
        for each in value:
            _substance(each, key, into)
    elif isinstance(value, Digits):
        into.scores.append(value)
    elif isinstance(value, str) and key in ("confidence", "part"):
        (into.confidence if key == "confidence" else into.parts).append(value)
    elif isinstance(value, str) and _ID.fullmatch(value):
        into.ids.append(value)
    return into


def _lost(was: Any, now: Any) -> Iterator[Difference]:
    """What an answer with other keys does not say any more. What it says besides is no loss."""
    old, new = (_substance(each, "", _Substance([], [], [], [])) for each in (was, now))
    everywhere = "(the whole answer, whatever its keys)"
    for kind in ("scores", "confidence", "parts"):
        gone = Counter(getattr(old, kind)) - Counter(getattr(new, kind))
        if gone:
            yield _difference(kind, everywhere, ", ".join(gone.elements()), "said nowhere")
    before, after = list(dict.fromkeys(old.ids)), list(dict.fromkeys(new.ids))
    if gone_ids := [each for each in before if each not in after]:
        yield _difference("ids", everywhere, ", ".join(gone_ids), "said nowhere")
    both = [each for each in before if each in after]
    if both != [each for each in after if each in before]:
        yield _difference("order", everywhere, ", ".join(both), ", ".join(each for each in after if each in before))


# --- pages -----------------------------------------------------------------------------------------------------------


def _pages(was: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    for what, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for offset, (one, other) in enumerate(zip_longest(was[a:b], now[c:d])):
            kind = "lines" if one is None or other is None else _kind_of_line(one, other)
            yield _difference(kind, f"line {a + offset + 1}", one or "(no such line)", other or "(no such line)")


def _kind_of_line(was: str, now: str) -> str:
    if _NUMBER.sub("0", was) == _NUMBER.sub("0", now):
        return "scores"
    return "sentences" if _TAG.sub("<>", was) != _TAG.sub("<>", now) else "lines"


# --- in words --------------------------------------------------------------------------------------------------------


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)"


def counts(found: Iterable[Difference]) -> str:
    """How many of each kind, in how many answers; those that say something else first."""
    found = list(found)
    lines = []
    for kind in (*SUBSTANCE, *FORM):
        some = [each for each in found if each.kind == kind]
        answers = len({(each.group, each.question) for each in some})
        note = " (a last digit, no more)" if kind == "rounding" else ""
        lines.append(f"  {kind:<11}{len(some):>6} in {answers} answers{note}" if some else f"  {kind:<11}     0")
    return "\n".join(lines)


def told(found: Sequence[Difference], *, shown: int = SHOWN) -> str:
    """The first differences in full, those that say something else before the others, and the count of each kind."""
    order = {kind: number for number, kind in enumerate((*SUBSTANCE, *FORM))}
    first = sorted(found, key=lambda each: order[each.kind])[:shown]
    more = f"\nand {len(found) - shown:,} more" if len(found) > shown else ""
    return "\n".join(map(str, first)) + more + f"\n{len(found):,} differences:\n{counts(found)}"
