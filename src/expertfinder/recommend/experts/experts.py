"""Who knows this? Documents first, then people: a score is a sum of named parts over what the viewer may read.

The parts and their weights were chosen on ten rows of judged questions and checked leaving each set out
(`docs/ranking.md`). Each part is divided by how far it spreads over the hundred people it speaks for most, so that no
single leader sets the scale. Only what this viewer may read is in a spread, as in everything else that is added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.candidates import Candidates, Question, candidates
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.activity import HALF_LIFE_SHARE, half_lives
from expertfinder.index.people.filtered import Whole, whole
from expertfinder.index.posts.bm25 import Words, words_of
from expertfinder.index.posts.tokens import question_words, tokenise
from expertfinder.model import Person, Query, Ranking, Recommendation
from expertfinder.recommend.experts.confidence import Sureness, assess
from expertfinder.recommend.experts.ledger import Ledger
from expertfinder.recommend.experts.reasons import ALL_CITATIONS, Ranked, recommendations
from expertfinder.recommend.experts.scored import Scored

WEIGHTS = {
    "words and meaning": 0.2,
    "meaning": 0.5,
    "profile": 1.2,
    "topics": 0.7,
    "activity": 0.25,
    "centre": 0.2,
}
"""What a person adds who stands four spreads out in a part (`docs/ranking.md`)."""
BY_WORDS, WITH_MEANING = 4.0, 2.0
"""Powers of relative BM25 and of the cosine in what a post gives to words and meaning,"""
BY_MEANING, BY_CENTRE = 4.0, 4.0
"""and of the cosines in the parts of these names: a few good matches are worth many middling ones."""
WITHOUT_TAGS = 0.3
"""Of the weight of topics, where the question carries no tag itself and its text is searched for them."""
SPREAD_OVER = 100
"""People whose spread scales a part."""
SPREADS = 4.0
RESTRICTED_SPEAKS = 3.0
"""Restricted posts speak through two parts of all, about a third of the weights. Where only they speak, to a viewer who
may read them, they have the weight of the rest, too."""
IN_FULL = 15
"""Posts of one person that count in full in a part; the n-th counts this / n of itself, so that nobody stands first by
sheer number (`docs/ranking.md`: 5 to 20 are alike)."""
SHORT = 4
"""Words of a question up to which a profile rests by half on one post that has much of them; on longer ones by less:"""
HELD, MUCH = 0.5, 0.4
"""by this share times `SHORT` / words, and much is this share of the question's BM25 at its best."""
GIVEN, MENTIONED = 1.0, 0.5
"""What a tag counts that the question carries, and one that only stands in its text."""
LONGEST_TAG = 4
"""Words of a tag that is looked for in a text."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a question finds, before anything is added up."""

    query: Query
    text: str
    """Of the question, with its topics."""
    words: Words
    vector: np.ndarray
    """float32 [dimension]."""
    candidates: Candidates
    whole: Whole


def text_of(query: Query) -> str:
    """The text of a question, with its topics."""
    return "\n".join((query.text, *query.topics))


def gathered(view: View, query: Query, encode: Encoder) -> Gathered:
    """The posts near a question that this viewer may read, and what is said of people as a whole."""
    snapshot = view.snapshot
    text = text_of(query)
    words = words_of(question_words(text), snapshot.term_rows, snapshot.statistics)
    vector = encode.encode([text])[0]
    found = candidates(view, Question(words, vector, query))
    return Gathered(query, text, words, vector, found, whole(view, words, query))


def score_experts(view: View, query: Query, encode: Encoder, *, weights: Mapping[str, float] = WEIGHTS) -> Scored:
    """Score everybody whom the viewer may be shown for a question. `weights`: of the parts, shipped or learned."""
    return added_up(view, gathered(view, query, encode), weights=weights)


