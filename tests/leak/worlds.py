"""Small organisations for the leak tests: drawn at random, with a viewer and the facts that this viewer may not read.

A world is a function of a few sizes and a seed, so that a failing one shrinks to fewer people and posts and can be made
again from its numbers. Words, tags, names and groups are few on purpose: secrets have to share words, threads, authors
and audiences with what everybody reads, or nothing could leak from the one to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from expertfinder.identity import Humans, humans
from expertfinder.model import (
    NOBODY,
    ORGANISATION,
    Audience,
    Community,
    Fact,
    Interaction,
    Person,
    Post,
    Source,
    Viewer,
)
from expertfinder.policy import may_find, may_read, narrower

SOURCES = ("a", "b", "c")
# The third is one id with a comma in it: it must not be taken for a list of the first two.
GROUPS = ("a:red", "b:blue", "a:red,b:blue")
WORDS = tuple(
    """
    kubernetes proxy ledger invoice contract escrow sailing compiler borrow cluster node upgrade currency clause
    merger timeout backup restore index query graph vector sensor turbine valve pump alloy welding payroll tax
    audit budget hiring onboarding widget login token firewall packet router
    """.split()  # noqa: SIM905
)
SECRET_WORDS = ("quillfeather", "moonbasalt", "tinderglass", "osprey", "halyard")
"""Words that only restricted posts have, unless a restricted one lends them to others."""
TAGS = ("infra", "finance", "legal", "rust", "ops")
SECRET_TAGS = ("projectx", "layoffs")
KINDS = ("answer", "question", "document", "commit")
VERBS = ("accept", "endorse", "thank", "review", "answer", "edit", "like", "curate")
REPEATED = ("edit", "co_author")
"""What a person does to the same post more than once; the second is evidence of authorship."""
AGAIN = 8
"""Times that an act is repeated, about."""
PLACES = ("Lisbon", "Lagos")
LANGUAGES = ("en", "pt")
COMMUNITIES = ("a:guild-0", "b:guild-1", "c:guild-2", "a:guild-3")
LAST = datetime(2026, 3, 1, 9, tzinfo=UTC)
REMOVED = 0.85
"""Share of the unreadable facts that the second world lacks; the rest stands in both, as a background."""

Key = tuple[type, str]


@dataclass(frozen=True, slots=True)
class World:
    """An organisation, two people in it, and the facts that the outsider may not read and the second world lacks."""

    name: str
    facts: tuple[Fact, ...]
    outsider: str | None
    """Id of a person, or `None`: who may read the shared tier alone."""
    insider: str
    secret: frozenset[Key]

    @property
    def without(self) -> tuple[Fact, ...]:
        """The facts of the world in which the secret ones never were."""
        return tuple(fact for fact in self.facts if key_of(fact) not in self.secret)

    def ids(self, kind: type) -> list[str]:
        """Ids of all facts of a kind, in the world with the secrets."""
        return sorted(fact.id for fact in self.facts if isinstance(fact, kind))


def key_of(fact: Fact) -> Key:
    """What tells facts apart."""
    return type(fact), fact.id


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Worlds; smaller ones are simpler."""
    people = draw(st.integers(3, 8), label="people")
    posts = draw(st.integers(8, 24), label="posts")
    acts = draw(st.integers(0, 16), label="acts")
    return world(draw(st.integers(0, 2**32 - 1), label="seed"), people=people, posts=posts, acts=acts)


