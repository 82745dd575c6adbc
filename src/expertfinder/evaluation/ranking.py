"""Our ranking and the baselines on a set: every query is asked once, and everything is read off that one answer.

Each query is asked by a viewer who may read everything; its `asker` is never ranked, its `exclude_posts` are never
evidence, and where a set marks people as `judged` only those are ranked. The product's limits on how many people an
answer may hold, and its abstention, do not bind the ranking that is measured here; abstention is reported beside it.
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
from expertfinder.index.access import View, view
from expertfinder.index.encoders.encoder import DEFAULT, Encoder, encoder
from expertfinder.model import Query, Viewer
from expertfinder.recommend.experts.confidence import assess
from expertfinder.recommend.experts.experts import eligible, ranked, score_experts
from expertfinder.recommend.experts.scored import Scored

MOST_GROUPS = 12
"""More prefixes than this among the ids of the queries are no kinds of query."""


@dataclass(frozen=True, slots=True)
class How:
    """How a set is measured."""

    depth: int = 1000
    """How far each ranking goes."""
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
    """Queries by the prefix of their id, up to the first `-`; empty where there are not 2 to `MOST_GROUPS` prefixes."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.split("-", 1)[0]].append(name)
    return dict(sorted(groups.items())) if 1 < len(groups) <= MOST_GROUPS else {}


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
        return _evaluate(finder, asked, how, progress=progress)


class _Once:
    """An encoder that remembers the last question: every method asks for the same vector."""

    def __init__(self, encode: Encoder) -> None:
        self.name, self.dimension, self.digest = encode.name, encode.dimension, encode.digest
        self.max_tokens = encode.max_tokens
        self._encode = encode
        self._texts: list[str] = []
        self._vectors = np.zeros((0, encode.dimension), np.float32)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if list(texts) != self._texts:
            self._texts, self._vectors = list(texts), self._encode.encode(texts)
        return self._vectors


class Places:
    """Rankings over those who may be ranked at all."""

    def __init__(self, seen: View, depth: int) -> None:
        people = seen.snapshot.people
        marked = np.array([bool(person.judged) for person in people], bool)
        self.judged = marked if marked.any() else np.ones(len(people), bool)
        self.ids = [person.id.split(":", 1)[1] for person in people]
        self._seen = seen
        self._depth = depth

    def mask(self, query: Query) -> np.ndarray:
        """bool [people]: may be ranked for this query."""
        mask = self.judged.copy()
        row = self._seen.snapshot.person_rows.get(query.asker or "")
        if row is not None:
            mask[row] = False
        return mask

    def ranked(self, totals: np.ndarray, mask: np.ndarray) -> list[tuple[str, float]]:
        """Ids with scores, best first, ties by id, at most `depth`."""
        rows = np.flatnonzero(mask & (totals > 0))
        if len(rows) > self._depth:
            edge = np.partition(totals[rows], len(rows) - self._depth)[len(rows) - self._depth]
            rows = rows[totals[rows] >= edge]
        rows = rows[np.lexsort((self._seen.by_id[rows], -totals[rows]))][: self._depth]
        return [(self.ids[row], score) for row, score in zip(rows.tolist(), totals[rows].tolist(), strict=True)]


class _Sureness:
    """What the product would have said of its own answers."""

    def __init__(self, seen: View, places: Places) -> None:
        self._seen, self._ids = seen, places.ids
        self.abstained = 0
        self.right: defaultdict[str, list[bool]] = defaultdict(list)

    def note(self, query: Query, scored: Scored, truth: Mapping[str, int]) -> None:
        """One answer, as `find_experts` would give it."""
        order = ranked(np.where(eligible(self._seen, query), scored.totals, 0.0), self._seen)
        sureness = assess(self._seen, scored, order)
        if sureness.abstained is not None:
            self.abstained += 1
            return
        first = [self._ids[row] for row in order[:3].tolist()]
        self.right[sureness.answer.value].append(any(truth.get(person, 0) > 0 for person in first))


def _evaluate(
    finder: ExpertFinder, asked: Judged, how: How, *, progress: Callable[[int, int], None] | None
) -> Evaluation:
    seen = view(finder.snapshot, Viewer(everything=True))
    encode = _Once(encoder(how.encoder))
    places, baselines = Places(seen, how.depth), Baselines(seen)
    sureness = _Sureness(seen, places)
    runs: dict[str, Run] = {name: {} for name in (OURS, *METHODS)}
    without: defaultdict[str, Run] = defaultdict(dict)
    for done, (name, query) in enumerate(asked.asked):
        mask = places.mask(query)
        scored = score_experts(seen, query, encode)
        sureness.note(query, scored, asked.truth[name])
        runs[OURS][name] = places.ranked(scored.totals, mask)
        for method, totals in baselines.scores(
            query, vector=encode.encode([query.text])[0], seed=f"{SEED}-{name}"
        ).items():
            runs[method][name] = places.ranked(totals, mask)
        if how.ablation:
            for part, totals in _without(scored).items():
                without[part][name] = places.ranked(totals, mask)
        if progress is not None:
            progress(done + 1, len(asked.asked))
    names = [name for name, _ in asked.asked]
    values = {method: measure(run, asked.truth, names) for method, run in runs.items()}
    evidenced = places.judged & (np.bincount(seen.snapshot.shared.act_person, minlength=len(places.ids)) > 0)
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
        # A part that does not speak for some query is left out there without any change.
        without={
            part: measure({**runs[OURS], **run}, asked.truth, names)["MAP"] for part, run in sorted(without.items())
        },
        abstained=sureness.abstained / len(names),
        confidence={word: (len(right), float(np.mean(right))) for word, right in sorted(sureness.right.items())},
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
