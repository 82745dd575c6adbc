"""What the parts of a score are made of: the posts near a question that this viewer may read, and sums by person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.candidates import Candidates, Question, candidates, question_vector
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.activity import half_lives
from expertfinder.index.people.filtered import Whole, whole
from expertfinder.index.posts.bm25 import Words, words_of
from expertfinder.index.posts.reading import Reading
from expertfinder.index.posts.tokens import tokenise
from expertfinder.index.recipe import Recipe, faded, idf
from expertfinder.model import Query

Made = TypeVar("Made")

GIVEN = 1.0
"""What a tag counts that the question carries; the measured set-up of `docs/ranking.md`."""
MENTIONED = 0.5
"""What a tag counts that only stands in the question's text."""
NEAREST = 10
"""So many posts nearest in meaning tell whether they are in the language of the question."""
LONGEST_TAG = 4
"""A tag of up to so many words is looked for in a question's text; longer tags are rare."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a question finds, before anything is added up."""

    query: Query
    text: str
    """Of the question, with its topics."""
    reading: Reading
    """The question as it is understood."""
    understood: float
    """The share of it that the encoder understands, 0 to 1."""
    words: Words
    vector: np.ndarray
    """float32 [dimension]."""
    candidates: Candidates
    whole: Whole


def gathered(view: View, query: Query, encode: Encoder) -> Gathered:
    """The posts near a question that this viewer may read, and what is said of people as a whole."""
    snapshot = view.snapshot
    text = query.whole_text
    reading = snapshot.read(text, encode)
    words = words_of(reading.words, snapshot.term_rows, snapshot.statistics)
    vector = question_vector(view, query, words, reading=reading, encode=encode)
    found = candidates(view, Question(words, vector, query))
    return Gathered(
        query=query,
        text=text,
        reading=reading,
        understood=encode.understood(reading.prose),
        words=words,
        vector=vector,
        candidates=found,
        whole=whole(view, words, query),
    )


def gathered_among(view: View, everybody: Gathered, query: Query) -> Gathered:
    """What a question with filters on people finds. `view`: narrowed to them; `everybody`: what it finds without."""
    found = candidates(view, Question(everybody.words, everybody.vector, query))
    return replace(everybody, query=query, candidates=found)


@dataclass(frozen=True, slots=True)
class Basis:
    """All that a part may be made of. Everything in it is what this viewer may read."""

    view: View
    gathered: Gathered
    decay: np.ndarray
    """float64 [acts of the candidates]: 2^(-age / half-life)."""
    relative: np.ndarray
    """float64 [candidates]: BM25 as a share of the question's ideal."""
    topics: np.ndarray
    """float64 [people]: over the question's tags, how specific each is times the logarithm of what one did under it."""
    abroad: float
    """The share of the posts nearest in meaning that are known to be in none of the question's languages, 0 to 1."""
    tags: list[tuple[str, frozenset[int]]]
    """These tags, the most specific first, each with the people (rows) who did something under it."""
    _kept: dict[Callable[[Basis], Any], Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def once(self, make: Callable[[Basis], Made]) -> Made:
        """What `make`, a function of a module, gives of this basis: made when it is first asked for, and kept."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return self._kept[make]  # type: ignore[no-any-return]

    @property
    def recipe(self) -> Recipe:
        """The constants of the ranking."""
        return self.view.snapshot.recipe

    @property
    def found(self) -> Candidates:
        """The posts near the question, and the acts on them."""
        return self.gathered.candidates

    @property
    def profile(self) -> np.ndarray:
        """float64 [people of the build]: BM25 of the profiles."""
        return self.gathered.whole.profile

    @property
    def people(self) -> int:
        """How many people the snapshot knows."""
        return len(self.view.snapshot.people)

    def rows(self, value: np.ndarray) -> np.ndarray:
        """Values for the people of the build, with 0 for those who came since."""
        return np.concatenate([value, np.zeros(self.people - len(value))])

    def per_act(self, value: np.ndarray) -> np.ndarray:
        """float64 [acts]: the value of each act's candidate times the act's strength and decay."""
        return np.asarray(value[self.found.act_post] * self.found.act_strength * self.decay)


def basis(view: View, question: Gathered) -> Basis:
    """Weigh what was gathered with the recipe of the snapshot."""
    snapshot, found = view.snapshot, question.candidates
    lasting = half_lives(snapshot.families, snapshot.recipe.half_life * snapshot.manifest.span)
    topics, tags = _topics(view, question)
    return Basis(
        view=view,
        gathered=question,
        decay=faded(found.act_age, lasting[found.act_family]),
        relative=found.bm25 / max(question.words.ideal, 1e-9),
        topics=topics,
        abroad=_abroad(view, found, question.reading.languages),
        tags=tags,
    )


def _abroad(view: View, found: Candidates, languages: frozenset[str]) -> float:
    """`Basis.abroad`: the words of such posts agree with those of the question by accident, but for names."""
    nearest = np.argsort(-found.cosine, kind="stable")[:NEAREST]
    if not languages or not len(nearest):
        return 0.0
    places = [view.snapshot.tiers.place(number) for number in found.posts[nearest].tolist()]
    written = [segment.languages[row] for segment, row in places]
    return float(np.mean([bool(language) and language not in languages for language in written]))


def _topics(view: View, question: Gathered) -> tuple[np.ndarray, list[tuple[str, frozenset[int]]]]:
    """`Basis.topics`, for the people of the build, and `Basis.tags`."""
    query, standing = question.query, question.whole.standing
    wanted = {" ".join(tokenise(tag)): GIVEN for tag in (*query.question_tags, *query.topics)}
    wanted.pop("", None)
    reading = question.reading
    for said in dict.fromkeys((question.text, reading.prose, reading.topic or "")):
        words = tokenise(said)
        for size in range(1, LONGEST_TAG + 1):
            for start in range(len(words) - size + 1):
                wanted.setdefault(" ".join(words[start : start + size]), MENTIONED)
    result = np.zeros(len(standing.activity))
    posts = max(view.snapshot.statistics.posts, 1)
    found: list[tuple[float, str, frozenset[int]]] = []
    named = ((row, weight) for name, weight in wanted.items() for row in view.snapshot.tag_rows.get(name, ()))
    for row, weight in sorted(named):
        start, end = int(standing.tag_indptr[row]), int(standing.tag_indptr[row + 1])
        if start == end:
            continue
        rarity = float(idf(posts, float(standing.tag_posts[row])))
        # Without who did nothing under it any more: what they did was taken back since the snapshot was built.
        people = standing.tag_people[start:end][standing.tag_strength[start:end] > 0]
        result[standing.tag_people[start:end]] += weight * rarity * np.log1p(standing.tag_strength[start:end])
        found.append((-rarity, view.snapshot.tags[row], frozenset(people.tolist())))
    return result, [(name, people) for _, name, people in sorted(found, key=lambda entry: entry[:2])]
