"""The organisation's own vocabulary as an index uses it: one name for what is called in several ways.

It names what is there and adds nothing: a tag of a post has the preferred label of its concept, a topic has the
posts of all its labels, a question finds them by any. Where no post supports a label, no page says it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

from expertfinder.index.posts.tokens import tokenise
from expertfinder.model import Person, Post, Query
from expertfinder.store.protocol import Store
from expertfinder.store.statements.concepts import (
    HALF_LIVES,
    Concept,
    ConceptScheme,
    TopicDecision,
    language_of,
    text_of,
)

LONGEST_LABEL = 6
"""A label of more words is looked for nowhere but among tags: nobody writes it out in a title or a question."""
DIFFERENT = frozenset(
    ["windows", "news", "goods", "arms", "customs", "glasses", "species", "series", "lens", "gas", "bus"]
)
"""Words that end like a plural, and are none of the word without its end."""
SHORTEST_PLURAL = 4
"""Letters of a word from which on an s at its end may make it a plural."""


def words_of(text: str) -> str:
    """The words of a label, by which two spellings are one."""
    return " ".join(tokenise(text))


def in_singular(words: str) -> str:
    """The words of a label with the last one in the singular, by the rules of English: to tell that two labels are one.

    It is a key, not a word: of what is no plural it may make something that nobody writes.
    """
    head, _, last = words.rpartition(" ")
    if len(last) >= SHORTEST_PLURAL and last not in DIFFERENT and last.endswith("s"):
        if last.endswith("ies"):
            last = last[:-3] + "y"
        elif last.endswith(("sses", "shes", "ches", "xes")):
            last = last[:-2]
        elif not last.endswith(("ss", "us", "is", "os")):
            last = last[:-1]
    return f"{head} {last}" if head else last


def in_both_numbers(words: str) -> set[str]:
    """The words of a label, with the last one in the singular and in the plural, as `in_singular` tells them."""
    one = in_singular(words)
    ending = "es" if one.endswith(("s", "sh", "ch", "x")) else "s"
    many = f"{one[:-1]}ies" if one.endswith("y") and one[-2:-1] not in ("", *"aeiou") else one + ending
    return {words, one, many} if one and one[-1].isalpha() and one.isascii() else {words}


@dataclass(frozen=True, slots=True)
class Named:
    """One concept as it is used."""

    label: str
    """How it is shown."""
    words: tuple[str, ...]
    """The words of its labels, first of what is shown, then of other preferred ones, then of aliases."""
    preferred: int
    """How many of them are preferred ones."""
    broader: tuple[str, ...] = ()
    """The labels of wider ones."""
    hidden: bool = False
    half_life: str = ""


@dataclass(frozen=True)
class Concepts:
    """All concepts, ordered by what is shown. Empty where nobody imported a vocabulary or decided anything."""

    all: tuple[Named, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all)

    @cached_property
    def _of(self) -> dict[str, int]:
        """Words of a label -> the concept that it means. Of several, whose preferred label it is."""
        preferred: defaultdict[str, set[int]] = defaultdict(set)
        aliases: defaultdict[str, set[int]] = defaultdict(set)
        for row, concept in enumerate(self.all):
            for place, words in enumerate(concept.words):
                (preferred if place < concept.preferred else aliases)[words].add(row)
        found = {**aliases, **preferred}
        of = {words: next(iter(rows)) for words, rows in found.items() if len(rows) == 1}
        for words, row in list(of.items()):
            of.setdefault(in_singular(words), row)
        return of

    @cached_property
    def _below(self) -> dict[str, tuple[str, ...]]:
        below: defaultdict[str, set[str]] = defaultdict(set)
        for concept in self.all:
            for wider in concept.broader:
                below[wider].add(concept.label)
        return {label: tuple(sorted(labels)) for label, labels in below.items()}

    def of(self, words: str) -> Named | None:
        """The concept with a label of these words, in the singular or the plural; `None` without one."""
        row = self._of.get(words)
        row = self._of.get(in_singular(words)) if row is None else row
        return None if row is None else self.all[row]

    def hides(self, words: str) -> bool:
        """Whether a label of these words is shown nowhere."""
        concept = self.of(words) if self.all else None
        return concept is not None and concept.hidden

    def named(self, tag: str) -> str:
        """What a tag is called; empty for one that is hidden."""
        concept = self.of(words_of(tag)) if self.all else None
        return tag if concept is None else "" if concept.hidden else concept.label

    def tags(self, tags: Iterable[str]) -> tuple[str, ...]:
        """What tags are called, each once, in their order."""
        return tuple(dict.fromkeys(name for tag in tags if (name := self.named(tag))))

    def post(self, post: Post) -> Post:
        """A post with its tags as they are called."""
        return replace(post, tags=self.tags(post.tags)) if self.all and post.tags else post

    def person(self, person: Person) -> Person:
        """A person with what they declare as it is called."""
        return replace(person, skills=self.tags(person.skills)) if self.all and person.skills else person

    def query(self, query: Query) -> Query:
        """A question with its tags as posts have them here. A hidden tag stays: no post has it."""
        if not self.all:
            return query
        tags, own = (tuple(self.named(one) or one for one in some) for some in (query.tags, query.question_tags))
        return replace(query, tags=tags, question_tags=own)

    def alike(self, words: str) -> frozenset[str]:
        """The words of all labels of the concept that these words mean, and these, in the singular and the plural."""
        concept = self.of(words) if self.all else None
        labels = (words, *(concept.words if concept is not None else ()))
        return frozenset(form for label in labels for form in in_both_numbers(label))

    def lasts(self, words: Sequence[str]) -> float:
        """How many times the usual half-life holds for what a text is about; of several concepts the longest."""
        classes = [HALF_LIVES[concept.half_life] for _, _, concept in self.within(words) if concept.half_life]
        return max(classes, default=1.0)

    def all_alike(self, topics: Iterable[str]) -> frozenset[str]:
        """The same of several."""
        return frozenset(words for topic in topics for words in self.alike(topic))

    def narrower(self, label: str) -> frozenset[str]:
        """The labels of all concepts below one, at any depth."""
        found: set[str] = set()
        waiting = [label]
        while waiting:
            new = [below for below in self._below.get(waiting.pop(), ()) if below not in found]
            found.update(new)
            waiting += new
        return frozenset(found - {label})

    def within(self, words: Sequence[str]) -> Iterator[tuple[int, int, Named]]:
        """The concepts whose labels stand in a text, the longest first where they overlap: first word, end, concept."""
        start = 0
        while self.all and start < len(words):
            for end in range(min(start + LONGEST_LABEL, len(words)), start, -1):
                concept = self.of(" ".join(words[start:end]))
                if concept is not None:
                    yield start, end, concept
                    start = end - 1
                    break
            start += 1

    def table(self) -> list[dict[str, object]]:
        """As a file of an index has it."""
        return [asdict(concept) for concept in self.all]

    @classmethod
    def of_table(cls, table: Iterable[Mapping[str, object]]) -> Concepts:
        """From the file of an index."""
        return cls(
            tuple(
                Named(**{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()})  # type: ignore[arg-type]
                for entry in table
            )
        )


NO_CONCEPTS = Concepts()
"""Where there is no vocabulary."""


@dataclass(slots=True)
class _Making:
    """A concept while decisions are worked in."""

    label: str
    preferred: list[str]
    aliases: list[str] = field(default_factory=list)
    broader: tuple[str, ...] = ()
    """Ids in its vocabulary."""
    hidden: bool = False
    half_life: str = ""


def read_concepts(store: Store) -> Concepts:
    """The vocabulary that stands in a record: what was imported, and then what was decided about single topics."""
    schemes, decisions = store.statements(ConceptScheme), store.statements(TopicDecision)
    by_id = {(scheme.name, one.id): _made(one, scheme.language) for scheme in schemes for one in scheme.concepts}
    wider = {
        id(one): [by_id[name, each] for each in one.broader if (name, each) in by_id]
        for (name, _), one in by_id.items()
    }
    made = list(by_id.values())
    by_words: dict[str, _Making] = {}
    for own in (False, True):
        for one in made:
            for words in one.preferred if own else one.aliases:
                by_words[words] = one

    def find(label: str) -> _Making:
        words = words_of(label)
        if words not in by_words:
            by_words[words] = _Making(label, [words])
            made.append(by_words[words])
        return by_words[words]

    for said in decisions:
        one = find(said.label)
        one.hidden = one.hidden or said.hidden
        one.half_life = said.half_life or one.half_life
        if said.name:
            one.label = said.name
            one.preferred.insert(0, words_of(said.name))
            by_words.setdefault(words_of(said.name), one)
    for said in decisions:
        if said.into:
            one, into = find(said.label), find(said.into)
            if one is not into:
                into.aliases += [*one.preferred, *one.aliases]
                into.hidden = into.hidden or one.hidden
                made = [each for each in made if each is not one]
                by_words = {words: into if each is one else each for words, each in by_words.items()}
                wider = {of: [into if each is one else each for each in some] for of, some in wider.items()}
    found = [
        Named(
            label=one.label,
            words=tuple(dict.fromkeys((*one.preferred, *one.aliases))),
            preferred=len(dict.fromkeys(one.preferred)),
            broader=tuple(sorted({each.label for each in wider.get(id(one), ())} - {one.label})),
            hidden=one.hidden,
            half_life=one.half_life,
        )
        for one in made
    ]
    return Concepts(tuple(sorted(found, key=lambda one: (one.label, one.words))))


def _made(concept: Concept, language: str) -> _Making:
    shown = _shown(concept, language)
    labels = [shown, *(label for label in concept.labels if label != shown)]
    return _Making(
        label=text_of(shown),
        preferred=[words_of(text_of(label)) for label in labels],
        aliases=[words_of(text_of(label)) for label in concept.aliases],
        broader=concept.broader,
        hidden=concept.hidden,
        half_life=concept.half_life,
    )


def _shown(concept: Concept, language: str) -> str:
    """The label of a concept in a language; else in English, else without one, else of the first language by code."""
    by_language = {language_of(label): label for label in reversed(concept.labels)}
    for wanted in (language, "en", "", *sorted(by_language)):
        if wanted in by_language:
            return by_language[wanted]
    raise AssertionError("a concept has a label")  # the reader holds it
