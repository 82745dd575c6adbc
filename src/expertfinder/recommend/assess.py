"""How well does this person know this? The other question: comparable between texts and people, normalised by volume.

Who answers is found by sums; what somebody knows is not (on self-ratings sums lose .40 and means .22: whoever wrote
much would know everything). So each of the person's posts is compared with the text, by words and by meaning, in
standard deviations of what the organisation's posts have for that text, and the nearest few are averaged:

    nearness = sum over the nearest 2 + sqrt(n) of n posts of (2 z(cosine) + z(BM25)) / 3, over their number + `THIN`
    score    = (1 + u / sqrt(1 + u^2)) / 2,    u = 4/3 (nearness - q90) / (q90 - q50)

`q50` and `q90` are quantiles of the nearness over texts and people of the organisation, so that .5 says: nearer than
nine in ten such pairs, and .1 what the middle one has; the ends are never reached, so that no two tie there. Mean,
deviation and quantiles rest on the shared tier alone; a restricted post adds to the nearness for who may read it, and
to nothing else. What was tried beside this stands in `docs/assess.md`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.bm25 import Words, counted_words, score
from expertfinder.index.posts.segment import Segment, open_people, shared_audiences
from expertfinder.index.snapshot import Snapshot, day_of
from expertfinder.model import Assessment, Confidence, NearPost, Query, Reason
from expertfinder.recommend.experts.parts import VERBS
from expertfinder.recommend.named import how_sure
from expertfinder.recommend.sentences import SAID, Sentence

MEANING, WORDS = 2.0, 1.0
"""What a deviation in meaning and one in words count (`docs/assess.md`: 1:1, 2:1 and 1:2 differ by .01 of loss)."""
AT_LEAST = 2
"""Posts beside the root of their number: one alone may be near by chance."""
THIN = 0.2
"""Of a post with no nearness at all joins the average, so that a single post says less than several."""
BACKGROUND = 1_000
"""Shared posts that say what is usual for a text, evenly over their ids; the mean is then right to 3 % of a spread."""
LEAST_COSINE, LEAST_BM25 = 0.05, 0.01
"""Deviations are not taken for smaller than this (cosine; BM25 over the text's ideal): a few equal posts have none."""
TEXTS, PEOPLE, POSTS_EACH = 25, 60, 100
"""Texts, people, and posts of each, that the quantiles are made of: 1,500 pairs fix the ninth decile to about 2 %."""
LEAST_RANGE = 0.25
"""From the middle pair to the ninth decile, at least: a tiny organisation is not blown up to the whole scale."""
MIDDLE, DECILE = 0.5, 0.9
"""The quantiles of all pairs of person and post between which the scale of an assessment is spread."""
CITED = 10
"""An assessment names so many posts, the nearest first."""
ENOUGH, SOME = 10, 3
"""Posts from which the confidence is high, and medium."""


NEAREST = Sentence("the {posts} nearest posts of this person are")
ONE_POST = Sentence("the one post of this person is")
NEARER = Sentence("By {how}, {posts} nearer to the text than posts here usually are.")
NO_NEARER = Sentence("By {how}, {posts} no nearer to the text than posts here usually are.")


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the middle pair of a text and a person stands, and the one that nine in ten stay below."""

    middle: float
    decile: float

    def place(self, nearness: float) -> float:
        """0 to 1, rising with the nearness: .1 at `middle`, .5 at `decile`."""
        u = 4 / 3 * (nearness - self.decile) / max(self.decile - self.middle, LEAST_RANGE)
        return (1.0 + u / math.sqrt(1.0 + u * u)) / 2


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what is usual for it: mean and deviation of cosine and relative BM25 over the shared tier."""

    words: Words
    vector: np.ndarray
    cosine: tuple[float, float]
    bm25: tuple[float, float]

    def parts(self, snapshot: Snapshot, segment: Segment, rows: np.ndarray) -> np.ndarray:
        """float64 [rows, 2]: the parts by meaning and by words of each post; they add up to its nearness."""
        cosine, bm25 = _raw(self.words, self.vector, snapshot, (segment, rows))
        by_meaning = (cosine - self.cosine[0]) / self.cosine[1] * (MEANING / (MEANING + WORDS))
        by_words = (bm25 - self.bm25[0]) / self.bm25[1] * (WORDS / (MEANING + WORDS))
        return np.stack([by_meaning, by_words], axis=1)


def _raw(
    words: Words, vector: np.ndarray, snapshot: Snapshot, posts: tuple[Segment, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and BM25 over its ideal; each depends on the text and the post alone (64 bits, row by row)."""
    segment, rows = posts
    cosine = np.einsum("ij,j->i", segment.vectors[rows].astype(np.float64), vector.astype(np.float64))
    return cosine, score(segment, rows, words, snapshot.statistics) / max(words.ideal, 1e-9)


def _spaced(rows: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of the rows, evenly."""
    if len(rows) <= most:
        return rows
    return np.asarray(rows[(np.arange(most) * len(rows)) // most])


def read(snapshot: Snapshot, words: Words, vector: np.ndarray) -> Text:
    """A text with what is usual for it here.

    Over the shared posts as they were built, whatever became of them since: a post also leaves its old row when
    something is done to it that not everybody may see, and that is not to show.
    """
    rows = _spaced(np.arange(len(snapshot.shared)), BACKGROUND)
    usual = []
    for value, least in zip(
        _raw(words, vector, snapshot, (snapshot.shared.segment, rows)), (LEAST_COSINE, LEAST_BM25), strict=True
    ):
        usual.append((float(value.mean()), max(float(value.std()), least)) if len(rows) else (0.0, least))
    return Text(words, vector, usual[0], usual[1])


def chosen(nearness: np.ndarray) -> np.ndarray:
    """Positions of the nearest posts, the nearest first; ties in the order given."""
    count = AT_LEAST + math.ceil(math.sqrt(len(nearness)))
    return np.argsort(-nearness, kind="stable")[:count]


def average(nearness: np.ndarray) -> float:
    """Of the nearest posts, shrunk where they are few; 0 for none."""
    nearest = nearness[chosen(nearness)]
    return float(nearest.sum()) / (len(nearest) + THIN) if len(nearest) else 0.0


def scale_of(snapshot: Snapshot) -> Scale:
    """The quantiles of an organisation: from shared posts as built, and people whom everybody may find."""
    shared = snapshot.shared.segment
    open_to_all = shared_audiences(snapshot.audiences)
    known = open_people(snapshot.people)
    post_of = shared.act_posts()
    counts = open_to_all[shared.act_audience] & known[shared.act_person] & (shared.act_strength > 0)
    people = _spaced(np.unique(shared.act_person[counts]), PEOPLE)
    of_person = [
        _spaced(np.unique(post_of[counts & (shared.act_person == person)]), POSTS_EACH) for person in people.tolist()
    ]
    texts = _spaced(np.arange(len(shared)), TEXTS)
    if not len(people) or not len(texts):
        return Scale(0.0, LEAST_RANGE)
    rows = np.unique(np.concatenate(of_person))
    places = [np.searchsorted(rows, mine) for mine in of_person]
    found = []
    for row in texts.tolist():
        start, end = int(shared.term_indptr[row]), int(shared.term_indptr[row + 1])
        terms, occurs = shared.terms[start:end].astype(np.int64), shared.counts[start:end].astype(np.float64)
        words = counted_words(terms, occurs, snapshot.statistics)
        nearness = read(snapshot, words, shared.vectors[row]).parts(snapshot, shared, rows).sum(axis=1)
        for mine in places:
            others = nearness[mine[rows[mine] != row]]  # a text is not evidence of itself
            if len(others):
                found.append(average(others))
    if not found:
        return Scale(0.0, LEAST_RANGE)
    middle, decile = np.quantile(found, [MIDDLE, DECILE])
    return Scale(float(middle), float(decile))


@dataclass(frozen=True, slots=True)
class Evidenced:
    """The posts of one person that a viewer may read, by id."""

    numbers: np.ndarray
    """int64 [n], over the three tiers (`Tiers`)."""
    families: list[list[str]]
    """What the person did with each."""
    parts: np.ndarray
    """float64 [n, 2]: by meaning, by words."""


def evidenced(view: View, query: Query, text: Text, *, person: int) -> Evidenced:
    """What a person wrote or acted on, that this viewer may read and the question's filters let through.

    Nothing where a filter leaves the person out.
    """
    snapshot = view.snapshot
    view = view.narrowed(query)
    offset = 0
    found: list[tuple[str, int, list[str], np.ndarray]] = []
    for segment, mine in view.acts_of(np.array([person]), query):
        mine = mine[segment.act_strength[mine] > 0]
        posts = segment.posts_of(mine)
        rows = np.unique(posts)
        did: defaultdict[int, list[str]] = defaultdict(list)
        for post, family in zip(posts.tolist(), segment.act_family[mine].tolist(), strict=True):
            if snapshot.families[family] not in did[post]:
                did[post].append(snapshot.families[family])
        parts = text.parts(snapshot, segment, rows)
        found += [(segment.ids[row], offset + row, did[row], parts[place]) for place, row in enumerate(rows.tolist())]
        offset += len(segment)
    found.sort(key=lambda entry: entry[0])
    return Evidenced(
        np.array([number for _, number, _, _ in found], np.int64),
        [families for _, _, families, _ in found],
        np.array([part for _, _, _, part in found]).reshape(len(found), 2),
    )


def assess_person(view: View, query: Query, scale: Scale, *, person: int, encode: Encoder) -> Assessment:
    """How well a person (a row whom the viewer may find) knows what the question is about."""
    snapshot = view.snapshot
    asked = query.whole_text
    words = Words.of(view.read(asked, encode).words, snapshot.term_rows, snapshot.statistics)
    mine = evidenced(view, query, read(snapshot, words, encode.encode([asked])[0]), person=person)
    name = snapshot.people[person].id
    if not len(mine.numbers):
        return Assessment(person=name, score=0.0, confidence=Confidence.LOW, nearness=0.0, posts=0)
    nearness = mine.parts.sum(axis=1)
    nearest = chosen(nearness)
    share = mine.parts[nearest] / (len(nearest) + THIN)
    total = float(share[:, 0].sum()) + float(share[:, 1].sum())
    return Assessment(
        person=name,
        score=scale.place(total),
        confidence=how_sure(len(nearness), high=ENOUGH, medium=SOME),
        nearness=total,
        posts=len(nearness),
        reasons=tuple(_reasons(share)),
        nearest=tuple(
            _near(view, mine, int(place), (float(share[at].sum()), scale.place(average(np.delete(nearness, place)))))
            for at, place in enumerate(nearest[:CITED].tolist())
        ),
    )


def _reasons(share: np.ndarray) -> list[Reason]:
    """The two parts, each with whether the nearest posts lie above or below what is usual here."""
    total = sum(abs(float(share[:, column].sum())) for column in (0, 1))
    reasons = []
    for column, part in enumerate(("meaning", "words")):
        value = float(share[:, column].sum())
        nearest = NEAREST(posts=len(share)) if len(share) > 1 else ONE_POST()
        said = (NEARER if value > 0 else NO_NEARER)(how=part, posts=nearest)
        reasons.append(Reason(part=part, value=value, text=said if 0 < abs(value) >= SAID * total else ""))
    return reasons


def _near(view: View, mine: Evidenced, place: int, adds: tuple[float, float]) -> NearPost:
    segment, row = view.snapshot.tiers.place(int(mine.numbers[place]))
    created = float(segment.created[row])
    return NearPost(
        post=segment.ids[row],
        title=segment.titles[row],
        kind=segment.kinds[row],
        act=", ".join(VERBS.get(family, family) for family in mine.families[place]),
        at=None if math.isnan(created) else day_of(created),
        url=segment.urls[row],
        contribution=adds[0],
        without=adds[1],
    )
