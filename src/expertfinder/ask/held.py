"""All that is kept about a person, one line a thing, as the person may have it: to be shown, exported, counted.

What is a person's own: their records, what they wrote and did, what was said by them or asked of them. What others did
to it, and where they are named, is told as far as they may read it, like everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, NamedTuple

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.me import records_of, wishes_kept
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Viewer
from expertfinder.policy import may_read
from expertfinder.store import Feedback, Verdict

AT_ONCE: Final = 2_000
"""Posts are looked up in lots of so many while acts on them are read; memory stays small."""
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
    for post in store.all("post"):
        if not mine.isdisjoint(post.authors):
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
    waiting: list[Interaction] = []
    for act in finder.store.all("interaction"):
        if act.actor in mine:
            yield _of_fact("act", act)
        elif (act.object in wrote if act.object_type == "post" else act.object in mine) and may_read(
            act.audience, viewer
        ):
            waiting.append(act)
            if len(waiting) >= AT_ONCE:
                yield from _of_others(finder, viewer, waiting)
                waiting = []
    yield from _of_others(finder, viewer, waiting)


def _of_others(finder: ExpertFinder, viewer: Viewer, acts: list[Interaction]) -> Iterator[Line]:
    posts = {
        post.id for post in finder.store.get("post", {act.object for act in acts}) if may_read(post.audience, viewer)
    }
    shown = finder.snapshot.person_rows
    seen = finder.view(viewer)
    for act in acts:
        known = act.object_type != "post" or act.object in posts
        if known and (row := shown.get(act.actor)) is not None and seen.people[row]:
            yield _of_fact("act of another", act)


def _named(finder: ExpertFinder, viewer: Viewer, authors: Iterable[str], mine: frozenset[str]) -> tuple[str, ...]:
    """The authors whom the viewer may find; themselves always."""
    seen = finder.view(viewer)
    rows = seen.snapshot.person_rows
    return tuple(one for one in authors if one in mine or ((row := rows.get(one)) is not None and seen.people[row]))


def _beside(finder: ExpertFinder, viewer: Viewer, records: tuple[str, ...]) -> Iterator[Line]:
    """What is kept beside the facts."""
    store = finder.store
    for said in wishes_kept(store, records):
        yield {"what": said.KIND, **{one.name: getattr(said, one.name) for one in fields(said)}}
    for feedback in store.statements(Feedback):
        if feedback.person in records:
            yield {"what": "feedback", **asdict(feedback)}
        elif feedback.subject in records:  # who said it, and what they had asked, is theirs
            yield {"what": "feedback of another", "helpful": feedback.helpful}
    for verdict in store.statements(Verdict):
        if verdict.one in records or verdict.other in records:
            yield {"what": "verdict", **asdict(verdict)}
    of_keys = ("id", "scopes", "created_at", "expires_at", "revoked", "note")
    every = store.keys()
    for key in every:
        if key.person in records:
            yield {"what": "key", **{name: getattr(key, name) for name in of_keys}}
    for look in finder.looked_at(viewer):
        yield {"what": "look", "at": look.at, "event": look.event, "actor": look.actor or None}


def _of_fact(what: str, fact: Fact) -> Line:
    """The fields of a fact that say something. Whom else an audience names is not told."""
    body = {one.name: getattr(fact, one.name) for one in fields(fact)}
    audience = body.pop("audience")
    assert isinstance(audience, Audience)
    kept = {name: value for name, value in body.items() if value not in ("", (), None, False)}
    if isinstance(fact, Community | Post | Person | Interaction):
        kept["readable_by"] = audience.scope
    return {"what": what, **kept}
