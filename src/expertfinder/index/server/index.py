"""An index that a server holds: for each question the few posts it may be about are fetched, and scored here.

In memory are the people, and what stands ready of each; posts, and who used which word, stay in the server. What comes
back for a question is a snapshot in small: the same fields, of these posts alone, so that everything from here on is
what it is for an index of our own (decision 0012). A post that changed since the index was published is fetched from
the facts (`fresh.py`), together with the posts that it moves.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
import orjson

from expertfinder.index import arrays
from expertfinder.index.access import View
from expertfinder.index.candidates import CANDIDATES, MOST_OF_ONE, NEAREST, OVERFETCH, Question
from expertfinder.index.encoders.encoder import Encoder, Said
from expertfinder.index.folder import FolderIndex
from expertfinder.index.fresh.changes import freshen
from expertfinder.index.fresh.crowd import people_now, praised_by_changed
from expertfinder.index.fresh.touched import Touched
from expertfinder.index.home import Superseded
from expertfinder.index.network.ties import Ties, no_ties
from expertfinder.index.people.profiles import Profiles
from expertfinder.index.people.withdrawn import without_withdrawn
from expertfinder.index.posts.bm25 import FETCH_TERMS, Asked, Statistics, Words
from expertfinder.index.posts.documents import THREAD_DEPTH
from expertfinder.index.posts.said_before import words_beside
from expertfinder.index.posts.segment import Segment, joined
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.server.around import Around
from expertfinder.index.server.files import ServerFiles, still
from expertfinder.index.server.packing import ROWS, no_posts, unpacked
from expertfinder.index.server.postings import Fetched, More, ServedProfiles, ServedTerms, postings
from expertfinder.index.server.publishing import FILES, publish_to
from expertfinder.index.snapshot import Making, Posts, Progress, Snapshot, assembled, read_manifest
from expertfinder.model import Query
from expertfinder.store import Store
from expertfinder.store.index_server import TIERS, IndexServer, Publication

SPARE = 50
"""Vectors fetched beyond those that are kept: the server's search is approximate, and the exact cosine decides."""
READ_WHOLE = 1_000
"""Restricted posts of one viewer up to which all are fetched, once for each viewer. Beyond, those with the words."""
VIEWERS_KEPT = 32
"""Viewers whose restricted posts are kept: 3 KB a post."""
AT_ONCE = 5_000
"""Posts in one answer of the server."""
NUMBERS = ("post_length", "mean_length", "authors")
"""Of the profiles."""
POSTINGS = tuple(f"profiles/{name}.npy" for name in ("indptr", "people", "counts"))
LEFT_BEHIND = (
    "shared/",
    "restricted/",
    "rough/",
    "by_word/",
    "by_person/",
    "engine/",
    "ties/",
    "terms.json",
    *POSTINGS,
)
"""Beginnings of the names of the files that who knows something is asked without."""


@dataclass(frozen=True, slots=True)
class _Base:
    """A published index, as far as it is in memory."""

    publication: Publication
    snapshot: Snapshot
    terms: int
    """Words that have a row."""
    restricted: np.ndarray
    """int64, a row an audience: how many restricted posts have it."""
    around: Around


