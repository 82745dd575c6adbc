"""How fast the product is on one organisation: import, index, memory, disk, first answer, questions, fresh facts.

    python scripts/benchmark.py [--set NAME] [--restrict N] [--json] [--save FILE]

Without `--set` it writes the demo organisation at its everyday size; a NAME is a folder in the native format, looked
for in EXPERTFINDER_SETS (its truth is left out, as in an evaluation). `--restrict 10` gives every tenth post to one
group alone, for sets that have no restricted posts. One table on stdout; nothing is written but with `--save`.

Every row is measured in a process of its own. CPU seconds can be compared where the machine is busy with other things;
seconds by the clock cannot. Peaks are those of the resident memory that the system counts for the process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.configuration.settings import settings
from expertfinder.demo import AS_OF, write_demo
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.published import current_name
from expertfinder.ingest import ingest
from expertfinder.model import ORGANISATION, Audience, Post, Query, Viewer
from expertfinder.sources import NativeReader, declared
from expertfinder.sources.native import NativeFact

SOURCE = "bench"
CLOSED = f"{SOURCE}:closed"
"""The group of `--restrict`."""
WARMING = 10
"""Questions asked before the measured ones, so that what is read from disk on first use is not counted as asking."""
SHORT = 100
"""Short questions taken from the list of topics."""
WAITING = (0, 100, 1000)
"""Fresh posts that wait while one more comes."""
UNITS = ("wall", "cpu")
SHARES = (50, 90, 99)
"""Percentiles of the times of questions."""
REPEATS = 5
"""Posts that come, one after the other; the middle one is reported."""


def main() -> int:
    """Measure and print. The exit code is 0 where every measurement came to its end."""
    parser = argparse.ArgumentParser(description="Measure the product on one organisation; print one table.")
    parser.add_argument("--set", default="", help="a set in EXPERTFINDER_SETS, or a folder; default: the demo")
    parser.add_argument("--restrict", type=int, default=0, metavar="N", help="give every N-th post to a group alone")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--save", type=Path, help="write the figures as JSON to this file, too")
    parser.add_argument("--child", nargs=4, metavar=("WHAT", "HOME", "SET", "BEGAN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, home, folder, began = options.child
        found = CHILDREN[what](Place(Home(Path(home)), Path(folder), options.restrict, float(began)))
        print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return 0

    with tempfile.TemporaryDirectory(prefix="expertfinder-benchmark-") as temporary:
        folder = _folder(options.set, Path(temporary) / "set")
        figures: dict[str, Any] = {
            "set": options.set or "demo",
            "restrict": options.restrict,
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        for what in CHILDREN:
            print(f"measuring: {what}", file=sys.stderr, flush=True)
            figures[what] = _measured(what, Path(temporary) / "home", folder, options.restrict)
    if options.save:
        options.save.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1) if options.json else table(figures))
    return 0


def _folder(name: str, scratch: Path) -> Path:
    if not name:
        write_demo(scratch)
        return scratch
    for folder in [Path(name), *(Path(base) / name for base in settings().sets.split(os.pathsep) if base)]:
        if (folder / "posts.jsonl").is_file():
            return folder.resolve()
    raise SystemExit(f"there is no set {name!r}; give its folder, or set EXPERTFINDER_SETS to where sets lie")


def _measured(what: str, home: Path, folder: Path, restrict: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--restrict", str(restrict), "--child", what, str(home), str(folder)]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ}
    done = subprocess.run([*command, str(time.time())], check=False, stdout=subprocess.PIPE, env=one_thread)
    if done.returncode:
        raise SystemExit(f"the measurement {what!r} ended with exit code {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# --- what a child measures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a child works. `began`: when its process was started, in seconds since 1970."""

    home: Home
    folder: Path
    restrict: int
    began: float


@dataclass(slots=True)
class Clock:
    """Wall and CPU seconds since it was made; CPU counts every thread of this process."""

    wall: float
    cpu: float

    @classmethod
    def started(cls) -> Clock:
        """A clock that runs."""
        return cls(time.perf_counter(), time.process_time())

    def taken(self) -> dict[str, float]:
        """What it shows."""
        return {"wall_s": time.perf_counter() - self.wall, "cpu_s": time.process_time() - self.cpu}


class _Restricting(NativeReader):
    """A set whose every n-th post only one group may read."""

    every = 0

    def facts(self) -> Iterator[NativeFact]:
        posts = 0
        for fact in super().facts():
            if isinstance(fact, Post):
                posts += 1
                if self.every and posts % self.every == 0:
                    fact = replace(fact, audience=Audience("groups", groups=(CLOSED,)))
            yield fact


