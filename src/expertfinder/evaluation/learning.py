"""Weights of the parts, learned from an organisation's own judgements; refused unless they are better beyond noise.

The score stays what it is: a sum of the same named parts, each with a weight that is never negative, so more evidence
never lowers it. The weights are those that best put each person who was judged right above all who were not. The loss
is logistic (the first choice of Plackett and Luce). Each question counts the same, and the weights are pulled strongly
towards the shipped ones:

    mean over questions and right ones of log(1 + sum over the others of exp(`STEEP` w.(x- - x+)))
    + `PULL` / questions x sum ((w - w0) / w0)^2

Pairs with a few high rivals were tried first: rivals that stand high by a part make that part look wrong.

The gain of the weights is measured on questions that they were not learned from (`FOLDS` folds), paired with the
shipped weights.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import InvalidQuestion
from expertfinder.evaluation.figures import Figure, Run, figure, measure
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder, encoder
from expertfinder.model import Interaction, Post, Query, Viewer
from expertfinder.policy import is_shared
from expertfinder.recommend.experts.experts import score_experts
from expertfinder.recommend.experts.parts import WEIGHTS
from expertfinder.recommend.experts.weights import write_weights
from expertfinder.store import Feedback

PARTS = tuple(WEIGHTS)
FOLDS = 5
"""Weights are judged on a fifth of the questions and learned from the others, each fifth once."""
PULL = 100.0
"""The pull towards the shipped weights is worth so many questions: with fewer, they hardly move."""
STEEP = 5.0
"""What scores are multiplied by in the loss: among people who stand high they differ by tenths, which it should see."""
DEEP = 1_000
"""People of a question that are kept, the highest first: further ones count in no measure."""
FEWEST = 20
"""Questions with somebody right: with fewer nothing can be told from noise."""
SHOWN = 10
"""First people of an answer, who are compared to tell for whom something changes."""
PRAISE = frozenset({"accept", "endorse", "thank"})
"""Acts on a reply that say that its author was right for what it replies to."""
MOST_THREADS = 500
"""Questions taken from the record, the newest: scoring each costs a few hundredths of a second."""

Judgements = Sequence[tuple[str, Query, Mapping[str, int]]]
"""Name, question, and grades by id of the person (`source:id`); above 0 is right."""


@dataclass(frozen=True, slots=True)
class Example:
    """One judged question."""

    name: str
    people: list[str]
    """Ids of those who stand highest by the shipped weights (at most `DEEP`), and of all who are right."""
    parts: np.ndarray
    """float64 [people, parts]: what each has of each part, for a weight of 1."""
    right: np.ndarray
    """bool [people]."""
    grades: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned, and what it is worth."""

    questions: int
    weights: dict[str, float]
    shipped: dict[str, float]
    learned_map: float
    """Mean average precision on questions that the weights were not learned from."""
    shipped_map: float
    gain: Figure
    """`learned_map` minus `shipped_map`, paired over questions."""
    folds: list[dict[str, float]]
    """The weights of each fold: where they differ much, little was learned."""
    rises: list[tuple[str, int]]
    """People who are among the first ten for more questions than before, with how many more; most first."""
    falls: list[tuple[str, int]]
    """People who are among the first ten for fewer questions, with how many fewer (below 0); most first."""
    answers_changed: float
    """Share of the questions whose first ten are not the same people as before."""

    @property
    def better(self) -> bool:
        """Whether the gain is beyond noise: its 95 % interval lies above 0."""
        return self.gain.low > 0.0


def examples(
    finder: ExpertFinder,
    judgements: Judgements,
    *,
    viewer: Viewer,
    progress: Callable[[int, int], None] | None = None,
) -> list[Example]:
    """The parts of everybody for each question, as `viewer` sees them, without questions that have no right person."""
    seen = View.of(finder.whole.snapshot, viewer)
    encode = encoder(finder.snapshot.manifest.encoder)
    found = []
    for done, (name, query, grades) in enumerate(judgements, 1):
        one = _example(seen, encode, (name, query, grades))
        if one.right.any():
            found.append(one)
        if progress is not None:
            progress(done, len(judgements))
    return found


