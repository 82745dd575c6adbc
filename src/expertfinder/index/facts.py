"""The record read once: who is who, what there is to read, what was done to it, where people meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.identity import Humans, Rights
from expertfinder.index.network.tier import with_authors
from expertfinder.index.people.wished import Wishes, read_wishes
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts, read_concepts
from expertfinder.index.posts.evidence import evidence_of, open_machines, spoken
from expertfinder.index.posts.segment import fact_digest
from expertfinder.model import Audience, Community, Evidence, Interaction, Person, Post, Source
from expertfinder.policy import is_shared, narrower
from expertfinder.store import Store, who_is_who

DETECTED = "detected"
"""The source of the communities that were found in the network, and the first half of their ids."""
ENDED = "ended"
"""The kind of a detected community that is no more."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts, read once, the records of one human merged."""

    people: list[Person]
    identity: dict[str, str]
    """Id of a record, or of an author whom no record describes -> id of the person."""
    rights: dict[str, Rights]
    posts: dict[str, Post]
    acts: dict[str, list[Interaction]]
    """Post -> what was done to it."""
    between: list[Interaction]
    """Acts on persons: ties, and never evidence of what a post is about."""
    communities: list[Community]
    machine_posts: dict[str, Post] = field(default_factory=dict)
    """Posts that machines alone wrote: evidence of nothing, and the words of what people answer to."""
    concepts: Concepts = NO_CONCEPTS
    """The organisation's own vocabulary, by which tags are called here."""

    @property
    def unknown(self) -> dict[str, frozenset[str]]:
        """Post -> the names of those who wrote it or did something to it and are nobody known, where there is any."""
        return names_unknown(self.posts.values(), self.acts, self.identity)

    def evidence(self, words: Vocabulary) -> dict[str, list[Evidence]]:
        """Post -> its evidence, in the order of the posts' ids."""
        whole = {person.id: person for person in self.people}
        human = {name: person for name, person in self.identity.items() if whole[person].is_human}
        return {
            name: evidence_of(self.posts[name], self.acts.get(name, ()), identity=human, people=whole, vocabulary=words)
            for name in sorted(self.posts)
        }

    def audiences(self, evidence: Mapping[str, Iterable[Evidence]]) -> dict[str, Audience]:
        """Every audience that a post, its evidence, a person, a community or a membership has, and that evidence has
        together with whoever it is of (`digests_of`): key -> audience."""
        found = {post.audience.key: post.audience for post in self.posts.values()}
        found |= {entry.audience.key: entry.audience for entries in evidence.values() for entry in entries}
        finders = {person.id: person.audience for person in self.people}
        pairs = {(entry.audience, finders[entry.person]) for entries in evidence.values() for entry in entries}
        found |= {both.key: both for both in (narrower(*pair) for pair in pairs)}
        found |= {person.audience.key: person.audience for person in self.people}
        found |= {community.audience.key: community.audience for community in self.communities}
        return found | membership_audiences(self.communities, {person.id: person for person in self.people})


def read_facts(store: Store) -> Facts:
    """Read the record: who is who, what there is to read, what was done to it, and where people meet.

    Tags, and what people declare, are called as the organisation's vocabulary calls them.
    """
    concepts = read_concepts(store)
    who, wishes, people = read_people(store, concepts)
    raw = {post.id: post for post in store.all("post")}
    found: defaultdict[str, list[Interaction]] = defaultdict(list)
    between: list[Interaction] = []
    for act in store.all("interaction"):
        if act.object_type == "post":
            found[act.object].append(act)
        else:
            between.append(act)
    identity = with_authors(who, raw.values(), chain(*found.values(), between))
    acts = {name: wishes.acts(done, raw.get(name), identity) for name, done in found.items()}
    every = {post.id: concepts.post(post) for post in wishes.posts(raw.values(), identity)}
    communities = [settled(community, identity) for community in store.all("community")]
    posts = {post.id: post for post in spoken(every.values(), open_machines(people, identity))}
    machine_posts = {name: post for name, post in every.items() if name not in posts}
    return Facts(people, identity, who.rights, posts, acts, between, communities, machine_posts, concepts)


def names_unknown(
    posts: Iterable[Post], acts: Mapping[str, Sequence[Interaction]], identity: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Post -> the names of those who wrote it or did something to it and are not in `identity`, where there is any."""
    found: dict[str, frozenset[str]] = {}
    for post in posts:
        actors = (act.actor for act in acts.get(post.id, ()))
        if some := frozenset(name for name in (*post.authors, *actors) if name not in identity):
            found[post.id] = some
    return found


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
