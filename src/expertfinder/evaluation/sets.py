"""A set in the native format, loaded as any import is, without its truth; its questions and its judgements.

The evidence of a set is its people without `bio` and `location` (which were written later), its posts and its
interactions. Truth is never evidence.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import orjson

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.errors import SourceError
from expertfinder.index.build import build
from expertfinder.index.encoders.encoder import DEFAULT, Encoder, encoder
from expertfinder.index.people.span import usual_dates
from expertfinder.index.posts.segment import days
from expertfinder.index.snapshot import Making, day_of
from expertfinder.model import ORGANISATION, Community, Fact, Person, Query, Source
from expertfinder.sources.native import NativeReader, facts_of
from expertfinder.sources.reader import Withdrawal
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


def evidence(folder: Path, *, rolling: bool = False, communities: bool = False) -> list[Fact]:
    """The evidence of a set: people without what was written about them later, posts, interactions.

    `rolling`: with what happened while the questions were asked, `posts_stream.jsonl` and `interactions_stream.jsonl`.
    `communities`: with the declared communities and their members, and without their leads. Raises `SourceError`.
    """
    source = Source(id=SOURCE, audience=ORGANISATION)
    kinds: tuple[RecordKind, ...] = ("person", "post", "interaction", *(("community",) if communities else ()))
    found = [NativeReader(folder, source=source, kinds=kinds).facts()]
    for kind in ("post", "interaction") if rolling else ():
        later = folder / f"{kind}s{STREAM}.jsonl"
        if later.exists():
            found.append(facts_of(later, kind, Records(source)))
    return [_untold(fact) for fact in chain(*found) if not isinstance(fact, Withdrawal)]  # a set takes nothing back


def _untold(fact: Fact) -> Fact:
    """A fact without what an evaluation is to find out."""
    if isinstance(fact, Person):
        return replace(fact, bio="", location="")
    return replace(fact, leads=()) if isinstance(fact, Community) else fact


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"this file of the set cannot be read: {error.strerror}", file=str(path)) from error


def json_lines(path: Path) -> Iterator[tuple[int, dict]]:  # type: ignore[type-arg]
    """Number and object of each line that is not empty. Raises `SourceError` for what cannot be read."""
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
    """Whether each question is to be answered from what came before it: where the file's name ends on `_stream`."""
    return queries.stem.endswith(STREAM)


def read_queries(path: Path) -> list[tuple[str, Query]]:
    """The queries of a file in its order. Raises `SourceError` naming the line that lacks an id or a text.

    Rolling questions need a `created_at`: only what is older counts.
    """
    rolling = is_rolling(path)
    found = []
    for number, record in json_lines(path):
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
    """TREC qrels: query, 0, person, grade. Raises `SourceError` naming the line that is wrong.

    Between tabs an id may hold blanks.
    """
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(_content(path).decode("utf-8", errors="replace").split("\n"), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("\t")] if line.count("\t") == 3 else line.split()
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
    """A set in a temporary home, without its truth and without its network, for questions about people.

    `rolling`: with the evidence that came while the questions were asked; each must then have its `until`.
    """
    with world(evidence(folder, rolling=rolling), encoder_name=encoder_name, network=False) as finder:
        yield finder


@contextmanager
def world(
    facts: Iterable[Fact], *, as_of: date | None = None, encoder_name: str = DEFAULT, network: bool = True
) -> Iterator[ExpertFinder]:
    """A finder over a temporary home with these facts and no others, as any organisation would have it.

    `as_of`: the day that ages are counted to; without one the day after the newest dated fact. `network`: whether ties
    and detected communities are wanted.
    """
    with tempfile.TemporaryDirectory(prefix="expertfinder-evaluate-") as temporary:
        home = Home(Path(temporary))
        store = home.open_store()
        encode = Once(encoder(encoder_name))
        store.apply([Source(id=SOURCE, audience=ORGANISATION), *facts])
        build(store, home.index, Making(encode, home.secret(), as_of or _newest(store), network=network))
        finder = ExpertFinder(home, store, encode=encode)
        finder.refresh()
        try:
            yield finder
        finally:
            finder.close()


class Once:
    """An encoder that remembers the last texts: every method that is measured asks for the same vector."""

    def __init__(self, encode: Encoder) -> None:
        self.name, self.dimension, self.digest = encode.name, encode.dimension, encode.digest
        self.max_tokens = encode.max_tokens
        self._encode = encode
        self._texts: tuple[list[str], str] = ([], "")
        self._vectors = np.zeros((0, encode.dimension), np.float32)

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """As `Encoder` says."""
        if (list(texts), language) != self._texts:
            self._texts, self._vectors = (list(texts), language), self._encode.encode(texts, language)
        return self._vectors

    def is_word(self, word: str, language: str = "") -> bool:
        """As `Encoder` says."""
        return self._encode.is_word(word, language)

    def specific(self, word: str) -> float:
        """As `Encoder` says."""
        return self._encode.specific(word)

    def understood(self, text: str) -> float:
        """As `Encoder` says."""
        return self._encode.understood(text)


def _newest(store: Store) -> date:
    times = [post.created_at for post in store.all("post") if post.created_at]
    times += [act.created_at for act in store.all("interaction") if act.created_at]
    usual = usual_dates(np.array([days(at) for at in times]), as_of=days(datetime.now(UTC)))
    return (day_of(float(usual[-1])) + timedelta(days=1)).date() if len(usual) else datetime.now(UTC).date()
