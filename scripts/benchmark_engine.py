"""The index in a Neo4j server beside the index in a folder: the same people, and how long a question takes.

    python scripts/benchmark_engine.py congruence [SET ...] [--queries N] [--json]
    python scripts/benchmark_engine.py latency [--people N] [--posts N] [--interactions N] [--questions N] [--json]

`congruence` asks every question of sets in EXPERTFINDER_SETS of both: mean average precision, its paired 95 % interval,
the share of the first ten people that both name, and how often the first is the same. `latency` makes an organisation
up (size S of the plan by default), publishes it, and asks over HTTP; beside it stand the parts that a question is made
of, measured in the same run: each of the server's answers, our scoring, and a request that asks nothing. A server is
started for the run (`--version current`, `--heap 2g`).
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import uvicorn

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.keys import issue_key
from expertfinder.evaluation.figures import measure, paired
from expertfinder.evaluation.ranking import Places
from expertfinder.evaluation.sets import judged, loaded
from expertfinder.http import create_app
from expertfinder.index.build import build
from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.server.publishing import publish_to
from expertfinder.index.snapshot import Making
from expertfinder.model import SHARED, Query, Viewer
from expertfinder.recommend.experts.experts import find_experts, score_experts
from expertfinder.store import open_index_server, open_store

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.evaluate import folders
from scripts.generated import AS_OF, Size, load, organisation, questions
from scripts.neo4j.server import Options, Server, running

ENCODE = "static-multilingual"
EVERYTHING = Viewer(everything=True)
WARM = 50
"""Questions before the clock runs: a text index is slow for the first ones."""


@contextmanager
def served(given: argparse.Namespace) -> Iterator[tuple[Server, str]]:
    """A server of its own, and its address."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "neo4j", Options(given.version, given.heap, given.page_cache)) as server,
    ):
        yield server, server.url


# --- congruence ------------------------------------------------------------------------------------------------------


def congruence(given: argparse.Namespace) -> dict[str, Any]:
    """Both engines on the sets."""
    found = {}
    with served(given) as (_, url):
        for folder in (each for each in folders() if not given.names or each.name in given.names):
            found[folder.name] = both(folder, url, given.queries)
            print(json.dumps({folder.name: found[folder.name]}), file=sys.stderr)
    return found


def both(folder: Path, url: str, most: int | None) -> dict[str, Any]:
    asked = judged(folder)
    with loaded(folder) as ours, tempfile.TemporaryDirectory() as home:
        server = open_index_server(url)
        publish_to(server, ours.home.index, encode=encoder(ENCODE), progress=lambda *_: None)
        server.close()
        theirs = ExpertFinder(Home(Path(home), url, "neo4j"), ours.store, encode=encoder(ENCODE))
        theirs.refresh()
        places = Places(ours.view(EVERYTHING), 1000)
        runs: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        shared, first = [], []
        questions = asked.asked[:most]
        for name, query in questions:
            mask = places.mask(query)
            for finder, run in zip((ours, theirs), runs, strict=True):
                seen, put, encode = finder.asked(query, EVERYTHING)
                run[name] = places.ranked(score_experts(seen, put, encode).totals, mask)
            tens = [[person for person, _ in run[name][:10]] for run in runs]
            shared.append(len(set(tens[0]) & set(tens[1])) / max(len(tens[0]), 1) if tens[0] else 1.0)
            first.append(tens[0][:1] == tens[1][:1])
        theirs.close()
        names = [name for name, _ in questions]
        precision = [measure(run, asked.truth, names)["MAP"] for run in runs]
        apart = paired(precision[1], precision[0])
    return {
        "questions": len(names),
        "MAP in the folder": round(float(np.mean(list(precision[0].values()))), 4),
        "MAP in the server": round(float(np.mean(list(precision[1].values()))), 4),
        "difference": [round(value, 4) for value in (apart.mean, apart.low, apart.high)],
        "first ten shared": round(float(np.mean(shared)), 4),
        "same first": round(float(np.mean(first)), 4),
    }


# --- latency ---------------------------------------------------------------------------------------------------------


def latency(given: argparse.Namespace) -> dict[str, Any]:
    """How long a question takes, and its parts."""
    encode, size = encoder(ENCODE), Size(given.people, given.posts, given.interactions)
    with served(given) as (server, url), tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "facts.sqlite")
        taken: dict[str, Any] = {}
        with _clock(taken, "facts, s"):
            load(store, organisation(size))
        index, shelf = Path(folder) / "index", open_index_server(url)
        with _clock(taken, "index, s"):
            build(store, index, Making(encode, shelf.secret(), AS_OF, network=False))
        with _clock(taken, "publishing, s"):
            publish_to(shelf, index, encode=encode, progress=lambda *_: None)
        finder = ExpertFinder(Home(Path(folder) / "home", url, "neo4j"), store, encode=encode)
        with _clock(taken, "opening, s"):
            finder.refresh()
        ours = ExpertFinder(_home(Path(folder), index), store, encode=encode)
        ours.refresh()
        texts = questions(store, size, given.questions + WARM)
        taken["milliseconds, p50 / p99"] = _asked(finder, ours, server, texts)
        finder.close()
        shelf.close()
        return taken


def _home(folder: Path, index: Path) -> Home:
    home = Home(folder / "ours")
    home.folder.mkdir()
    index.rename(home.index)
    return home