def _example(seen: View, encode: Encoder, judged: tuple[str, Query, Mapping[str, int]]) -> Example:
    name, query, grades = judged
    people = seen.snapshot.people
    scored = score_experts(seen, query, encode)
    parts = np.zeros((len(people), len(PARTS)))
    for entry in scored.ledger.entries:
        parts[:, PARTS.index(entry.part)] += entry.value / WEIGHTS[entry.part]
    marked = np.array([bool(person.judged) for person in people], bool)
    mask = seen.eligible(query) & (marked if marked.any() else True) & (scored.totals > 0)
    rows = np.flatnonzero(mask)
    right = np.array([grades.get(people[row].id, 0) > 0 for row in rows.tolist()], bool)
    order = np.lexsort((seen.by_id[rows], -scored.totals[rows]))
    keep = np.union1d(order[:DEEP], np.flatnonzero(right))
    rows, right = rows[keep], right[keep]
    return Example(name, [people[row].id for row in rows.tolist()], parts[rows], right, dict(grades))


def fit(known: Sequence[Example]) -> dict[str, float]:
    """The weights that order the examples best, none negative, near the shipped ones; their sum is the shipped sum."""
    own = np.array([WEIGHTS[part] for part in PARTS])
    known = [one for one in known if one.right.any() and not one.right.all()]
    if not known:
        return dict(WEIGHTS)
    pull = PULL / len(known)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        away = (w - own) / own
        value, slope = pull * float(away @ away), 2.0 * pull * away / own
        for one in known:
            more, falling = _miss(one, w)
            value += more / len(known)
            slope = slope + falling / len(known)
        return value, slope

    best = minimize(loss, own, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(own)).x
    best = np.maximum(best, 0.0)
    scaled = best * own.sum() / max(float(best.sum()), 1e-12)
    return {part: round(float(weight), 6) for part, weight in zip(PARTS, scaled, strict=True)}


