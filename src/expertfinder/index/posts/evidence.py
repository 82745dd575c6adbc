"""Which person each post is evidence of, by what kind of act, how strong. A function of the post and the acts on it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.model import Audience, Evidence, Interaction, Person, Post
from expertfinder.policy import is_open_machine, narrower


def open_machines(people: Iterable[Person], identity: Mapping[str, str]) -> frozenset[str]:
    """Names (ids of records and of authors) of the machines and shared accounts that everybody may know of."""
    known = {person.id for person in people if is_open_machine(person)}
    return frozenset(name for name, person in identity.items() if person in known) if known else frozenset()


def spoken(posts: Iterable[Post], machines: frozenset[str]) -> list[Post]:
    """The posts without those that machines alone wrote, and without machines among their authors, in the same order.

    What a program writes by itself is read as what people answer to, and is nobody's evidence: a flood of alarms
    neither stands before the post that explains nor makes its words common.
    """
    found = []
    for post in posts:
        if machines and not machines.isdisjoint(post.authors):
            authors = tuple(author for author in post.authors if author not in machines)
            if not authors:
                continue
            post = replace(post, authors=authors)
        found.append(post)
    return found


def evidence_of(
    post: Post,
    acts: Iterable[Interaction],
    *,
    identity: Mapping[str, str],
    people: Mapping[str, Person],
    vocabulary: Vocabulary,
) -> list[Evidence]:
    """The evidence in one post, ordered by person, kind and audience.

    Authors have `authored`, each less the more there are: by the root of their number, between "one wrote it" and
    "all wrote it" (`docs/ranking.md`). An act counts once for a person, a verb and an audience, the strongest of its
    repetitions; acts on one's own post count for nothing. What credits the author (thanks, endorsements) counts
    distinct people, with the logarithm of their number, so that a hundred friends are not a hundred times as good as
    one. Who praised is counted for those only who may find that person (`people`: by id of the person), and nobody
    counts the hidden: otherwise a count would tell of somebody whom the viewer may not see.
    Who is in nobody's records (not in `identity`) stays unattributed.
    """
    authors = [identity[author] for author in dict.fromkeys(post.authors) if author in identity]
    # As many as the post itself names, known here or not: who is hidden must not move what the others get.
    written = vocabulary.authorship(post.kind) / math.sqrt(max(len(set(post.authors)), 1))
    found: dict[tuple[str, str, str], Evidence] = {}
    if written > 0:
        for author in dict.fromkeys(authors):
            found[author, "authored", post.audience.key] = Evidence(
                author, post.id, "authored", written, post.created_at, post.audience
            )
    praise: dict[tuple[str, str], dict[str, tuple[float, datetime | None, Interaction]]] = defaultdict(dict)
    audiences: dict[str, Audience] = {}
    for act in acts:
        verb = vocabulary.verb(act.verb)
        actor = identity.get(act.actor)
        if verb is None or verb.weight <= 0 or actor is None or actor in authors:
            continue
        audience = narrower(post.audience, act.audience)
        at = act.created_at or post.created_at
        if verb.credits == "actor":
            place = (actor, verb.name, audience.key)
            strength = verb.weight * vocabulary.acts.get(post.kind, 1.0)
            evidence = Evidence(actor, post.id, verb.family, strength, at, audience)
            if place not in found or _stronger(evidence, found[place]):
                found[place] = evidence
        elif verb.credits == "author" and not people[actor].hidden:
            audience = narrower(audience, people[actor].audience)
            known = praise[verb.family, audience.key].get(actor)
            if known is None or (verb.weight, act.id) > (known[0], known[2].id):
                praise[verb.family, audience.key][actor] = (verb.weight, at, act)
                audiences[audience.key] = audience
    for (family, key), givers in praise.items():
        strength = max(weight for weight, _, _ in givers.values()) * math.log2(1 + len(givers))
        newest = max((at for _, at, _ in givers.values() if at is not None), default=None)
        for author in dict.fromkeys(authors):
            found[author, family, key] = Evidence(author, post.id, family, strength, newest, audiences[key])
    return [found[place] for place in sorted(found)]


def _stronger(one: Evidence, other: Evidence) -> bool:
    """Heavier, then dated before undated, then newer: an answer that does not depend on the order of the acts."""

    def rank(evidence: Evidence) -> tuple[float, float]:
        return evidence.strength, evidence.at.timestamp() if evidence.at else -math.inf

    return rank(one) > rank(other)
