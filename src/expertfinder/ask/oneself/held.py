"""All that is kept about a person, one line a thing, as the person may have it: to be shown, exported, counted.

Their records, what they wrote and did, what was said by them or asked of them, what others did to it, and where they
are members; as far as they may read it, like everything else: a post that somebody was denied is not theirs to take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain
from typing import Any, Final, NamedTuple

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.found import looked_at
from expertfinder.ask.oneself.me import records_of, wishes_kept
from expertfinder.ask.organisation.talent import purpose_of
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Viewer
from expertfinder.policy import may_read, narrower
from expertfinder.store import (
    Ask,
    Badge,
    Feedback,
    Nomination,
    PostState,
    PutQuestion,
    Regulated,
    Routed,
    Subscription,
    Verdict,
)

MOST_TOPICS: Final = 1_000
"""Topics of one person that an export lists; nobody has been seen with as many."""

Line = dict[str, Any]


class Source(NamedTuple):
    """Where something comes from, and how many things of each kind."""

    source: str
    description: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept about a person, in short."""

    records: tuple[Person, ...]
    sources: tuple[Source, ...]
    beside: dict[str, int]
    """What is kept beside the facts, by kind."""


def names_of(finder: ExpertFinder, viewer: Viewer) -> frozenset[str]:
    """The names by which facts are the viewer's own: ids of their records, and account keys that authors are named by.

    Records that are merely joined with theirs are not among them. Raises `Forbidden`.
    """
    snapshot = finder.whole.snapshot
    own = frozenset(records_of(finder, viewer))
    row = snapshot.person_rows.get(viewer.person or "")
    keys = {name for name, at in snapshot.person_rows.items() if at == row and name not in snapshot.rights}
    return own | keys


def held(finder: ExpertFinder, viewer: Viewer) -> Held:
    """What is kept about the viewer, counted. Raises `Forbidden`."""
    by_source: dict[str, Counter[str]] = {}
    beside: Counter[str] = Counter()
    for line in lines(finder, viewer):
        if "source" in line:
            by_source.setdefault(line["source"], Counter())[line["what"]] += 1
        else:
            beside[line["what"]] += 1
    described = {one.id: one.description for one in finder.store.all("source")}
    return Held(
        records=tuple(finder.store.get("person", records_of(finder, viewer))),
        sources=tuple(
            Source(name, described.get(name, ""), dict(sorted(counts.items())))
            for name, counts in sorted(by_source.items())
        ),
        beside=dict(sorted(beside.items())),
    )


def lines(finder: ExpertFinder, viewer: Viewer) -> Iterator[Line]:
    """Everything, one line a thing: `what` it is, `source` where one gave it, and its fields. Raises `Forbidden`."""
    mine = names_of(finder, viewer)
    records = records_of(finder, viewer)
    store = finder.store
    yield from (_of_fact("record", record) for record in store.get("person", records))
    wrote: set[str] = set()
    for post in store.posts_by(mine):
        if may_read(post.audience, viewer):
            wrote.add(post.id)
            yield _of_fact("post", replace(post, authors=_named(finder, viewer, post.authors, mine)))
    yield from _acts(finder, viewer, mine, wrote)
    for community in store.all("community"):
        if not mine.isdisjoint((*community.members, *community.leads)) and may_read(community.audience, viewer):
            member, lead = (
                not mine.isdisjoint(community.members),
                not mine.isdisjoint(community.leads),
            )
            yield {**_of_fact("membership", replace(community, members=(), leads=())), "member": member, "lead": lead}
    yield from _beside(finder, viewer, records)
    yield from ({"what": "topic", **asdict(one)} for one in finder.expertise(records[0], viewer, limit=MOST_TOPICS))


def _acts(finder: ExpertFinder, viewer: Viewer, mine: frozenset[str], wrote: set[str]) -> Iterator[Line]:
    """What the person did, and what others did to what they wrote or to them, as far as they may read it."""
    store = finder.store
    found = chain(store.acts_by(mine), store.acts_on(wrote), store.acts_on(mine, kind="person"))
    acts = {act.id: act for act in found if may_read(act.audience, viewer)}
    yield from _readable(finder, viewer, [acts[name] for name in sorted(acts)], mine)


