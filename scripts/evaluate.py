"""Measures our ranking beside the baselines, on every set that is at hand, and keeps the results by commit.

    python scripts/evaluate.py [NAME ...] [--save [FILE]] [--against FILE] [--jobs N]

Sets are the folders under EXPERTFINDER_SETS that have posts, queries and judgements in the native format. Without any,
the demo organisation is written and its planted truth is measured, and that is said. A row is one kind of query of one
set; the mean over rows counts every row alike, however many queries it has.

`--save` alone writes benchmarks/results/COMMIT.json (COMMIT-changed.json, where files were changed since); results of
other sets of the same commit that stand there stay. With `--against` the exit code is 1 when one set has become worse
by the rule of `expertfinder evaluate --against`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from expertfinder.errors import SourceError
from expertfinder.evaluation import OURS, Figure, Results, compare, figure, paired, written
from expertfinder.evaluation.results import code_version, packed, unpacked
from expertfinder.model import Confidence

NEEDED = ("people.jsonl", "posts.jsonl", "queries.jsonl", "qrels.tsv")
KEPT = Path(__file__).resolve().parents[1] / "benchmarks" / "results"
WIDE = 220
SIGNS = "- below ours beyond noise, + above ours beyond noise (paired 95 % interval over queries)"
OUT = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def main() -> int:
    """Evaluate the named sets, or all."""
    parser = argparse.ArgumentParser(description="Measure our ranking beside the baselines, on every set at hand.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="sets; default: all that EXPERTFINDER_SETS holds")
    parser.add_argument("--save", nargs="?", type=Path, const=KEPT, help="keep the results; default: by commit")
    parser.add_argument("--against", type=Path, help="results to compare with")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="sets measured at once")
    options = parser.parse_args()
    sets = [folder for folder in folders() if not options.names or folder.name in options.names]
    unknown = set(options.names) - {folder.name for folder in sets}
    if unknown:
        raise SystemExit(f"no such set under EXPERTFINDER_SETS: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="expertfinder-evaluate-") as place:
        if not sets:
            print(
                "EXPERTFINDER_SETS names no evaluation set: this measures the planted truth of the demo organisation."
            )
            sets = [demo(Path(place))]
        # The largest first: with several at once the last one to end is then a small one.
        largest = sorted(sets, key=lambda folder: -(folder / "posts.jsonl").stat().st_size)
        with ThreadPoolExecutor(max(1, options.jobs)) as pool:
            found = list(pool.map(lambda folder: measured(folder, Path(place)), largest))
    found.sort(key=lambda one: one.results.set)
    show(found)
    if options.save is not None:
        save([one.results for one in found], options.save)
    return show_changes([one.results for one in found], options.against) if options.against is not None else 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One set."""

    results: Results
    answer: dict[str, Any]
    """What `expertfinder evaluate --json` said."""


def folders() -> list[Path]:
    """The sets that can be evaluated, by name: those with posts, since networks alone are no evidence of a subject."""
    bases = [Path(base) for base in os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep) if base]
    found = [folder for base in bases if base.is_dir() for folder in base.iterdir()]
    return sorted(
        folder
        for folder in found
        if all((folder / name).is_file() and (folder / name).stat().st_size for name in NEEDED)
    )


