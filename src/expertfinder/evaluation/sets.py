"""A set in the native format, loaded as any import is, without its truth; its questions and its judgements.

The evidence of a set is its people without `bio` and `location` (which were written later), its posts and its
interactions. Truth is never evidence.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import orjson

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.errors import SourceError
from expertfinder.index.build import Making, build
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Person, Query, Source
from expertfinder.sources.native import NativeReader, facts_of
from expertfinder.sources.records import RecordKind, Records
from expertfinder.store import Store

SOURCE = "set"
STREAM = "_stream"
"""How the names of the files of a rolling test end."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions with their truth."""

    name: str
    asked: Sequence[tuple[str, Query]]
    truth: Mapping[str, Mapping[str, int]]

    @property
    def digest(self) -> str:
        """SHA-256 over the questions and judgements: results of the same digest can be compared query by query."""
        asked = [
            [name, query.text, query.asker, sorted(query.question_tags), sorted(query.exclude_posts)]
            for name, query in self.asked
        ]
        truth = [[name, sorted(self.truth[name].items())] for name, _ in self.asked]
        return hashlib.sha256(orjson.dumps([asked, truth])).hexdigest()


class _Evidence:
    """The evidence of a set as a source: people without what was written about them later, posts, interactions.

    `rolling`: with what happened while the questions were asked, `posts_stream.jsonl` and `interactions_stream.jsonl`.
    """

    def __init__(self, folder: Path, *, rolling: bool = False) -> None:
        self._source = Source(id=SOURCE, audience=ORGANISATION)
        self._reader = NativeReader(folder, source=self._source, kinds=("person", "post", "interaction"))
        self._later = {
            kind: folder / f"{kind}s{STREAM}.jsonl"
            for kind in (("post", "interaction") if rolling else ())
            if (folder / f"{kind}s{STREAM}.jsonl").exists()
        }

    def facts(self) -> Iterator:  # type: ignore[type-arg]
        for fact in self._reader.facts():
            yield replace(fact, bio="", location="") if isinstance(fact, Person) else fact
        for kind, path in self._later.items():
            yield from facts_of(path, cast(RecordKind, kind), Records(self._source))


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


def _texts(record: dict, field: str, path: Path, *, line: int) -> list[str]:  # type: ignore[type-arg]
    value = record.get(field) or []
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise SourceError(f"{field!r} is a list of texts", file=str(path), line=line, field=field)
    return value


def is_rolling(queries: Path) -> bool:
    """Whether each question is to be answered from what came before it: so where the file's name ends on `_stream`."""
    return queries.stem.endswith(STREAM)


def read_queries(path: Path) -> list[tuple[str, Query]]:
    """The queries of a file in its order. Raises `SourceError` naming the line that lacks an id or a text.

    Rolling questions need a `created_at`: only what is older counts.
    """
    rolling = is_rolling(path)
    found = []
    for number, record in _lines(path):
        for field in ("id", "text"):
            if not isinstance(record.get(field), str):
                raise SourceError(f"a query needs {field!r}", file=str(path), line=number, field=field)
        asker = record.get("asker")
        asked_at = _moment(record, path, line=number) if rolling else None
        query = Query(
            text=record["text"],
            question_tags=tuple(_texts(record, "tags", path, line=number)),
            asker=f"{SOURCE}:{asker}" if asker else None,
            until=asked_at,
            exclude_posts=frozenset(f"{SOURCE}:{post}" for post in _texts(record, "exclude_posts", path, line=number)),
        )
        found.append((record["id"], query))
    return found


def _moment(record: dict, path: Path, *, line: int) -> datetime:  # type: ignore[type-arg]
    try:
        at = datetime.fromisoformat(record["created_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            "a rolling query needs the time when it was asked", file=str(path), line=line, field="created_at"
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """TREC qrels: query, 0, person, grade. Raises `SourceError` naming the line that is not so."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(_content(path).decode("utf-8", errors="replace").split("\n"), 1):
        if not line.strip():
            continue
        parts = line.split()
        if len(parts) != 4 or not re.fullmatch("-?[0-9]+", parts[3]):
            raise SourceError("a line of qrels is: query, 0, person, grade", file=str(path), line=number)
        found[parts[0]][parts[2]] = int(parts[3])
    return dict(found)


def judged(folder: Path, *, queries: Path | None = None, qrels: Path | None = None) -> Judged:
    """The questions of a set that have a relevant person, with the truth. Raises `SourceError` where there is none."""
    asked = read_queries(queries or folder / "queries.jsonl")
    truth = read_qrels(qrels or folder / "qrels.tsv")
    asked = [(name, query) for name, query in asked if any(grade > 0 for grade in truth.get(name, {}).values())]
    if not asked:
        raise SourceError("no query of the set has a relevant person", file=str(qrels or folder / "qrels.tsv"))
    return Judged(folder.name, asked, truth)


@contextmanager
def loaded(folder: Path, *, encoder_name: str = DEFAULT, rolling: bool = False) -> Iterator[ExpertFinder]:
    """A set in a temporary home, indexed as of its newest dated fact, without its truth.

    `rolling`: with the evidence that came while the questions were asked; each must then have its `until`.
    """
    with tempfile.TemporaryDirectory(prefix="expertfinder-evaluate-") as temporary:
        home = Home(Path(temporary))
        store = home.open_store()
        store.apply([Source(id=SOURCE, audience=ORGANISATION), *_Evidence(folder, rolling=rolling).facts()])
        making = Making(encoder(encoder_name), home.secret(), _newest(store), network=False)
        build(store, home.index, making)
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
