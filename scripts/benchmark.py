"""How fast the product is on one organisation: import, index, memory, disk, first answer, questions, pages, new facts.

    python scripts/benchmark.py [--size XS|S|M] [--set NAME] [--restrict N] [--only WHAT ...] [--json] [--save [FILE]]

`--size` makes an organisation up (`scripts/generated.py`; XS by default); `--set demo` writes the demo organisation at
its everyday size, another NAME is a folder in the native format, looked for in EXPERTFINDER_SETS (its truth is left
out, as in an evaluation). `--restrict 10` gives every tenth post of a set to one group alone, for sets that have no
restricted posts. One table on stdout; nothing is written but with `--save`, which without a file keeps the figures by
commit in benchmarks/speed.

Every row is measured in a process of its own; peers (`scripts/benchmark_peers.py`) take turns in one. CPU seconds can
be compared where the machine is busy with other things; seconds by the clock cannot. CPU is that of the whole process,
so that a thread that waits in a loop is counted, too. Peaks are those of the resident memory that the system counts for
the process.
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
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import uvicorn

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.configuration.settings import settings
from expertfinder.evaluation.results import code_version
from expertfinder.http import Options, create_app
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.published import current_name
from expertfinder.ingest import ingest
from expertfinder.ingest.demo import AS_OF, write_demo
from expertfinder.model import ORGANISATION, Audience, Post, Query, Viewer
from expertfinder.sources import NativeReader, declared
from expertfinder.sources.native import NativeFact

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts import generated
from scripts.benchmark_peers import compared
from scripts.generated import SIZES, size_named
from scripts.servers import NotThere
from scripts.service import held, serving

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
ASKED = 200
"""Questions put to an organisation that was made up."""
NEW = 1000
"""Posts that a fold takes in, applied in batches of `DURABLE`."""
DURABLE = 100
"""Facts in a batch that is acknowledged."""
WORKERS = (1, 2, 4)
"""Numbers of worker processes of which the memory is measured."""
KEPT = Path(__file__).resolve().parents[1] / "benchmarks" / "speed"


def main() -> int:
    """Measure and print. The exit code is 0 where every measurement came to its end."""
    parser = argparse.ArgumentParser(description="Measure the product on one organisation; print one table.")
    parser.add_argument(
        "--size",
        type=size_named,
        default="XS",
        help=f"of the organisation that is made up: {', '.join(SIZES)}, or posts",
    )
    parser.add_argument("--home", type=Path, help="keep record and index here, and take them where they are there")
    parser.add_argument("--set", default="", help="a set in EXPERTFINDER_SETS, a folder, or `demo`")
    parser.add_argument(
        "--only", nargs="*", default=[], choices=list(CHILDREN), help="measure these, and what they need"
    )
    parser.add_argument("--restrict", type=int, default=0, metavar="N", help="give every N-th post to a group alone")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--save", nargs="?", const=KEPT, type=Path, help="write the figures as JSON; default: by commit"
    )
    parser.add_argument("--child", nargs=4, metavar=("WHAT", "HOME", "SET", "BEGAN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, home, folder, began = options.child
        found = CHILDREN[what](Place(Home(Path(home)), Path(folder), options, float(began)))
        print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return 0

    with tempfile.TemporaryDirectory(prefix="expertfinder-benchmark-") as temporary:
        folder = _folder(options.set, Path(temporary) / "set") if options.set else Path(options.size)
        figures: dict[str, Any] = {
            "set": options.set or f"size {options.size}",
            **code_version(),
            "restrict": options.restrict,
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        for what in (what for what in CHILDREN if not options.only or what in {"import", "index", *options.only}):
            print(f"measuring: {what}", file=sys.stderr, flush=True)
            figures[what] = _measured(what, options.home or Path(temporary) / "home", folder, options)
    if options.save:
        _save(figures, options)
    print(json.dumps(figures, indent=1) if options.json else table(figures))
    return 0


def _save(figures: dict[str, Any], options: argparse.Namespace) -> None:
    path = options.save
    if path == KEPT:
        changed = "-changed" if figures.get("changed") else ""
        name = f"{figures.get('commit', figures['version'])}{changed}-{figures['set'].replace(' ', '-')}.json"
        path = KEPT / name
        KEPT.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _folder(name: str, scratch: Path) -> Path:
    if name == "demo":
        write_demo(scratch)
        return scratch
    for folder in [Path(name), *(Path(base) / name for base in settings().sets.split(os.pathsep) if base)]:
        if (folder / "posts.jsonl").is_file():
            return folder.resolve()
    raise SystemExit(f"there is no set {name!r}; give its folder, or set EXPERTFINDER_SETS to where sets lie")


def _measured(what: str, home: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What a child measured; it has as many threads as a user's process, whatever this one was told."""
    command = [sys.executable, __file__, "--restrict", str(options.restrict), "--size", options.size]
    command += ["--set", options.set, "--child", what, str(home), str(folder), str(time.time())]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, env=_environment())
    if done.returncode:
        raise SystemExit(f"the measurement {what!r} ended with exit code {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _environment() -> dict[str, str]:
    """The environment with as many threads of numerical libraries as the prompt gives a user's process."""
    told = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return {**told, "OPENBLAS_NUM_THREADS": "1"}


# --- what a child measures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a child works. `began`: when its process was started, in seconds since 1970."""

    home: Home
    folder: Path
    options: argparse.Namespace
    began: float

    @property
    def size(self) -> generated.Size | None:
        """Of the organisation that is made up; `None` for a set."""
        return None if self.options.set else generated.size_of(self.options.size)


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
    clock = Clock.started()
    if store.sequence():
        pass  # a home that was kept
    elif place.size is None:
        reader = _Restricting(
            place.folder, source=declared(SOURCE, audience="organisation"), kinds=("person", "post", "interaction")
        )
        reader.every = place.options.restrict
        ingest(store, reader)
    else:
        generated.load(store, generated.organisation(place.size))
    taken = clock.taken()
    counts = {kind: store.count(kind) for kind in ("person", "post", "interaction")}
    store.close()
    return {**taken, **counts, "record_mb": _size(place.home.folder, "record.sqlite*")}


def measure_index(place: Place) -> dict[str, Any]:
    """Record to published snapshot, the encoding of every post included."""
    store = place.home.open_store()
    encode = encoder(settings().encoder)
    clock = Clock.started()
    if current_name(place.home.index) is None:
        place.home.build_index(store, encode=encode, as_of=_as_of(place))
    taken = clock.taken()
    store.close()
    name = current_name(place.home.index)
    return {**taken, "index_mb": _size(place.home.index / str(name), "**/*"), "encoder": encode.name}


def _as_of(place: Place) -> date | None:
    if place.size is not None:
        return generated.AS_OF
    return AS_OF if place.options.set == "demo" else None


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
    taken = []
    for _ in range(REPEATS):
        clock = Clock.started()
        command = [sys.executable, "-m", "expertfinder", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment())
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
            with _copied(place) as finder:
                taken = _visible(finder, waiting, person)
            found[f"{waiting}{' and a person' if person else ''}"] = taken
    return found


def _fresh(number: int, author: str, label: str) -> Post:
    """A post that comes while somebody measures."""
    return Post(
        id=f"{SOURCE}:fresh-{number}",
        source=SOURCE,
        authors=(author,),
        title=f"Notes on {label}",
        text=" ".join(f"{label} word{number * 7 % 997} item{place % 13}" for place in range(25)),
        created_at=datetime.now(UTC),
        audience=ORGANISATION,
    )


def _visible(finder: ExpertFinder, waiting: int, person: bool) -> dict[str, float]:
    author = finder.viewers(limit=1)[0]
    label = finder.topics(Viewer(), limit=1)[0].label
    store = finder.store

    def post(number: int) -> Post:
        return _fresh(number, author.id, label)

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


@contextmanager
def _copied(place: Place) -> Iterator[ExpertFinder]:
    """A finder over a copy of the home, which may be written to."""
    with tempfile.TemporaryDirectory(prefix="expertfinder-benchmark-") as temporary:
        copy = Path(temporary) / "home"
        shutil.copytree(place.home.folder, copy)
        finder = ExpertFinder.open(copy, encoder_name=settings().encoder)
        try:
            yield finder
        finally:
            finder.close()


def measure_fold(place: Place) -> dict[str, Any]:
    """New posts in durable batches, made visible, and then taken into a new snapshot."""
    if place.size is None:
        return {}
    with _copied(place) as finder:
        posts = generated.more_posts(place.size, NEW)
        clock = Clock.started()
        generated.load(finder.store, posts, batch=DURABLE)
        durable = clock.taken()
        clock = Clock.started()
        finder.refresh()
        visible = clock.taken()
        clock = Clock.started()
        finder.home.fold_index(finder.store, encode=finder.encoder, as_of=generated.AS_OF)
        folded = clock.taken()
    return {
        "posts": NEW,
        "durable_a_cpu_s": NEW / durable["cpu_s"],
        "indexed_a_cpu_s": NEW / (durable["cpu_s"] + visible["cpu_s"]),
        "visible": visible,
        **folded,
    }


def measure_folding(place: Place) -> dict[str, Any]:
    """While another process folds a thousand posts: from the acknowledgement of a post to an answer made with it."""
    if place.size is None:
        return {}
    with _copied(place) as finder:
        people, label = finder.viewers(limit=20), finder.topics(Viewer(), limit=1)[0].label
        generated.load(finder.store, generated.more_posts(place.size, NEW), batch=DURABLE)
        finder.refresh()
        fold = subprocess.Popen([sys.executable, "-c", FOLD, str(finder.home.folder), generated.AS_OF.isoformat()])
        taken: list[tuple[float, float]] = []
        while fold.poll() is None:
            # In turns of several authors: who says nearly the same a hundred times is looked at for near-copies.
            fresh = _fresh(len(taken), people[len(taken) % len(people)].id, label)
            finder.store.apply([fresh])
            clock = Clock.started()
            finder.refresh()
            finder.find(Query(text=f"{label} word{len(taken) * 7 % 997}"), Viewer())
            found = clock.taken()
            if fresh.id not in finder.snapshot.fresh.segment.ids + finder.snapshot.shared.segment.ids:
                raise SystemExit(f"the post {fresh.id} was not seen after a refresh")
            taken.append((1000 * found["wall_s"], 1000 * found["cpu_s"]))
        if fold.returncode:
            raise SystemExit(f"the fold ended with exit code {fold.returncode}")
    return {"posts": len(taken)} | {
        f"{unit}_ms_p{share}": float(np.percentile(values, share))
        for unit, values in zip(UNITS, np.transpose(taken), strict=True)
        for share in SHARES
    }


FOLD = """
import sys
from datetime import date
from pathlib import Path
from expertfinder.ask.home import Home
from expertfinder.configuration.settings import settings
from expertfinder.index.encoders.encoder import encoder
home = Home(Path(sys.argv[1]))
home.fold_index(home.open_store(), encode=encoder(settings().encoder), as_of=date.fromisoformat(sys.argv[2]))
"""
"""What takes new posts in beside a service."""


def measure_http(place: Place) -> dict[str, Any]:
    """Requests over loopback from another process: CPU of the service by request, and what the client waited."""
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    texts = _questions(place, finder)[:ASKED]
    people = finder.viewers(limit=20)
    eyes = [("shared tier", "")] + [(f"in {len(one.groups)} groups", one.id) for one in people[:1] if one.groups]
    found: dict[str, Any] = {}
    with _listening(finder) as (port, spent):
        kinds = {
            f"/v1/experts, {name}": [f"/v1/experts?{urlencode({'q': text, 'as': who})}" for text in texts]
            for name, who in eyes
        }
        as_one = urlencode({"as": people[-1].id})
        kinds |= {
            f"page {page}": [f"{page}?{as_one}"] * 20 for page in ("/", "/topics", "/communities", "/meet", "/me")
        }
        kinds["page /answer"] = [f"/answer?{urlencode({'q': text})}&{as_one}" for text in texts[:40]]
        kinds["page /people/ID"] = [f"/people/{quote(one.id)}?{as_one}" for one in people]
        for name, paths in kinds.items():
            spent.clear()
            client = [sys.executable, "-c", CLIENT, str(port)]
            done = subprocess.run(client, input="\n".join(paths), text=True, stdout=subprocess.PIPE, check=True)
            waited = json.loads(done.stdout)
            found[name] = {"first_cpu_ms": spent[0]} | {
                f"{unit}_ms_p{share}": float(np.percentile(values[1:], share))
                for unit, values in (("wall", waited), ("cpu", spent))
                for share in SHARES
            }
    finder.close()
    return found


CLIENT = """
import http.client, json, sys, time
waited = []
for path in sys.stdin.read().split("\\n"):
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    waited.append(1000 * (time.perf_counter() - began))
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {body[:300]!r}")
    connection.close()
print(json.dumps(waited))
"""
"""What asks: one request after the other, each on a connection of its own."""


@contextmanager
def _listening(finder: ExpertFinder) -> Iterator[tuple[int, list[float]]]:
    """The demonstration on a port of its own, and CPU milliseconds of the process for each request."""
    app = create_app(finder, finder.store, Options(insecure_demo=True, refresh_seconds=60.0))
    spent: list[float] = []

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        began = time.process_time()
        await app(scope, receive, send)
        if scope["type"] == "http":
            spent.append(1000 * (time.process_time() - began))

    service = uvicorn.Server(uvicorn.Config(counting, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    while not service.started:
        time.sleep(0.05)
    yield service.servers[0].sockets[0].getsockname()[1], spent
    service.should_exit = True
    thread.join()


def measure_workers(place: Place) -> dict[str, Any]:
    """Memory of a service by its number of workers, each of which answered: shared pages are counted once (PSS)."""
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    paths = [f"/v1/experts?{urlencode({'q': text})}" for text in _questions(place, finder)[:ASKED]]
    finder.close()
    return {f"{number}": {"pss_mb": _held_by(place.home, number, paths)} for number in WORKERS}


def _held_by(home: Home, workers: int, paths: list[str]) -> float:
    """Megabytes of a service and all its processes, after each worker was asked all of the paths."""
    with serving(home.folder, workers=workers) as (address, service):
        # Each question is a connection of its own, and whichever worker is free takes it.
        client = [sys.executable, "-c", CLIENT, address.rpartition(":")[2]]
        subprocess.run(client, input="\n".join(paths * workers), text=True, stdout=subprocess.DEVNULL, check=True)
        return held(service.pid)


def measure_peers(place: Place, *, server: bool = False) -> dict[str, Any]:
    """BM25 voting by what others would build, in turns; with OpenSearch where `server`."""
    finder = ExpertFinder.open(place.home.folder, encoder_name=settings().encoder)
    with tempfile.TemporaryDirectory(prefix="expertfinder-benchmark-") as temporary:
        asked = _questions(place, finder)[:ASKED]
        return compared(finder.view(Viewer()), asked, Path(temporary), _resident, server=server)


def measure_opensearch(place: Place) -> dict[str, Any]:
    """The same with OpenSearch among them; says what is missing where it cannot be had here."""
    try:
        return measure_peers(place, server=True)
    except NotThere as error:
        return {"missing": str(error)}


def _resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _questions(place: Place, finder: ExpertFinder) -> list[str]:
    """The texts of the set's questions, or the topics where it has none."""
    if place.size is not None:
        return generated.questions(finder.store, place.size, ASKED)
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
    "http": measure_http,
    "workers": measure_workers,
    "peers": measure_peers,
    "opensearch": measure_opensearch,
    "freshness": measure_freshness,
    "fold": measure_fold,
    "folding": measure_folding,
}


# --- the table -------------------------------------------------------------------------------------------------------


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text; rows of what was not measured are left out."""
    read, made = figures["import"], figures["index"]
    rows: list[tuple[str, ...]] = [
        ("", "wall", "CPU", "peak memory"),
        ("import", *_seconds(read), _memory(read)),
        ("index, encoding included", *_seconds(made), _memory(made)),
        ("both", *_seconds({unit: read[unit] + made[unit] for unit in ("wall_s", "cpu_s")}), ""),
    ]
    if "opening" in figures:
        rows.append(("start to first answer", *_seconds(figures["opening"]), _memory(figures["opening"])))
    if "prompt" in figures:
        words = (("--help", figures["prompt"]["help"]), ("find", figures["prompt"]["find"]))
        rows += [(f"expertfinder {word}", *_seconds(taken), _memory(taken)) for word, taken in words]
    for who, name in (("shared tier", "asking shared"), ("member of groups", "asking member")):
        asked = figures.get(name, {"questions": None})
        if asked["questions"] == 0:
            rows.append((f"questions, {who}: no restricted posts here (try --restrict 10)", "", "", ""))
        for kind, called in (("own", "the set's questions"), ("short", "short questions"), ("all", "all")):
            if asked["questions"]:
                memory = _memory(asked) if kind == "all" else ""
                rows.append((f"{called}, {who}: ms p50/p90/p99", *_shares(asked, f"{kind}_"), memory))
    for name, taken in figures.get("http", {}).items():
        if isinstance(taken, dict):
            rows.append((f"HTTP, {name}: ms p50/p90/p99", *_shares(taken), ""))
    for number, taken in figures.get("workers", {}).items():
        if isinstance(taken, dict):
            rows.append((f"service of {number} workers, all processes (PSS)", "", "", f"{taken['pss_mb']:.0f} MB"))
    for run in ("peers", "opensearch"):
        if "missing" in figures.get(run, {}):
            rows.append((f"BM25 voting, {run}: not measured, {figures[run]['missing'].splitlines()[0]}", "", "", ""))
        for name, taken in figures.get(run, {}).items():
            if isinstance(taken, dict):
                ratios = f"{taken['ratio_p50']:.1f}/{taken['ratio_p99']:.1f} x at p50/p99"
                told = f"{taken['first_ten_shared']:.3f} of our first ten, {ratios}"
                cell = "/".join(f"{taken[f'cpu_ms_p{share}']:.2f}" for share in SHARES)
                clock = "/".join(f"{taken[f'wall_ms_p{share}']:.2f}" for share in (50, 99))
                rows.append((f"BM25 voting, {name}: {told}; ms", clock, cell, f"{taken['memory_mb']:.0f} MB"))
    fresh = figures.get("freshness", {})
    rows += [
        (f"one post visible, {waiting} waiting", *_seconds(taken), _memory(fresh))
        for waiting, taken in fresh.items()
        if isinstance(taken, dict)
    ]
    fold = figures.get("fold", {})
    if "posts" in fold:
        rows.append((f"{fold['posts']:,} new posts visible", *_seconds(fold["visible"]), ""))
        rows.append((f"{fold['posts']:,} new posts folded", *_seconds(fold), _memory(fold)))
        rate = f"{fold['durable_a_cpu_s']:,.0f}/{fold['indexed_a_cpu_s']:,.0f}"
        rows.append((f"posts a CPU second in batches of {DURABLE}: durable/visible, too", "", rate, ""))
    beside = figures.get("folding", {})
    if "posts" in beside:
        rows.append(
            (f"acknowledged to visible, {beside['posts']} posts beside a fold: ms p50/p90/p99", *_shares(beside), "")
        )
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


def _shares(taken: dict[str, float], before: str = "") -> list[str]:
    return ["/".join(f"{taken[f'{before}{unit}_ms_p{share}']:.1f}" for share in SHARES) for unit in UNITS]


def _memory(taken: dict[str, float]) -> str:
    return f"{taken['peak_mb']:.0f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