@contextmanager
def _clock(taken: dict[str, Any], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    taken[name] = round(time.perf_counter() - began, 1)
    print(f"{name}: {taken[name]}", file=sys.stderr)


def _asked(finder: ExpertFinder, ours: ExpertFinder, server: Server, texts: Sequence[str]) -> dict[str, list[float]]:
    """Every question by each way in turn, so that a machine that is busy is so for all of them."""
    viewers = {"shared tier": None, "1 % more": "s:p0", "26 % more": "s:p2"}
    keys = {name: issue_key(finder.store, scopes=["experts:read"], person=who)[1] for name, who in viewers.items()}
    spent: dict[str, list[float]] = {}
    with _listening(finder) as port, server.session() as session:
        ways: dict[str, Callable[[str], object]] = {
            f"HTTP, {name}": lambda text, key=key: _get(port, "/v1/experts?" + urlencode({"q": text}), key)
            for name, key in keys.items()
        }
        ways["in the process, server"] = lambda text: finder.find(Query(text=text), SHARED)
        ways["in the process, folder"] = lambda text: ours.find(Query(text=text), SHARED)
        parts = _parts(finder, session)
        for place, text in enumerate(texts):
            for name, way in ways.items():
                _timed(spent, name, place, lambda way=way, text=text: way(text))
            prepared = parts["prepare"](text)
            for name in ("words", "text", "vectors", "columns", "scoring"):
                _timed(spent, f"part: {name}", place, lambda name=name, prepared=prepared: parts[name](prepared))
            _timed(spent, "part: a request", place, lambda: _get(port, "/v1/me", keys["shared tier"]))
    found = {name: [round(float(np.percentile(ms, share)), 1) for share in (50, 99)] for name, ms in spent.items()}
    total = np.sum([spent[name] for name in spent if name.startswith("part: ")], axis=0)
    found["sum of the parts"] = [round(float(np.percentile(total, share)), 1) for share in (50, 99)]
    ratio = np.array(spent["HTTP, shared tier"]) / total
    found["HTTP / sum of the parts, median"] = [round(float(np.median(ratio)), 2)]
    return found


def _timed(spent: dict[str, list[float]], name: str, place: int, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    if place >= WARM:
        spent.setdefault(name, []).append(1000 * (time.perf_counter() - began))


def _parts(finder: ExpertFinder, session: Any) -> dict[str, Callable[[Any], Any]]:
    """What a question is made of, each alone: the server's answers by the bare driver, and our scoring."""
    slot = finder.snapshot.manifest.name and _slot(session)
    text_index, vector_index = f"indexed_shared_words_{slot.lower()}", f"indexed_vectors_{slot.lower()}"
    columns = ", ".join(f"collect(n.{name})" for name in ("row", "about", "labels", "terms", "vector", "acts", "tags"))

    def run(statement: str, **parameters: Any) -> Any:
        return session.run(statement, parameters).single()

    def prepare(text: str) -> dict[str, Any]:
        seen, asked, encode = finder.asked(Query(text=text), SHARED)
        vector = encode.encode([text])[0].astype(float).tolist()
        found = session.run(
            f"UNWIND $ids AS id MATCH (n:IndexedPost{slot} {{id: id}}) RETURN collect(n.row) AS rows",
            ids=seen.snapshot.shared.segment.ids,
        )
        rows = found.single()["rows"]
        return {"seen": seen, "asked": asked, "encode": encode, "vector": vector, "words": text.split(), "rows": rows}

    return {
        "prepare": prepare,
        "words": lambda p: run(
            f"UNWIND $words AS word MATCH (n:IndexedWord{slot} {{word: word}})"
            " RETURN collect(n.people), collect(n.counts)",
            words=p["words"],
        ),
        "text": lambda p: run(
            "CALL db.index.fulltext.queryNodes($name, $text, {limit: 701}) YIELD score RETURN collect(score)",
            name=text_index,
            text=" ".join(f"words:{word}" for word in p["words"]),
        ),
        "vectors": lambda p: run(
            "CALL db.index.vector.queryNodes($name, 250, $vector) YIELD score RETURN collect(score)",
            name=vector_index,
            vector=p["vector"],
        ),
        "columns": lambda p: run(
            f"UNWIND $rows AS row MATCH (n:IndexedPost{slot} {{row: row}}) RETURN {columns}", rows=p["rows"]
        ),
        "scoring": lambda p: find_experts(p["seen"], p["asked"], encode=p["encode"]),
    }


def _slot(session: Any) -> str:
    return str(session.run("MATCH (n:Index {name: 'published'}) RETURN n.slot AS slot").single()["slot"])


@contextmanager
def _listening(finder: ExpertFinder) -> Iterator[int]:
    """The service on a port of its own."""
    config = uvicorn.Config(create_app(finder, finder.store), host="127.0.0.1", port=0, log_level="warning")
    service = uvicorn.Server(config)
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    while not service.started:
        time.sleep(0.05)
    yield service.servers[0].sockets[0].getsockname()[1]
    service.should_exit = True
    thread.join()


def _get(port: int, path: str, key: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status not in (200, 403):
        raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")


def main() -> int:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["congruence", "latency"])
    parser.add_argument("names", nargs="*", metavar="SET")
    parser.add_argument("--queries", type=int, help="of each set at most so many")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--version", default="lts")
    parser.add_argument("--heap", default="2g")
    parser.add_argument("--page-cache", default="1g")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = congruence(given) if given.what == "congruence" else latency(given)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(name)
            for label, figures in value.items() if isinstance(value, dict) else (("", value),):
                print(f"  {label:36} {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
