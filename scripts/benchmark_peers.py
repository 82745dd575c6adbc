"""BM25 voting by what others would build: the same posts, the same words, the same questions, each in turn.

A post votes for its authors with its BM25 (k1 1.2, b .75); the `VOTES` best posts vote. Ours is set to that method
here. `scripts/benchmark.py` runs it. OpenSearch (`scripts/opensearch/server.py`) is one where asked for: it
is fetched with Maven and started beside. What its process spends counts as its CPU, and what ours spends on asking it.
"""

from __future__ import annotations

import heapq
import http.client
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import apsw
import bm25s
import networkx as nx
import numpy as np
import orjson
from scripts.opensearch.server import Server, running

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.posts.bm25 import K1, B, Words, score
from expertfinder.index.posts.tokens import tokenise

VOTES = 200
"""Posts that vote, as in the evaluation's baseline of that name."""
FIRST = 10
"""People that are compared."""
BULK = 5_000
"""Posts that one request gives to OpenSearch, about four megabytes."""
HEAP_A_MILLION = 2
"""Gigabytes of memory that Java gets for each million posts, begun ones counted in full."""
NETWORKX_MOST = 300_000
"""Posts above which dictionaries of Python are left out: at M they would take tens of gigabytes."""

WARMING = 50
"""Questions asked before the measured ones: Java compiles what it runs often."""
OPENSEARCH = "OpenSearch"

Way = Callable[[Sequence[str]], list[int]]
"""Words of a question -> the first people (rows), best first."""


class Posts:
    """The shared posts of a view: their words, and their authors as rows of people."""

    def __init__(self, view: View) -> None:
        snapshot, segment = view.snapshot, view.snapshot.shared.segment
        self.view = view
        self.terms = snapshot.terms
        self.indptr, self.rows, self.counts = segment.term_indptr, segment.terms, segment.counts
        positions, owner = gather(segment.act_indptr, np.arange(len(segment)))
        wrote = segment.act_family[positions] == snapshot.families.index("authored")
        self.author = np.full(len(segment), -1)
        self.author[owner[wrote]] = segment.act_person[positions[wrote]]

    def __len__(self) -> int:
        return len(self.author)

    def words(self, post: int) -> list[str]:
        """All words of a post, as often as each stands in it."""
        start, end = int(self.indptr[post]), int(self.indptr[post + 1])
        pairs = zip(self.rows[start:end].tolist(), self.counts[start:end].tolist(), strict=True)
        return [self.terms[row] for row, count in pairs for _ in range(int(count))]