def world(seed: int, *, people: int = 8, posts: int = 22, acts: int = 16, again: int = 0) -> World:
    """The world of a seed. Every human, post and act has its own stream of chance, so fewer leave the rest alone.

    `again`: acts that repeat one of the first, at another time and for others to read.
    """
    directories = Random(f"{seed}:directories").choice(((), (), SOURCES[:1], SOURCES[:2]))
    sources = [Source(id=name, audience=ORGANISATION, directory=name in directories) for name in SOURCES]
    records = [record for i in range(people) for record in _human(Random(f"{seed}:human:{i}"), i)]
    written: list[Post] = []
    for i in range(posts):
        written.append(_post(Random(f"{seed}:post:{i}"), i, records, written))
    done = [_act(Random(f"{seed}:act:{i}"), i, records, written) for i in range(acts)]
    done += [_act_again(Random(f"{seed}:again:{i}"), i, records, done[: again // AGAIN]) for i in range(again)]
    facts: tuple[Fact, ...] = (
        *sources,
        *records,
        *written,
        *done,
        Community(id="a:guild", source="a", name="Guild of halyard", members=(records[0].id,), audience=NOBODY),
        *(_community(Random(f"{seed}:community:{i}"), i, records) for i in range(len(COMMUNITIES))),
    )
    rng = Random(f"{seed}:viewers")
    eyes = _viewers(records, humans(records, sources))
    outsider = rng.choice([None, *eyes])
    hidden_from = unreadable(facts, eyes[outsider] if outsider else Viewer())
    # The insider is the one who may read most of what the outsider may not.
    insider = max(sorted(eyes), key=lambda one: len(hidden_from - unreadable(facts, eyes[one])))
    return World(
        name=f"world({seed}, people={people}, posts={posts}, acts={acts}, again={again})",
        facts=facts,
        outsider=outsider,
        insider=insider,
        secret=_removed(rng, facts, hidden_from),
    )


def large_world(seed: int) -> World:
    """A world of 60 to 80 people, large enough for communities, in which people do the same to a post again and again.

    Rows of a matrix, places in a sum and near-copies are too few in the small worlds to show what order they stand in.
    """
    return world(seed, people=60 + seed % 21, posts=200, acts=160, again=160)


def _audience(rng: Random, people: list[str]) -> Audience:
    """Half of all is for everybody; the rest is of every other kind."""
    dice = rng.random()
    if dice < 0.5:
        return ORGANISATION
    if dice < 0.72:
        return Audience("groups", groups=tuple(rng.sample(GROUPS, rng.choice((1, 1, 2)))))
    if dice < 0.84:
        return Audience("private", people=tuple(rng.sample(people, min(len(people), rng.choice((1, 2))))))
    if dice < 0.9:
        return Audience("organisation", deny=(rng.choice((*GROUPS, *people)),))
    if dice < 0.94:
        return Audience("groups", groups=GROUPS[:2], deny=(rng.choice(people),))
    return NOBODY


def _human(rng: Random, number: int) -> list[Person]:
    """One human with one to three records, joined by a key, mostly."""
    count = rng.choice((1, 1, 2, 3))
    ids = [f"{SOURCES[(number + i) % 3]}:p{number}" for i in range(count)]
    dice = rng.random()
    audience = ORGANISATION if dice < 0.65 else _audience(rng, ids)
    hidden = number > 0 and rng.random() < 0.12
    made = []
    for i, record in enumerate(ids):
        apart = i > 0 and rng.random() < 0.2
        made.append(
            Person(
                id=record,
                source=record[0],
                name=f"{rng.choice(('Ana', 'Ben', 'Cleo'))} {rng.choice(('Lind', 'Marsh'))}",
                title=rng.choice(WORDS),
                location=rng.choice(PLACES),
                org_unit=rng.choice(("Platform", "Finance")),
                languages=(rng.choice(LANGUAGES),),
                availability=("Most mornings", "")[number % 2],
                time_zone=("Europe/Lisbon", "+01:00", "")[number % 3],
                skills=tuple(rng.sample((*WORDS[:12], *SECRET_WORDS), 2)) if rng.random() < 0.5 else (),
                groups=tuple(group for group in GROUPS[:2] if rng.random() < 0.4),
                accounts=(f"email:p{number}@acme.example",) if rng.random() < 0.9 else (),
                left_at=LAST - timedelta(days=20) if number and rng.random() < 0.06 else None,
                turned_to_by=5 * (number % 3),
                hidden=hidden and i == 0,
                audience=_audience(rng, ids) if apart else audience,
            )
        )
    return made


def _post(rng: Random, number: int, records: list[Person], before: list[Post]) -> Post:
    authors = tuple(person.id for person in rng.sample(records, rng.choice((1, 1, 1, 2))))
    audience = _audience(rng, [person.id for person in records])
    open_to_all = audience == ORGANISATION
    words = WORDS if open_to_all else (*WORDS, *SECRET_WORDS * 3)
    tags = TAGS if open_to_all else (*TAGS, *SECRET_TAGS * 2)
    reply = bool(before) and rng.random() < 0.4
    return Post(
        id=f"{authors[0][0]}:q{number}",
        source=authors[0][0],
        authors=authors,
        kind=rng.choice(KINDS),
        title="" if reply else " ".join(rng.choices(words, k=rng.randint(1, 4))),
        text=" ".join(rng.choices(words, k=rng.randint(0, 14))),
        created_at=None if rng.random() < 0.1 else LAST - timedelta(days=rng.randrange(500), hours=number),
        parent=rng.choice(before).id if reply else "",
        tags=tuple(rng.sample(tags, rng.choice((0, 1, 2)))),
        language=rng.choice(LANGUAGES),
        community=rng.choice((*COMMUNITIES, "", "")),
        audience=audience,
    )


def _community(rng: Random, number: int, records: list[Person]) -> Community:
    """Some people under a name; which of them, and who may read it, has nothing to do with one another."""
    members = rng.sample(records, rng.randint(1, len(records)))
    audience = _audience(rng, [person.id for person in records])
    words = WORDS if audience == ORGANISATION else (*WORDS, *SECRET_WORDS * 3)
    return Community(
        id=COMMUNITIES[number],
        source=COMMUNITIES[number][0],
        name=" ".join(rng.choices(words, k=2)),
        description=" ".join(rng.choices(words, k=rng.randint(0, 6))),
        members=tuple(person.id for person in members),
        leads=tuple(person.id for person in members[: rng.choice((0, 1, 2))]),
        parent=rng.choice(("", *COMMUNITIES)),
        audience=audience,
    )


def _act(rng: Random, number: int, records: list[Person], posts: list[Post]) -> Interaction:
    actor = rng.choice(records)
    return Interaction(
        id=f"{actor.source}:i{number}",
        source=actor.source,
        actor=actor.id,
        verb=rng.choice(VERBS),
        object=rng.choice(posts).id,
        created_at=None if rng.random() < 0.1 else LAST - timedelta(days=rng.randrange(500)),
        audience=ORGANISATION if rng.random() < 0.6 else _audience(rng, [person.id for person in records]),
    )


def _act_again(rng: Random, number: int, records: list[Person], before: list[Interaction]) -> Interaction:
    """An act as one of those before: mostly for everybody but one, so that one viewer reads many of the same kind."""
    act = rng.choice(before)
    but_one = Audience("organisation", deny=(rng.choice(records).id,))
    return replace(
        act,
        id=f"{act.source}:again{number}",
        verb=rng.choice((act.verb, *REPEATED)),
        created_at=LAST - timedelta(days=rng.randrange(500)),
        audience=but_one if rng.random() < 0.7 else _audience(rng, [person.id for person in records]),
    )


# --- who may read what -----------------------------------------------------------------------------------------------


def _groups_of(records: list[Person], who: Humans) -> Iterator[tuple[str, list[Person]]]:
    for leader in sorted(set(who.identity.values())):
        yield leader, [record for record in records if who.identity[record.id] == leader]


def _viewers(records: list[Person], who: Humans) -> dict[str, Viewer]:
    """Everybody who can ask, as each of their records."""
    found: dict[str, Viewer] = {}
    for _, group in _groups_of(records, who):
        if not who.whole(group).hidden:
            for record in group:
                right = who.rights[record.id]
                found[record.id] = Viewer(record.id, frozenset(right.groups), denied_as=frozenset(right.denied_as))
    return found


def who_of(facts: tuple[Fact, ...]) -> Humans:
    """Who is who in a world."""
    return humans(
        (fact for fact in facts if isinstance(fact, Person)), (fact for fact in facts if isinstance(fact, Source))
    )


def unreadable(facts: tuple[Fact, ...], viewer: Viewer) -> frozenset[Key]:
    """The facts that this viewer may not read, by `policy` alone.

    An act is readable for who may read both the act and its post; a human's records stand and fall together.
    """
    who = who_of(facts)
    found: set[Key] = set()
    for _, group in _groups_of([fact for fact in facts if isinstance(fact, Person)], who):
        person = who.whole(group)
        own = not person.hidden and viewer.person in {record.id for record in group}
        if not own and not may_find(person, viewer):
            found |= {key_of(record) for record in group}
    posts = {fact.id: fact for fact in facts if isinstance(fact, Post)}
    for fact in facts:
        if isinstance(fact, Person | Source):
            continue
        audience = fact.audience
        if isinstance(fact, Interaction) and fact.object in posts:
            audience = narrower(posts[fact.object].audience, audience)
        if not may_read(audience, viewer):
            found.add(key_of(fact))
    return frozenset(found)


def _removed(rng: Random, facts: tuple[Fact, ...], hidden_from: frozenset[Key]) -> frozenset[Key]:
    """A drawn part of the unreadable facts; the records of one human go together, or two worlds would differ openly."""
    identity = who_of(facts).identity
    chance: dict[Key, bool] = {}
    for fact in facts:
        key = (Person, identity[fact.id]) if isinstance(fact, Person) else key_of(fact)
        chance.setdefault(key, rng.random() < REMOVED)
    return frozenset(key for key in hidden_from if chance[(Person, identity[key[1]]) if key[0] is Person else key])
