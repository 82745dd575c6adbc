"""What the record says, read some posts at a time: who is who, what there is to read, what was done to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.identity import Humans
from expertfinder.index.people.last_acts import audiences_of
from expertfinder.index.people.turned_to import audiences_of_replies
from expertfinder.index.people.wished import Wishes, read_wishes
from expertfinder.index.posts.concepts import Concepts
from expertfinder.index.posts.documents import THREAD_DEPTH
from expertfinder.index.posts.evidence import evidence_of, open_machines, spoken
from expertfinder.index.posts.segment import fact_digest
from expertfinder.model import Audience, Community, Evidence, Interaction, Person, Post, Source
from expertfinder.policy import is_shared, narrower
from expertfinder.store import Store, who_is_who

DETECTED = "detected"
"""The source of the communities that were found in the network, and the first half of their ids."""
ENDED = "ended"
"""The kind of a detected community that is no more."""


@dataclass(slots=True)
class Everybody:
    """Who is who while facts are read, and what they wish: whoever a fact names is known from then on."""

    people: list[Person]
    identity: dict[str, str]
    """Id of a record, or of an author or actor whom no record describes -> id of the person."""
    wishes: Wishes
    concepts: Concepts
    """The organisation's own vocabulary, by which tags are called here."""
    author: Callable[[str], str | None] = lambda name: None
    """Whom a name means that no record has; by default nobody is known but those in `identity`."""
    whole: dict[str, Person] = field(init=False)
    """Id of a person -> the person."""
    _strangers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.whole = {person.id: person for person in self.people}

    def meet(self, names: Iterable[str]) -> None:
        """Look up those of the names that are not known."""
        for name in names:
            if name not in self.identity and name not in self._strangers:
                person = self.author(name)
                if person is None:
                    self._strangers.add(name)
                else:
                    self.identity[name] = person

    def human(self, name: str) -> str | None:
        """The id of the human whom a name means; `None` for nobody known, a machine or a shared account."""
        person = self.identity.get(name)
        return person if person is not None and self.whole[person].is_human else None


@dataclass(frozen=True, slots=True)
class Facts:
    """Some posts as the record has them now, with all that was done to them; tags are called as the organisation's
    vocabulary calls them."""

    everybody: Everybody
    posts: dict[str, Post]
    """By id, in the order of ids."""
    acts: dict[str, list[Interaction]]
    """Post -> what was done to it."""
    around: dict[str, Post]
    """The posts and those above them in their threads, whoever wrote them: by id."""
    said: dict[str, Post]
    """Those of them that are not by machines alone."""
    machine_posts: dict[str, tuple[str, ...]]
    """Posts that machines alone wrote -> their authors. They are evidence of nothing, and the words of what people
    answer to."""

    @property
    def unknown(self) -> dict[str, frozenset[str]]:
        """Post -> the names of those who wrote it or did something to it and are nobody known, where there is any."""
        found: dict[str, frozenset[str]] = {}
        for post in self.posts.values():
            names = chain(post.authors, (act.actor for act in self.acts.get(post.id, ())))
            if some := frozenset(name for name in names if name not in self.everybody.identity):
                found[post.id] = some
        return found

    def evidence(self, words: Vocabulary) -> dict[str, list[Evidence]]:
        """Post -> its evidence."""
        everybody = self.everybody
        named = {name for post in self.posts.values() for name in post.authors}
        named.update(act.actor for acts in self.acts.values() for act in acts)
        human = {name: person for name in named if (person := everybody.human(name)) is not None}
        return {
            name: evidence_of(post, self.acts.get(name, ()), identity=human, people=everybody.whole, vocabulary=words)
            for name, post in self.posts.items()
        }

    def audiences(self, evidence: Mapping[str, Iterable[Evidence]]) -> dict[str, Audience]:
        """Every audience that a post, its evidence or what was done to it has, and that evidence has together with
        whoever it is of (`digests_of`): key -> audience."""
        whole = self.everybody.whole
        found = {post.audience.key: post.audience for post in self.posts.values()}
        found |= {entry.audience.key: entry.audience for entries in evidence.values() for entry in entries}
        pairs = {
            (id(entry.audience), id(finders)): (entry.audience, finders)  # their hashes would take as long as all else
            for entries in evidence.values()
            for entry in entries
            for finders in (whole[entry.person].audience,)
        }
        found |= {both.key: both for both in (narrower(*pair) for pair in pairs.values())}
        found |= audiences_of(self.posts.values(), self.acts)
        return found | audiences_of_replies(self.posts.values(), self.said)


