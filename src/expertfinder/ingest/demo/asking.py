"""The questions put to the demo organisation, and who should be found: the planted truth as judgements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from expertfinder.ingest.demo.scene import Draft, Scene
from expertfinder.ingest.demo.truth import STRONG, Expert
from expertfinder.ingest.demo.words import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query. `aspect` is the number of an aspect of the topic, or `None` for all; `asker` is an id or empty."""

    id: str
    text: str
    subject: Subject
    form: Literal["short", "medium", "long"]
    aspect: int | None = None
    asker: str = ""


def ask(scene: Scene) -> list[Asked]:
    """For each topic a long question about one aspect and, in turn, a short or a medium one."""
    asked: list[Asked] = []
    mediums = scene.words.sentences["query"]["medium"]
    for number, subject in enumerate(scene.words.subjects):
        first, second = f"q{2 * number + 1:03d}", f"q{2 * number + 2:03d}"
        asker = "" if number % 2 else _asker(scene, subject)
        asked.append(
            Asked(id=first, text=subject.ask, subject=subject, form="long", aspect=subject.ask_about, asker=asker)
        )
        synonym = subject.synonyms[number % len(subject.synonyms)]
        if number % 2:
            asked.append(
                Asked(id=second, text=subject.name if number % 4 == 1 else synonym, subject=subject, form="short")
            )
            continue
        aspect = (subject.ask_about + 1 + number // 2 % 3) % len(subject.aspects)
        text = mediums[number // 2 % len(mediums)].format(
            topic=subject.name, synonym=synonym, aspect=subject.aspects[aspect].name
        )
        asked.append(Asked(id=second, text=text, subject=subject, form="medium", aspect=aspect))
    return asked


def grades(experts: tuple[Expert, ...], aspect: int | None) -> dict[str, int]:
    """Id of each person who is a right answer -> grade (2 or 1), by id.

    Experts lose one grade where the aspect is not one of theirs. Experts who left are no right answer.
    """
    found: dict[str, int] = {}
    for expert in experts:
        away = aspect is not None and aspect not in expert.aspects
        if expert.manner != "left" and expert.grade - away > 0:
            found[expert.person] = expert.grade - away
    return dict(sorted(found.items()))


def suggest(scene: Scene, asked: list[Asked], drafts: list[Draft]) -> tuple[str, str, str]:
    """Three things to try: a clear expert, a question answered in full to insiders only, one that nobody can answer."""
    clear, expert = max(
        ((each, expert) for each in asked for expert in scene.plan.experts[each.subject.id] if _is_clear(each, expert)),
        key=lambda pair: (_lead(drafts, pair[0].subject, pair[1].person), pair[0].id),
    )
    group = next(iter(scene.plan.groups.values()))
    closed = next(each for each in asked if each.subject.group == group.id and each.form == "long")
    insiders = {person for each in scene.plan.groups.values() for person in each.members}
    known = {each.person for each in scene.plan.experts[closed.subject.id]} | {expert.person}
    insider = next(person for person in reversed(group.members) if person not in known)
    outsider = next(m for m in reversed(scene.cast) if m.part == "some" and m.id not in insiders)
    name = scene.member(expert.person).name
    return (
        f'Ask: "{clear.text}" {name} ({expert.person}) is a clear expert and should be among the first.',
        f'Ask: "{closed.text}" as {insider} ({scene.member(insider).name}, a member of {group.name}) '
        f"and as {outsider.id} ({outsider.name}, who is not): only the first sees the full answer.",
        f'Ask: "{scene.words.unanswerable[0]}" Nobody here knows; the honest answer is that there is no strong expert.',
    )


def _asker(scene: Scene, subject: Subject) -> str:
    """Id of somebody who still works here and is no expert of the topic."""
    known = {expert.person for expert in scene.plan.experts[subject.id]}
    inside = scene.plan.groups[subject.group].members if subject.group else tuple(m.id for m in scene.cast)
    here = [scene.member(person) for person in inside if person not in known]
    return scene.rng.choice([m.id for m in here if m.left_at is None and m.part not in ("famous", "flooder")])


def _is_clear(each: Asked, expert: Expert) -> bool:
    own = each.aspect in expert.aspects and expert.grade == STRONG and expert.manner in ("answers", "writes")
    return each.form == "long" and not each.subject.group and own


def _lead(drafts: list[Draft], subject: Subject, person: str) -> float:
    """How far ahead of everybody else this person is in sound posts about the topic."""
    said = Counter(draft.author for draft in drafts if draft.subject is subject and draft.deep and not draft.private)
    others = max((count for author, count in said.items() if author != person), default=0)
    return said[person] / (others + 3)
