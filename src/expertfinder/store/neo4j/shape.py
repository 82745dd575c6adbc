"""The shape of the facts in Neo4j: what each becomes (properties for people to read, ties), and the statements for it.

`graph/README.md` is the page for people who read the graph; a test compares it with this file. The canonical body
stands beside the readable properties, so that a fact comes back exactly as it went in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from expertfinder.identity import is_personal
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Source
from expertfinder.store.protocol import Kept, Kind

LABELS: Final[Mapping[Kind, str]] = {"source": "Source", "person": "Person", "community": "Community", "post": "Post"}
"""The kinds that are nodes. An interaction is a tie: `ACTED`. A node that other facts name and no fact describes (yet)
has the label `Unrecorded`, too."""

READABLE: Final[Mapping[Kind, tuple[str, ...]]] = {
    "source": ("description", "directory", "proves"),
    "person": (
        "source",
        "name",
        "title",
        "org_unit",
        "location",
        "bio",
        "skills",
        "languages",
        "manager",
        "groups",
        "availability",
        "time_zone",
        "accounts",
        "judged",
        "kind",
        "turned_to_by",
    ),
    "community": ("source", "name", "description", "parent", "kind"),
    "post": ("source", "kind", "title", "text", "tags", "language", "url"),
    "interaction": ("source", "verb", "value"),
}
"""Fields that are properties of the same name, where they are not empty."""
TIES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "source": (),
    "person": (),
    "community": ("members", "leads"),
    "post": ("authors", "parent", "community"),
    "interaction": ("actor", "object", "object_type"),
}
"""Fields that become ties instead of properties."""
TIMES: Final[Mapping[str, str]] = {"created_at": "at", "joined_at": "joined_at", "left_at": "left_at"}
"""Fields that are points in time, and the property of each."""


def readable(kind: Kind, fact: Fact) -> dict[str, Any]:
    """The properties of a fact that people read: what is empty is left out."""
    found = {name: value for name in READABLE[kind] if (value := getattr(fact, name)) not in ("", (), None)}
    if not found.get("directory", True):
        del found["directory"]
    if kind == "person":
        usual = {"kind": "person", "turned_to_by": 0}
        found = {name: value for name, value in found.items() if value != usual.get(name)}
    return found | _audience(fact.audience)


def _audience(audience: Audience) -> dict[str, Any]:
    lists = {"groups": audience.groups, "people": audience.people, "deny": audience.deny}
    named = {f"audience_{name}": sorted(set(value)) for name, value in lists.items() if value}
    return {"audience": audience.scope, **named}


def parameters(kind: Kind, row: Kept, fact: Fact, sequence: int) -> dict[str, Any]:
    """The parameters of the statement that writes a fact of this kind. `sequence`: the number of the change."""
    kept = {"id": row.id, "hash": row.hash.hex(), "body": row.body, **readable(kind, fact)}
    found: dict[str, Any] = {"id": row.id, "sequence": sequence, "kept": kept}
    match fact:
        case Person():
            keys = {key for account in fact.accounts if is_personal(key := account.strip().lower())}
            if keys:
                kept["keys"] = sorted(keys)
            found |= {"at": _iso(fact.left_at), "joined": _iso(fact.joined_at), "hidden": fact.hidden}
        case Post():
            found |= {"at": _iso(fact.created_at), "authors": list(dict.fromkeys(fact.authors))}
            found |= {"parent": _some(fact.parent), "community": _some(fact.community)}
        case Interaction():
            found |= {"at": _iso(fact.created_at), "actor": fact.actor, "object": fact.object}
        case Community():
            found |= {"members": list(dict.fromkeys(fact.members)), "leads": list(dict.fromkeys(fact.leads))}
        case Source():
            pass
    return found


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _some(name: str) -> list[str]:
    return [name] if name else []


# --- writing ---------------------------------------------------------------------------------------------------------

_CHANGE = "CREATE (:Change {{sequence: row.sequence, operation: 'put', kind: '{kind}', id: row.id}})"

PUT: Final[Mapping[str, str]] = {
    "source": f"""
UNWIND $rows AS row
MERGE (source:Source {{id: row.id}})
SET source = row.kept
{_CHANGE.format(kind="source")}""",
    "person": f"""
UNWIND $rows AS row
MERGE (person:Person {{id: row.id}})
SET person = row.kept, person.left_at = datetime(row.at), person.joined_at = datetime(row.joined),
    person.hidden = row.hidden OR EXISTS {{ MATCH (:Hidden {{person: row.id}}) }}
REMOVE person:Unrecorded
{_CHANGE.format(kind="person")}""",
    "community": f"""
