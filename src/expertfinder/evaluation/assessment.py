"""How right is `assess`? Triples with a known order -> loss and accuracy, beside what it must beat.

The loss is that of the reviewers' gold standard (Stelmakh et al., "A Gold Standard Dataset for the Reviewer Assignment
Problem", 2023). A pair in the wrong order costs the difference of its two scores, and a tie costs half of it. The sum
is divided by the sum of all differences; chance gives .5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound, SourceError
from expertfinder.evaluation.sets import SOURCE, loaded, read_queries
from expertfinder.index.encoders.encoder import encoder
from expertfinder.model import Query, Viewer

COLUMNS = ("kind", "anchor", "positive", "negative", "score_pos", "score_neg")
OURS = "expertfinder"
BASELINES = ("sum", "mean", "activity")
"""Squared cosines of all of a person's posts, added up; the same averaged; how many posts there are."""
EVERYTHING = Viewer(everything=True)

Pair = tuple[str, str]
"""A query and a person."""


@dataclass(frozen=True, slots=True)
class Triple:
    """`better` should have the higher score of the two, and by `gap`."""

    kind: str
    """`pc`: one query and two people; `rc`: one person and two queries."""
    better: Pair
    worse: Pair
    gap: float


@dataclass(frozen=True, slots=True)
class Losses:
    """Loss, and the share of triples in the right order (a tie is half right), of one method."""

    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Assessing:
    """What an evaluation of `assess` found."""

    folder: str
    triples: int
    methods: dict[str, dict[str, Losses]]
    """Method -> `all` and each kind -> figures."""


def read_triples(path: Path) -> list[Triple]:
    """The triples of a file with a head line. Raises `SourceError` naming the line and column that are wrong."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"this file of the set cannot be read: {error}", file=str(path)) from error
    head = lines[0].split("\t") if lines else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise SourceError(f"the head line lacks the column {missing[0]!r}", file=str(path), line=1, field=missing[0])
    found = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            cells = line.split("\t")
            if len(cells) != len(head):
                raise SourceError(f"a line has {len(head)} columns; this has {len(cells)}", file=str(path), line=number)
            found.append(_triple(dict(zip(head, cells, strict=True)), path, number))
    if not found:
        raise SourceError("there is no triple in it", file=str(path))
    return found


def _triple(row: Mapping[str, str], path: Path, line: int) -> Triple:
    try:
        scores = float(row["score_pos"]), float(row["score_neg"])
    except ValueError as error:
        raise SourceError("a score is a number", file=str(path), line=line, field="score_pos") from error
    if not all(map(math.isfinite, scores)):
        raise SourceError("a score is a finite number", file=str(path), line=line, field="score_pos")
    anchor, one, other = row["anchor"], row["positive"], row["negative"]
    if row["kind"] == "pc":
        pairs = (anchor, one), (anchor, other)
    elif row["kind"] == "rc":
        pairs = (one, anchor), (other, anchor)
    else:
        raise SourceError("the kind of a triple is pc or rc", file=str(path), line=line, field="kind")
    better, worse = pairs if scores[0] >= scores[1] else pairs[::-1]
    return Triple(row["kind"], better, worse, abs(scores[0] - scores[1]))


def losses(triples: list[Triple], score: Mapping[Pair, float]) -> Losses:
    """Loss and accuracy of scores by (query, person). Triples with a `gap` of 0 are left out."""
    total = lost = right = ordered = 0.0
    for triple in triples:
        if triple.gap <= 0:
            continue
        difference = score[triple.better] - score[triple.worse]
        wrong = 1.0 if difference < 0 else 0.5 if difference == 0 else 0.0
        total += triple.gap
        lost += wrong * triple.gap
        right += 1.0 - wrong
        ordered += 1
    return Losses(lost / total, right / ordered) if ordered else Losses(0.5, 0.5)


def evaluate_assess(
    folder: Path,
    *,
    queries: Path | None = None,
    triples: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Assessing:
    """Measure `assess` on a set with `triples.tsv`, by a viewer who may read everything.

    Raises `SourceError` for a file of the set that is missing, cannot be read, or names what the set does not have.
    """
    file = triples or folder / "triples.tsv"
    wanted = read_triples(file)
    asked = dict(read_queries(queries or folder / "queries.jsonl"))
    pairs = sorted({pair for triple in wanted for pair in (triple.better, triple.worse)})
    lost = next((query for query, _ in pairs if query not in asked), None)
    if lost is not None:
        raise SourceError(f"a triple names the query {lost!r}, which the set does not have", file=str(file))
    tables: dict[str, dict[Pair, float]] = {name: {} for name in (OURS, *BASELINES)}
    with loaded(folder) as finder:
        simple = _Simple(finder)
        for done, pair in enumerate(pairs, 1):
            try:
                person = f"{SOURCE}:{pair[1]}"
                tables[OURS][pair] = finder.assess(asked[pair[0]], person, EVERYTHING).score
            except NotFound as error:
                raise SourceError(
                    f"a triple names the person {pair[1]!r}, who is not in the set", file=str(file)
                ) from error
            for name, value in zip(BASELINES, simple.score(asked[pair[0]], person), strict=True):
                tables[name][pair] = value
            if progress is not None:
                progress(done, len(pairs))
    kinds = sorted({triple.kind for triple in wanted})
    return Assessing(
        folder.name,
        len(wanted),
        {
            name: {
                "all": losses(wanted, table),
                **{kind: losses([one for one in wanted if one.kind == kind], table) for kind in kinds},
            }
            for name, table in tables.items()
        },
    )


class _Simple:
    """The baselines, from the same posts as `assess`; each is one line of code."""

    def __init__(self, finder: ExpertFinder) -> None:
        self._snapshot = finder.snapshot
        self._encode = encoder(finder.snapshot.manifest.encoder)
        shared = finder.snapshot.shared.segment
        self._post_of = shared.act_posts()
        self._posts: dict[str, np.ndarray] = {}
        self._cosine: tuple[str, np.ndarray] = ("", np.empty(0))

    def score(self, query: Query, person: str) -> tuple[float, float, float]:
        """(sum, mean, activity) of a person for a query."""
        shared = self._snapshot.shared.segment
        if person not in self._posts:
            row = self._snapshot.person_rows[person]
            self._posts[person] = np.unique(self._post_of[(shared.act_person == row) & (shared.act_strength > 0)])
        if self._cosine[0] != query.text:
            near = np.asarray(shared.vectors @ self._encode.encode([query.text])[0], np.float64)
            self._cosine = (query.text, np.maximum(near, 0.0) ** 2)
        posts = self._posts[person]
        if query.exclude_posts:
            posts = posts[[shared.ids[row] not in query.exclude_posts for row in posts.tolist()]]
        value = self._cosine[1][posts]
        return float(value.sum()), float(value.mean()) if len(value) else 0.0, float(len(posts))
