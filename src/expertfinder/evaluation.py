"""A set in the native format -> figures, runs, comparisons. Offline, in the base install, on one's own judgements too.

A set is loaded into a temporary home as any import is; its truth never is (`data` of a set: people without `bio` and
`location`, posts, interactions). Each query is asked by a viewer who may read everything; its `asker` is never ranked,
its `exclude_posts` are never evidence, and where a set marks people as `judged` only those are ranked. The product's
limits on how many people an answer may hold, and its abstention, do not bind the ranking that is measured here;
abstention is reported beside it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ir_measures
import numpy as np
import orjson
from ir_measures import AP, RR, P, R, nDCG

from expertfinder.errors import SourceError
from expertfinder.finder import ExpertFinder, Home
from expertfinder.index.vectors import encoder
from expertfinder.index.view import view
from expertfinder.model import ORGANISATION, Person, Query, Source, Viewer
from expertfinder.recommend import baselines
from expertfinder.recommend.experts import find_experts, score_experts
from expertfinder.sources.native import NativeReader
from expertfinder.store import Store

SOURCE = "set"
OURS = "expertfinder"
MEASURES = {"MAP": AP, "MRR": RR, "nDCG@10": nDCG @ 10, "P@5": P @ 5, "R@100": R @ 100}
RESAMPLES = 1000
SEED = 20_261
"""Of the bootstrap and of the random baseline: the same figures every time."""

Run = dict[str, list[tuple[str, float]]]
"""Query -> people with scores, best first; ids are the set's own."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries, with the 95 % interval of its bootstrap over queries."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one evaluation found.

    `figures`: method -> measure -> figure; `per_query`: method -> query -> average precision.
    """

    folder: str
    queries: int
    judged: int
    figures: dict[str, dict[str, Figure]]
    per_query: dict[str, dict[str, float]]
    abstained: float
    """Share of the queries that the product would not have answered."""
    confidence: dict[str, tuple[int, float]]
    """Word -> how many answers, and in which share of them a relevant person was among the first three."""
    groups: dict[str, dict[str, float]]
    """Prefix of the query ids (up to the first `-`, where a set has several) -> method -> MAP."""
    run: Run


class _Evidence:
    """The evidence of a set as a source: people without what was written about them later, posts, interactions."""

    def __init__(self, folder: Path) -> None:
        source = Source(id=SOURCE, audience=ORGANISATION)
        self._reader = NativeReader(folder, source=source, kinds=("person", "post", "interaction"))

    def facts(self) -> Iterator:  # type: ignore[type-arg]
        for fact in self._reader.facts():
            yield replace(fact, bio="", location="") if isinstance(fact, Person) else fact


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"this file of the set cannot be read: {error.strerror}", file=str(path)) from error


def _lines(path: Path) -> Iterator[tuple[int, dict]]:  # type: ignore[type-arg]
    for number, line in enumerate(_content(path).split(b"\n"), 1):
        if line.strip():
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise SourceError("this line is no JSON object", file=str(path), line=number) from error
            if not isinstance(record, dict):
                raise SourceError("this line is no JSON object", file=str(path), line=number)
            yield number, record


def read_queries(path: Path) -> list[tuple[str, Query]]:
    """The queries of a file in its order. Raises `SourceError` naming the line that lacks an id or a text."""
    found = []
    for number, record in _lines(path):
        for field in ("id", "text"):
            if not isinstance(record.get(field), str):
                raise SourceError(f"a query needs {field!r}", file=str(path), line=number, field=field)
        asker = record.get("asker")
        query = Query(
            text=record["text"],
            tags=tuple(record.get("tags", ())),
            asker=f"{SOURCE}:{asker}" if asker else None,
            exclude_posts=frozenset(f"{SOURCE}:{post}" for post in record.get("exclude_posts", ())),
        )
        found.append((record["id"], query))
    return found


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """TREC qrels: query, 0, person, grade. Raises `SourceError` naming the line that is not so."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(_content(path).decode("utf-8", errors="replace").split("\n"), 1):
        if not line.strip():
            continue
        parts = line.split()
        if len(parts) != 4 or not parts[3].lstrip("-").isdigit():
            raise SourceError("a line of qrels is: query, 0, person, grade", file=str(path), line=number)
        found[parts[0]][parts[2]] = int(parts[3])
    return dict(found)


@contextmanager
def loaded(folder: Path, *, encoder_name: str = "static-minilm") -> Iterator[ExpertFinder]:
    """A set in a temporary home, indexed as of its newest dated fact, without its truth."""
    with tempfile.TemporaryDirectory(prefix="expertfinder-evaluate-") as temporary:
        home = Home(Path(temporary))
        store = home.open_store()
        store.apply([Source(id=SOURCE, audience=ORGANISATION), *_Evidence(folder).facts()])
        home.build_index(store, encode=encoder(encoder_name), as_of=_newest(store))
        finder = ExpertFinder(home, store, encode=encoder(encoder_name))
        finder.refresh()
        try:
            yield finder
        finally:
            finder.close()


def _newest(store: Store) -> date:
    times = [post.created_at for post in store.all("post") if post.created_at]
    times += [act.created_at for act in store.all("interaction") if act.created_at]
    return (max(times) + timedelta(days=1)).date() if times else datetime.now(UTC).date()


