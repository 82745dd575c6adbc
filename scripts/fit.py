"""Refits the weights and the constants of the ranking, leaving each set out in turn, and measures what was left out.

    python scripts/fit.py [NAME ...] [--starts N] [--save FILE]

For each set under EXPERTFINDER_SETS: from a neutral start (every weight alike, textbook constants), one parameter after
the other takes the value with which the mean MAP over the rows of the *other* sets is best, until none moves; with
`--starts` from drawn starts, too, and the best end of them counts. Then the set is measured with what was found without
it. Sets are loaded, gathered and added up by the product; a constant is varied by setting it in the module that has it.
Rows of fewer than 30 questions are measured, not fitted on.

What cannot be refitted is the form: which parts there are. So a figure on a new set may still be lower.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.table import Table

from evaluate import OUT, folders, spread
from expertfinder.evaluation import figure, judged, loaded, paired
from expertfinder.evaluation.ranking import kinds
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.people.activity import build_standing, decayed
from expertfinder.index.people.filtered import Whole
from expertfinder.index.people.profiles import build_profiles
from expertfinder.index.recipe import SHIPPED, Recipe
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Viewer
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.experts import added_up
from expertfinder.recommend.experts.parts import WEIGHTS

LEAST_QUERIES = 30
DEPTH = 1000
GAIN = 1e-4
"""Of the mean MAP, for a parameter to move."""
STEPS = (0.5, 0.7, 1.4, 2.0)
"""What a weight is tried multiplied by."""
NEUTRAL = 0.5
SEED = 4
"""Of the starts that are drawn."""

DOCUMENTS = ("words and meaning", "meaning")
FADING = (*DOCUMENTS, "topics", "activity", "centre")


@dataclass(frozen=True, slots=True)
class Constant:
    """A field of `Recipe`, the values that it may take, the neutral one first, and the parts that it moves."""

    name: str
    values: tuple[float, ...]
    parts: tuple[str, ...]

    @property
    def shipped(self) -> float:
        """As answers are made with."""
        return float(getattr(SHIPPED, self.name))


CONSTANTS = (
    Constant("by_words", (1.0, 2.0, 4.0), ("words and meaning",)),
    Constant("with_meaning", (0.0, 2.0), ("words and meaning",)),
    Constant("by_meaning", (1.0, 2.0, 4.0), ("meaning",)),
    Constant("by_centre", (1.0, 4.0), ("centre",)),
    Constant("in_full", (1000.0, 15.0), DOCUMENTS),
    Constant("half_life", (1.0, 0.5, 0.25, 0.125), FADING),
    Constant("profile_half_life", (1.0, 0.5, 0.25), ("profile",)),
    Constant("profile_k1", (1.2, 3.0), ("profile",)),
    Constant("profile_b", (0.75, 0.3, 0.2), ("profile",)),
    Constant("held", (0.0, 0.5), ("profile",)),
    Constant("without_tags", (1.0, 0.3), ("topics",)),
)
Configuration = dict[str, float]
"""Every weight by the name of its part, every constant by its own."""
FIXED: Configuration = {**WEIGHTS, **{one.name: one.shipped for one in CONSTANTS}}


def recipe(choice: Configuration) -> Recipe:
    """The recipe with the constants of a choice."""
    return replace(SHIPPED, **{one.name: choice[one.name] for one in CONSTANTS})


class Set:
    """One set, gathered once; the values of a part are kept for each choice of the constants that move it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.name = folder.name
        asked = judged(folder)
        self._base = stack.enter_context(loaded(folder)).snapshot
        self._view = View.of(self._base, Viewer(everything=True))
        encode = encoder(self._base.manifest.encoder)
        self._asked = [Basis.of(self._view, query, encode) for _, query in asked.asked]
        self.queries = [name for name, _ in asked.asked]
        of_kinds = kinds(self.queries)
        self.rows = {f"{self.name} {kind}": names for kind, names in of_kinds.items()} or {self.name: self.queries}
        marked = np.array([bool(person.judged) for person in self._base.people], bool)
        may = np.flatnonzero(marked) if marked.any() else np.arange(len(marked))
        self._people = may[np.argsort(self._view.by_id[may])]  # by id, as ties are broken
        place = {self._base.people[row].id: at for at, row in enumerate(self._people.tolist())}
        askers = [(at, place.get(query.asker or "")) for at, (_, query) in enumerate(asked.asked)]
        self._askers = np.array([pair for pair in askers if pair[1] is not None], np.int64).reshape(-1, 2)
        right = [[f"set:{who}" for who, grade in asked.truth[name].items() if grade > 0] for name in self.queries]
        pairs = [(at, place[who]) for at, people in enumerate(right) for who in people if who in place]
        self._right = np.array(pairs, np.int64).reshape(-1, 2)
        self._wanted = np.array([len(people) for people in right], np.float64)
        self._kept: dict[tuple[Any, ...], np.ndarray] = {}
        self._profiles: dict[tuple[float, ...], list[np.ndarray]] = {}
        self._means: dict[tuple[float, ...], list[float]] = {}
        self._made: dict[tuple[float, ...], Snapshot] = {}

    def parts(self, choice: Configuration) -> dict[str, np.ndarray]:
        """Part -> float32 [queries, people], each for a weight of 1."""
        keys = {part: (part, *(choice[one.name] for one in CONSTANTS if part in one.parts)) for part in WEIGHTS}
        missing = {part for part, key in keys.items() if key not in self._kept}
        if missing:
            found = {part: np.zeros((len(self.queries), len(self._people)), np.float32) for part in missing}
            seen = replace(self._view, snapshot=replace(self._base, recipe=recipe(choice)))
            for row, question in enumerate(self._wholes(choice, missing)):
                for entry in added_up(replace(question, view=seen)).ledger.entries:
                    if entry.part in missing:
                        found[entry.part][row] = entry.value[self._people] / WEIGHTS[entry.part]
            self._kept.update({keys[part]: value for part, value in found.items()})
        return {part: self._kept[key] for part, key in keys.items()}

    def _wholes(self, choice: Configuration, missing: set[str]) -> Iterator[Basis]:
        """The questions, with that made again of what is said of people as a whole which the missing parts rest on."""
        if missing <= set(DOCUMENTS):
            yield from self._asked
            return
        seen = replace(self._view, snapshot=replace(self._snapshot(choice), recipe=recipe(choice)))
        key = tuple(choice[name] for name in ("profile_k1", "profile_b", "profile_half_life"))
        known = self._profiles.setdefault(key, [])
        for row, question in enumerate(self._asked):
            if row < len(known) and missing <= {*DOCUMENTS, "profile"}:
                yield replace(question, whole=replace(question.whole, profile=known[row]))
                continue
            whole = Whole.of(seen, question.words, question.query)
            if row == len(known):
                known.append(whole.profile)
            yield replace(question, whole=whole)

    def _snapshot(self, choice: Configuration) -> Snapshot:
        """Profiles and standing made again with other half-lives. In a set everything is open to all."""
        key = (choice["profile_half_life"], choice["half_life"])
        if key not in self._made:
            shared, manifest = self._base.shared.segment, self._base.manifest
            age = manifest.ages(shared.act_at)
            every, people = np.ones(len(shared.act_person), bool), len(self._base.people)
            lasting, weight = (
                decayed(shared, age, acts=every, half_life=share * manifest.span * self._base.lasting) for share in key
            )
            profile = build_profiles(shared, people=people, terms=len(self._base.terms), weight=lasting)
            words = self._base.standing.tag_words
            stands = build_standing(shared, people=people, tag_words=words, weight=weight)
            self._made[key] = replace(self._base, profiles=profile, standing=stands)
        return self._made[key]

    def precision(self, choice: Configuration) -> dict[str, float]:
        """Query -> average precision, as `expertfinder evaluate` has it."""
        values = self.parts(choice)
        total = np.zeros((len(self.queries), len(self._people)), np.float32)
        for part, value in values.items():
            total += np.float32(choice[part]) * value
        total[self._askers[:, 0], self._askers[:, 1]] = 0.0
        query, person = self._right.T
        score = total[query, person]
        before = np.arange(len(self._people))[None, :] < person[:, None]
        above = (total[query] > score[:, None]) | ((total[query] == score[:, None]) & before)
        rank = 1.0 + above.sum(axis=1)
        order = np.lexsort((rank, query))
        rank, query, score = rank[order], query[order], score[order]
        nth = np.arange(1, len(query) + 1) - np.searchsorted(query, query)
        gained = np.where((score > 0) & (rank <= DEPTH), nth / rank, 0.0)
        sums = np.bincount(query, gained, minlength=len(self.queries)) / self._wanted
        return dict(zip(self.queries, sums.tolist(), strict=True))

    def means(self, choice: Configuration) -> list[float]:
        """MAP of each row that has enough questions."""
        key = tuple(choice.values())
        if key not in self._means:
            values = self.precision(choice)
            rows = [names for names in self.rows.values() if len(names) >= LEAST_QUERIES]
            self._means[key] = [float(np.mean([values[name] for name in names])) for names in rows]
        return self._means[key]