def _miss(one: Example, w: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and slope [parts] of one question: how far the right ones are from standing above everybody else."""
    score = STEEP * (one.parts @ w)
    right, others = np.flatnonzero(one.right), np.flatnonzero(~one.right)
    top = float(score.max())
    mass = np.exp(score[others] - top)
    own = np.exp(score[right] - top)
    share = mass.sum() / (mass.sum() + own)  # of each right one: the chance that it is not the first
    mean = mass @ one.parts[others] / mass.sum()
    slope = STEEP * (share[:, None] * (mean[None, :] - one.parts[right])).mean(axis=0)
    return float(-np.log1p(-np.minimum(share, 1.0 - 1e-15)).mean()), slope


def ranked(one: Example, weights: Mapping[str, float]) -> list[tuple[str, float]]:
    """The people of a question by weights, best first, ties by id."""
    totals = one.parts @ np.array([weights[part] for part in PARTS])
    pairs = [(person, total) for person, total in zip(one.people, totals.tolist(), strict=True) if total > 0]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _average_precision(known: Sequence[Example], weights_of: Callable[[int], Mapping[str, float]]) -> dict[str, float]:
    run: Run = {one.name: ranked(one, weights_of(place)) for place, one in enumerate(known)}
    return measure(run, {one.name: one.grades for one in known}, [one.name for one in known])["MAP"]


def learn(known: Sequence[Example]) -> Lesson:
    """Learn from examples and measure on questions left out. Raises `InvalidQuestion` for too few of them."""
    if len(known) < FEWEST:
        raise InvalidQuestion(
            f"there are {len(known)} judged questions with somebody right; with fewer than {FEWEST} nothing can be told"
        )
    known = sorted(known, key=lambda one: one.name)
    folds = [fit([one for place, one in enumerate(known) if place % FOLDS != fold]) for fold in range(FOLDS)]
    learned = _average_precision(known, lambda place: folds[place % FOLDS])
    shipped = _average_precision(known, lambda _: WEIGHTS)
    weights = fit(known)
    before = {one.name: _first(one, WEIGHTS) for one in known}
    after = {one.name: _first(one, weights) for one in known}
    moved = Counter(person for name in after for person in after[name])
    moved.subtract(Counter(person for name in before for person in before[name]))
    order = sorted(moved.items(), key=lambda pair: (-pair[1], pair[0]))
    return Lesson(
        questions=len(known),
        weights=weights,
        shipped=dict(WEIGHTS),
        learned_map=float(np.mean(list(learned.values()))),
        shipped_map=float(np.mean(list(shipped.values()))),
        gain=figure([learned[name] - shipped[name] for name in sorted(learned)]),
        folds=folds,
        rises=[(person, by) for person, by in order if by > 0],
        falls=[(person, by) for person, by in order[::-1] if by < 0],
        answers_changed=float(np.mean([set(before[name]) != set(after[name]) for name in before])),
    )


def _first(one: Example, weights: Mapping[str, float]) -> list[str]:
    return [person for person, _ in ranked(one, weights)[:SHOWN]]


def publish(finder: ExpertFinder, lesson: Lesson) -> None:
    """Let the weights serve from the next refresh on. Raises `InvalidQuestion` unless they are better beyond noise."""
    if not lesson.better:
        raise InvalidQuestion(
            f"these weights are not better than the shipped ones beyond noise (gain {lesson.gain.mean:+.4f}, 95 % "
            f"interval from {lesson.gain.low:+.4f}): nothing was published. More judgements may tell."
        )
    gain = {"mean": lesson.gain.mean, "low": lesson.gain.low, "high": lesson.gain.high}
    note = {"questions": lesson.questions, "map": lesson.learned_map, "shipped_map": lesson.shipped_map, "gain": gain}
    write_weights(finder.home.weights, lesson.weights, note=note)


def judgements_from(said: Iterable[Feedback]) -> Judgements:
    """What askers said of the people they were shown, by question: right is who helped more often than not.

    Each asker counts once for each person and question. Questions nobody was helped with teach nothing yet.
    """
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in said:
        votes[one.text][one.subject] += 1 if one.helpful else -1
    return [
        (f"feedback-{number}", Query(text=text), {person: int(count > 0) for person, count in sorted(who.items())})
        for number, (text, who) in enumerate(sorted(votes.items()))
        if any(count > 0 for count in who.values())
    ]


# --- judgements that are in the record already -----------------------------------------------------------------------


def judgements_of(posts: Iterable[Post], acts: Iterable[Interaction]) -> Judgements:
    """Accepts, thanks and endorsements of replies as judgements: the reply's author was right for what was asked.

    Of the shared tier alone. A question's own thread is no evidence for it, its asker is not ranked, and self-praise
    counts for nothing. The newest `MOST_THREADS` questions.
    """
    shared = {post.id: post for post in posts if is_shared(post.audience)}
    children: defaultdict[str, set[str]] = defaultdict(set)
    for post in shared.values():
        if post.parent:
            children[post.parent].add(post.id)
    right: defaultdict[str, set[str]] = defaultdict(set)
    for act in acts:
        reply = shared.get(act.object) if act.object_type == "post" else None
        if act.verb in PRAISE and reply is not None and is_shared(act.audience) and reply.parent in shared:
            right[reply.parent].update(author for author in reply.authors if author != act.actor)
    newest = sorted(
        (shared[name] for name, people in right.items() if people),
        key=lambda post: (post.created_at is not None, post.created_at, post.id),
        reverse=True,
    )
    return [
        (
            post.id,
            Query(
                text=f"{post.title}\n{post.text}".strip(),
                question_tags=post.tags,
                until=post.created_at,
                asker=post.authors[0] if post.authors else None,
                exclude_posts=frozenset({post.id, *children[post.id]}),
            ),
            dict.fromkeys(sorted(right[post.id] - set(post.authors)), 1),
        )
        for post in newest[:MOST_THREADS]
    ]
