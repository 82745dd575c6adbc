"""What whoever runs the service looks at: the audit log, sources, keys, records that may be one human, the index."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from expertfinder.ask.finder import ExpertFinder
from expertfinder.identity import Proposal, proposals
from expertfinder.store import AuditEntry, Chain, Imported, who_is_who
from expertfinder.store.protocol import Key
from expertfinder.store.statements.concepts import ConceptScheme

LINES = 100
"""So many of the newest lines of the audit log are shown."""
PROPOSALS = 50
"""So many pairs of records that may be one human are shown."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A source, and what there is of it."""

    id: str
    description: str
    audience: str
    """Who may read what says nothing itself: a scope."""
    directory: bool
    people: int
    posts: int
    newest: datetime | None
    """The time of its newest post."""
    ran: Imported | None = None
    """Its last import; `None` where it is pushed, or was imported by an earlier version."""


@dataclass(frozen=True, slots=True)
class Operation:
    """All of it."""

    audit: tuple[AuditEntry, ...]
    """The newest first."""
    chain: Chain
    sources: tuple[Filled, ...]
    keys: tuple[Key, ...]
    """Without their secrets, which are not kept."""
    proposals: tuple[Proposal, ...]
    vocabularies: tuple[ConceptScheme, ...]
    """As they were imported last."""
    changes: int
    """Changes of the record that the index does not hold; 0 without an index."""
    indexed: str
    """Name of the index; empty for none."""


def operation(finder: ExpertFinder) -> Operation:
    """What there is to look at. Whoever calls this has seen to it that the caller may see it."""
    store = finder.store
    people, posts = Counter(one.source for one in store.all("person")), Counter[str]()
    newest: dict[str, datetime] = {}
    for post in store.all("post"):
        posts[post.source] += 1
        if post.created_at is not None:
            newest[post.source] = max(newest.get(post.source, post.created_at), post.created_at)
    ran = {one.source: one for one in store.statements(Imported)}
    declared = {one.id: one for one in store.all("source")}
    records, who = who_is_who(store)
    manifest = finder.snapshot.manifest if finder.ready else None
    return Operation(
        audit=tuple(store.audit(limit=LINES)),
        chain=store.check_audit(),
        sources=tuple(
            Filled(
                id=name,
                description=declared[name].description if name in declared else "",
                audience=declared[name].audience.scope if name in declared else "nobody",
                directory=name in declared and declared[name].directory,
                people=people[name],
                posts=posts[name],
                newest=newest.get(name),
                ran=ran.get(name),
            )
            for name in sorted({*declared, *people, *posts})
        ),
        keys=tuple(store.keys()),
        proposals=tuple(proposals(records, who.identity, who.decisions)[:PROPOSALS]),
        vocabularies=tuple(store.statements(ConceptScheme)),
        changes=store.sequence() - manifest.sequence if manifest else 0,
        indexed=manifest.name if manifest else "",
    )
