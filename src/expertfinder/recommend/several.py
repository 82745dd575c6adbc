"""A question with several topics: who covers all of them comes first, and of each person it is said which they cover.

Each topic is answered as a question of its own. A person covers it where a post near it speaks for them, or where they
declare it. For `n` topics the score is the sum of a part that counts the topics covered, each 1 / (n + 1), and of the
parts of each topic, where the first one for it has 1 / (n (n + 1)) in all: one topic more outweighs everything else.
Where one topic is enough (`Query.any`) there is no such part, and the first one for a topic has 1 / n.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import gather, one_of
from expertfinder.index.candidates import Candidates
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.bm25 import Asked
from expertfinder.index.posts.conjunctions import Sides, sides
from expertfinder.index.posts.tokens import folded, runs
from expertfinder.model import Citation, Community, Confidence, Covered, Query, Ranking, Reason, Recommendation
from expertfinder.policy import may_read
from expertfinder.recommend.called import named_by
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.confidence import TOO_LITTLE, less_sure
from expertfinder.recommend.experts.experts import NOBODY_NOW, Answered
from expertfinder.recommend.experts.reasons import ALL_CITATIONS, Ranked, recommendations
from expertfinder.recommend.sentences import SAID, Sentence

TOGETHER = 0.5
"""Share of the posts about the rarer of two sides that are about the other, too, from which on both are one subject."""
IN_TITLES = 2
"""Titles with the words around a joint as they are asked, from which on they are a phrase."""
LOOKED_AT = 100
"""People of each topic, the best first, who may be in the answer: as many as an answer holds at most."""
COVERAGE = "topics covered"
"""The part of a score that counts the topics."""

READ_AS = Sentence("The question was read as {count} topics: {topics}.")
COVERS_ALL = Sentence("Covers all topics: {topics}.")
COVERS_SOME = Sentence("Covers {topics}, and not {missing}.")
OF_TOPIC = Sentence("{topic}: {said}")
NOBODY_COVERS_ALL = Sentence("Nobody who can be named covers all of it; these people cover a part.")
NOBODY_KNOWS = Sentence("Nobody can be named for “{topic}”.")


@dataclass(frozen=True, slots=True)
class Topics:
    """What a question asks for, where it is several topics."""

    names: tuple[str, ...]
    any: bool
    """Whether one of them is enough."""
    given: bool = False
    """Whether who asks listed them: then they are topics whatever the posts say."""


def topics_of(view: View, query: Query, encode: Encoder) -> Topics | None:
    """What a question asks for, where it may be several topics; `None` for one. `apart` has the last word."""
    if query.topics or query.question_tags:
        names = tuple(dict.fromkeys(topic.strip() for topic in query.topics if topic.strip()))
        several = not query.text.strip() and not query.question_tags and len(names) > 1
        return Topics(names, query.any, given=True) if several else None
    found = sides(query.text)
    if found is None or named_by(view, query, encode)[0]:
        return None
    found = _without_phrases(view, query, encode, found)
    return Topics(found.topics, query.any or found.either) if len(found.spans) > 1 else None


def apart(topics: Topics, found: Sequence[Answered]) -> bool:
    """Whether what may be topics are several: who asks listed them, or each has an answer of its own."""
    return topics.given or all(one.sureness.abstained is None for one in found)


def _without_phrases(view: View, query: Query, encode: Encoder, found: Sides) -> Sides:
    """The sides of a question without joints inside of phrases.

    A phrase is what stands so in a name that is known, or in titles near the question, and two sides of which half of
    the posts near the question about the rarer one are about the other, too.
    """
    tiers, near = view.snapshot.tiers, Basis.of(view, query, encode).found
    titles = [segment.titles[row].lower() for segment, row in map(tiers.place, near.posts.tolist())]
    names = _names(view)
    place = 0
    while place < len(found.spans) - 1:
        joint, (one, other) = found.joint(place), found.topics[place : place + 2]
        plain = f" {' '.join(runs(folded(joint)))} "
        is_phrase = any(plain in name for name in names) or sum(joint in title for title in titles) >= IN_TITLES
        if is_phrase or _together(_about(view, near, one, encode), _about(view, near, other, encode)):
            found = found.joined(place)
        else:
            place += 1
    return found


def _together(one: np.ndarray, other: np.ndarray) -> bool:
    fewest = min(one.sum(), other.sum())
    return bool(fewest and (one & other).sum() >= TOGETHER * fewest)


def _about(view: View, near: Candidates, topic: str, encode: Encoder) -> np.ndarray:
    """bool [candidates]: has a form of each word of a topic that posts know."""
    tiers, rows_of = view.snapshot.tiers, view.snapshot.term_rows
    result = np.zeros(len(near.posts), bool)
    for number, asked in enumerate(one for one in view.read(topic, encode).words if _known(one, rows_of)):
        rows = [rows_of[form] for form, _ in asked.forms if form in rows_of]
        having = np.zeros(len(near.posts), bool)
        for segment, (places, at) in zip(tiers.segments, tiers.split(near.posts), strict=True):
            positions, owner = gather(segment.term_indptr, at)
            having[places[owner[one_of(segment.terms[positions], np.array(rows, np.int64))]]] = True
        result = having if not number else result & having
    return result


def _known(asked: Asked, rows_of: Mapping[str, int]) -> bool:
    return any(form in rows_of for form, _ in asked.forms)


def _names(view: View) -> list[str]:
    """Topics, units, titles and declared communities that the viewer may read, in folded words with blanks around."""
    people = [view.snapshot.people[row] for row in np.flatnonzero(view.people).tolist()]
    names = {person.org_unit for person in people} | {person.title for person in people}
    names |= {one.name for one in view.snapshot.communities if may_read(one.audience, view.viewer) and _declared(one)}
    plain = [*view.snapshot.lexicon.labels, *(" ".join(runs(folded(name))) for name in sorted(names))]
    return [f" {name} " for name in plain]


def _declared(community: Community) -> bool:
    """Whether people named it: the name of a detected one lists topics."""
    return community.kind == "declared"


@dataclass(frozen=True, slots=True)
class _Shares:
    """The topics that one person covers: number of the topic -> share of the first one's score for it."""

    row: int
    shares: dict[int, float]

    def score(self, topics: Topics) -> float:
        most = len(topics.names)
        if topics.any:
            return sum(self.shares.values()) / most
        return (len(self.shares) + sum(self.shares.values()) / most) / (most + 1)


