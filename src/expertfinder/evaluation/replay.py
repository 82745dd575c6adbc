"""What spreading asks costs: a rolling set asked again in the order of its questions, each of them put to the first.

As it is, the first of each answer is asked. Two rules of the product are tried beside that (decision 0031). Both hold
for a person who was asked a number of times within some days. By the rule *gives way* the next person who is about as
good stands first (`first_place`). By *passed over* the person is left out, like somebody who reached a limit of their
own. Nobody's load is told: only the largest share of all asks that one person has, the Gini coefficient, and nDCG@10.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from expertfinder.errors import SourceError
from expertfinder.evaluation.exposure import gini
from expertfinder.evaluation.figures import Figure, Run, figure, measure, paired
from expertfinder.evaluation.ranking import EVERYTHING, Places
from expertfinder.evaluation.sets import STREAM, Judged, judged, loaded
from expertfinder.index.encoders.encoder import DEFAULT
from expertfinder.recommend.experts.experts import answered
from expertfinder.recommend.experts.spreading import first_place

LIMITS = (1, 2, 3)
"""Numbers of asks within the days from which on a rule holds for a person; the smallest spreads most."""
Rule = Literal["as it is", "gives way", "passed over"]
DEPTH = 100
"""People of one answer: as many as the product gives at most."""
MEASURE = "nDCG@10"
Ranked = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Spread:
    """What one rule did. `limit`: asks after which it holds."""

    rule: Rule
    limit: int
    people: int
    """Who was asked at all."""
    largest: float
    """The largest share of all asks that one person has."""
    gini: float
    """Gini coefficient of the asks, over everybody who was asked under any rule: 0 for all alike, near 1 for one."""
    quality: Figure
    """nDCG@10."""
    lost: Figure
    """nDCG@10 with the rule minus that without it, paired."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A set asked again by each rule; the first of `spreads` is `as it is`."""

    folder: str
    days: int
    asks: int
    spreads: tuple[Spread, ...]


def replay(
    folder: Path, *, days: int, encoder_name: str = DEFAULT, progress: Callable[[int, int], None] | None = None
) -> Replay:
    """Ask a rolling set again. Raises `SourceError` where it has no rolling questions."""
    queries = folder / f"queries{STREAM}.jsonl"
    if not queries.exists():
        raise SourceError("this set has no rolling questions: each needs its time", file=str(queries))
    asked = judged(folder, queries=queries, qrels=folder / f"qrels{STREAM}.tsv")
    with loaded(folder, encoder_name=encoder_name, rolling=True) as finder:
        places, answers = Places(finder.view(EVERYTHING), DEPTH), []
        in_time = sorted((query.until, name, query) for name, query in asked.asked if query.until is not None)
        for done, (at, name, query) in enumerate(in_time, 1):
            seen, put, encode = finder.asked(query, EVERYTHING)
            answers.append(Answer(name, at, places.cut(answered(seen, put, encode=encode))))
            if progress is not None:
                progress(done, len(in_time))
    return Replay(folder.name, days, len(answers), spread(answers, asked, within=timedelta(days=days)))


class Answer(NamedTuple):
    """Whom a question names, with their scores, best first."""

    name: str
    at: datetime
    ranked: Ranked


def spread(answers: Sequence[Answer], asked: Judged, *, within: timedelta) -> tuple[Spread, ...]:
    """What each rule does to these answers, which must be in the order of their time; `as it is` comes first."""
    rules: list[tuple[Rule, int]] = [("as it is", 0)]
    rules += [(rule, limit) for rule in ("gives way", "passed over") for limit in LIMITS]
    runs = {rule: _named(answers, within=within, rule=rule) for rule in rules}
    asks = {rule: Counter(ranked[0][0] for ranked in run.values() if ranked) for rule, run in runs.items()}
    everybody = sorted({person for counts in asks.values() for person in counts})
    names = [one.name for one in answers]
    quality = {rule: measure(run, asked.truth, names)[MEASURE] for rule, run in runs.items()}
    return tuple(
        Spread(
            rule=rule[0],
            limit=rule[1],
            people=len(counts),
            largest=max(counts.values(), default=0) / max(counts.total(), 1),
            gini=gini([counts[person] for person in everybody]),
            quality=figure(list(quality[rule].values())),
            lost=paired(quality[rule], quality[rules[0]]),
        )
        for rule, counts in asks.items()
    )


def _named(answers: Sequence[Answer], *, within: timedelta, rule: tuple[Rule, int]) -> Run:
    """Whom each answer names by a rule."""
    named: Run = {}
    lately: deque[tuple[datetime, str]] = deque()
    asks: Counter[str] = Counter()
    for name, at, ranked in answers:
        while lately and lately[0][0] <= at - within:
            asks[lately.popleft()[1]] -= 1
        often = {person for person, count in asks.items() if rule[1] and count >= rule[1]}
        left = [one for one in ranked if one[0] not in often] if rule[0] == "passed over" else ranked
        place = first_place(left, often)
        named[name] = [*left[place : place + 1], *left[:place], *left[place + 1 :]]
        if left:
            lately.append((at, left[place][0]))
            asks[left[place][0]] += 1
    return named