def mean_map(sets: Sequence[Set], choice: Configuration) -> float:
    """Over the rows that have enough questions, each counting alike."""
    return float(np.mean([mean for one in sets for mean in one.means(choice)]))


def starts(number: int) -> list[Configuration]:
    """The neutral one first, then drawn ones: weights from a quarter to four times the neutral one, constants any."""
    found = [{**dict.fromkeys(WEIGHTS, NEUTRAL), **{one.name: one.values[0] for one in CONSTANTS}}]
    draw = random.Random(SEED)
    while len(found) < number:
        weights = {part: NEUTRAL * 2.0 ** draw.choice((-2, -1, 0, 1, 2)) for part in WEIGHTS}
        found.append({**weights, **{one.name: draw.choice(one.values) for one in CONSTANTS}})
    return found


def fitted(sets: Sequence[Set], *, number: int) -> Configuration:
    """What is best for these sets of what a climb from each start leads to."""
    found = [climbed(sets, start) for start in starts(number)]
    reached = [mean_map(sets, choice) for choice in found]
    print("   starts lead to", ", ".join(f"{mean:.4f}" for mean in reached), file=sys.stderr, flush=True)
    return found[int(np.argmax(reached))]


def climbed(sets: Sequence[Set], choice: Configuration) -> Configuration:
    """Coordinate ascent from a start."""
    best, moved = mean_map(sets, choice), True
    while moved:
        moved = False
        trials = [(part, [choice[part] * step for step in STEPS]) for part in WEIGHTS]
        trials += [(one.name, [value for value in one.values if value != choice[one.name]]) for one in CONSTANTS]
        for name, values in trials:
            for value in values:
                reached = mean_map(sets, {**choice, name: value})
                if reached > best + GAIN:
                    best, choice, moved = reached, {**choice, name: value}, True
    return choice