def product(*words: str | Path) -> bytes:
    """What a command of the product prints. Ends this program where the command fails."""
    done = subprocess.run([sys.executable, "-m", "expertfinder", *words], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def demo(place: Path) -> Path:
    """The demo organisation's own set, in a home of its own that goes when the evaluation is over."""
    product("demo", "--home", place, "--json")
    return place / "demo"


def measured(folder: Path, place: Path) -> Measured:
    """Measure one set in a process of its own."""
    file = place / f"{folder.name}.json"
    answer = product("evaluate", folder, "--save", file, "--json")
    print(f"{folder.name} is measured", file=sys.stderr, flush=True)
    return Measured(unpacked(orjson.loads(file.read_bytes())), orjson.loads(answer))


def rows(results: Sequence[Results]) -> dict[str, tuple[Results, list[str]]]:
    """Row -> its set and queries."""
    found = {}
    for one in results:
        for group, names in (one.groups or {"": list(one.values[OURS]["MAP"])}).items():
            found[f"{one.set} {group}".strip()] = one, names
    return found


def spread(of: Figure) -> str:
    """A difference with its interval; a star where the interval does not hold zero."""
    return f"{of.mean:+.3f} \\[{of.low:+.3f}, {of.high:+.3f}]{'*' if of.low > 0 or of.high < 0 else ' '}"


def gaps(results: Sequence[Results]) -> dict[str, dict[str, Figure]]:
    """Row -> every other method -> MAP of ours minus that of the method, paired over the queries of the row."""
    found: dict[str, dict[str, Figure]] = {}
    for label, (one, names) in rows(results).items():
        of = {method: {name: table["MAP"][name] for name in names} for method, table in one.values.items()}
        found[label] = {method: paired(of[OURS], values) for method, values in of.items() if method != OURS}
    return found


def show(found: Sequence[Measured]) -> None:
    """Every method on every row; ours beside the best other method of each row; and what is told of the sets."""
    results = [one.results for one in found]
    every, differences = rows(results), gaps(results)
    means = {
        label: {method: figure([one.values[method]["MAP"][name] for name in names]) for method in one.values}
        for label, (one, names) in every.items()
    }
    all_rows = Table("MAP", *every, "mean", box=None, pad_edge=False, caption=SIGNS, caption_justify="left")
    for method in means[next(iter(means))]:
        of = [means[label][method].mean for label in every]
        signs = [sign(differences[label].get(method)) for label in every]
        cells = [f"{value:.3f}{mark}" for value, mark in zip(of, signs, strict=True)]
        all_rows.add_row(method, *cells, f"{sum(of) / len(of):.3f}")
    beside = Table("MAP", "queries", "ours", "best other", "", "ours minus it, paired", box=None, pad_edge=False)
    for label, (_, names) in every.items():
        ours = means[label][OURS]
        best = max((method for method in means[label] if method != OURS), key=lambda method: means[label][method].mean)
        span = f"{ours.mean:.3f} \\[{ours.low:.3f}, {ours.high:.3f}]"
        cells = [best, f"{means[label][best].mean:.3f}", spread(differences[label][best])]
        beside.add_row(label, str(len(names)), span, *cells)
    sets = Table("set", "abstained", "first 3 held by 5 %", "Gini", "ever in a top ten", box=None, pad_edge=False)
    for one in found:
        of_set = one.results.exposure
        sets.add_row(
            one.results.set,
            f"{one.answer['abstained']:.1%}",
            f"{of_set['held_by_few']:.0%}",
            f"{of_set['gini']:.2f}",
            f"{of_set['covered']:.0%}",
        )
    for table in (all_rows, beside, sets, words(found)):
        OUT.print(table)
        OUT.print()


def words(found: Sequence[Measured]) -> Table:
    """What the words of confidence were worth: the share of answers with a word, and of those with a right person among
    the first three."""
    of_words = [word.value for word in (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)]
    table = Table("share, right", *of_words, "abstained", box=None, pad_edge=False)
    for one in found:
        counted: dict[str, tuple[int, float]] = one.answer["confidence"]
        answers = sum(count for count, _ in counted.values()) or 1
        had = [counted.get(word, (0, 0.0)) for word in of_words]
        table.add_row(
            one.results.set,
            *(f"{count / answers:.2f}, {right:.2f}" for count, right in had),
            f"{one.answer['abstained']:.3f}",
        )
    return table


def sign(of: Figure | None) -> str:
    """Which side of zero a whole interval lies on."""
    return " " if of is None or of.low <= 0 <= of.high else "-" if of.low > 0 else "+"


def save(results: Sequence[Results], path: Path) -> None:
    """Keep the results: in a file, or in a folder under the name of the commit."""
    code = code_version()
    if path.suffix != ".json":
        name = f"{code.get('commit', code['version'])}{'-changed' if code.get('changed') else ''}"
        path = path / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Results of changed files may be of other files each time.
    there = orjson.loads(path.read_bytes())["sets"] if path.exists() and not code.get("changed") else {}
    sets = {**there, **{one.set: packed(one) for one in results}}
    beside = {
        label: {method: [round(value, 5) for value in (of.mean, of.low, of.high)] for method, of in row.items()}
        for label, row in gaps([unpacked(entry) for _, entry in sorted(sets.items())]).items()
    }
    kept = {"code": code, "ours_minus": beside, "sets": dict(sorted(sets.items()))}
    path.write_bytes(orjson.dumps(kept, option=orjson.OPT_APPEND_NEWLINE))
    OUT.print(f"kept in {path}", markup=False)


def show_changes(results: Sequence[Results], path: Path) -> int:
    """Each set beside the kept results. 1 where one has become worse, else 0."""
    table = Table("now minus then, paired", "MAP", "nDCG@10", "", box=None, pad_edge=False)
    worse = False
    for one in results:
        try:
            change = compare(one, written(path, name=one.set, digest=one.digest))
        except SourceError as error:
            raise SystemExit(str(error)) from error
        worse |= change.worse
        cells = [spread(change.differences[label]) for label in ("MAP", "nDCG@10")]
        table.add_row(one.set, *cells, "worse" if change.worse else "")
    OUT.print(table)
    return int(worse)


if __name__ == "__main__":
    raise SystemExit(main())