class ServerIndex:
    """The index of a server; see `home.Index`."""

    def __init__(self, server: IndexServer) -> None:
        self._server = server
        self._bases: OrderedDict[str, _Base] = OrderedDict()
        self._readers: OrderedDict[tuple[str, str], Segment] = OrderedDict()
        self._lock = Lock()
        self._files = ServerFiles(server)

    def close(self) -> None:
        """Give the connections back, and the files that were fetched."""
        self._files.close()
        self._server.close()

    def secret(self) -> bytes:
        """As `Index.secret`."""
        return self._server.secret()

    def current(self) -> str | None:
        """The name of the published index, or `None` where there is none yet."""
        now = self._server.published()
        return None if now is None else now.snapshot

    def open(self, encode: Encoder) -> Snapshot:
        """People, and what stands ready of each; of posts none. Errors as `snapshot.open_snapshot` has them."""
        now = self._server.published()
        if now is None:
            raise Superseded
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / now.snapshot
            self._files.download(now, path, without=LEFT_BEHIND)
            base = self._assembled(now, path, encode)
        with self._lock:
            self._bases[now.snapshot] = base
            while len(self._bases) > 2:
                self._bases.popitem(last=False)
        return base.snapshot

    def verified(self, name: str) -> bool:
        """As `Index.verified`: `open` and `whole` verify what they download."""
        return True

    def whole(self, name: str) -> FolderIndex:
        """As `Index.whole`: its files, fetched with the first such question and after each publication."""
        return self._files.whole(name)

    def publish(self, store: Store, making: Making, *, keep: int, progress: Progress) -> Ties:
        """As `Index.publish`. A server keeps two at most, and nothing stays in a folder."""
        # Who asks never builds, and building loads scipy and what it needs for communities.
        from expertfinder.index.build import build  # noqa: PLC0415

        with tempfile.TemporaryDirectory(prefix="expertfinder-index-") as folder:
            made = build(store, Path(folder), making, progress=progress)
            publish_to(self._server, Path(folder), encode=making.encode, progress=progress)
            ties = arrays.load(Ties, made / "ties")
        if keep < 2:
            self._server.retire()
        return ties

    def forget(self, store: Store, making: Making, *, progress: Progress) -> None:
        """As `Index.forget`."""
        store.scrub()  # before an index is laid over half of what the facts left behind
        self.publish(store, making, keep=1, progress=progress)
        self._server.overwrite()
        store.scrub()

    def _assembled(self, of: Publication, path: Path, encode: Encoder) -> _Base:
        manifest = read_manifest(path, encode)
        head = orjson.loads((path / FILES[0]).read_bytes())
        frequency, every = np.load(path / FILES[1])
        nothing = no_posts(manifest.dimension)
        statistics = Statistics(head["posts"], frequency, head["total_length"], every)
        terms = int(head["terms"])

        def look_up(words: list[str]) -> Mapping[str, int]:
            return still(self._server.word_rows(of, words))

        def fetch(rows: list[int]) -> Mapping[int, tuple[np.ndarray, np.ndarray]]:
            return postings(still(self._server.words(of, "row", rows)))

        known = {name: orjson.loads((path / "profiles" / f"{name}.json").read_bytes()) for name in NUMBERS}
        profiles = ServedProfiles(
            indptr=np.zeros(terms + 1, np.int64),
            people=np.empty(0, np.int32),
            counts=np.empty(0, np.float32),
            lengths=np.load(path / "profiles" / "lengths.npy"),
            fetch=fetch,
            **known,
        )
        people = len(profiles.lengths)
        posts = Posts(
            shared=nothing,
            restricted=nothing,
            statistics=statistics,
            profiles=profiles,
            engine=Fetched(np.empty(0, np.int64), 0, more=False),
            terms=[],
            term_rows=ServedTerms(terms, look_up),
            ties_later=cache(lambda: no_ties(people, 0)),  # they are of the graph as a whole: `download`
        )
        snapshot = assembled(path, manifest, posts)
        return _Base(of, snapshot, terms, np.array(head["restricted"], np.int64), Around(snapshot.manifest.dimension))

    # --- a question --------------------------------------------------------------------------------------------------

    def narrow(self, view: View, query: Query, encode: Encoder) -> tuple[View, Query, Encoder] | None:
        """As `Index.narrow`: a view of a snapshot in small. A question with filters needs every post."""
        if query.filtered or query.of_some:
            return None
        reading = view.read(query.whole_text, encode)
        vector = encode.encode([reading.prose])[0]
        seen, asked = self._narrowed(view, query, words=reading.words, vector=vector)
        better = Question.read(seen, asked, reading=reading, encode=encode).vector
        if not np.array_equal(vector, better):
            seen, asked = self._narrowed(view, query, words=reading.words, vector=better)
        return seen, asked, Said(encode, reading.prose, better)

    def _narrowed(self, view: View, query: Query, *, words: list[Asked], vector: np.ndarray) -> tuple[View, Query]:
        """The view in small, and the question without what was left out.

        `words`: of the question, with their forms; `vector` float32 [dimension].
        """
        light = view.snapshot
        base = self._base(light)
        distinct = list(dict.fromkeys(form for one in words for form, _ in one.forms))
        found = still(self._server.words(base.publication, "word", distinct))
        light.term_rows.update(zip(found[0], found[1], strict=True))
        asked = Words.of(words, light.term_rows, light.statistics)
        light, old = self._without_excluded(base, light, query)
        profiles: Profiles = light.profiles
        if isinstance(profiles, ServedProfiles):
            light = replace(light, profiles=profiles.holding(postings(found)))
        worth: dict[str, float] = {}
        for form, weight in zip(asked.forms, (asked.weights[asked.word] * asked.share).tolist(), strict=True):
            worth[form] = max(weight, worth.get(form, 0.0))
        restricted = self._restricted(base, view, {word: worth[word] for word in found[0]})
        keep = [row for row, post in enumerate(restricted.ids) if post not in query.exclude_posts]
        readable = restricted.take(keep) if len(keep) < len(restricted) else restricted
        light = replace(light, restricted=Tier.of(readable))
        clauses = {
            asked.forms[place]: asked.boost(place) for place in asked.fetching(light.statistics, base.terms).tolist()
        }
        limit = int(OVERFETCH * CANDIDATES)
        while True:
            small = self._fetched(base, light, old, _Wanted(clauses, limit, vector, query.exclude_posts))
            try:
                Question(replace(view, snapshot=small), query, asked, vector).fetch_shared(MOST_OF_ONE)
                break
            except More as more:
                limit = more.limit
        fresh = view.fresh
        if query.exclude_posts:
            fresh = fresh[[small.fresh.segment.ids[row] not in query.exclude_posts for row in fresh.tolist()]]
        allowed = np.flatnonzero(view.audiences[small.restricted.segment.audience])
        seen = replace(view, snapshot=small, restricted=allowed, fresh=fresh)
        return seen, replace(query, exclude_posts=frozenset())

    def _base(self, light: Snapshot) -> _Base:
        with self._lock:
            base = self._bases.get(light.manifest.name)
        if base is None:
            raise Superseded
        return base

    def _fetched(self, base: _Base, light: Snapshot, old: Segment, wanted: _Wanted) -> Snapshot:
        nearest = NEAREST + SPARE + min(len(old) + len(wanted.without), NEAREST)
        hits = still(
            self._server.hits(
                base.publication,
                words=wanted.words,
                limit=wanted.limit + 1,
                vector=wanted.vector.astype(float).tolist(),
                nearest=nearest,
            )
        )
        score, row = np.array(hits.score, np.float64), np.array(hits.rows[0], np.int64)
        worded = np.flatnonzero(score >= 0)
        worded = worded[np.lexsort((row[worded], -score[worded]))]
        more = len(worded) > wanted.limit
        if more:
            tie = int(np.searchsorted(-score[worded], -score[worded[wanted.limit]]))
            worded = worded[: tie or len(worded)]
        posts = unpacked(hits.rows, base.snapshot.manifest.dimension)  # in the order of their rows
        best = [posts.ids[at] for at in np.searchsorted(np.sort(row), row[worded]).tolist()]
        gone = set(old.ids)
        fresh = [at for at, post in enumerate(posts.ids) if post not in gone and post not in wanted.without]
        shared = joined([old, posts.take(fresh)])
        at = {post: here for here, post in enumerate(shared.ids)}
        rows = np.array([at[post] for post in best if post in at], np.int64)
        return replace(
            light,
            shared=Tier.of(shared).without(gone),
            withdrawn=np.zeros(len(shared), bool),
            engine=Fetched(rows, wanted.limit, more=more),
        )

    def _restricted(self, base: _Base, view: View, worth: Mapping[str, float]) -> Segment:
        """Restricted posts for this viewer: all there are, or where they are many those with the words.

        How many they are, which are fetched and in what order rests on nothing but what the viewer may read.
        """
        rows = np.flatnonzero(view.audiences[: len(base.restricted)] & (base.restricted > 0))
        count = int(base.restricted[rows].sum())
        gone = set(view.snapshot.restricted.segment.ids)
        dimension = base.snapshot.manifest.dimension
        if not count:
            return no_posts(dimension)
        key = (base.publication.snapshot, view.viewer.key)
        with self._lock:
            known = self._readers.get(key)
        if known is None and count > READ_WHOLE:
            heaviest = dict(sorted(worth.items(), key=lambda pair: (-pair[1], pair[0]))[:FETCH_TERMS])
            if not heaviest:
                return no_posts(dimension)
            limit = int(OVERFETCH * CANDIDATES)
            found = self._server.restricted(base.publication, words=heaviest, audiences=rows.tolist(), limit=limit)
            known = unpacked(still(found), dimension)
        elif known is None:
            found = self._server.posts(base.publication, "restricted", "audience", rows.tolist())
            known = unpacked(still(found), dimension)
            with self._lock:
                self._readers[key] = known
                while len(self._readers) > VIEWERS_KEPT:
                    self._readers.popitem(last=False)
        return known.take([row for row, post in enumerate(known.ids) if post not in gone]) if gone else known

    def _without_excluded(self, base: _Base, light: Snapshot, query: Query) -> tuple[Snapshot, Segment]:
        """Profiles and standing without the posts that the question leaves out; and what is `old`, without them."""
        old = light.shared.segment
        if not query.exclude_posts:
            return light, old
        held = {post: row for row, post in enumerate(old.ids)}
        # What left the sums already is not to leave them twice.
        again = [row for post, row in held.items() if post in query.exclude_posts and not light.withdrawn[row]]
        others = sorted(query.exclude_posts - held.keys())
        found = still(self._server.posts(base.publication, "shared", "id", others))
        less = joined([old.take(again), unpacked(found, base.snapshot.manifest.dimension)])
        if len(less):
            whole = replace(light, shared=Tier.of(less))
            sums = without_withdrawn(whole, light.fresh.segment.take([]), np.ones(len(less), bool))
            light = replace(light, profiles=sums.profiles, standing=sums.standing)
        return light, old.take([row for post, row in held.items() if post not in query.exclude_posts])

    # --- what came since ---------------------------------------------------------------------------------------------

    def changes(self, base: Snapshot, store: Store, touched: Touched, *, making: Making, sequence: int) -> Snapshot:
        """As `Index.changes`; see `changes.freshen`.

        Of the shared and restricted posts it holds those alone that are no longer what they were when it was published.
        """
        served = self._base(base)
        names = set(touched.posts)
        if touched.erased:
            for tier in TIERS:
                names |= store.forgotten("post", still(self._server.ids(served.publication, tier)))
        if touched.people:
            crowd = people_now(base, store)
            apart = crowd.apart
            names |= praised_by_changed(base, crowd, store)
            weighed = apart | {
                row
                for row, (was, now) in enumerate(zip(base.people, crowd.people, strict=False))
                if (was.hidden, was.audience.key) != (now.hidden, now.audience.key)
            }
            self._around_people(served, weighed)
            for segment in served.around.segments.values():
                theirs = np.flatnonzero(np.isin(segment.act_person, sorted(apart)))
                names |= {segment.ids[row] for row in segment.posts_of(theirs).tolist()}
        moving = self._around_posts(served, names)
        authors = {
            base.person_rows[name]
            for post in store.get("post", sorted(names))
            for name in post.authors
            if name in base.person_rows
        }
        for segment in served.around.segments.values():
            moved = np.fromiter((post in moving for post in segment.ids), bool, len(segment))
            wrote = moved[segment.act_posts()] & (segment.act_family == base.families.index("authored"))
            authors |= set(segment.act_person[wrote].tolist())
        self._around_people(served, authors)
        while True:
            built = [Tier.of(served.around.segments.get(tier, no_posts(base.manifest.dimension))) for tier in TIERS]
            shared, restricted = (tier.segment for tier in built)
            whole = replace(base, shared=built[0], restricted=built[1], withdrawn=np.zeros(len(shared), bool))
            rest = Touched(posts=names, people=touched.people, erased=False, communities=touched.communities)
            now = freshen(whole, store, rest, making=making, sequence=sequence)
            if not self._around_words(served, now):
                break
        gone = [tier.gone for tier in (now.shared, now.restricted)]
        changed = [segment.take(rows.tolist()) for segment, rows in zip((shared, restricted), gone, strict=True)]
        built = [Tier(segment, np.zeros(len(segment), bool)) for segment in changed]
        return replace(now, shared=built[0], restricted=built[1], withdrawn=np.asarray(now.withdrawn[gone[0]]))

    def resumed(self, base: Snapshot) -> tuple[Touched, int]:
        """As `Index.resumed`: nothing is kept."""
        return Touched(), base.manifest.sequence

    def _around_posts(self, base: _Base, names: set[str]) -> set[str]:
        """Fetch the posts with these ids, what replies to them, and to those: a reply holds its question's words.

        The ids of all of them.
        """
        known = set(names)
        for tier in TIERS:
            base.around.keep(tier, self._server.posts(base.publication, tier, "id", sorted(names)))
        rest = set(names)
        for _ in range(THREAD_DEPTH):
            found: set[str] = set()
            for tier in TIERS:
                columns_of = still(self._server.posts(base.publication, tier, "parent", sorted(rest)))
                found |= set(unpacked(columns_of, base.snapshot.manifest.dimension).ids)
                base.around.keep(tier, columns_of)
            rest = found - known
            known |= rest
            if not rest:
                break
        return known

    def _around_words(self, base: _Base, now: Snapshot) -> bool:
        """Fetch the posts in the same words as what changed, with all that who wrote them did, and what else there is
        in any words of theirs; whether any is new."""
        gone = [tier.segment.take(tier.gone.tolist()) for tier in (now.shared, now.restricted)]
        changed = [now.fresh.segment, *gone]
        wanted = set(np.concatenate([part.wording for part in changed]).tolist()) - base.around.words
        base.around.words |= wanted
        known = sum(map(len, base.around.rows.values()))
        self._around_people(base, self._in_words(base, wanted))
        told = words_beside(changed, base.around.segments.values(), family=now.families.index("authored"))
        self._in_words(base, told - base.around.words - base.around.told)
        base.around.told |= told
        return sum(map(len, base.around.rows.values())) > known

    def _in_words(self, base: _Base, words: set[int]) -> set[int]:
        """Fetch the posts in these words; rows of who did something to them."""
        wanted, people = sorted(words), set()
        for tier in TIERS:
            for start in range(0, len(wanted), AT_ONCE):
                some = still(self._server.posts(base.publication, tier, "wording", wanted[start : start + AT_ONCE]))
                base.around.keep(tier, some)
                people.update(unpacked(some, base.snapshot.manifest.dimension).act_person.tolist())
        return people

    def _around_people(self, base: _Base, rows: set[int]) -> None:
        """Fetch what these people wrote or acted on."""
        lists = still(self._server.people(base.publication, sorted(rows)))
        for tier, of_each in zip(TIERS, lists, strict=True):
            posts = set(np.frombuffer(b"".join(of_each), ROWS).tolist()) - base.around.rows[tier]
            wanted = sorted(posts)
            for start in range(0, len(wanted), AT_ONCE):
                part = wanted[start : start + AT_ONCE]
                base.around.keep(tier, self._server.posts(base.publication, tier, "row", part))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is fetched for a question."""

    words: dict[str, float]
    """With how often each is asked."""
    limit: int
    vector: np.ndarray
    without: frozenset[str]
    """Ids of posts."""