def _readable(finder: ExpertFinder, viewer: Viewer, acts: list[Interaction], mine: frozenset[str]) -> Iterator[Line]:
    """Those of the acts that the viewer may read as acts on their post count elsewhere (`policy.narrower`), and whose
    other person they may find."""
    asked = {act.object for act in acts if act.object_type == "post"}
    posts = {post.id: post.audience for post in finder.store.get("post", asked)}
    for act in acts:
        others = {act.actor, *((act.object,) if act.object_type == "person" else ())} - mine
        known = act.object_type != "post" or (
            act.object in posts and may_read(narrower(posts[act.object], act.audience), viewer)
        )
        if known and all(_may_find(finder, viewer, other) for other in others):
            yield _of_fact("act" if act.actor in mine else "act of another", act)


def _may_find(finder: ExpertFinder, viewer: Viewer, person: str) -> bool:
    seen = finder.view(viewer)
    row = seen.snapshot.person_rows.get(person)
    return row is not None and bool(seen.people[row])


def _named(finder: ExpertFinder, viewer: Viewer, authors: Iterable[str], mine: frozenset[str]) -> tuple[str, ...]:
    """The authors whom the viewer may find; themselves always."""
    return tuple(one for one in authors if one in mine or _may_find(finder, viewer, one))


def _beside(finder: ExpertFinder, viewer: Viewer, records: tuple[str, ...]) -> Iterator[Line]:
    """What is kept beside the facts."""
    store = finder.store
    for said in wishes_kept(store, records):
        yield {"what": said.KIND, **{one.name: getattr(said, one.name) for one in fields(said)}}
    for feedback in store.statements(Feedback):
        if feedback.person in records:
            yield {"what": "feedback", **asdict(feedback)}
        elif feedback.subject in records and _may_find(
            finder, viewer, feedback.person
        ):  # who said it, and their question, are left out
            yield {"what": "feedback of another", "helpful": feedback.helpful}
    for ask in store.statements(Ask):
        if ask.person in records or ask.subject in records:
            other = {ask.person, ask.subject} - {*records}
            if all(_may_find(finder, viewer, one) for one in other):
                yield {"what": "ask", **asdict(ask)}
    for nomination in store.statements(Nomination):
        two = {nomination.person, nomination.subject}
        if two.isdisjoint(records) or not all(_may_find(finder, viewer, one) for one in two - {*records}):
            continue
        of = store.get("community", [nomination.of]) if nomination.role != "expert" else []
        if nomination.role == "expert" or any(may_read(one.audience, viewer) for one in of):
            yield {"what": "nomination", **asdict(nomination)}
    yield from ({"what": one.KIND, **asdict(one)} for one in store.statements(PostState) if one.by in records)
    yield from ({"what": one.KIND, **asdict(one)} for one in store.statements(Regulated) if one.by in records)
    for badge in store.statements(Badge):
        if badge.person in records:
            yield {"what": "badge", "number": badge.number, "at": badge.at}
    put = {one.question: one for one in store.statements(PutQuestion)}
    yield from ({"what": "question", **asdict(one)} for one in put.values() if one.person in records)
    for routed in store.statements(Routed):
        if routed.subject in records and routed.question in put:
            question = put[routed.question]
            asker = question.person if not question.anonymous and _may_find(finder, viewer, question.person) else ""
            yield {"what": "question to you", **asdict(routed), "person": asker, "text": question.text}
    for follow in store.statements(Subscription):
        if follow.person in records:
            body = {**asdict(follow), "digest": "", "secret": ""}  # a secret is shown once, when it is made
            yield {"what": "subscription", **{name: value for name, value in body.items() if value}}
    for verdict in store.statements(Verdict):
        two = {verdict.one, verdict.other}
        if not two.isdisjoint(records) and all(_may_find(finder, viewer, one) for one in two - {*records}):
            yield {"what": "verdict", **asdict(verdict)}
    of_keys = ("id", "scopes", "created_at", "expires_at", "revoked", "note")
    every = store.keys()
    for key in every:
        if key.person in records:
            yield {"what": "key", **{name: getattr(key, name) for name in of_keys}}
    for look in looked_at(finder, viewer):
        yield {
            "what": "look",
            "at": look.at,
            "event": look.event,
            "actor": look.actor or None,
            "purpose": purpose_of(look),
        }


def _of_fact(what: str, fact: Fact) -> Line:
    """The fields of a fact that are not empty. Other people in its audience are left out."""
    body = {one.name: getattr(fact, one.name) for one in fields(fact)}
    audience = body.pop("audience")
    assert isinstance(audience, Audience)
    kept = {name: value for name, value in body.items() if value not in ("", (), None, False)}
    if isinstance(fact, Community | Post | Person | Interaction):
        kept["readable_by"] = audience.scope
    return {"what": what, **kept}