def added_up(view: View, question: Gathered, *, weights: Mapping[str, float] = WEIGHTS) -> Scored:
    """The parts of everybody's score, and their sum."""
    snapshot, found, of_all = view.snapshot, question.candidates, question.whole
    ledger = Ledger(len(snapshot.people), {part: weights.get(part, own) / own for part, own in WEIGHTS.items()})
    lasting = half_lives(snapshot.families, HALF_LIFE_SHARE * snapshot.manifest.span)
    decay = 0.5 ** (found.act_age / lasting[found.act_family])
    relative = found.bm25 / max(question.words.ideal, 1e-9)
    profile = _rows(of_all.profile, ledger.people)
    topics, tags = _topics(view, question)
    topics = _rows(topics, ledger.people)
    amounts = {
        "words and meaning": relative**BY_WORDS * found.cosine**WITH_MEANING,
        "meaning": found.cosine**BY_MEANING,
    }
    for part, value in amounts.items():
        _documents(ledger, part, found, value[found.act_post] * found.act_strength * decay)
    borne_out = _borne_out(found, relative, len(question.words.rows), people=ledger.people)
    _whole(ledger, "profile", profile * borne_out, view)
    given = question.query.question_tags or question.query.topics
    _whole(ledger, "topics", topics, view, share=1.0 if given else WITHOUT_TAGS)
    # Activity and centre alone find nobody: they only weigh where another part speaks.
    spoken = ledger.totals() > 0
    _whole(ledger, "activity", np.where(spoken, np.log1p(_rows(of_all.standing.activity, ledger.people)), 0.0), view)
    # Row by row in 64 bits, as every cosine here: how many people there are is not to show in the last digit.
    toward = np.einsum("ij,j->i", of_all.standing.centre.astype(np.float64), question.vector.astype(np.float64))
    near = _rows(np.maximum(toward, 0.0) ** BY_CENTRE, ledger.people)
    _whole(ledger, "centre", np.where(spoken, near, 0.0), view)
    return Scored(ledger, found, question.words, decay, profile, of_all.per_word, tags, ledger.totals())


def spread(value: np.ndarray) -> float:
    """Standard deviation over the `SPREAD_OVER` largest values, with zeros for who is not there.

    The number of people is not to show in it: some of them are hidden, or not for this viewer to find.
    """
    largest = np.zeros(SPREAD_OVER)
    positive = np.sort(value[value > 0])[::-1][:SPREAD_OVER]
    largest[: len(positive)] = positive
    return float(largest.std())


def _scale(part: str, wide: float) -> float:
    """What the values of a part are multiplied by; `wide`: their spread."""
    return WEIGHTS[part] / (SPREADS * wide) if wide > 1e-12 else 0.0


def _documents(ledger: Ledger, part: str, found: Candidates, amount: np.ndarray) -> None:
    """Add a part that sums `amount` [acts of the candidates] by person.

    It is scaled by the spread of the shared tier. Where that is silent and the viewer may read more, a share of the
    spread of what the viewer may read stands in, so that the scale is no accident of a near zero.
    """
    open_to_all = amount[found.act_shared] * few_in_full(found.act_person[found.act_shared], amount[found.act_shared])
    amount = amount * few_in_full(found.act_person, amount)
    everything = np.bincount(found.act_person, amount, minlength=ledger.people)
    shared = np.bincount(found.act_person[found.act_shared], open_to_all, minlength=ledger.people)
    scale = _scale(part, max(spread(shared), spread(everything) / RESTRICTED_SPEAKS))
    used = amount > 0
    ledger.add(part, person=found.act_person[used], post=found.act_post[used], contribution=amount[used] * scale)


def few_in_full(person: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """float64 [acts]: the share of its `amount` that each act of a person keeps, 1 for the `IN_FULL` largest.

    No sum falls when an act comes or grows: shares go by rank, and the larger amounts have the larger ones.
    """
    order = np.lexsort((-amount, person))
    first = np.flatnonzero(np.diff(person[order], prepend=-1))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1) - np.repeat(first, np.diff(first, append=len(order)))
    return np.minimum(1.0, IN_FULL / rank) if len(rank) else rank


def _borne_out(found: Candidates, relative: np.ndarray, words: int, *, people: int) -> np.ndarray:
    """float64 [people]: what a profile is multiplied by, 1 or less.

    A profile adds words of different posts: of two words, who wrote about each in another place looks like who wrote
    about both together. So on short questions it counts in full only where one shared post has much of the question.
    """
    best = np.zeros(people)
    np.maximum.at(best, found.act_person[found.act_shared], relative[found.act_post[found.act_shared]])
    rests = HELD * min(1.0, SHORT / max(words, 1))
    return np.asarray(1.0 - rests * (1.0 - np.minimum(best / MUCH, 1.0)))


def _whole(ledger: Ledger, part: str, value: np.ndarray, view: View, *, share: float = 1.0) -> None:
    """Add a part that belongs to a person as a whole, with a share of its weight; it is of the shared tier."""
    shown = np.where(view.people, value, 0.0)
    ledger.add_whole(part, shown * (share * _scale(part, spread(shown))))