def ours(posts: Posts) -> Way:
    """Our engine and our scorer, with the votes added up by numpy."""
    snapshot = posts.view.snapshot
    segment, statistics = snapshot.shared.segment, snapshot.statistics

    def way(words: Sequence[str]) -> list[int]:
        asked = Words.of(words, snapshot.term_rows, statistics)
        rows = np.sort(snapshot.engine.fetch(asked, statistics, VOTES + VOTES // 2))
        bm25 = score(segment, rows, asked, statistics)
        best = np.lexsort((rows, -bm25))[:VOTES]
        person, place = np.unique(posts.author[rows[best]], return_inverse=True)
        votes = np.bincount(place, bm25[best])
        return [int(row) for row in person[np.lexsort((person, -votes))] if row >= 0][:FIRST]

    return way


def sqlite(posts: Posts, folder: Path) -> Way:
    """SQLite's full text search, with the votes added up in Python."""
    database = apsw.Connection(str(folder / "fts5.sqlite"))
    database.execute("CREATE VIRTUAL TABLE posts USING fts5(words, content='', tokenize='unicode61')")
    with database:
        rows = ((post, " ".join(posts.words(post))) for post in range(len(posts)))
        database.executemany("INSERT INTO posts(rowid, words) VALUES (?, ?)", rows)
    author = posts.author.tolist()
    statement = f"SELECT rowid, rank FROM posts WHERE posts MATCH ? ORDER BY rank LIMIT {VOTES}"

    def way(words: Sequence[str]) -> list[int]:
        votes: defaultdict[int, float] = defaultdict(float)
        for post, rank in database.execute(statement, (" OR ".join(f'"{word}"' for word in words),)):
            votes[author[post]] -= rank
        return sorted(votes, key=lambda person: (-votes[person], person))[:FIRST]

    return way


def library(posts: Posts) -> Way:
    """bm25s, with the votes added up by numpy."""
    retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
    retriever.index([posts.words(post) for post in range(len(posts))], show_progress=False)

    def way(words: Sequence[str]) -> list[int]:
        known = [word for word in words if word in retriever.vocab_dict]
        if not known:
            return []
        found, scores = retriever.retrieve([known], k=min(VOTES, len(posts)), show_progress=False)
        person, place = np.unique(posts.author[found[0]], return_inverse=True)
        votes = np.bincount(place, scores[0])
        return [int(row) for row in person[np.lexsort((person, -votes))] if votes.any()][:FIRST]

    return way


def dictionaries(posts: Posts) -> Way:
    """A graph of networkx and postings in dictionaries, as tutorials do it."""
    graph: Any = nx.Graph()
    postings: defaultdict[str, dict[int, int]] = defaultdict(dict)
    lengths = []
    for post in range(len(posts)):
        words = posts.words(post)
        lengths.append(len(words))
        for word in words:
            postings[word][post] = postings[word].get(post, 0) + 1
        graph.add_edge(("post", post), ("person", int(posts.author[post])))
    mean = sum(lengths) / max(len(lengths), 1)

    def way(words: Sequence[str]) -> list[int]:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in words:
            holding = postings.get(word, {})
            rarity = math.log(1 + (len(lengths) - len(holding) + 0.5) / (len(holding) + 0.5))
            for post, count in holding.items():
                scores[post] += rarity * count / (count + K1 * (1 - B + B * lengths[post] / mean))
        votes: defaultdict[int, float] = defaultdict(float)
        for post, bm25 in heapq.nsmallest(VOTES, scores.items(), key=lambda pair: (-pair[1], pair[0])):
            for _, person in graph.neighbors(("post", post)):
                votes[person] += bm25
        return sorted(votes, key=lambda person: (-votes[person], person))[:FIRST]

    return way


def opensearch(posts: Posts, server: Server) -> Way:
    """OpenSearch: the votes of a sample of the best posts, added up by author in the server. One shard, one segment."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def send(method: str, path: str, body: bytes) -> Any:
        connection.request(method, path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        told = orjson.loads(answer.read())
        if answer.status >= 300 or told.get("errors"):
            raise RuntimeError(f"OpenSearch: {str(told)[:500]}")
        return told

    fields = {"words": {"type": "text", "analyzer": "whitespace"}, "author": {"type": "integer"}}
    one = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
    mappings = {"_source": {"enabled": False}, "properties": fields}
    send("PUT", "/posts", orjson.dumps({"settings": one, "mappings": mappings}))
    for start in range(0, len(posts), BULK):
        send("POST", "/posts/_bulk", b"".join(_bulk(posts, range(start, min(start + BULK, len(posts))))))
    send("POST", "/posts/_forcemerge?max_num_segments=1", b"")
    send("POST", "/posts/_refresh", b"")
    votes = {"votes": {"sum": {"script": "_score"}}}
    terms = {"field": "author", "size": FIRST, "order": [{"votes": "desc"}, {"_key": "asc"}]}
    people = {"people": {"terms": terms, "aggs": votes}}
    sample = {"best": {"sampler": {"shard_size": VOTES}, "aggs": people}}

    def way(words: Sequence[str]) -> list[int]:
        asked = {"size": 0, "query": {"match": {"words": " ".join(words)}}, "aggs": sample}
        # The server would answer the second of two equal questions from what it kept.
        told = send("POST", "/posts/_search?request_cache=false", orjson.dumps(asked))
        return [bucket["key"] for bucket in told["aggregations"]["best"]["people"]["buckets"]]

    return way


def _bulk(posts: Posts, wanted: range) -> Iterator[bytes]:
    for post in wanted:
        yield b'{"index":{"_id":"%d"}}\n' % post
        yield orjson.dumps({"words": " ".join(posts.words(post)), "author": int(posts.author[post])}) + b"\n"


def spent_by(process: int) -> float:
    """CPU seconds that the threads of a process have spent. Those of threads that ended are not in it."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def resident_of(process: int) -> float:
    """Megabytes that a process holds now."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6


def compared(
    view: View, texts: Sequence[str], folder: Path, resident: Callable[[], float], *, server: bool = False
) -> dict[str, Any]:
    """Milliseconds of each way, CPU and by the clock, its ratio to ours, and how far its first people are ours.

    `folder`: for files; `resident`: megabytes that the process holds now; `server`: with OpenSearch.
    """
    with ExitStack() as stack:
        posts = Posts(view)
        heap = HEAP_A_MILLION * math.ceil(len(posts) / 1e6)
        beside = stack.enter_context(running(heap=f"{heap}g")) if server else None
        return _compared(posts, texts, folder, resident, beside)


def _compared(
    posts: Posts, texts: Sequence[str], folder: Path, resident: Callable[[], float], beside: Server | None
) -> dict[str, Any]:
    makers: dict[str, Callable[[], Way]] = {
        "ours": lambda: ours(posts),
        "SQLite FTS5 and Python": lambda: sqlite(posts, folder),
        "bm25s and numpy": lambda: library(posts),
        "networkx and dictionaries": lambda: dictionaries(posts),
    }
    if len(posts) > NETWORKX_MOST:
        del makers["networkx and dictionaries"]
    clocks = dict.fromkeys(makers, time.process_time)
    holding = dict.fromkeys(makers, resident)
    if beside is not None:
        makers[OPENSEARCH] = lambda: opensearch(posts, beside)
        clocks[OPENSEARCH] = lambda: time.process_time() + spent_by(beside.process)
        holding[OPENSEARCH] = lambda: resident_of(beside.process)
    found: dict[str, Any] = {}
    ways = {}
    for name, make in makers.items():
        began, before = clocks[name](), 0.0 if name == OPENSEARCH else resident()
        ways[name] = make()
        found[name] = {"made_cpu_s": clocks[name]() - began, "memory_mb": max(holding[name]() - before, 0.0)}
    found["SQLite FTS5 and Python"]["disk_mb"] = (folder / "fts5.sqlite").stat().st_size / 1e6
    asked = [list(dict.fromkeys(tokenise(text))) for text in texts]
    spent: dict[str, list[float]] = {name: [] for name in ways}
    waited: dict[str, list[float]] = {name: [] for name in ways}
    shared: dict[str, list[float]] = {name: [] for name in ways}
    for number, words in enumerate([*asked[:WARMING], *asked]):  # the first few warm up
        answers = {}
        for name, way in ways.items():
            began, clock = clocks[name](), time.perf_counter()
            answers[name] = way(words)
            elapsed = time.perf_counter() - clock
            if number >= len(asked[:WARMING]):
                spent[name].append(1000 * (clocks[name]() - began))
                waited[name].append(1000 * elapsed)
        for name, people in answers.items():
            shared[name].append(len(set(people) & set(answers["ours"])) / max(len(answers["ours"]), len(people), 1))
    for name, milliseconds in spent.items():
        cpu = np.array(milliseconds)
        found[name] |= {f"cpu_ms_p{share}": float(np.percentile(cpu, share)) for share in (50, 90, 99)}
        found[name] |= {f"wall_ms_p{share}": float(np.percentile(waited[name], share)) for share in (50, 99)}
        found[name]["ratio_p50"] = float(np.median(cpu / np.array(spent["ours"])))
        found[name]["ratio_p99"] = found[name]["cpu_ms_p99"] / found["ours"]["cpu_ms_p99"]
        found[name]["first_ten_shared"] = float(np.mean(shared[name]))
    return found
