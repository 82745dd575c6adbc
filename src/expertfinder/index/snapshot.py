"""The frozen index that answers: built from the record, published by an atomic rename, mapped read-only by any process.

Everything precomputed in it is made of the SHARED tier (posts and acts that the whole organisation may read): word
statistics, profiles, topics, the time span. Restricted posts stand in a segment of their own and are only ever read,
row by row, for a viewer who may. Rows of people, words and tags are given to the shared tier first, so that nothing
restricted moves a row, and with it the order of a sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.errors import FormatNotSupported, NotReady
from expertfinder.identity import Rights
from expertfinder.index import arrays
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.network.ties import Ties
from expertfinder.index.people.activity import Standing, half_lives
from expertfinder.index.people.directory import Directory
from expertfinder.index.people.last_acts import LastActs
from expertfinder.index.people.profiles import Profiles
from expertfinder.index.people.span import Calendar
from expertfinder.index.people.topics import Topics
from expertfinder.index.people.turned_to import TurnedTo
from expertfinder.index.posts.bm25 import Engine, Fetching, Reading, Statistics, statistics_of
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts
from expertfinder.index.posts.documents import NOTHING_REPEATED, Repeated
from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.lexicon import Lexicon
from expertfinder.index.posts.reading import QuestionReader
from expertfinder.index.posts.segment import DAY, Segment, TermRows
from expertfinder.index.posts.tiers import AsRead, ByPerson, ByWord, Rough, Tier, Tiers
from expertfinder.index.published import CURRENT, Files, current_name, damaged, sealed, unsealed, verify
from expertfinder.index.recipe import SHIPPED, Recipe
from expertfinder.model import Audience, Community, Person

CONCEPTS = "concepts"
"""The table of the organisation's own vocabulary; a snapshot has it where there is one."""


BY_PERSON = "by_person"
"""The folder with the acts of each tier by person; an index of before there was one answers without it."""
REPEATED = "repeated"
"""The table of `Repeated.lines`; a snapshot has it where there are some."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot was made of and with."""

    format: int
    name: str
    encoder: str
    encoder_digest: str
    dimension: int
    max_tokens: int
    as_of: float
    """Days since 1970; ages are counted to it (decision 0026)."""
    span: float
    """Days between the oldest and the newest dated post of the shared tier."""
    sequence: int
    """The last change of the record that it holds."""
    digests: dict[str, int]
    """Key of an audience -> sum of the keyed digests of the facts with this audience (decision 0006)."""
    files: Files
    """The checksums of all other files of the snapshot."""
    network: str = ""
    """A keyed digest of the ties and the detected communities: what an answer about them moves with besides."""
    pinned: bool = False
    """Whether `as_of` was given: such a day stays when the service folds; otherwise it is that of the fold."""
    calendar: Calendar = field(kw_only=True)
    """Which dates can be meant."""
    read: dict[str, int] = field(default_factory=dict)
    """How posts were read, in words -> how many: what was no own word, no evidence, no date."""

    def ages(self, at: np.ndarray, until: float | None = None) -> np.ndarray:
        """float64: how many days old what was done `at` these days is, counted to `until`, by default to `as_of`."""
        return self.calendar.ages(at, self.as_of if until is None else until)


Progress = Callable[[str, int, int], None]
"""What is being done, how much of it, of how much."""