def measure_import(place: Place) -> dict[str, Any]:
    """Files to record."""
    store = place.home.open_store()
    reader = _Restricting(
        place.folder, source=declared(SOURCE, audience="organisation"), kinds=("person", "post", "interaction")
    )
    reader.every = place.restrict
    clock = Clock.started()
    ingest(store, reader)
    taken = clock.taken()
    counts = {kind: store.count(kind) for kind in ("person", "post", "interaction")}
    store.close()
    return {**taken, **counts, "record_mb": _size(place.home.folder, "record.sqlite*")}


def measure_index(place: Place) -> dict[str, Any]:
    """Record to published snapshot, the encoding of every post included."""
    store = place.home.open_store()
    encode = encoder(settings().encoder)
    clock = Clock.started()
    place.home.build_index(store, encode=encode, as_of=AS_OF if place.folder.name == "set" else None)
    taken = clock.taken()
    store.close()
    name = current_name(place.home.index)
    return {**taken, "index_mb": _size(place.home.index / str(name), "**/*"), "encoder": encode.name}


def measure_opening(place: Place) -> dict[str, Any]:
    """From the start of the process, imports included, to the first answer."""
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    finder.find(Query(text=_questions(place, finder)[0]), Viewer())
    return {"wall_s": time.time() - place.began, "cpu_s": time.process_time()}


def measure_prompt(place: Place) -> dict[str, Any]:
    """Commands at the prompt, each in a process of its own with as many threads as it takes by itself; the middle of
    `REPEATS`."""
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    find = ["find", _questions(place, finder)[0], "--home", str(place.home.folder)]
    finder.close()
    return {"help": _run(["--help"]), "find": _run(find)}


def _run(words: list[str]) -> dict[str, float]:
    """The middle wall and CPU seconds of a command, and the most memory that one run of it took."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in threads}
    taken = []
    for _ in range(REPEATS):
        clock = Clock.started()
        command = [sys.executable, "-m", "expertfinder", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"expertfinder {words[0]} ended with exit code {child.returncode}")
        taken.append((clock.taken()["wall_s"], used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    walls, cpus, peaks = (sorted(values) for values in zip(*taken, strict=True))
    return {"wall_s": walls[REPEATS // 2], "cpu_s": cpus[REPEATS // 2], "peak_mb": peaks[-1]}


def measure_asking_shared(place: Place) -> dict[str, Any]:
    """Questions of somebody who may read the shared tier alone."""
    return _asked(place, restricted=False)


def measure_asking_member(place: Place) -> dict[str, Any]:
    """Questions of a member of restricted groups: of the person who is in most of them, or of the group CLOSED."""
    return _asked(place, restricted=True)


def _asked(place: Place, *, restricted: bool) -> dict[str, Any]:
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    viewer = Viewer()
    if restricted:
        first = finder.viewers(limit=1)[0]
        viewer = Viewer(first.id, frozenset((*first.groups, CLOSED)))
        if not viewer.groups & {group for audience in finder.snapshot.audiences for group in audience.groups}:
            return {"questions": 0}
    questions = _questions(place, finder)
    short = [topic.label for topic in finder.topics(Viewer(), limit=SHORT)]
    for text in questions[:WARMING] + short[:WARMING]:
        finder.find(Query(text=text), viewer)
    taken = {
        name: [_answered(finder, text, viewer) for text in texts]
        for name, texts in (("own", questions), ("short", short))
    }
    taken["all"] = taken["own"] + taken["short"]
    found: dict[str, Any] = {"questions": len(taken["all"])}
    for name, pairs in taken.items():
        for unit, milliseconds in zip(UNITS, np.transpose(pairs), strict=True):
            for share in SHARES:
                found[f"{name}_{unit}_ms_p{share}"] = float(np.percentile(milliseconds, share))
    return found


def _answered(finder: ExpertFinder, text: str, viewer: Viewer) -> tuple[float, float]:
    """Wall and CPU milliseconds of one answer."""
    clock = Clock.started()
    finder.find(Query(text=text), viewer)
    wall, cpu = clock.taken().values()
    return 1000 * wall, 1000 * cpu


def measure_freshness(place: Place) -> dict[str, Any]:
    """From `apply` of one post to an answer made with it, while others wait; at last after a person changed, too."""
    found: dict[str, Any] = {}
    for waiting in WAITING:
        for person in (False, True) if waiting == WAITING[-1] else (False,):
            with tempfile.TemporaryDirectory(prefix="expertfinder-benchmark-") as temporary:
                copy = Path(temporary) / "home"
                shutil.copytree(place.home.folder, copy)
                finder = ExpertFinder.open(copy, encoder_name=settings().encoder)
                try:
                    taken = _visible(finder, waiting, person)
                finally:
                    finder.close()
            found[f"{waiting}{' and a person' if person else ''}"] = taken
    return found


def _visible(finder: ExpertFinder, waiting: int, person: bool) -> dict[str, float]:
    author = finder.viewers(limit=1)[0]
    label = finder.topics(Viewer(), limit=1)[0].label
    store = finder.store

    def post(number: int) -> Post:
        return Post(
            id=f"{SOURCE}:fresh-{number}",
            source=SOURCE,
            authors=(author.id,),
            title=f"Notes on {label}",
            text=" ".join(f"{label} word{number * 7 % 997} item{place % 13}" for place in range(25)),
            created_at=datetime.now(UTC),
            audience=ORGANISATION,
        )

    if waiting:
        store.apply([post(number) for number in range(waiting)])
    if person:
        store.apply([replace(store.get("person", [author.id])[0], title="Another title")])
    finder.refresh()
    finder.find(Query(text=label), Viewer())
    walls, cpus = [], []
    for number in range(waiting, waiting + REPEATS):
        fresh, query = post(number), Query(text=f"{label} word{number * 7 % 997}")
        clock = Clock.started()
        store.apply([fresh])
        finder.refresh()
        finder.find(query, Viewer())
        taken = clock.taken()
        walls.append(taken["wall_s"])
        cpus.append(taken["cpu_s"])
        cited = {cited.post for why in finder.explain(query, author.id, Viewer()).reasons for cited in why.citations}
        if fresh.id not in cited:
            raise SystemExit(f"the post {fresh.id} was not seen after a refresh")
    return {"wall_s": sorted(walls)[REPEATS // 2], "cpu_s": sorted(cpus)[REPEATS // 2]}


def _questions(place: Place, finder: ExpertFinder) -> list[str]:
    """The texts of the set's questions, or the topics where it has none."""
    path = place.folder / "queries.jsonl"
    if path.is_file():
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [topic.label for topic in finder.topics(Viewer(), limit=SHORT)]