def _rows(value: np.ndarray, people: int) -> np.ndarray:
    """Values for the people of the snapshot, and 0 for those who came since."""
    return np.concatenate([value, np.zeros(people - len(value))])


def _topics(view: View, question: Gathered) -> tuple[np.ndarray, list[tuple[str, frozenset[int]]]]:
    """float64 [people]: over the question's tags, how specific each is times the logarithm of what one did under it.

    Beside it the tags, the most specific first, each with the people who did something under it.
    """
    query, standing = question.query, question.whole.standing
    wanted = {" ".join(tokenise(tag)): GIVEN for tag in (*query.question_tags, *query.topics)}
    wanted.pop("", None)
    words = tokenise(question.text)
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
        n = float(standing.tag_posts[row])
        idf = float(np.log1p((posts - n + 0.5) / (n + 0.5)))
        # Without who did nothing under it any more: what they did was taken back since the snapshot was built.
        people = standing.tag_people[start:end][standing.tag_strength[start:end] > 0]
        result[standing.tag_people[start:end]] += weight * idf * np.log1p(standing.tag_strength[start:end])
        found.append((-idf, view.snapshot.tags[row], frozenset(people.tolist())))
    return result, [(name, people) for _, name, people in sorted(found, key=lambda entry: entry[:2])]


# --- answers ---------------------------------------------------------------------------------------------------------


def eligible(view: View, query: Query) -> np.ndarray:
    """bool [people]: may be shown, has not left, is not the asker, and passes the question's filters on people."""
    mask = view.here.copy()
    asker = view.snapshot.person_rows.get(query.asker or "")
    if asker is not None:
        mask[asker] = False
    if query.place or query.unit or query.language:
        for row in np.flatnonzero(mask).tolist():
            mask[row] = _passes(view.snapshot.people[row], query)
    return mask


def _passes(person: Person, query: Query) -> bool:
    fits = (
        not query.place or query.place.lower() in person.location.lower(),
        not query.unit or query.unit.lower() in person.org_unit.lower(),
        not query.language or query.language.lower() in (language.lower() for language in person.languages),
    )
    return all(fits)


@dataclass(frozen=True, slots=True)
class Answered:
    """Everybody in order, before the answer is cut to its length and its reasons are written."""

    scored: Scored
    order: np.ndarray
    """int64: rows of the people who may be shown and have a score, best first, ties by id."""
    sureness: Sureness
    """How sure the answer is, or why nobody is named."""


def answered(view: View, query: Query, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS) -> Answered:
    """Score everybody, put those in order who may be shown, and say how sure that is."""
    scored = score_experts(view, query, encode, weights=weights)
    order = ranked(np.where(eligible(view, query), scored.totals, 0.0), view)
    return Answered(scored, order, assess(view, scored, order))


def find_experts(view: View, query: Query, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS) -> Ranking:
    """The people to ask, best first, with reasons; or why there is no good answer."""
    found = answered(view, query, encode=encode, weights=weights)
    scored, order, sureness = found.scored, found.order, found.sureness
    if sureness.abstained is not None:
        return Ranking(query=query, abstained=sureness.abstained)
    totals, chosen = scored.totals, order[: query.limit].tolist()
    first = float(totals[chosen[0]])
    people = [(row, sureness.of(place, float(totals[row]) / first)) for place, row in enumerate(chosen)]
    shown = recommendations(view, scored, people, ranked=Ranked(np.sort(totals[order])))
    return Ranking(query=query, recommendations=shown, confidence=sureness.answer)


def explain_expert(
    view: View, query: Query, person: int, *, encode: Encoder, weights: Mapping[str, float] = WEIGHTS
) -> Recommendation:
    """One person's score for a question with all its evidence, whether or not the person would be recommended."""
    scored = score_experts(view, query, encode, weights=weights)
    totals = np.where(eligible(view, query), scored.totals, 0.0)
    totals[person] = scored.totals[person]
    order = ranked(totals, view)
    sureness = assess(view, scored, order)
    place = int(np.flatnonzero(order == person)[0]) if person in order else len(order)
    share = float(totals[person]) / float(totals[order[0]]) if len(order) else 0.0
    everybody = Ranked(np.sort(totals[order]), citations=ALL_CITATIONS)
    return recommendations(view, scored, [(person, sureness.of(place, share))], ranked=everybody)[0]


def ranked(totals: np.ndarray, view: View) -> np.ndarray:
    """Rows of people with a score, best first, ties by id."""
    rows = np.flatnonzero(totals > 0)
    return rows[np.lexsort((view.by_id[rows], -totals[rows]))]