class AsSaid(NamedTuple):
    """Posts as they count, by id: with what people wish, and tags as the organisation calls them."""

    every: dict[str, Post]
    said: dict[str, Post]
    """Those that are not by machines alone."""


def as_said(posts: Mapping[str, Post], everybody: Everybody) -> AsSaid:
    """Posts as they count, of posts as the record has them."""
    everybody.meet(name for post in posts.values() for name in post.authors)
    identity = everybody.identity
    every = {post.id: everybody.concepts.post(post) for post in everybody.wishes.posts(posts.values(), identity)}
    said = {post.id: post for post in spoken(every.values(), open_machines(everybody.people, identity))}
    return AsSaid(every | said, said)


def read_facts(store: Store, names: Iterable[str], everybody: Everybody) -> Facts:
    """The posts with these ids, as far as there are any, with all that was done to them."""
    raw = {post.id: post for post in store.get("post", sorted(names))}
    done: defaultdict[str, list[Interaction]] = defaultdict(list)
    for act in store.acts_on(list(raw)):
        done[act.object].append(act)
    around = dict(raw)
    missing = {post.parent for post in raw.values() if post.parent}
    for _ in range(THREAD_DEPTH):
        missing -= around.keys()
        if not missing:
            break
        above = store.get("post", sorted(missing))
        around |= {post.id: post for post in above}
        missing = {post.parent for post in above if post.parent}
    everybody.meet(act.actor for acts in done.values() for act in acts)
    around, said = as_said(around, everybody)
    wishes, identity = everybody.wishes, everybody.identity
    return Facts(
        everybody,
        posts={name: said[name] for name in sorted(raw) if name in said},
        acts={name: wishes.acts(acts, raw[name], identity) for name, acts in done.items() if name in said},
        around=around,
        said=said,
        machine_posts={name: around[name].authors for name in raw if name not in said},
    )


def read_people(store: Store, concepts: Concepts) -> tuple[Humans, Wishes, list[Person]]:
    """Who is who, what they wish, and the people in their order: whom everybody may find first, then by id."""
    records, who = who_is_who(store)
    wishes = read_wishes(store, who.identity, concepts)
    people = [concepts.person(person) for person in wishes.people(who.people(records))]
    people.sort(key=lambda person: (not is_shared(person.audience), person.id))
    return who, wishes, people


def settled(community: Community, identity: Mapping[str, str]) -> Community:
    """The community with everybody named by who they are, whichever of their records was named; each once."""
    return replace(
        community,
        members=tuple(dict.fromkeys(identity.get(name, name) for name in community.members)),
        leads=tuple(dict.fromkeys(identity.get(name, name) for name in community.leads)),
    )


def audiences_around(people: Iterable[Person], communities: Iterable[Community]) -> dict[str, Audience]:
    """The audiences of people, communities and memberships, by their keys."""
    whole, places = {person.id: person for person in people}, list(communities)
    found = {person.audience.key: person.audience for person in whole.values()}
    found |= {community.audience.key: community.audience for community in places}
    return found | membership_audiences(places, whole)


def membership_audiences(communities: Iterable[Community], people: Mapping[str, Person]) -> dict[str, Audience]:
    """The audiences that memberships have, by their keys: who may read a community and find somebody in it."""
    found: dict[str, Audience] = {}
    for community in communities:
        for name in (*community.members, *community.leads):
            if name in people:
                audience = narrower(community.audience, people[name].audience)
                found.setdefault(audience.key, audience)
    return found


def people_digests(people: Iterable[Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the people who have it; the hidden count for nothing."""
    total: defaultdict[str, int] = defaultdict(int)
    for person in people:
        if not person.hidden:
            total[person.audience.key] += fact_digest(secret, person)
    return total


def community_digests(communities: Iterable[Community], people: Mapping[str, Person], secret: bytes) -> dict[str, int]:
    """Key of an audience -> sum of the digests of the communities it may read, and of each membership it may see.

    Who is in a community can be seen by who may read the community and find the person; a hidden one by nobody.
    Detected ones are left out: they are made of facts, at a fold, and a fold changes no fact.
    """
    total: defaultdict[str, int] = defaultdict(int)
    for community in communities:
        if community.source == DETECTED:
            continue
        total[community.audience.key] += fact_digest(secret, replace(community, members=(), leads=()))
        for name in (*community.members, *(f"leads {lead}" for lead in community.leads)):
            person = people.get(name.removeprefix("leads "))
            if person is not None and not person.hidden:
                key = narrower(community.audience, person.audience).key
                total[key] += fact_digest(secret, Source(id=f"{community.id} {name}"))
    return total