def evaluate(
    folder: Path,
    *,
    queries: Path | None = None,
    qrels: Path | None = None,
    depth: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure our ranking and the baselines on a set. `depth`: how far each ranking goes.

    Raises `SourceError` for a file of the set that is missing or cannot be read.
    """
    asked = read_queries(queries or folder / "queries.jsonl")
    truth = read_qrels(qrels or folder / "qrels.tsv")
    asked = [(name, query) for name, query in asked if any(grade > 0 for grade in truth.get(name, {}).values())]
    if not asked:
        raise SourceError("no query of the set has a relevant person", file=str(qrels or folder / "qrels.tsv"))
    with loaded(folder) as finder:
        return _evaluate(finder, Judged(folder.name, asked, truth), depth=depth, progress=progress)


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries with their truth."""

    name: str
    asked: Sequence[tuple[str, Query]]
    truth: Mapping[str, Mapping[str, int]]


def _evaluate(
    finder: ExpertFinder, judged_set: Judged, *, depth: int, progress: Callable[[int, int], None] | None
) -> Evaluation:
    asked, truth = judged_set.asked, judged_set.truth
    viewer = Viewer(everything=True)
    seen = view(finder.snapshot, viewer)
    encode = encoder(finder.snapshot.manifest.encoder)
    people = finder.snapshot.people
    judged = np.array([bool(person.judged) for person in people])
    eligible = judged if judged.any() else np.ones(len(people), bool)
    ids = [person.id.split(":", 1)[1] for person in people]
    runs: dict[str, Run] = {name: {} for name in (OURS, *baselines.METHODS)}
    confidence: defaultdict[str, list[bool]] = defaultdict(list)
    abstained = 0
    for done, (name, query) in enumerate(asked):
        mask = eligible.copy()
        row = finder.snapshot.person_rows.get(query.asker or "")
        if row is not None:
            mask[row] = False
        relevant = {person for person, grade in truth[name].items() if grade > 0}
        scored = score_experts(seen, query, encode)
        runs[OURS][name] = _ranked(scored.totals, mask, ids, depth=depth)
        answer = find_experts(seen, replace(query, limit=3), encode=encode)
        if answer.abstained is not None:
            abstained += 1
        elif answer.confidence is not None:
            first = {entry.subject.split(":", 1)[1] for entry in answer.recommendations}
            confidence[answer.confidence.value].append(bool(first & relevant))
        for method in baselines.METHODS:
            totals = baselines.score(method, seen, query, encode=encode, seed=f"{SEED}-{name}")
            runs[method][name] = _ranked(totals, mask, ids, depth=depth)
        if progress is not None:
            progress(done + 1, len(asked))
    names = [name for name, _ in asked]
    measured = {method: _measure(run, truth, names) for method, run in runs.items()}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.split("-", 1)[0]].append(name)
    return Evaluation(
        folder=judged_set.name,
        queries=len(names),
        judged=int(eligible.sum()),
        figures={
            method: {measure: figure(list(values.values())) for measure, values in table.items()}
            for method, table in measured.items()
        },
        per_query={method: table["MAP"] for method, table in measured.items()},
        abstained=abstained / len(names),
        confidence={word: (len(right), float(np.mean(right))) for word, right in sorted(confidence.items())},
        groups={
            group: {method: float(np.mean([measured[method]["MAP"][name] for name in members])) for method in runs}
            for group, members in sorted(groups.items())
        }
        if 1 < len(groups) <= 12
        else {},
        run=runs[OURS],
    )


def _ranked(totals: np.ndarray, mask: np.ndarray, ids: Sequence[str], *, depth: int) -> list[tuple[str, float]]:
    rows = np.flatnonzero(mask & (totals > 0))
    return [
        (ids[row], float(totals[row]))
        for row in sorted(rows.tolist(), key=lambda row: (-totals[row], ids[row]))[:depth]
    ]


def _measure(run: Run, truth: Mapping[str, Mapping[str, int]], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measure -> query -> value; a query without an answer counts 0."""
    # The measures sort by score alone: scores by rank keep our order of ties.
    scored = {
        name: {person: float(-rank) for rank, (person, _) in enumerate(ranked)}
        for name, ranked in run.items()
        if ranked
    }
    values: dict[str, dict[str, float]] = {measure: dict.fromkeys(names, 0.0) for measure in MEASURES}
    wanted = {str(measure): label for label, measure in MEASURES.items()}
    chosen = {name: dict(truth[name]) for name in names}
    for entry in ir_measures.iter_calc(list(MEASURES.values()), chosen, scored):
        values[wanted[str(entry.measure)]][entry.query_id] = float(entry.value)
    return values


def figure(values: Sequence[float]) -> Figure:
    """Mean and 95 % interval by resampling queries (percentile bootstrap, `RESAMPLES` times, a fixed seed)."""
    array = np.array(values, np.float64)
    means = np.random.default_rng(SEED).choice(array, (RESAMPLES, len(array))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(array.mean()), float(low), float(high))


def paired(ours: Mapping[str, float], other: Mapping[str, float]) -> Figure:
    """The mean difference over the same queries, with the interval of the paired bootstrap."""
    return figure([ours[name] - other[name] for name in sorted(ours)])


def write_run(run: Run, path: Path, *, tag: str = OURS) -> None:
    """A TREC run: query, Q0, person, rank, score, tag."""
    with path.open("w", encoding="utf-8") as file:
        for query, ranked in run.items():
            for rank, (person, score) in enumerate(ranked, 1):
                file.write(f"{query}\tQ0\t{person}\t{rank}\t{score:.6f}\t{tag}\n")