UNWIND $rows AS row
MERGE (community:Community {{id: row.id}})
SET community = row.kept
REMOVE community:Unrecorded
{_CHANGE.format(kind="community")}
FOREACH (id IN row.members |
    MERGE (member:Person {{id: id}}) ON CREATE SET member:Unrecorded
    CREATE (member)-[:MEMBER_OF]->(community))
FOREACH (id IN row.leads |
    MERGE (lead:Person {{id: id}}) ON CREATE SET lead:Unrecorded
    CREATE (lead)-[:LEADS]->(community))""",
    "post": f"""
UNWIND $rows AS row
MERGE (post:Post {{id: row.id}})
SET post = row.kept, post.at = datetime(row.at)
REMOVE post:Unrecorded
{_CHANGE.format(kind="post")}
FOREACH (id IN row.authors |
    MERGE (author:Person {{id: id}}) ON CREATE SET author:Unrecorded
    CREATE (author)-[wrote:WROTE]->(post) SET wrote.at = datetime(row.at))
FOREACH (id IN row.parent |
    MERGE (parent:Post {{id: id}}) ON CREATE SET parent:Unrecorded
    CREATE (post)-[:REPLY_TO]->(parent))
FOREACH (id IN row.community |
    MERGE (community:Community {{id: id}}) ON CREATE SET community:Unrecorded
    CREATE (post)-[:POSTED_IN]->(community))""",
    **{
        f"interaction on {kind}": f"""
UNWIND $rows AS row
MERGE (actor:Person {{id: row.actor}}) ON CREATE SET actor:Unrecorded
MERGE (object:{label} {{id: row.object}}) ON CREATE SET object:Unrecorded
CREATE (actor)-[act:ACTED]->(object)
SET act = row.kept, act.at = datetime(row.at)
{_CHANGE.format(kind="interaction")}"""
        for kind, label in (("post", "Post"), ("person", "Person"))
    },
}
"""Kind (an interaction: with that of its object) -> the statement that writes `$rows` (see `parameters`).

The caller first takes away the earlier ties of a changed fact (`UNTIE`).
"""

_OWN_TIES: Final[Mapping[Kind, str]] = {
    "source": "",
    "person": "(fact)-[tie:SAME_AS]-(end)",
    "community": "(fact)<-[tie:MEMBER_OF|LEADS]-(end)",
    "post": "(fact)-[tie:WROTE|REPLY_TO|POSTED_IN]-(end) WHERE type(tie) <> 'REPLY_TO' OR startNode(tie) = fact",
}

UNTIE: Final[Mapping[Kind, str]] = {
    kind: f"""
UNWIND $ids AS id
MATCH (fact:{LABELS[kind]} {{id: id}})
MATCH {ties}
DELETE tie
WITH DISTINCT end WHERE end:Unrecorded
RETURN collect(elementId(end))"""
    for kind, ties in _OWN_TIES.items()
    if ties
} | {
    "interaction": """
UNWIND $ids AS id
MATCH (actor)-[tie:ACTED {id: id}]->(object)
DELETE tie
WITH collect(actor) + collect(object) AS ends
UNWIND ends AS end
WITH DISTINCT end WHERE end:Unrecorded
RETURN collect(elementId(end))"""
}
"""Kind -> takes away the ties that are part of the facts `$ids`. Gives the unrecorded nodes at their other ends."""

SWEEP: Final = """
UNWIND $ends AS element
MATCH (end:Unrecorded) WHERE elementId(end) = element AND NOT (end)--()
DELETE end"""
"""Takes away those of the unrecorded nodes that nothing names any more."""

DROP: Final[Mapping[Kind, str]] = {
    kind: f"""
UNWIND $ids AS id
MATCH (fact:{label} {{id: id}})
FOREACH (found IN COLLECT {{ MATCH (fact)-[f:FOUND]->() RETURN f }} | DELETE found)
SET fact = {{id: id}}, fact:Unrecorded
WITH fact WHERE NOT (fact)--()
DELETE fact"""
    for kind, label in LABELS.items()
}
"""Kind -> deletes facts whose ties were taken away before, and what an analysis found of them.

Where another fact names a deleted one, a node with its id stays, with the label `Unrecorded`.
"""

SAME_AS: Final = """
MATCH (person:Person) WHERE person.keys IS NOT NULL
UNWIND person.keys AS key
WITH key, person.audience AS scope, person.audience_groups AS groups, person.audience_people AS people,
     person.audience_deny AS deny, collect(person) AS records