def _covering(topics: Topics, found: Sequence[Answered], also: int | None = None) -> list[_Shares]:
    """Everybody who covers one of the topics, best first, ties by id."""
    shares: dict[int, dict[int, float]] = {}
    for number, one in enumerate(found):
        declared = one.scored.declared
        looked = one.order[:LOOKED_AT].tolist()
        if one.sureness.abstained is not None:
            looked = []
        elif also is not None and also not in looked and also in one.order:
            looked.append(also)
        for row in looked:
            if declared[row] > 0 or len(one.scored.near(row)):
                best = float(one.scored.totals[one.order[0]])
                shares.setdefault(row, {})[number] = min(float(one.scored.totals[row]) / best, 1.0)
    by_id = found[0].scored.basis.view.by_id
    everybody = [_Shares(row, of) for row, of in shares.items()]
    return sorted(everybody, key=lambda one: (-round(one.score(topics), 12), int(by_id[one.row])))


def find_several(
    topics: Topics, found: Sequence[Answered], query: Query, *, away: Collection[str] = frozenset()
) -> Ranking:
    """The people who cover most of the topics, best first, with the parts of their scores for each."""
    people = found[0].scored.basis.view.snapshot.people
    covering = _covering(topics, found)
    notes = [READ_AS(count=len(topics.names), topics="; ".join(topics.names))]
    notes += [note for one in found for note in one.scored.basis.reading.notes]
    unknown = [topic for topic, one in zip(topics.names, found, strict=True) if one.sureness.abstained is not None]
    notes += [NOBODY_KNOWS(topic=topic) for topic in unknown]
    if not covering:
        return Ranking(query=query, abstained=TOO_LITTLE(), notes=tuple(notes), topics=topics.names)
    named = [one for one in covering if people[one.row].id not in away][: query.limit]
    if not named:
        return Ranking(query=query, abstained=NOBODY_NOW(), notes=tuple(notes), topics=topics.names)
    if not topics.any and len(named[0].shares) < len(topics.names):
        notes.append(NOBODY_COVERS_ALL())
    ranked = Ranked(np.sort([one.score(topics) for one in covering]))
    shown = tuple(_recommended(topics, found, one, ranked=ranked) for one in named)
    return Ranking(
        query=query,
        recommendations=shown,
        confidence=shown[0].confidence,
        notes=tuple(dict.fromkeys(notes)),
        topics=topics.names,
    )


