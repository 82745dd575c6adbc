"""What people wish others to see of them, worked into what an index is made of.

A wish counts for the human of the record that said it, and for nobody who is merely joined by a key that somebody
typed (`store.who_is_who` keeps such records apart). Of two that contradict each other the later one counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts, words_of
from expertfinder.model import Audience, Interaction, Person, Post
from expertfinder.policy import narrower, unit_group
from expertfinder.store import Store
from expertfinder.store.statements.wishes import Disowned, SeenBy, TopicWish, Visibility

WITHHELD = "withheld:"
"""How the name begins that stands for an author whose part in a post does not count: it is nobody's, and keeps the
number of authors, which says how much each of the others wrote."""


@dataclass(frozen=True, slots=True)
class Wished:
    """What one human wishes. Topics are their words, as `words_of` gives them."""

    seen_by: SeenBy = "everyone"
    unnamed: frozenset[str] = frozenset()
    """Topics for which the human is not named."""
    withheld: frozenset[str] = frozenset()
    """Topics under which nothing that the human did counts."""
    disowned: frozenset[str] = frozenset()
    """Posts that are no evidence of the human."""

    @property
    def evidence(self) -> bool:
        """Whether anything is taken out of what the human did."""
        return bool(self.withheld or self.disowned)


class Subjects:
    """What a post is about, as far as somebody says so: its tags, and the phrases of its title."""

    def __init__(self, title: str, tags: Iterable[str]) -> None:
        self._said = [f" {words_of(said)} " for said in (title, *tags)]

    def has(self, topic: str) -> bool:
        """Whether one of them has the words of a topic, one after the other."""
        return any(f" {topic} " in said for said in self._said)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Of everybody who wishes anything, by the id of the human."""

    of: Mapping[str, Wished] = field(default_factory=dict)

    def person(self, person: Person) -> Person:
        """A human as others are to see them: hidden, for their unit alone, without skills that they do not claim."""
        wished = self.of.get(person.id)
        if wished is None:
            return person
        skills = tuple(skill for skill in person.skills if words_of(skill) not in wished.unnamed)
        audience = person.audience
        if wished.seen_by == "unit":
            group = unit_group(person.org_unit)
            audience = narrower(audience, Audience("groups", groups=(group,)) if group else Audience())
        return replace(person, skills=skills, audience=audience, hidden=person.hidden or wished.seen_by == "nobody")

    def people(self, people: Iterable[Person]) -> list[Person]:
        """The same of several, in their order."""
        return [self.person(person) for person in people]

    def posts(self, posts: Iterable[Post], identity: Mapping[str, str]) -> list[Post]:
        """The posts, with authors struck out whose part does not count; `identity`: name -> human."""
        given = list(posts)
        if not any(wished.evidence for wished in self.of.values()):
            return given
        found = []
        for post in given:
            gone = self.struck(post, identity)
            if gone:
                named = enumerate(post.authors)
                authors = tuple(
                    f"{WITHHELD}{place}" if identity.get(author) in gone else author for place, author in named
                )
                post = replace(post, authors=authors)
            found.append(post)
        return found

    def acts(self, acts: Iterable[Interaction], post: Post | None, identity: Mapping[str, str]) -> list[Interaction]:
        """Acts on a post without those that do not count; where the post is not there, nothing is taken out."""
        gone = self.struck(post, identity) if post is not None else frozenset()
        return [act for act in acts if not gone or identity.get(act.actor) not in gone]

    def struck(self, post: Post, identity: Mapping[str, str]) -> frozenset[str]:
        """The humans of whom a post is to be no evidence."""
        taking = [(human, wished) for human, wished in self.of.items() if wished.evidence]
        if not taking:
            return frozenset()
        about = Subjects(post.title, post.tags)
        return frozenset(
            human for human, wished in taking if post.id in wished.disowned or any(map(about.has, wished.withheld))
        )

    def unnamed(self) -> dict[str, frozenset[str]]:
        """Topic -> the humans who are not named for it."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for human, wished in self.of.items():
            for topic in wished.unnamed:
                found[topic].add(human)
        return {topic: frozenset(humans) for topic, humans in sorted(found.items())}


def read_wishes(store: Store, identity: Mapping[str, str], concepts: Concepts = NO_CONCEPTS) -> Wishes:
    """What everybody wishes who is there. `identity`: id of a record -> id of the human.

    A wish about a topic holds for all labels of its concept.
    """
    seen: dict[str, Visibility] = {}
    topics: dict[tuple[str, str], TopicWish] = {}
    disowned: defaultdict[str, set[str]] = defaultdict(set)
    for said in sorted(store.statements(Visibility), key=lambda one: one.at):
        if said.person in identity:
            seen[identity[said.person]] = said
    for wish in sorted(store.statements(TopicWish), key=lambda one: one.at):
        if wish.person in identity:
            topics[identity[wish.person], wish.topic] = wish
    for one in store.statements(Disowned):
        if one.person in identity:
            disowned[identity[one.person]].add(one.post)
    humans = {*seen, *disowned, *(human for human, _ in topics)}
    return Wishes(
        {
            human: Wished(
                seen_by=seen[human].seen_by if human in seen else "everyone",
                unnamed=concepts.all_alike(
                    topic for (of, topic), one in topics.items() if of == human and not one.named
                ),
                withheld=concepts.all_alike(
                    topic for (of, topic), one in topics.items() if of == human and not one.evidence
                ),
                disowned=frozenset(disowned[human]),
            )
            for human in sorted(humans)
        }
    )