@dataclass(frozen=True, slots=True)
class Making:
    """With what a snapshot is made."""

    encode: Encoder
    secret: bytes
    """Keys the digests that versions are made of."""
    as_of: date | None = None
    """The day that ages are counted to; today when not given (decision 0026)."""
    network: bool = True
    """Whether ties and communities are wanted; who only asks for experts can do without (an evaluation does)."""
    fold: bool = False
    """Whether to take in what came since, where that is possible; the network then stays as it was (`folding.py`)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published index, open for reading."""

    manifest: Manifest
    people: list[Person]
    """One row a human; those whom the whole organisation may find come first. Sorted by id within each half."""
    person_rows: dict[str, int]
    """Id of a person or of any of its records -> row; also ids by which posts name authors of whom no record has it."""
    rights: dict[str, Rights]
    """Id of each record -> what it gives its viewer. Who is not in it is no viewer."""
    audiences: list[Audience]
    families: list[str]
    lasting: np.ndarray
    """float64 [families]: the half-life of each, in usual half-lives."""
    terms: list[str]
    term_rows: TermRows
    tags: list[str]
    tag_rows: dict[str, list[int]]
    """Words of a tag, as they would stand in a question -> rows of the tags that are written so (`Standing`)."""
    shared: Tier
    """Posts that the whole organisation may read, as they were when the snapshot was built."""
    restricted: Tier
    """All other posts of the build."""
    fresh: Tier
    """What came or changed since the snapshot was built, of every audience; small, and scored in full."""
    statistics: Statistics
    profiles: Profiles
    topics: Topics
    standing: Standing
    last_acts: LastActs
    turned_to: TurnedTo
    lexicon: Lexicon
    engine: Fetching
    directory: Directory
    """What the people are called and what they declare."""
    communities: list[Community]
    """Declared and detected, by id, also those that are no more; members and leads are people, by who they are."""
    machine_posts: dict[str, tuple[str, ...]]
    """Id of a post that machines alone wrote, and that is in no tier for it -> its authors."""
    ties_later: Callable[[], Ties]
    """Makes the network when it is first asked for (`arrays.later`): no question about people needs it."""
    withdrawn: np.ndarray
    """bool [shared posts]: True where a post's contribution was removed, fully or partly, from the per-person sums."""
    sequence: int
    """The last change of the record that `fresh` holds."""
    came: frozenset[str] = frozenset()
    """Words of shared posts in `fresh` that the vocabulary does not have."""
    strengths: AsRead | None = None
    """Of the acts of `shared` and `restricted`; without it a post that near-copies move is read from the record."""
    rough: Rough | None = None
    """The vectors of `shared` in fewer numbers, where they are many."""
    concepts: Concepts = NO_CONCEPTS
    """The organisation's own vocabulary, as it was when the snapshot was built."""
    repeated: Repeated = NOTHING_REPEATED
    """Lines that are no words of the posts under which they stand, as they were when the snapshot was built."""
    recipe: Recipe = SHIPPED
    """The constants with which the sums by person were made and questions are answered."""
    tiers: Tiers = field(init=False, repr=False, compare=False)
    """The three tiers, numbered through."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiers", Tiers(self.shared, self.restricted, self.fresh))

    @property
    def ties(self) -> Ties:
        """The network: ties, parts in posts, interests and detected communities."""
        return self.ties_later()

    def reader(self, encode: Encoder | None = None) -> QuestionReader:
        """What reads questions by the vocabulary as it is now."""
        return QuestionReader(self.lexicon, self.statistics, self.came, encode, self.concepts)

    def read(self, text: str, encode: Encoder | None = None) -> Reading:
        """A question as it is understood. Without an encoder words alone say what is meant."""
        return self.reader(encode).read(text)


def family_names(words: Vocabulary) -> list[str]:
    """The kinds of evidence, `authored` first, the rest by name."""
    return ["authored", *sorted({verb.family for verb in words.verbs.values()} - {"authored"})]


def open_snapshot(folder: Path, *, encode: Encoder, verified: str | None = None) -> Snapshot:
    """Open what is published. `NotReady` when nothing is, `FormatNotSupported` for another format or encoder, and for
    a snapshot with a file that is missing or is not as it was written.

    `verified`: the name of a snapshot whose files are known to be as they were written; they are not read again for it.
    """
    while True:
        name = current_name(folder)
        if name is None:
            raise NotReady("nothing has been indexed yet; run `expertfinder ingest` or `expertfinder index`")
        try:
            if not (folder / name).is_dir():
                raise FormatNotSupported(
                    f"{folder / CURRENT} names the index {name!r}, which is not there; "
                    "run `expertfinder index` to make one anew from the record"
                )
            manifest = read_manifest(folder / name, encode)
            if name != verified:
                verify(name, folder / name, manifest.files)
            return _open(folder / name, manifest)
        except (FormatNotSupported, OSError) as error:
            if current_name(folder) != name:
                continue  # another process published, and removed this one while it was being opened
            if isinstance(error, FormatNotSupported):
                raise
            raise damaged(name, str(error.filename), f"cannot be read ({error.strerror})") from error


def manifest_bytes(manifest: Manifest) -> bytes:
    """A manifest as its file has it."""
    digests = {key: f"{value:032x}" for key, value in manifest.digests.items()}
    return sealed({**asdict(manifest), "digests": digests})


def read_manifest(path: Path, encode: Encoder) -> Manifest:
    """What a snapshot was made of. `FormatNotSupported` for another format or encoder, and where it is damaged."""
    raw = unsealed(path)
    made = (raw["encoder"], raw["encoder_digest"], raw["dimension"], raw["max_tokens"])
    if made != (encode.name, encode.digest, encode.dimension, encode.max_tokens):
        other = "" if raw["encoder"] != encode.name else ", but its files are not those of that time"
        raise FormatNotSupported(
            f"the index was made with the encoder {raw['encoder']!r}, set is {encode.name!r}{other}; "
            "run `expertfinder index` to embed everything anew with the encoder that is set, or set "
            "EXPERTFINDER_ENCODER to the one that the index was made with"
        )
    digests = {key: int(value, 16) for key, value in raw["digests"].items()}
    return Manifest(**{**raw, "digests": digests, "calendar": Calendar(**raw["calendar"])})


@dataclass(frozen=True, slots=True)
class Posts:
    """What a snapshot holds of posts, wherever they are."""

    shared: Segment
    restricted: Segment
    statistics: Statistics
    profiles: Profiles
    ties_later: Callable[[], Ties]
    engine: Fetching
    terms: list[str]
    term_rows: TermRows
    strengths: AsRead | None = None
    rough: Rough | None = None
    by_word: ByWord | None = None
    """Of the restricted tier."""
    by_person: tuple[ByPerson | None, ByPerson | None] = (None, None)
    """Of the shared and of the restricted tier."""


def _open(path: Path, manifest: Manifest) -> Snapshot:
    terms = _table(path, "terms")
    shared = arrays.load(Segment, path / "shared")
    written = path / "engine_rows.npy"  # an index of before there were folds has none: its posts are in order
    posts = Posts(
        shared=shared,
        restricted=arrays.load(Segment, path / "restricted"),
        statistics=statistics_of(shared, len(terms)),
        profiles=arrays.load(Profiles, path / "profiles"),
        ties_later=arrays.later(Ties, path / "ties"),
        engine=Engine(path / "engine", terms, np.load(written) if written.exists() else np.arange(len(shared))),
        terms=terms,
        term_rows=TermRows(zip(terms, range(len(terms)), strict=True)),
        strengths=arrays.load(AsRead, path / "strengths") if (path / "strengths").exists() else None,
        rough=arrays.load(Rough, path / "rough") if (path / "rough").exists() else None,
        by_word=arrays.load(ByWord, path / "by_word") if (path / "by_word").exists() else None,
        by_person=(_by_person(path, "shared"), _by_person(path, "restricted")),
    )
    return assembled(path, manifest, posts)


def _by_person(path: Path, tier: str) -> ByPerson | None:
    folder = path / BY_PERSON / tier
    return arrays.load(ByPerson, folder) if folder.exists() else None


def assembled(path: Path, manifest: Manifest, posts: Posts) -> Snapshot:
    """A snapshot of its posts and of the tables in its folder, as it was built."""
    standing, lexicon = arrays.load(Standing, path / "standing"), arrays.load(Lexicon, path / "lexicon")
    people = [person_in(entry) for entry in _table(path, "people")]
    families = _table(path, "families")
    function_words()  # read now, so that no question waits for it
    return Snapshot(
        manifest=manifest,
        people=people,
        person_rows=dict(_table(path, "records")),
        rights={record: rights_in(entry) for record, entry in _table(path, "rights").items()},
        audiences=[audience_in(entry) for entry in _table(path, "audiences")],
        families=families,
        lasting=half_lives(families),
        terms=posts.terms,
        term_rows=posts.term_rows,
        tags=_table(path, "tags"),
        tag_rows=_by_words(standing.tag_words),
        shared=Tier.of(posts.shared, None, posts.by_person[0]),
        restricted=Tier.of(posts.restricted, posts.by_word, posts.by_person[1]),
        fresh=Tier.of(posts.shared.take([])),
        statistics=posts.statistics,
        profiles=posts.profiles,
        topics=arrays.load(Topics, path / "topics"),
        standing=standing,
        last_acts=arrays.load(LastActs, path / "last_acts"),
        turned_to=arrays.load(TurnedTo, path / "turned_to"),
        lexicon=lexicon,
        directory=Directory(people, lexicon.languages),
        communities=[community_in(entry) for entry in _table(path, "communities")],
        machine_posts={name: tuple(authors) for name, authors in _table(path, "machine_posts").items()},
        ties_later=posts.ties_later,
        engine=posts.engine,
        withdrawn=np.zeros(len(posts.shared), bool),
        concepts=Concepts.of_table(_table(path, CONCEPTS)) if (path / f"{CONCEPTS}.json").exists() else NO_CONCEPTS,
        repeated=Repeated(frozenset(_table(path, REPEATED)))
        if (path / f"{REPEATED}.json").exists()
        else NOTHING_REPEATED,
        sequence=manifest.sequence,
        strengths=posts.strengths,
        rough=posts.rough,
    )


def _table(path: Path, name: str) -> Any:
    return orjson.loads((path / f"{name}.json").read_bytes())


def audience_in(entry: dict) -> Audience:  # type: ignore[type-arg]
    """An audience as a table has it."""
    return Audience(entry["scope"], *(tuple(entry[name]) for name in ("groups", "people", "deny")))


def rights_in(entry: dict) -> Rights:  # type: ignore[type-arg]
    """What a record gives its viewer, as a table has it."""
    return Rights(entry["own"], tuple(entry["groups"]), tuple(entry["denied_as"]))


def community_in(entry: dict) -> Community:  # type: ignore[type-arg]
    """A community as a table has it."""
    lists = {name: tuple(entry[name]) for name in ("members", "leads")}
    return Community(**{**entry, **lists, "audience": audience_in(entry["audience"])})


def _by_words(tag_words: list[str]) -> dict[str, list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for tag, words in enumerate(tag_words):
        rows[words].append(tag)
    return dict(rows)


def person_in(entry: dict) -> Person:  # type: ignore[type-arg]
    """A person as a table has it."""
    lists = {name: tuple(entry[name]) for name in ("skills", "languages", "groups", "accounts")}
    audience = audience_in(entry["audience"])
    times = {name: datetime.fromisoformat(at) if (at := entry.get(name)) else None for name in ("joined_at", "left_at")}
    return Person(**{**entry, **lists, **times, "audience": audience})


def day_of(moment: float) -> datetime:
    """The moment of a number of days since 1970, aware and in UTC."""
    return datetime.fromtimestamp(moment * DAY, UTC)