def _size(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()) / 1e6


CHILDREN: dict[str, Callable[[Place], dict[str, Any]]] = {
    "import": measure_import,
    "index": measure_index,
    "opening": measure_opening,
    "prompt": measure_prompt,
    "asking shared": measure_asking_shared,
    "asking member": measure_asking_member,
    "freshness": measure_freshness,
}


# --- the table -------------------------------------------------------------------------------------------------------


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text."""
    read, made, opened, fresh = (figures[name] for name in ("import", "index", "opening", "freshness"))
    together = {unit: read[unit] + made[unit] for unit in ("wall_s", "cpu_s")}
    rows: list[tuple[str, ...]] = [
        ("", "wall", "CPU", "peak memory"),
        ("import", *_seconds(read), f"{read['peak_mb']:.0f} MB"),
        ("index, encoding included", *_seconds(made), f"{made['peak_mb']:.0f} MB"),
        ("both", *_seconds(together), ""),
        ("start to first answer", *_seconds(opened), f"{opened['peak_mb']:.0f} MB"),
        *(
            (f"expertfinder {words}", *_seconds(taken), f"{taken['peak_mb']:.0f} MB")
            for words, taken in (("--help", figures["prompt"]["help"]), ("find", figures["prompt"]["find"]))
        ),
    ]
    for who, name in (("shared tier", "asking shared"), ("member of groups", "asking member")):
        asked = figures[name]
        if not asked["questions"]:
            rows.append((f"questions, {who}: no restricted posts here (try --restrict 10)", "", "", ""))
            continue
        for kind, words in (("own", "the set's questions"), ("short", "short questions"), ("all", "all")):
            cells = ["/".join(f"{asked[f'{kind}_{unit}_ms_p{p}']:.1f}" for p in SHARES) for unit in UNITS]
            memory = f"{asked['peak_mb']:.0f} MB" if kind == "all" else ""
            rows.append((f"{words}, {who}: ms p50/p90/p99", *cells, memory))
    for waiting, taken in fresh.items():
        if isinstance(taken, dict):
            rows.append((f"one post visible, {waiting} waiting", *_seconds(taken), ""))
    rows[-1] = (*rows[-1][:3], f"{fresh['peak_mb']:.0f} MB")
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    head = (
        f"{figures['set']}: {read['person']:,} people, {read['post']:,} posts, {read['interaction']:,} interactions; "
        f"record {read['record_mb']:.1f} MB, index {made['index_mb']:.1f} MB ({made['encoder']}); {figures['machine']}"
    )
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join([head, "", *(line.rstrip() for line in lines)])


def _seconds(taken: dict[str, float]) -> tuple[str, str]:
    return f"{taken['wall_s']:.2f} s", f"{taken['cpu_s']:.2f} s"


if __name__ == "__main__":
    raise SystemExit(main())