WHERE size(records) > 1
UNWIND records AS one
UNWIND records AS other
WITH key, one, other WHERE one.id < other.id AND (one.id IN $ids OR other.id IN $ids)
MERGE (one)-[:SAME_AS {key: key}]->(other)"""
"""Ties the people `$ids` to others with a common key and the same audience."""

LOG: Final = """
UNWIND range(0, size($ids) - 1) AS place
CREATE (:Change {sequence: $after + place + 1, operation: $operation, kind: $kind, id: $ids[place]})"""
COUNT_UP: Final = "MATCH (counter:Counter {name: $name}) SET counter.value = $value"

LOCK: Final = """
MATCH (counter:Counter {name: $name})
SET counter.locked = true
WITH counter
MATCH (graves:Counter {name: 'tombstone'})
RETURN counter.value, graves.value, EXISTS { MATCH (:Property {name: 'pending'}) }"""
"""Locks a counter until the end of the transaction: what earlier holders wrote can then be read. Gives its value, the
number of the newest tombstone, and whether an import is half written."""

# --- reading ---------------------------------------------------------------------------------------------------------

HASHES: Final[Mapping[Kind, str]] = {
    kind: f"""
UNWIND $ids AS id
MATCH (fact:{label} {{id: id}}) WHERE fact.hash IS NOT NULL
RETURN collect(fact.id), collect(fact.hash)"""
    for kind, label in LABELS.items()
} | {
    "interaction": """
UNWIND $ids AS id
MATCH ()-[fact:ACTED {id: id}]->()
RETURN collect(fact.id), collect(fact.hash)"""
}
"""Kind -> ids and hashes of those of the facts `$ids` that are there."""


def _found(kind: Kind) -> str:
    """The clause that returns ids, bodies and, of people, whether they are hidden."""
    hidden = ", collect(fact.hidden)" if kind == "person" else ""
    return f"RETURN collect(fact.id), collect(fact.body){hidden}"


GET: Final[Mapping[Kind, str]] = {
    kind: f"UNWIND $ids AS id MATCH (fact:{label} {{id: id}}) WHERE fact.hash IS NOT NULL {_found(kind)}"
    for kind, label in LABELS.items()
} | {"interaction": f"UNWIND $ids AS id MATCH ()-[fact:ACTED {{id: id}}]->() {_found('interaction')}"}
"""Kind -> ids, bodies and (of people) whether they are hidden, of those of the facts `$ids` that are there."""

PAGE: Final[Mapping[Kind, str]] = {
    kind: f"""
MATCH (fact:{label}) WHERE fact.id > $after AND fact.hash IS NOT NULL
WITH fact ORDER BY fact.id LIMIT $limit
{_found(kind)}"""
    for kind, label in LABELS.items()
} | {
    "interaction": f"""
MATCH ()-[fact:ACTED]->() WHERE fact.id > $after
WITH fact ORDER BY fact.id LIMIT $limit
{_found("interaction")}"""
}
"""Kind -> the next `$limit` facts above the id `$after`, as `GET` gives them."""

COUNT: Final[Mapping[Kind, str]] = {
    kind: f"RETURN count {{ (:{label}) }} - count {{ (:{label}:Unrecorded) }}" for kind, label in LABELS.items()
} | {"interaction": "RETURN count { ()-[:ACTED]->() }"}

NAMING: Final[Mapping[Kind, str]] = {
    kind: f"MATCH (fact:{label}) WHERE fact.body CONTAINS $quoted {_found(kind)}" for kind, label in LABELS.items()
} | {"interaction": f"MATCH ()-[fact:ACTED]->() WHERE fact.body CONTAINS $quoted {_found('interaction')}"}
"""Kind -> the facts whose body may name a person."""

ACTS_ON: Final[Mapping[Kind, str]] = {
    kind: f"""
UNWIND $ids AS id
MATCH (:{LABELS[kind]} {{id: id}})<-[fact:ACTED]-()
RETURN collect(fact.id), collect(fact.body)"""
    for kind in ("post", "person")
}
"""Kind of what the acts were done to -> the acts."""

ACTS_BY: Final = """
UNWIND $ids AS id
MATCH (:Person {id: id})-[fact:ACTED]->()
RETURN collect(fact.id), collect(fact.body)"""

POSTS_BY: Final = """
UNWIND $ids AS id
MATCH (:Person {id: id})-[:WROTE]->(fact:Post) WHERE fact.hash IS NOT NULL
RETURN collect(fact.id), collect(fact.body)"""

ACTED_ON: Final = """
UNWIND $ids AS id
MATCH (post:Post)<-[:ACTED {id: id}]-() WHERE post.hash IS NOT NULL
RETURN collect(DISTINCT post.id)"""
"""Ids of the posts that are there and that the acts `$ids` were done to."""

CHANGES: Final = """
MATCH (change:Change) WHERE change.sequence > $since AND change.sequence <= $until
WITH change ORDER BY change.sequence
RETURN collect(change.sequence), collect(change.operation), collect(change.kind), collect(change.id)"""
