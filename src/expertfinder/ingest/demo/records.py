"""The native format: planted people, posts, acts and truth as plain records, ready for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from expertfinder.ingest.demo.acts import Act
from expertfinder.ingest.demo.asking import Asked, grades
from expertfinder.ingest.demo.cast import mail_of
from expertfinder.ingest.demo.scene import Draft, Scene

Record = dict[str, Any]


def people(scene: Scene) -> list[Record]:
    """people.jsonl: declared skills are partly true, partly stale, partly wished for."""
    named = {subject.id: subject.name for subject in scene.words.subjects}
    records: list[Record] = []
    for member in scene.cast:
        known = [s.id for s in scene.words.subjects if any(e.person == member.id for e in scene.plan.experts[s.id])]
        skills = [each for each in known if scene.rng.random() < 0.55]
        skills += [each for each in scene.plan.claims.get(member.id, ()) if each not in skills]
        groups = [group.id for group in scene.plan.groups.values() if member.id in group.members]
        bio = scene.rng.choice(scene.words.sentences["bio"]["text"]).format(
            site=member.site, unit=member.unit, project=scene.rng.choice(scene.words.company["projects"]),
            when=str(member.joined_at.year),
        )  # fmt: skip
        record: Record = {
            "id": member.id, "name": member.name, "title": member.title, "org_unit": member.unit,
            "location": member.site, "bio": bio, "skills": [named[each] for each in skills],
            "languages": list(member.languages),
            "manager": member.manager, "groups": groups,
            "accounts": [f"email:{mail_of(member, scene.words.company['domain'])}"],
            "joined_at": stamp(member.joined_at), "left_at": stamp(member.left_at) if member.left_at else None,
            "audience": "organisation",
        }  # fmt: skip
        records.append({key: value for key, value in record.items() if value not in ("", [], None)})
    return records


def posts(drafts: list[Draft], ids: dict[int, str]) -> list[Record]:
    """posts.jsonl. `ids`: number of a draft -> id."""
    records: list[Record] = []
    for draft in drafts:
        record: Record = {
            "id": ids[draft.number], "authors": [draft.author, *draft.co_authors], "kind": draft.kind,
            "title": draft.title, "text": draft.text, "created_at": stamp(draft.at),
            "parent": ids[draft.parent.number] if draft.parent else "",
            "tags": list(draft.tags), "community": draft.community, "audience": _audience(draft),
        }  # fmt: skip
        records.append({key: value for key, value in record.items() if value not in ("", [], None)})
    return records


def acts(done: list[Act], ids: dict[int, str]) -> list[Record]:
    """interactions.jsonl. Who may know of an act follows from the post it is about."""
    records: list[Record] = []
    for act in done:
        about = ids[act.post.number] if act.post else ""
        record: Record = {
            "actor": act.actor, "verb": act.verb, "object": act.person or about,
            "object_type": "person" if act.person else "post", "created_at": stamp(act.at), "value": act.value,
            "audience": _audience(act.post) if act.post else "organisation",
        }  # fmt: skip
        records.append({key: value for key, value in record.items() if value is not None})
    return records


def communities(scene: Scene) -> list[Record]:
    """communities.jsonl."""
    return [
        {"id": group.id, "name": group.name, "description": group.about, "members": list(group.members),
         "leads": list(group.leads), "audience": "organisation"}
        for group in scene.plan.communities.values()
    ]  # fmt: skip


def queries(asked: list[Asked]) -> list[Record]:
    """queries.jsonl."""
    return [
        {"id": each.id, "text": each.text} | ({"asker": each.asker} if each.asker else {}) for each in asked
    ]  # fmt: skip


def unanswerable(scene: Scene) -> list[Record]:
    """queries_unanswerable.jsonl."""
    texts = scene.words.unanswerable
    return [{"id": f"u{number:03d}", "text": text, "answerable": False} for number, text in enumerate(texts, start=1)]


def qrels(scene: Scene, asked: list[Asked]) -> str:
    """qrels.tsv: TREC judgements. An asker never knows the topic, so is never among them."""
    judged = [(each, grades(scene.plan.experts[each.subject.id], each.aspect)) for each in asked]
    rows = [(each.id, *pair) for each, known in judged for pair in known.items()]
    return "".join(f"{query}\t0\t{person}\t{grade}\n" for query, person, grade in rows)


def truth(scene: Scene, asked: list[Asked]) -> Record:
    """truth.json: everything that was planted, for tests and for the curious. Never evidence."""
    plan = scene.plan
    return {
        "as_of": stamp(scene.end),
        "topics": {
            subject.id: {
                "name": subject.name, "synonyms": list(subject.synonyms), "aspects": [a.name for a in subject.aspects],
                "group": subject.group or None,
            }
            for subject in scene.words.subjects
        },
        "experts": {
            topic: [
                {"person": e.person, "grade": e.grade, "manner": e.manner, "aspects": list(e.aspects),
                 "since": stamp(e.since), "until": stamp(e.until)}
                for e in experts
            ]
            for topic, experts in plan.experts.items()
        },
        "declared_only": {person: list(topics) for person, topics in plan.claims.items()},
        "famous": [m.id for m in scene.cast if m.part == "famous"],
        "flooders": [m.id for m in scene.cast if m.part == "flooder"],
        "leavers": [{"person": m.id, "left_at": stamp(m.left_at)} for m in scene.cast if m.left_at],
        "newcomers": [{"person": m.id, "joined_at": stamp(m.joined_at)} for m in scene.cast if m.part == "newcomer"],
        "restricted_groups": [
            {"id": g.id, "name": g.name, "about": g.about, "members": list(g.members),
             "topics": [s.id for s in scene.words.subjects if s.group == g.id]}
            for g in plan.groups.values()
        ],
        "binders": {
            "communities": {group.id: list(group.binders) for group in plan.communities.values()},
            "unit_pairs": [{"units": list(units), "binders": list(people)} for units, people in plan.pairs.items()],
        },
        "queries": {q.id: {"topic": q.subject.id, "aspect": q.aspect, "form": q.form} for q in asked},
        "unanswerable": [record["id"] for record in unanswerable(scene)],
    }  # fmt: skip


def stamp(at: datetime) -> str:
    """A time as ISO 8601 in UTC, cut to the second."""
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _audience(draft: Draft) -> str | dict[str, list[str]]:
    if draft.private:
        return "private"
    return {"groups": [draft.group]} if draft.group else "organisation"
