"""Our ranking and the baselines on a set: every query is asked once, and everything is read off that one answer.

Each query is asked by a viewer who may read everything, through `finder.asked` and `answered` as every question is. Its
`asker` is never ranked, its `exclude_posts` are never evidence, and where a set marks people as `judged` only those are
ranked. The product's limits on how many people an answer may hold, and its abstention, do not bind the ranking that is
measured here; abstention is reported beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation.baselines import METHODS, Baselines
from expertfinder.evaluation.exposure import Exposure, exposure
from expertfinder.evaluation.figures import OURS, SEED, Figure, Run, Values, figure, measure
from expertfinder.evaluation.sets import Judged, is_rolling, judged, loaded
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT
from expertfinder.model import Query, Viewer
from expertfinder.recommend.experts.experts import Answered, answered
from expertfinder.recommend.experts.scored import Scored

EVERYTHING = Viewer(everything=True)
"""Who asks: in a temporary home without anybody's secrets."""
MOST_GROUPS = 12
"""Where the ids of the queries have more prefixes than this, the prefixes are not read as kinds of query."""


@dataclass(frozen=True, slots=True)
class How:
    """How a set is measured."""

    depth: int = 1000
    """People in each ranking at most."""
    encoder: str = DEFAULT
    ablation: bool = False
    """Whether each part of the score is also left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one evaluation found.

    `figures`: method -> measure -> figure; `values`: method -> measure -> query -> value.
    """

    folder: str
    digest: str
    """Of the questions and judgements (`Judged.digest`)."""
    how: How
    queries: int
    judged: int
    figures: dict[str, dict[str, Figure]]
    values: dict[str, Values]
    without: dict[str, dict[str, float]]
    """Part -> query -> average precision of the sum of the other parts; empty without `How.ablation`."""
    abstained: float
    """Share of the queries that the product would not have answered."""
    confidence: dict[str, tuple[int, float]]
    """Word -> how many answers, and in which share of them a relevant person was among the first three."""
    exposure: Exposure
    members: dict[str, list[str]]
    """Prefix of the query ids (up to the first `-`) -> queries; empty where a set has one kind of query."""
    run: Run

    @property
    def per_query(self) -> dict[str, dict[str, float]]:
        """Method -> query -> average precision."""
        return {method: table["MAP"] for method, table in self.values.items()}

    @property
    def groups(self) -> dict[str, dict[str, float]]:
        """Kind of query -> method -> MAP; empty where a set has one kind of query."""
        return {
            group: {method: float(np.mean([of[name] for name in members])) for method, of in self.per_query.items()}
            for group, members in self.members.items()
        }


def kinds(names: Sequence[str]) -> dict[str, list[str]]:
    """Queries by the prefix of their id, up to the first `-`.

    Empty where there are not 2 to `MOST_GROUPS` prefixes, or where an id has no `-` after its prefix.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.split("-", 1)[0]].append(name)
    kinds = 1 < len(groups) <= MOST_GROUPS and not any(name in groups for name in names)
    return dict(sorted(groups.items())) if kinds else {}


def evaluate(
    folder: Path,
    *,
    queries: Path | None = None,
    qrels: Path | None = None,
    how: How | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure our ranking and the baselines on a set.

    Raises `SourceError` for a file of the set that is missing or cannot be read.
    """
    how = how or How()
    asked = judged(folder, queries=queries, qrels=qrels)
    rolling = queries is not None and is_rolling(queries)
    with loaded(folder, encoder_name=how.encoder, rolling=rolling) as finder:
        return measured(finder, asked, how, progress=progress)


