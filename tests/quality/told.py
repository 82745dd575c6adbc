"""What the facts of a small organisation say, worked out anew for one viewer: what sentences are held to.

Nothing here looks into the index but for vectors (meaning is no fact) and for the tokens of a question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tests.leak.worlds import who_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.facts import settled
from expertfinder.index.network.tier import with_authors
from expertfinder.index.posts.documents import document, thread_root
from expertfinder.index.posts.evidence import evidence_of
from expertfinder.model import Community, Evidence, Fact, Interaction, Person, Post, Query, Viewer
from expertfinder.policy import is_shared, may_read, narrower
from expertfinder.recommend.experts.basis import Basis


@dataclass
class Told:
    """The facts as one viewer may know them."""

    finder: ExpertFinder
    facts: Sequence[Fact]
    viewer: Viewer
    turned: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(who, to whom) -> how often, from what everybody may read."""
    tied: set[frozenset[str]] = field(default_factory=set)
    over: set[tuple[str, str, str]] = field(default_factory=set)
    """(who, to whom, the community in which the post stands)."""

    def __post_init__(self) -> None:
        """Who is who, what may be read, and who turned to whom."""
        self.seen = self.finder.view(self.viewer)
        snapshot = self.seen.snapshot
        self.posts = {fact.id: fact for fact in self.facts if isinstance(fact, Post)}
        self.acts = [fact for fact in self.facts if isinstance(fact, Interaction) and fact.object in self.posts]
        who = who_of(tuple(self.facts))
        records = [fact for fact in self.facts if isinstance(fact, Person)]
        self.people = {person.id: person for person in who.people(records)}
        everything = [fact for fact in self.facts if isinstance(fact, Interaction)]
        self.identity = with_authors(who, self.posts.values(), everything)
        self.here = {p.id for p, may in zip(snapshot.people, self.seen.here.tolist(), strict=True) if may}
        self.found = {p.id for p, may in zip(snapshot.people, self.seen.people.tolist(), strict=True) if may}
        read = {post.id: document(post, thread_root(post, self.posts)) for post in self.posts.values()}
        self.words = {post: set(one.words) for post, one in read.items()}
        self.readable = {post.id for post in self.posts.values() if may_read(post.audience, self.viewer)}
        self.shared = {post.id for post in self.posts.values() if is_shared(post.audience)}
        on: defaultdict[str, list[Interaction]] = defaultdict(list)
        for act in self.acts:
            on[act.object].append(act)
        self.evidence: list[Evidence] = [
            found
            for post in self.posts.values()
            for found in evidence_of(
                post, on[post.id], identity=self.identity, people=self.people, vocabulary=vocabulary()
            )
            if may_read(found.audience, self.viewer)
            and found.person in self.found
            # Who added no word of their own to what they answer or quote did nothing.
            and {
                "authored": read[post.id].share,
                "accepted": read[post.id].praised,
                "endorsed": read[post.id].praised,
            }.get(found.kind, 1.0)
            > 0
        ]
        self.acted = {one.post for one in self.evidence}
        self._ties()

    # --- posts and questions -----------------------------------------------------------------------------------------

    def matching(self, text: str, *, shared: bool = False) -> set[str]:
        """Posts that may be read and have a word of a question in one of its forms."""
        reading = self.finder.snapshot.read(text, None if shared else encoder(DEFAULT))
        forms = {form for asked in reading.words for form, _ in asked.forms}
        return {post for post in (self.shared if shared else self.readable) if self.words[post] & forms}

    def near(self, text: str) -> set[str]:
        """Posts that may be read and whose vectors do not point away from the question's."""
        vector = Basis.of(self.seen, Query(text=text), encoder(DEFAULT)).vector
        found = set()
        for segment in self.seen.snapshot.tiers.segments:
            cosine = segment.vectors @ vector
            found |= {post for post, value in zip(segment.ids, cosine.tolist(), strict=True) if value > 0}
        return found & self.readable

    def did(self, person: str, posts: Iterable[str]) -> dict[str, set[str]]:
        """Post -> families of what a person did there, of these posts."""
        wanted, found = set(posts), defaultdict(set)
        for one in self.evidence:
            if one.person == person and one.post in wanted:
                found[one.post].add(one.kind)
        return dict(found)

    def shared_evidence(self, person: str) -> set[str]:
        """Posts with evidence of a person that everybody may read."""
        return {one.post for one in self.evidence if one.person == person and is_shared(one.audience)}

    # --- acts --------------------------------------------------------------------------------------------------------

    def days(self, person: str, *, shared: bool) -> list[datetime | None]:
        """When a person wrote, or did more to a post than to read or like it."""
        may = (lambda audience: is_shared(audience)) if shared else (lambda audience: may_read(audience, self.viewer))
        found = [
            post.created_at
            for post in self.posts.values()
            for author in {self.identity.get(name) for name in post.authors}
            if author == person and may(post.audience)
        ]
        for act in self.acts:
            post = self.posts[act.object]
            if (
                self.identity.get(act.actor) == person
                and weighs(act.verb)
                and may(narrower(post.audience, act.audience))
            ):
                found.append(act.created_at)
        return found

    def last(self, person: str, *, shared: bool = False) -> datetime | None:
        """The newest of these days."""
        return max((at for at in self.days(person, shared=shared) if at is not None), default=None)

    def last_of_all(self) -> datetime | None:
        """The newest act of anybody who may be found, of what everybody may read."""
        return max((at for one in self.here if (at := self.last(one, shared=True)) is not None), default=None)

    def part(self, person: str) -> set[str]:
        """Shared posts that a person, whom everybody may find, wrote or did something to."""
        if not self._open(person):
            return set()
        wrote = {post for post in self.shared if person in {self.identity.get(a) for a in self.posts[post].authors}}
        return wrote | {
            act.object
            for act in self.acts
            if act.object in self.shared
            and is_shared(act.audience)
            and weighs(act.verb)
            and self.identity.get(act.actor) == person
        }

    def done(self, person: str) -> list[str]:
        """Families of all that a person did where everybody may read, authorship included."""
        found = ["authored" for post in self.shared for a in self._authors(post) if a == person]
        for act in self.acts:
            if act.object in self.shared and is_shared(act.audience) and self.identity.get(act.actor) == person:
                verb = vocabulary().verb(act.verb)
                if verb is not None and weighs(act.verb):
                    found.append(verb.family)
        return found

    # --- ties --------------------------------------------------------------------------------------------------------

    def _authors(self, post: str) -> list[str]:
        named = {self.identity[a] for a in self.posts[post].authors if a in self.identity}
        return sorted(one for one in named if one in self.here and self._open(one))

    def _open(self, person: str) -> bool:
        return is_shared(self.people[person].audience) and not self.people[person].hidden

    def _ties(self) -> None:
        for post in self.shared:
            authors = self._authors(post)
            self.tied |= {frozenset((a, b)) for a in authors for b in authors if a != b}
        for act in self.acts:
            verb, actor = vocabulary().verb(act.verb), self.identity.get(act.actor)
            if verb is None or verb.tie == "none" or not is_shared(act.audience) or act.object not in self.shared:
                continue
            if actor is None or actor not in self.here or not self._open(actor):
                continue
            for author in self._authors(act.object):
                if author != actor:
                    self.tied.add(frozenset((author, actor)))
                    if verb.tie == "turned-to":
                        pair = (author, actor) if verb.turns == "author" else (actor, author)
                        self.turned[pair] += 1
                        self.over.add((*pair, self.posts[act.object].community))
        self._between()

    def _between(self) -> None:
        """What people did towards people."""
        for act in self.facts:
            if not isinstance(act, Interaction) or act.object_type == "post" or not is_shared(act.audience):
                continue
            verb = vocabulary().verb(act.verb)
            pair = (self.identity.get(act.actor, ""), self.identity.get(act.object, ""))
            known = all(one in self.here and self._open(one) for one in pair) and pair[0] != pair[1]
            if known and verb is not None and verb.tie != "none":
                self.tied.add(frozenset(pair))
                if verb.tie == "turned-to":
                    self.turned[pair[::-1] if verb.turns == "author" else pair] += 1

    def contacts(self, person: str) -> set[str]:
        """Who has a tie with somebody."""
        return {other for pair in self.tied if person in pair for other in pair if other != person}

    def asking(self, person: str, among: Iterable[str] | None = None, *, stands: str = "") -> set[str]:
        """Who turned to somebody, of some people; with `stands` over posts that stand in that community."""
        inside = self.here if among is None else set(among)
        turned = {(one, other) for one, other, place in self.over if place == stands} if stands else set(self.turned)
        return {one for one, other in turned if other == person and one in inside}

    def reviewed(self, person: str, community: str) -> int:
        """Dated reviews, approvals and merges by a person, of what others wrote in posts of a community."""
        found = 0
        for act in self.acts:
            verb, post = vocabulary().verb(act.verb), self.posts[act.object]
            mine = self.identity.get(act.actor) == person and person not in self._authors(post.id)
            counts = verb is not None and verb.family == "reviewed" and act.created_at is not None
            shared = is_shared(act.audience) and post.id in self.shared
            found += mine and counts and shared and post.community == community
        return found

    # --- communities -------------------------------------------------------------------------------------------------

    def communities(self) -> dict[str, Community]:
        """Communities that may be read, with those of their people who may be found."""
        found = {}
        for one in self.finder.snapshot.communities:
            if one.kind != "ended" and may_read(one.audience, self.viewer):
                whole = settled(one, self.identity)
                found[one.id] = whole
        return found

    def members(self, community: str) -> set[str]:
        """Who is in it, of those who may be found."""
        return {one for one in self.communities()[community].members if one in self.here}


def weighs(name: str) -> bool:
    """Whether an act is more than to have read, liked or followed something."""
    verb = vocabulary().verb(name)
    return verb is not None and (verb.weight > 0 or verb.tie != "none")


def said_day(at: datetime | date | None) -> str:
    """A day as sentences have it."""
    return "" if at is None else f"{at.day} {at:%B %Y}"


def year_before(at: datetime) -> datetime:
    """365 days before."""
    return at.astimezone(UTC) - timedelta(days=365)
