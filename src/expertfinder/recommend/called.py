"""What a text names: a person, a community, a topic, a unit. While it is being typed, and once it is asked.

Everything is what the viewer may find or read: people by `View.people`, communities by their audience, topics and words
of the shared tier alone, units as the people have them who may be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.facts import ENDED
from expertfinder.index.people.names import BEGINNING, FEWEST_LETTERS, LONGER, MOST_WORDS, WORD, Called, squeezed
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.tokens import folded, runs, tokenise
from expertfinder.model import Community, Confidence, Query, Ranking, Suggestion
from expertfinder.policy import may_read

MOST_SUGGESTED = 8
"""Suggestions for one text: what fits under a field, and too few to copy a directory by."""
MOST_NAMED = 5
"""People before the experts of an answer whose question names them: of a common first name these are some."""
BELOW = 0.1
"""How near a topic is whose vocabulary has it below what was typed: behind all that is called so."""
AS_GOOD = 0.12
"""Somebody is named beside the first one as long as they are named this nearly as well: it holds together those who
share a word of their names, whatever place it has in them."""
COMMON = 3
"""Shared posts that have a word, from which on a word of some language that is also a name is taken for that word."""
CARRIED = 0.2
"""People who are called so for each of those posts, from which on it is a name: the posts speak of them, too."""
LONGEST = 200
"""Characters of a question up to which it may be a name within words of courtesy."""


def named_by(view: View, query: Query, encode: Encoder) -> tuple[list[int], bool]:
    """Rows of the people whom a question names, the best first; whether it names them by name, not by what they are.

    A question names people where all of it is words of a name, in any order, or all of a title or a unit; but what is a
    topic here is no name, nor is a word alone that many more posts have than people are called by.
    """
    if query.topics or query.question_tags:
        return [], False
    mask = view.eligible(query)
    about = (
        " ".join(subject.written for subject in function_words().subjects(query.text))
        if len(query.text) < LONGEST
        else ""
    )
    for text in dict.fromkeys((query.text.strip(), about)):
        words = runs(folded(text))
        if not 0 < len(words) <= MOST_WORDS or _is_topic(view, " ".join(words)):
            continue
        found = _ordered(view, view.snapshot.directory.named(text, mask))
        called = [one for one in found if _is_name(view, one, words, encode)]
        if called and (len(words) > 1 or not _is_common(view, words[0], encode, carriers=len(called))):
            return [one.row for one in called if one.score >= called[0].score - AS_GOOD][:MOST_NAMED], True
        what = squeezed(text)
        holding = [row for row in _rows(found, "role") if _is_role(view, row, what)]
        if holding:
            return holding[:MOST_NAMED], False
    return [], False


def with_named(view: View, query: Query, ranking: Ranking, *, encode: Encoder) -> Ranking:
    """An answer with the people whom its question names. What others wrote with a name in it says little of what they
    know, so whoever is found by the words of a name is found with low confidence."""
    rows, by_name = named_by(view, query, encode)
    if not rows:
        return ranking
    ranking = replace(ranking, named=tuple(view.snapshot.people[row].id for row in rows))
    if not by_name or ranking.confidence is None:
        return ranking
    low = tuple(replace(one, confidence=Confidence.LOW) for one in ranking.recommendations)
    return replace(ranking, recommendations=low, confidence=Confidence.LOW)


def _is_topic(view: View, said: str) -> bool:
    called = words_of(view.snapshot.concepts.named(said))
    return not view.snapshot.lexicon.folded_labels.isdisjoint((said, called))


def _rows(found: Iterable[Called], how: str) -> list[int]:
    return [one.row for one in found if one.how == how]


def _is_role(view: View, row: int, what: str) -> bool:
    person = view.snapshot.people[row]
    return what in (squeezed(person.title), squeezed(person.org_unit))


def _is_name(view: View, one: Called, words: Sequence[str], encode: Encoder) -> bool:
    if one.how not in ("whole", "word", "slip"):
        return False
    reader = view.snapshot.reader(encode)
    # Words that are spelled as they should be are no slips of a name.
    return one.how != "slip" or not all(reader.knows(word) or encode.is_word(word) for word in words)


def _is_common(view: View, word: str, encode: Encoder, *, carriers: int) -> bool:
    """Whether a word is one of a language and of the posts rather than a name: few are called so of those who could be
    meant by it."""
    place = view.snapshot.lexicon.place(word)
    posts = view.snapshot.reader().posts(place) if place >= 0 else 0.0
    return encode.is_word(word) and posts >= COMMON and carriers < CARRIED * posts


def _ordered(view: View, found: Iterable[Called]) -> list[Called]:
    """The best first, of equals who is still here, then by id."""
    return sorted(found, key=lambda one: (-round(one.score, 6), not view.here[one.row], int(view.by_id[one.row])))


def people_called(view: View, text: str) -> list[int]:
    """Rows of the people whom a text names or may come to name, the best first, at most `MOST_SUGGESTED`."""
    return [one.row for one in _found(view, text)[:MOST_SUGGESTED]]


def _found(view: View, text: str) -> list[Called]:
    """Whom a text names as it stands, or else without its words of courtesy."""
    found = _ordered(view, view.snapshot.directory.named(text, view.people))
    if found or len(text) >= LONGEST:
        return found
    about = " ".join(subject.written for subject in function_words().subjects(text))
    return found if about == text else _ordered(view, view.snapshot.directory.named(about, view.people))


def suggested(view: View, text: str) -> list[Suggestion]:
    """What a text names or may come to name, the nearest first; of equals people first, then topics and communities."""
    if len(squeezed(text)) < FEWEST_LETTERS or len(tokenise(text)) > MOST_WORDS:
        return []
    ranked: list[tuple[float, int, int, Suggestion]] = []
    for place, one in enumerate(_found(view, text)[:MOST_SUGGESTED]):
        ranked.append((-one.score, 0, place, _person(view, one.row)))
    words = runs(folded(text))
    topics = view.snapshot.topics
    concepts = view.snapshot.concepts
    named = concepts.of(" ".join(words))
    below = concepts.narrower(named.label) if named is not None else frozenset()
    for row, (label, plain) in enumerate(zip(topics.labels, view.snapshot.lexicon.labels, strict=True)):
        said = (folded(plain), *concepts.alike(words_of(label))) if concepts else (folded(plain),)
        near = max(max(_nearness(one, words) for one in said), BELOW if label in below else 0.0)
        if near:
            shown = Suggestion(kind="topic", id=f"topic:{label}", label=label, detail="")
            ranked.append((-near, 1, -int(topics.posts[row]), shown))
    for place, community in enumerate(_communities(view)):
        near = _nearness(" ".join(runs(folded(community.name))), words)
        if near:
            shown = Suggestion(kind="community", id=community.id, label=community.name, detail="")
            ranked.append((-near, 2, place, shown))
    for place, unit in enumerate(_units(view)):
        near = _nearness(" ".join(runs(folded(unit))), words)
        if near:
            ranked.append((-near, 3, place, Suggestion(kind="unit", id="", label=unit, detail="")))
    ranked.sort(key=lambda entry: entry[:3])
    return [shown for _, _, _, shown in ranked[:MOST_SUGGESTED]]


def did_you_mean(view: View, text: str, encode: Encoder) -> str | None:
    """The text with words of this organisation in the place of those that nobody here writes; `None` without any.

    Words are offered that three authors of the shared tier have written, or that stand in the label of a topic; so none
    that only stands in somebody's name. Who is named already needs no other word.
    """
    if len(text) >= LONGEST or _is_called(view, text):
        return None
    reader = view.snapshot.reader(encode)
    meant: dict[str, str] = {}
    for subject in function_words().subjects(text):
        other = reader.offer(subject.word) if subject.word.islower() else None
        if other is not None and not _is_called(view, subject.word):
            meant[subject.written] = other
    if not meant:
        return None
    for wrong, right in meant.items():
        text = text.replace(wrong, right)
    return text


def _is_called(view: View, text: str) -> bool:
    return any(one.how != "role" for one in view.snapshot.directory.named(text, view.people))


def _person(view: View, row: int) -> Suggestion:
    person = view.snapshot.people[row]
    detail = " · ".join(part for part in (person.title, person.org_unit) if part)
    return Suggestion(kind="person", id=person.id, label=person.name or person.id, detail=detail)


def _communities(view: View) -> list[Community]:
    """Those that the viewer may read and that still are, by id."""
    every = view.snapshot.communities
    return [each for each in every if each.name and each.kind != ENDED and may_read(each.audience, view.viewer)]


def _units(view: View) -> list[str]:
    """The units of the people who may be found, by name."""
    people = view.snapshot.people
    return sorted({people[row].org_unit for row in np.flatnonzero(view.people).tolist()} - {""})


def _nearness(label: str, words: Sequence[str]) -> float:
    """How near a label (folded words) is to the words of a text, each of which begins one of its words; 0 if not."""
    padded = f" {label}"
    if not all(f" {word}" in padded for word in words):
        return 0.0
    text = " ".join(words)
    if label == text:
        return WORD
    share = LONGER * min(len(text) / len(label), 1.0)
    return BEGINNING + share if label.startswith(text) else BEGINNING + share - 0.05