def explain_several(topics: Topics, found: Sequence[Answered], person: int) -> Recommendation:
    """One person's score with all its evidence; without reasons for who covers none."""
    covering = _covering(topics, found, person)
    mine = next((one for one in covering if one.row == person), _Shares(person, {}))
    ranked = Ranked(np.sort([one.score(topics) for one in covering]), citations=ALL_CITATIONS)
    return _recommended(topics, found, mine, ranked=ranked)


def _recommended(topics: Topics, found: Sequence[Answered], one: _Shares, *, ranked: Ranked) -> Recommendation:
    most = len(topics.names)
    each: list[tuple[str, float, Recommendation]] = []
    for number in one.shares:
        answer = found[number]
        totals = answer.scored.totals
        own = Ranked(np.sort(totals[answer.order]), citations=ranked.citations)
        sure = less_sure(answer.word(one.row), answer.answer)
        (of_topic,) = recommendations(answer.scored, [(one.row, sure)], ranked=own)
        factor = 1.0 / (float(totals[answer.order[0]]) * most * (1 if topics.any else most + 1))
        each.append((topics.names[number], factor, of_topic))
    sures = {topic: of_topic.confidence for topic, _, of_topic in each}
    reasons = [] if topics.any or not each else [_coverage(topics, list(sures))]
    score = one.score(topics)
    lost: dict[str, float] = {}
    for _, factor, of_topic in each:
        for post, without in {
            cited.post: cited.without for part in of_topic.reasons for cited in part.citations
        }.items():
            lost[post] = lost.get(post, 0.0) + factor * (of_topic.score - without)

    def without_post(post: str) -> tuple[float, int]:
        left, rank = ranked.without(np.array(score), np.array(lost[post]))
        return float(left), int(rank)

    for topic, factor, of_topic in each:
        reasons += [_of_topic(reason, topic, factor, score=score, without=without_post) for reason in of_topic.reasons]
    people = found[0].scored.basis.view.snapshot.people
    missing = len(each) < most and not topics.any
    pick = min if topics.any else max  # the words stand from the surest on
    word = pick(sures.values(), key=list(Confidence).index, default=Confidence.LOW)
    warned: dict[str, list[str]] = {}
    for topic, _, of_topic in each:
        warned.setdefault(of_topic.caveat, []).append(topic)
    days = [of_topic.last_seen for _, _, of_topic in each if of_topic.last_seen is not None]
    return Recommendation(
        subject=people[one.row].id,
        role="expert",
        score=sum(reason.value for reason in reasons),
        confidence=Confidence.LOW if missing else word,
        reasons=tuple(reasons),
        last_seen=max(days, default=None),
        posts=sum(of_topic.posts for _, _, of_topic in each),
        caveat=" ".join(OF_TOPIC(topic=", ".join(of), said=caveat) for caveat, of in warned.items() if caveat),
        topics=tuple(Covered(topic=topic, confidence=sures.get(topic)) for topic in topics.names),
    )


def _coverage(topics: Topics, covered: Sequence[str]) -> Reason:
    missing = [topic for topic in topics.names if topic not in covered]
    said = COVERS_SOME(topics=", ".join(covered), missing=", ".join(missing))
    if not missing:
        said = COVERS_ALL(topics=", ".join(covered))
    return Reason(part=COVERAGE, value=len(covered) / (len(topics.names) + 1), text=said)


def _of_topic(
    reason: Reason, topic: str, factor: float, *, score: float, without: Callable[[str], tuple[float, int]]
) -> Reason:
    """A part of one topic's score as a part of the whole one, with the name of its topic before what it says."""
    value = reason.value * factor
    said = reason.text and (value < 0 or 0 < value >= SAID * score)

    def cited(one: Citation) -> Citation:
        left, rank = without(one.post)
        return replace(one, contribution=one.contribution * factor, without=left, rank_without=rank)

    return Reason(
        part=f"{reason.part}: {topic}",
        value=value,
        text=OF_TOPIC(topic=topic, said=reason.text) if said else "",
        citations=tuple(map(cited, reason.citations)),
    )
