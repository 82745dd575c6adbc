"""ExpertFinder: opens a home and answers questions. What a `Viewer` may not read changes no byte of their answers."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

from expertfinder.ask.home import Home
from expertfinder.ask.newest import Newest, State
from expertfinder.ask.oneself.consent import Consent, asked_often, read_consent
from expertfinder.ask.organisation.endorsing import Endorsing
from expertfinder.ask.unknown import unknown, with_unknown
from expertfinder.errors import InvalidQuestion, NotFound, NotReady, StoreError, StoreUnavailable
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import DEFAULT, Encoder, encoder
from expertfinder.index.fresh.touched import CHANGES_AT_ONCE, Touched, note
from expertfinder.index.fresh.waiting import shared_changes
from expertfinder.index.home import Index, Superseded
from expertfinder.index.posts.concepts import in_singular, words_of
from expertfinder.index.posts.segment import DIGESTS
from expertfinder.index.snapshot import Making, Snapshot, day_of
from expertfinder.model import Assessment, Expertise, Person, Post, Query, Ranking, Recommendation, Topic, Viewer
from expertfinder.policy import may_find, may_read, shown, told_groups
from expertfinder.recommend.assess import Scale, assess_person, scale_of
from expertfinder.recommend.called import with_named
from expertfinder.recommend.expertise import expertise_of
from expertfinder.recommend.experts.experts import Answered, answered, explain_expert, find_experts
from expertfinder.recommend.experts.parts import WEIGHTS
from expertfinder.recommend.experts.spreading import OFTEN_WITHIN, gives_way
from expertfinder.recommend.experts.weights import read_weights
from expertfinder.recommend.several import Topics, apart, explain_several, find_several, topics_of
from expertfinder.store import Ask, AuditEntry, Routed, Store

LONGEST_QUESTION = 20_000
"""Characters: a page or two; a longer text is a document, not a question."""
MOST_PEOPLE = 100
"""People in one answer (promise R3: no route, tool or command ranks the staff)."""
SHOWN: ContextVar[Callable[[Iterable[str]], None] | None] = ContextVar("shown", default=None)
"""Told the ids of the people whom an answer is about to show, where a door counts them; it may refuse by an error."""
VIEWS_KEPT = 256
"""Views that are kept between questions, one for each viewer; the one not used for longest goes first. Not measured."""
TRIES = 5
"""How often a question is put again when its index was replaced meanwhile; publications are seconds apart at least."""
FOLD_FEWEST = 100
"""Facts: a young organisation is folded each time it has doubled, but not for less than this; it takes a second."""


def checked(query: Query) -> None:
    """Raise `InvalidQuestion` for a question that cannot be asked."""
    if not (query.whole_text.strip() or query.question_tags):
        raise InvalidQuestion(
            "the question is empty: say in a few words what somebody should know; a filter alone asks nothing"
        )
    if len(query.text) > LONGEST_QUESTION:
        raise InvalidQuestion(f"the question has more than {LONGEST_QUESTION} characters: ask for the heart of it")
    if not 1 <= query.limit <= MOST_PEOPLE:
        raise InvalidQuestion(f"an answer holds 1 to {MOST_PEOPLE} people", limit=query.limit)


class ExpertFinder:
    """Answers from the published snapshot of a home and the facts that came since. Safe to share between threads."""

    def __init__(self, home: Home, store: Store, *, encode: Encoder, index: Index | None = None) -> None:
        self.home = home
        self.store = store
        self._encode = encode
        self._index = index or home.open_index()
        self._newest = Newest(self._index, encode)
        self.secret = self._index.secret()
        self._whole: ExpertFinder | None = None
        self._snapshot: Snapshot | None = None
        self._base: Snapshot | None = None
        self._weights: Mapping[str, float] = WEIGHTS
        self._weights_read: int | None = None
        self._touched = Touched(since=Touched())
        self._seen = 0
        # True where the last look failed, so that changes up to `_seen` are not in the snapshot that answers.
        self._behind = False
        self._views: OrderedDict[str, View] = OrderedDict()
        self._scale: tuple[Snapshot, Scale] | None = None
        self._consent = Consent()
        self.endorsing = Endorsing(store, lambda: self.snapshot.concepts)
        self._asks: list[Ask | Routed] = []
        self.asks_a_month = 0
        """Asks in thirty days from which on somebody is placed behind the next one who is about as good; 0: never."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        """The current time, for pauses and limits of asks; no score depends on it."""
        self._lock = Lock()
        self._refreshing = Lock()
        self._fetching = Lock()

    @classmethod
    def open(cls, home: Home | Path, *, encoder_name: str = DEFAULT) -> ExpertFinder:
        """Open a home, or the folder of one. Without a snapshot `ready` is false and questions raise `NotReady`."""
        home = home if isinstance(home, Home) else Home(home)
        finder = cls(home, home.open_store(), encode=encoder(encoder_name))
        finder.refresh()
        return finder

    def close(self) -> None:
        """Give the record and the index back."""
        self._index.close()
        self.store.close()

    @property
    def whole(self) -> ExpertFinder:
        """A finder with every post at hand, for what is asked of the graph as a whole: the network, filters by time.

        This one, unless the index says that it holds only what single questions need.
        """
        with self._fetching:
            index = self._index.whole(self.snapshot.manifest.name)
            if index is self._index:
                return self
            if self._whole is None:
                self._whole = ExpertFinder(self.home, self.store, encode=self._encode, index=index)
            self._whole.refresh()
            return self._whole

    @property
    def ready(self) -> bool:
        """Whether there is a snapshot to answer from."""
        return self._snapshot is not None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that answers now. Raises `NotReady` when there is none yet."""
        if self._snapshot is None:
            raise NotReady("nothing has been indexed yet; run `expertfinder ingest` or `expertfinder index`")
        return self._snapshot

    @property
    def index_state(self) -> State:
        """Whether the published index answers, or is being verified, or cannot be used and the one before it answers.

        As the last `refresh` found it; the log says what is wrong with one that cannot be used.
        """
        return self._newest.state

    def refresh(self) -> bool:
        """Pick up a newly published snapshot and new facts. Whether anything changed.

        The files of a snapshot are verified first. Where there is none that answers, or they are few, that is waited
        for; otherwise the one before answers until they are verified, and goes on where one of them is damaged
        (`index_state`). Raises `FormatNotSupported` where none answers and the published one cannot be used.
        """
        with self._refreshing:
            learned = self._read_weights()
            try:
                newer = self._newest.after(self._base)
                if newer is not None:
                    # It answers once the changes since it was built are in: somebody may have been hidden since.
                    self._base = newer
                    self._touched, self._seen = self._index.resumed(self._base)
                    if self._seen > self.store.sequence():  # an older record was put back
                        self._touched, self._seen = Touched(since=Touched()), self._base.manifest.sequence
                    self._behind = True
                return self._look() or learned
            except Superseded:
                self._base = None  # another index was published meanwhile: the next look opens it
                return learned

    def _read_weights(self) -> bool:
        """Take the published weights, or the shipped ones where there are none. Whether they changed."""
        try:
            written = self.home.weights.stat().st_mtime_ns
        except FileNotFoundError:
            written = None
        if written == self._weights_read:
            return False
        self._weights = WEIGHTS if written is None else read_weights(self.home.weights)
        self._weights_read = written
        return True

    def fold_due(self, today: date, *, posts: int) -> bool:
        """Whether a new snapshot should take in what waits beside this one.

        So it is when `posts` facts of the shared tier wait, or as many as the snapshot has posts (at least
        `FOLD_FEWEST`), and each day, unless its day was given. Profiles, topics and statistics move at a fold, so no
        fact that anybody may not see brings one about; what is restricted is folded along with the rest.
        """
        now = self._snapshot
        if now is None:
            return False
        enough = min(posts, max(FOLD_FEWEST, now.statistics.posts))
        return self.build_due(today) or shared_changes(now) >= enough

    def build_due(self, today: date) -> bool:
        """Whether the day is over for which the snapshot was made: then everything is built, the network, too."""
        now = self._snapshot
        return now is not None and not now.manifest.pinned and today > day_of(now.manifest.as_of).date()

    def _look(self) -> bool:
        """Take in the changes that came since the last look. Whether there were any."""
        base = self._base
        if base is None or (self.store.sequence() == self._seen and not self._behind):
            return False
        self._behind = True
        while changes := self.store.changes(self._seen, limit=CHANGES_AT_ONCE):
            note(self._touched, changes, self.store)
            self._seen = changes[-1].sequence
        if self._seen == base.manifest.sequence:
            self._use(base)
        else:
            making = Making(self._encode, self.secret)
            self._use(self._index.changes(base, self.store, self._touched, making=making, sequence=self._seen))
        self._behind = False
        return True

    def _use(self, snapshot: Snapshot) -> None:
        consent = read_consent(self.store, snapshot, self._encode)
        with self._lock:
            self._snapshot = snapshot
            self._consent = consent
            self._views.clear()

    def view(self, viewer: Viewer) -> View:
        """The view of a viewer over the current snapshot, made once and kept."""
        with self._lock:
            snapshot = self.snapshot
            known = self._views.get(viewer.key)
            if known is not None and known.snapshot is snapshot:
                self._views.move_to_end(viewer.key)
                return known
        made = View.of(snapshot, viewer)
        with self._lock:
            if self._snapshot is snapshot:
                self._views[viewer.key] = made
                while len(self._views) > VIEWS_KEPT:
                    self._views.popitem(last=False)
        return made

    @property
    def encoder(self) -> Encoder:
        """The encoder of the index."""
        return self._encode

    # --- questions ---------------------------------------------------------------------------------------------------

    def find(self, query: Query, viewer: Viewer, *, passing_over: bool = True) -> Ranking:
        """Who knows this; `passing_over`: without who is `away`. Raises `InvalidQuestion`, `NotReady`."""
        checked(query)
        with self.endorsing.once():
            return self._find(query, viewer, passing_over=passing_over)

    def _find(self, query: Query, viewer: Viewer, *, passing_over: bool) -> Ranking:
        seen, asked, encode = self.asked(query, viewer)
        away = self.away() if passing_over else frozenset()
        several = self._several(query, viewer, (seen, asked, encode))
        if several is None:
            ranking = find_experts(seen, asked, encode=encode, weights=self._weights, away=away)
            if self.asks_a_month and passing_over:
                ranking = gives_way(ranking, asked_often(self._asked(), self.now(), self.asks_a_month))
        else:
            ranking = find_several(*several, asked, away=away)
        if asked.filtered or asked.of_some:
            ranking = with_unknown(seen, asked, ranking)
        ranking = self.endorsing.told(asked, with_named(seen, asked, ranking, encode=self._encode))
        return replace(ranking, query=query, version=self._version(seen))

    def unknown(self, query: Query, viewer: Viewer) -> tuple[str, ...]:
        """A sentence for each value of a filter that nothing has which the viewer may find; `find` says the same."""
        seen, asked, _ = self.asked(query, viewer)
        return unknown(seen, asked)

    def asked(self, query: Query, viewer: Viewer) -> tuple[View, Query, Encoder]:
        """The view that a question is answered from, the question as it is put to it, and what encodes its text."""
        for _ in range(TRIES):
            seen = self.view(viewer)
            asked = self.endorsing.put(self._known(query, seen), seen, self.now().date())
            try:
                narrowed = self._index.narrow(seen, asked, self._encode)
            except Superseded:
                self.refresh()
                continue
            found, put, encode = narrowed or (self.whole.view(viewer), asked, self._encode)
            return self.willing(found, query), put, encode
        raise StoreUnavailable("one index after the other is being published: ask again", retry_after=1.0)

    def away(self) -> frozenset[str]:
        """Who is not to be asked now."""
        return self._consent.away(self.now(), self._asked())

    def _asked(self) -> Sequence[Ask | Routed]:
        """The asks of the last thirty days. While the record cannot be reached, those that were read last."""
        if self._consent.capped or self.asks_a_month:
            with suppress(StoreError):
                since = (self.now() - OFTEN_WITHIN).date()  # the longest time for which asks count
                self._asks = [*self.store.statements(Ask, since=since), *self.store.statements(Routed, since=since)]
        return self._asks

    def willing(self, seen: View, query: Query) -> View:
        """The view without people who do not wish to be named for a topic of the question; the viewer stays."""
        return self._consent.willing(seen, query)

    def explain(self, query: Query, person: str, viewer: Viewer) -> Recommendation:
        """Why this person, or why not: every part with all its evidence. `NotFound` for who is absent or invisible."""
        checked(query)
        seen, asked, encode = self.asked(query, viewer)
        row = self._person_row(person, seen)
        several = self._several(query, viewer, (seen, asked, encode), also=row)
        if several is not None:
            return explain_several(*several, row)
        return explain_expert(seen, asked, row, encode=encode, weights=self._weights)

    def _several(
        self, query: Query, viewer: Viewer, whole: tuple[View, Query, Encoder], *, also: int | None = None
    ) -> tuple[Topics, list[Answered]] | None:
        """The topics of a question with several, and the answer to each; `None` for a question of one."""
        topics = topics_of(*whole)
        if topics is None:
            return None
        put = [self.asked(replace(query, text=topic, topics=()), viewer) for topic in topics.names]
        found = [answered(seen, one, encode=encode, weights=self._weights, also=also) for seen, one, encode in put]
        return (topics, found) if apart(topics, found) else None

    def assess(self, query: Query, person: str, viewer: Viewer) -> Assessment:
        """How well a person knows what a text is about, 0 to 1. `NotFound` for who is absent, invisible or hidden."""
        checked(query)
        seen = self.willing(self.whole.view(viewer), query)
        row = self._person_row(person, seen)
        with self.endorsing.once():
            asked = self.endorsing.put(query, seen, self.now().date())
            found = assess_person(seen, asked, self._scale_of(seen.snapshot), person=row, encode=self._encode)
            notes = (*self.endorsing.notes(asked), *unknown(seen, query))
            return replace(found, notes=notes, version=self._version(seen))

    def note(self, *entries: AuditEntry) -> None:
        """Write lines into the audit log: who looked at whom, never with the text of a question."""
        self.store.write_audit(*entries)

    def _scale_of(self, snapshot: Snapshot) -> Scale:
        """The scale of assessments of a snapshot, made at the first one from the shared tier alone."""
        known = self._scale
        if known is None or known[0] is not snapshot:
            known = (snapshot, scale_of(snapshot))
            self._scale = known
        return known[1]

    def _known(self, query: Query, seen: View) -> Query:
        """The asker by the id of the person, whichever of their records was named."""
        if seen.snapshot.concepts.all:
            query = seen.snapshot.concepts.query(query)
        row = seen.snapshot.person_rows.get(query.asker or "")
        return query if row is None else replace(query, asker=seen.snapshot.people[row].id)

    # --- people, posts, topics ---------------------------------------------------------------------------------------

    def _person_row(self, person_id: str, seen: View) -> int:
        row = seen.snapshot.person_rows.get(person_id)
        if row is None or not seen.people[row]:
            raise NotFound("there is no such person for you")
        return row

    def person(self, person_id: str, viewer: Viewer) -> Person:
        """One person, by the id of the person or of one of its records. `NotFound` when absent, invisible or hidden."""
        seen = self.view(viewer)
        return self._shown([seen.snapshot.people[self._person_row(person_id, seen)]], viewer)[0]

    def people(self, viewer: Viewer, *, ids: Sequence[str]) -> list[Person]:
        """Those of `ids` whom the viewer may find, in the order given."""
        seen = self.view(viewer)
        rows = [seen.snapshot.person_rows.get(person) for person in ids]
        return self._shown([seen.snapshot.people[row] for row in rows if row is not None and seen.people[row]], viewer)

    def _shown(self, people: list[Person], viewer: Viewer) -> list[Person]:
        """People as a viewer is given them; a door that counts is told of all but themselves."""
        told = SHOWN.get()
        if told is not None:
            own = self.snapshot.person_rows.get(viewer.person or "")
            told(one.id for one in people if self.snapshot.person_rows.get(one.id) != own)
        return [shown(one) for one in people]

    def post(self, post_id: str, viewer: Viewer) -> Post:
        """One post, its authors as far as the viewer may find them. `NotFound` when absent or not readable."""
        found = self.store.get("post", [post_id])
        if not found or not may_read(found[0].audience, viewer):
            raise NotFound("there is no such post for you")
        post = found[0]
        authors = tuple(person.id for person in self.people(viewer, ids=post.authors))
        parent = post.parent
        if parent:
            above = self.store.get("post", [parent])
            if not above or not may_read(above[0].audience, viewer):
                parent = ""
        return self.snapshot.concepts.post(replace(post, authors=authors, parent=parent))

    def expertise(self, person_id: str, viewer: Viewer, *, limit: int = 20) -> list[Expertise]:
        """What a person knows by their evidence and by their own word. `NotFound` when absent, invisible or hidden."""
        seen = self.whole.view(viewer)
        row = self._person_row(person_id, seen)
        if row == seen.snapshot.person_rows.get(viewer.person or ""):
            return expertise_of(seen, row, limit=limit)
        unnamed = self._consent.unnamed_of(seen.snapshot.people[row].id)
        found = expertise_of(seen, row, limit=limit + len(unnamed))
        kept = {in_singular(topic) for topic in unnamed}
        return [one for one in found if in_singular(words_of(one.topic.label)) not in kept][:limit]

    def topics(self, viewer: Viewer, *, prefix: str = "", limit: int = 20) -> list[Topic]:
        """Topics of the shared tier, those that begin with `prefix` (or have a word that does), the busiest first."""
        topics = self.whole.view(viewer).snapshot.topics
        return [
            Topic(f"topic:{topics.labels[row]}", topics.labels[row], posts=int(topics.posts[row]))
            for row in topics.beginning(prefix)[:limit]
        ]

    # --- viewers -----------------------------------------------------------------------------------------------------

    def viewer(self, person_id: str | None) -> Viewer:
        """The eyes of a person, as one of their records (`None`: the shared tier).

        What the record gives, and nothing that others give which are joined with it. `NotFound` for an id that no
        record has.
        """
        if person_id is None:
            return Viewer()
        snapshot = self.snapshot
        right = snapshot.rights.get(person_id)
        if right is None:
            raise NotFound("there is no such person")
        return Viewer(person_id, frozenset(right.groups), denied_as=frozenset(right.denied_as))

    def viewers(self, *, limit: int = 20) -> list[Person]:
        """People whose eyes one may try in a demonstration: members of restricted groups first, then by id."""
        people = [person for person in self.snapshot.people if may_find(person, Viewer()) and person.is_human]
        return sorted(people, key=lambda person: (-len(person.groups), person.id))[:limit]

    def version(self, viewer: Viewer) -> str:
        """A word that changes when, and only when, something changes that this viewer may read (decision 0006)."""
        return self._version(self.view(viewer))

    def _version(self, seen: View) -> str:
        manifest = seen.snapshot.manifest
        readable = zip(seen.snapshot.audiences, seen.audiences, strict=True)
        total = sum(manifest.digests.get(audience.key, 0) for audience, may in readable if may)
        # The unit of the viewer follows from their record, which is in the key already.
        viewer = replace(seen.viewer, groups=told_groups(seen.viewer))
        body = f"{manifest.format}|{manifest.encoder_digest}|{manifest.as_of}|{total % DIGESTS:x}|{viewer.key}"
        body += self._consent.digest(seen) + self.endorsing.digest(seen, self.now().date())
        if self._weights is not WEIGHTS:
            body += f"|{sorted(self._weights.items())}"
        return hashlib.blake2b(body.encode(), digest_size=12, key=self.secret).hexdigest()
