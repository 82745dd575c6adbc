"""What the parts of a score are made of: the posts near a question that this viewer may read, and sums by person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import distinct, gather, one_of
from expertfinder.index.candidates import ROUNDING, Candidates, Question
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.filtered import Whole
from expertfinder.index.posts.bm25 import Reading, Words
from expertfinder.index.posts.tokens import tokenise
from expertfinder.index.recipe import Recipe, faded, idf
from expertfinder.model import Query
from expertfinder.recommend.experts.vouched import Vouched

BEST = 50
"""A sentence counts those of the so many posts that match a question best: of a few hundred that are looked at, most
have little to do with it (not measured)."""
GIVEN = 1.0
"""What a tag counts that the question carries; the measured set-up of `docs/ranking.md`."""
MENTIONED = 0.5
"""What a tag counts that only stands in the question's text."""
ALL = 0.95
"""Share of a question's words (by idf) in one post that is as good as all."""
FEW, FEW_SHARE = 20.0, 0.05
"""Posts that have the rarest word of such a question, at most, and their share of all."""
LOOKED_AT = 5
"""Posts, best by words, of which one may have all."""
NEAREST = 10
"""So many posts nearest in meaning tell whether they are in the language of the question."""
AT_ONCE = 128
"""People whose centres are multiplied at once: 256 kB of 64 bits stay in the processor's nearest cache but one; with
1,024 of them 10,000 people take a third more."""
SPREAD_OVER = 100
"""The spread of a part is that of its so many largest values: more people are hardly ever in play."""
ALL_EXACT = 4096
"""People up to whom all centres are multiplied in 64 bits: more than any set with judgements has but pyvideo (7,238).
Of more, who did nothing near the question and does not move the spread has a centre of 32 bits: the order of those whom
a list ends before could differ where two scores agree in seven digits."""
LONGEST_TAG = 4
"""A tag of up to so many words is looked for in a question's text; longer tags are rare."""