class Places:
    """Rankings over those whom the product may name and, where a set marks some as judged, over these alone."""

    def __init__(self, seen: View, depth: int) -> None:
        people = seen.snapshot.people
        marked = np.array([bool(person.judged) for person in people], bool)
        self.judged = marked if marked.any() else np.ones(len(people), bool)
        self.ids = [person.id.split(":", 1)[1] for person in people]
        self._seen = seen
        self._depth = depth

    def mask(self, query: Query) -> np.ndarray:
        """bool [people]: may be ranked for this query."""
        return np.asarray(self.judged & self._seen.eligible(query))

    def cut(self, found: Answered) -> list[tuple[str, float]]:
        """Ids with scores of an answer of the product, best first, at most `depth`."""
        rows = found.order[self.judged[found.order]][: self._depth]
        scores = found.scored.totals[rows].tolist()
        return [(self.ids[row], score) for row, score in zip(rows.tolist(), scores, strict=True)]

    def ranked(self, totals: np.ndarray, mask: np.ndarray) -> list[tuple[str, float]]:
        """Ids with scores, best first, ties by id, at most `depth`."""
        rows = np.flatnonzero(mask & (totals > 0))
        if len(rows) > self._depth:
            edge = np.partition(totals[rows], len(rows) - self._depth)[len(rows) - self._depth]
            rows = rows[totals[rows] >= edge]
        rows = rows[np.lexsort((self._seen.by_id[rows], -totals[rows]))][: self._depth]
        return [(self.ids[row], score) for row, score in zip(rows.tolist(), totals[rows].tolist(), strict=True)]


def measured(
    finder: ExpertFinder,
    asked: Judged,
    how: How,
    *,
    progress: Callable[[int, int], None] | None,
    peers: Mapping[str, Run] | None = None,
) -> Evaluation:
    """Measure our ranking and the baselines on what a finder has. `peers`: more rankings to stand beside them."""
    seen = finder.view(EVERYTHING)
    places, baselines = Places(seen, how.depth), Baselines(seen)
    runs: dict[str, Run] = {name: {} for name in (OURS, *METHODS)}
    without: defaultdict[str, Run] = defaultdict(dict)
    abstained = 0
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for done, (name, query) in enumerate(asked.asked):
        seen, put, encode = finder.asked(query, EVERYTHING)
        found = answered(seen, put, encode=encode)
        mask = places.mask(put)
        runs[OURS][name] = places.cut(found)
        if found.sureness.abstained is not None:
            abstained += 1
        else:
            first = (places.ids[row] for row in found.order[:3].tolist())
            right[found.answer.value].append(any(asked.truth[name].get(person, 0) > 0 for person in first))
        for method, totals in baselines.scores(
            query, vector=encode.encode([query.text])[0], seed=f"{SEED}-{name}"
        ).items():
            runs[method][name] = places.ranked(totals, mask)
        if how.ablation:
            for part, totals in _without(found.scored).items():
                without[part][name] = places.ranked(totals, mask)
        if progress is not None:
            progress(done + 1, len(asked.asked))
    runs |= peers or {}
    names = [name for name, _ in asked.asked]
    values = {method: measure(run, asked.truth, names) for method, run in runs.items()}
    evidenced = places.judged & (np.bincount(seen.snapshot.shared.segment.act_person, minlength=len(places.ids)) > 0)
    return Evaluation(
        folder=asked.name,
        digest=asked.digest,
        how=how,
        queries=len(names),
        judged=int(places.judged.sum()),
        figures={
            method: {label: figure(list(of.values())) for label, of in table.items()}
            for method, table in values.items()
        },
        values=values,
        # For a query where a part says nothing, our own ranking stands for that without the part.
        without={
            part: measure({**runs[OURS], **run}, asked.truth, names)["MAP"] for part, run in sorted(without.items())
        },
        abstained=abstained / len(names),
        confidence={word: (len(hits), float(np.mean(hits))) for word, hits in sorted(right.items())},
        exposure=exposure(runs[OURS], int(evidenced.sum())),
        members=kinds(names),
        run=runs[OURS],
    )


def _without(scored: Scored) -> dict[str, np.ndarray]:
    """Part -> float64 [people]: the sum of all other parts of the ledger, in its order."""
    entries = scored.ledger.entries
    result: dict[str, np.ndarray] = {}
    for part in dict.fromkeys(entry.part for entry in entries):
        rest = np.zeros(scored.ledger.people)
        for entry in entries:
            if entry.part != part:
                rest = rest + entry.value
        result[part] = rest
    return result