def main() -> int:
    """Fit, measure, print."""
    parser = argparse.ArgumentParser(description="Refit weights and constants leaving each set out in turn.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="sets to leave out; default: each")
    parser.add_argument("--starts", type=int, default=1, help="climbs, the first from the neutral start")
    parser.add_argument("--save", type=Path, help="keep every value as JSON in this file, as it comes")
    options = parser.parse_args()
    table = Table("MAP", "queries", "fixed", "left out", "left out minus fixed, paired", box=None, pad_edge=False)
    kept: dict[str, Any] = {"fixed": FIXED, "sets": {}}
    means: list[tuple[float, float]] = []
    with ExitStack() as stack:
        sets = [Set(folder, stack) for folder in folders()]
        for one in sets:
            if options.names and one.name not in options.names:
                continue
            choice = fitted([other for other in sets if other is not one], number=options.starts)
            before, after = one.precision(FIXED), one.precision(choice)
            kept["sets"][one.name] = {"choice": choice, "fixed": before, "left out": after}
            if options.save is not None:
                options.save.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
            print(f"{one.name}: {choice}", file=sys.stderr, flush=True)
            for label, names in one.rows.items():
                fixed, left = ({name: of[name] for name in names} for of in (before, after))
                pair = (figure(list(fixed.values())).mean, figure(list(left.values())).mean)
                table.add_row(label, str(len(names)), *(f"{mean:.3f}" for mean in pair), spread(paired(left, fixed)))
                if len(names) >= LEAST_QUERIES:
                    means.append(pair)
    table.add_row("mean", "", *(f"{np.mean(column):.4f}" for column in zip(*means, strict=True)))
    OUT.print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