@dataclass(frozen=True)
class Basis:
    """What a question finds. All that a part is made of is in here, and all of it is what this viewer may read.

    What is worked out from it is made when it is first asked for, and kept.
    """

    view: View
    """Narrowed to the people whom the question lets count."""
    query: Query
    reading: Reading
    """The question as it is understood."""
    understood: float
    """The share of it that the encoder understands, 0 to 1."""
    words: Words
    vector: np.ndarray
    """float32 [dimension]."""
    found: Candidates
    """The posts near the question, and the acts on them."""
    whole: Whole
    """What is said of people as a whole."""

    @classmethod
    def of(cls, view: View, query: Query, encode: Encoder) -> Basis:
        """The posts near a question that this viewer may read, and what is said of people as a whole."""
        reading = view.read(query.whole_text, encode)
        question = Question.read(view, query, reading=reading, encode=encode)
        return cls(
            view=view,
            query=query,
            reading=reading,
            understood=encode.understood(reading.prose),
            words=question.words,
            vector=question.vector,
            found=question.candidates(),
            whole=Whole.of(view, question.words, query),
        )

    def among(self, view: View, query: Query) -> Basis:
        """What the question finds with filters on people. `view`: narrowed to them."""
        found = Question(view, query, self.words, self.vector).candidates()
        return replace(self, view=view, query=query, found=found)

    @property
    def recipe(self) -> Recipe:
        """The constants of the ranking."""
        return self.view.snapshot.recipe

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

    def said(self, numbers: np.ndarray) -> np.ndarray:
        """bool [words of the question]: whether one of some posts has a form of each."""
        tiers, words = self.view.snapshot.tiers, self.words
        there = np.zeros(len(words.rows), bool)
        for segment, (_, rows) in zip(tiers.segments, tiers.split(numbers), strict=True):
            if not len(rows):
                continue
            positions, _ = gather(segment.term_indptr, rows)
            there |= one_of(words.rows, segment.terms[positions])
        return np.asarray(np.bincount(words.word, there, minlength=len(words.counts)) > 0)

    @cached_property
    def decay(self) -> np.ndarray:
        """float64 [acts of the candidates]: 2^(-age / half-life), by the class of what the question names, too."""
        usual = self.recipe.half_life * self.view.snapshot.manifest.span * self.reading.lasts
        return faded(self.found.act_age, (usual * self.view.snapshot.lasting)[self.found.act_family])

    @cached_property
    def of_others(self) -> np.ndarray:
        """bool [candidates]: all but those to which nobody but the asker did anything."""
        found, asker = self.found, self.view.snapshot.person_rows.get(self.query.asker or "", -1)
        own = np.bincount(found.act_post, found.act_person == asker, minlength=len(found.posts))
        return np.asarray((own == 0) | (own < np.bincount(found.act_post, minlength=len(found.posts))))

    @cached_property
    def relative(self) -> np.ndarray:
        """float64 [candidates]: BM25 as a share of the question's ideal."""
        return np.asarray(self.found.bm25 / max(self.words.ideal, 1e-9))

    @cached_property
    def best_by_words(self) -> frozenset[int]:
        """The candidates that match the question best in words, at most `BEST`, of those with anybody who counts."""
        acted = distinct(self.found.act_post)
        return frozenset(acted[self.found.bm25[acted] > 0][:BEST].tolist())

    @cached_property
    def best_by_meaning(self) -> frozenset[int]:
        """The same by meaning; of equals those that match better in words."""
        acted = distinct(self.found.act_post)
        order = acted[np.argsort(-self.found.cosine[acted], kind="stable")]
        return frozenset(order[self.found.cosine[order] > 0][:BEST].tolist())

    @cached_property
    def best(self) -> np.ndarray:
        """bool [candidates]: among the best by words, or by meaning."""
        best = np.zeros(len(self.found.posts), bool)
        best[list(self.best_by_words | self.best_by_meaning)] = True
        return best

    @cached_property
    def vouched(self) -> Vouched:
        """Who has been vouched for, as the posts near the question tell."""
        return Vouched(self.view, self.query, self.found)

    @cached_property
    def _centres(self) -> np.ndarray:
        """float64 [people]: what `centres` has found so far; not a number for others, 0 for who came since."""
        found = np.zeros(self.people)
        found[: len(self.whole.standing.centre)] = np.nan
        return found

    def centres(self, people: np.ndarray) -> np.ndarray:
        """float64: how near the centres of some people (rows) are to the question.

        Row by row in 64 bits, as every cosine here: how many people there are is not to show in the last digit.
        """
        centre, vector, found = self.whole.standing.centre, self.vector.astype(np.float64), self._centres
        missing = people[np.isnan(found[people])]
        if len(missing) > ALL_EXACT:
            far = ~self._in_play(missing)
            found[missing[far]] = np.maximum(self._rough[missing[far]], 0.0) ** self.recipe.by_centre
            missing = missing[~far]
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            near = np.einsum("ij,j->i", centre[some].astype(np.float64), vector)
            found[some] = np.maximum(near, 0.0) ** self.recipe.by_centre
        return np.asarray(found[people])

    def _in_play(self, people: np.ndarray) -> np.ndarray:
        """bool: which of some people (rows) did something near the question, or have the largest cosines of the others,
        of which the spread of the part is made."""
        acted, rough = np.zeros(self.people, bool), self._rough[people]
        acted[self.found.act_person] = True
        there = acted[people]
        return np.asarray(there | (rough >= np.sort(rough[~there])[-SPREAD_OVER:].min(initial=np.inf) - ROUNDING))

    @cached_property
    def _rough(self) -> np.ndarray:
        """float64 [people of the build]: the cosines of their centres as 32 bits have them."""
        return np.asarray(np.einsum("ij,j->i", self.whole.standing.centre, self.vector), np.float64)

    @cached_property
    def _others(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the people whom this viewer may find and who did something, and the same of them."""
        rows = np.flatnonzero(self.view.people & (self.rows(self.whole.standing.activity) > 0))
        return rows, self._rough[rows]

    def nearer_than(self, person: int) -> tuple[int, int]:
        """How many of the others whom this viewer may find the centre of a person is nearer than, and of how many."""
        rows, rough = self._others
        own = self.centres(np.array([person]))
        if not own[0] > 0:
            return 0, len(rows) - 1
        cosine = own[0] ** (1 / self.recipe.by_centre)
        below = int(np.count_nonzero(rough < cosine - ROUNDING))
        about = rows[np.abs(rough - cosine) <= ROUNDING]
        return below + int((self.centres(about) < own[0]).sum()), len(rows) - 1

    @cached_property
    def abroad(self) -> float:
        """The share of the posts nearest in meaning that are known to be in none of the question's languages, 0 to 1.

        The words of such posts agree with those of the question by accident, but for names; 0 where a post has all.
        """
        nearest, languages = np.argsort(-self.found.cosine, kind="stable")[:NEAREST], self.reading.languages
        if not languages or not len(nearest) or self.in_one_post:
            return 0.0
        written = self.view.snapshot.tiers.column("languages", self.found.posts[nearest])
        return float(np.mean([bool(language) and language not in languages for language in written]))

    @cached_property
    def in_one_post(self) -> bool:
        """Whether one post has all that is asked for, and not many have: then it need not be near in meaning, too.

        An encoder does not know each name and abbreviation that an organisation has.
        """
        words, statistics, posts = self.words, self.view.snapshot.statistics, self.found.posts[self.of_others]
        if not len(posts) or words.ideal <= 0:
            return False
        rarities, few = (
            words.weights / words.counts,
            statistics.rarity(np.array([max(FEW, FEW_SHARE * statistics.posts)])),
        )
        names = np.array([one.is_name for one in words.asked], bool) & (rarities >= few)
        if (names & self.said(posts[:LOOKED_AT])).any():
            return True
        if float(rarities[words.weights.argmax()]) < float(few[0]):
            return False
        return any(
            float(words.weights[self.said(posts[place : place + 1])].sum()) >= ALL * words.ideal
            for place in range(min(LOOKED_AT, len(posts)))
        )

    @cached_property
    def declared(self) -> np.ndarray:
        """float64 [people]: the share of the question's words, by their weights, that each declares."""
        return self.view.snapshot.directory.declared.shares(self.words)

    @cached_property
    def said_at_once(self) -> float:
        """The largest share of a question's words, by their weights, that one of the posts best by words has."""
        words, posts = self.words, self.found.posts[:LOOKED_AT]
        if words.ideal <= 0 or self.reading.topic is not None:  # a topic is guessed where posts have none of the words
            return 0.0
        each = (self.said(posts[place : place + 1]) for place in range(len(posts)))
        return max((float(words.weights[said].sum()) / words.ideal for said in each), default=0.0)

    @property
    def at_home(self) -> float:
        """Share of the weight of the parts that go by words: less where the nearest posts are `abroad`."""
        return 1.0 - (1.0 - self.recipe.abroad) * self.abroad

    @cached_property
    def tagged(self) -> tuple[np.ndarray, list[tuple[str, frozenset[int]]]]:
        """By the question's tags, the most specific first: float64 [people of the build], how specific each tag is
        times the logarithm of what one did under it, summed; and each tag with the people (rows) who did something."""
        snapshot, standing = self.view.snapshot, self.whole.standing
        wanted = {" ".join(tokenise(tag)): GIVEN for tag in (*self.query.question_tags, *self.query.topics)}
        wanted.pop("", None)
        for said in dict.fromkeys((self.query.whole_text, self.reading.prose, self.reading.topic or "")):
            words = tokenise(said)
            for size in range(1, LONGEST_TAG + 1):
                for start in range(len(words) - size + 1):
                    wanted.setdefault(" ".join(words[start : start + size]), MENTIONED)
        result = np.zeros(len(standing.activity))
        posts = max(snapshot.statistics.posts, 1)
        found: list[tuple[float, str, frozenset[int]]] = []
        named = ((row, weight) for name, weight in wanted.items() for row in snapshot.tag_rows.get(name, ()))
        for row, weight in sorted(named):
            start, end = int(standing.tag_indptr[row]), int(standing.tag_indptr[row + 1])
            if start == end:
                continue
            rarity = float(idf(posts, float(standing.tag_posts[row])))
            # Without who did nothing under it any more: what they did was taken back since the snapshot was built.
            people = standing.tag_people[start:end][standing.tag_strength[start:end] > 0]
            result[standing.tag_people[start:end]] += weight * rarity * np.log1p(standing.tag_strength[start:end])
            found.append((-rarity, snapshot.tags[row], frozenset(people.tolist())))
        return result, [(name, people) for _, name, people in sorted(found, key=lambda entry: entry[:2])]
