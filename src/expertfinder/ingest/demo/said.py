"""What people of the demo say beside their posts: questions put to colleagues, what became of them, whom it helped.

It is told on the days before the last one of the demo, and read from what `write_demo` wrote.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from expertfinder.ingest.demo.words import Subject, load_words
from expertfinder.model import Audience, Community, Source
from expertfinder.store import Ask, Feedback, Introduction, Pilot, PutQuestion, RoleProfile, Routed, Store
from expertfinder.store.statements import CHAMPIONS
from expertfinder.store.statements.organisation import folded
from expertfinder.store.statements.questions import Afterwards, Saved, Went

SOURCE = "demo"
"""The source under which the demo is imported."""
QUESTIONS = 36
"""How many questions are put, each about another topic: a third to people, the others to communities."""
EVERY_DAYS = 5
"""Days between two questions. The newest is two days before the last day of the demo, and all 36 span half a year."""
CHAMPIONS_KEPT, KEPT_DAYS = 7, 240
"""How many people the kept set of champions has, and how many days before the last day of the demo it was kept."""
PILOT_DAYS = 150
"""How many days before the last day of the demo the pilot began."""
MET = 3
"""How many of the pairs who were to meet did meet; as many others did not."""
KEEPER = "m005"
"""Who keeps the set of champions: the head of People and Culture."""
ASKED_AT_ONCE = 3
"""How many people a question reaches that is put to nobody in particular, and how many topics a role asks for."""
WORTH: tuple[tuple[Saved, Afterwards], ...] = (("hours", "went_on"), ("minutes", "learned"))
"""What the askers say of an answer, in turn: how much time it saved, and what they could do afterwards."""


def plant_said(store: Store, folder: Path, *, seed: int = 7) -> None:
    """Keep what people of the demo in `folder` say."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    end, rng = datetime.fromisoformat(truth["as_of"]), Random(f"{seed}:said")
    everybody = [one["id"] for one in _lines(folder / "people.jsonl") if "left_at" not in one]
    answers = [one for one in _lines(folder / "posts.jsonl") if one["kind"] == "answer"]
    for number, subject in enumerate([one for one in load_words().subjects if not one.group][:QUESTIONS]):
        known = [one["person"] for one in truth["experts"][subject.id] if one["manner"] not in ("left", "moved_on")]
        put = _put(subject, rng.choice([one for one in everybody if one not in known]), number, end)
        if number % 3 == 0:
            for person in known[:ASKED_AT_ONCE]:
                _reach(store, put, person, "asked")
        elif number % 3 == 1:
            _reach(store, put, known[0], "claimed")
            _help(store, put, known[0])
            by = [one["id"] for one in answers if subject.id in one.get("tags", ()) and one["authors"][0] in known]
            saved, could = WORTH[number // 3 % len(WORTH)]
            answer, later = _id(by[-1]) if by else "", put.at + timedelta(days=2)
            put = replace(put, answered=True, answer=answer, at=later, saved=saved, afterwards=could)
        store.state(put)


def plant_organisation(store: Store, folder: Path) -> None:
    """Keep what each role asks for (three topics of its unit), and the pilot of the demo."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    end, words = datetime.fromisoformat(truth["as_of"]), load_words()
    for unit in words.company["units"]:
        at_home = [one.name for one in words.subjects if unit["name"] in one.units and not one.group]
        for number, title in enumerate(unit["titles"]):
            asks = tuple((at_home * 2)[number : number + ASKED_AT_ONCE])
            store.state(RoleProfile(role=folded(title), label=title, topics=asks, at=end))
    began = (end - timedelta(days=PILOT_DAYS)).date().isoformat()
    units = ("Plant Operations",)
    store.state(Pilot(name="An hour of sharing a week", units=units, communities=(), since=began, at=end))


def plant_network(store: Store, folder: Path) -> None:
    """Keep a set of champions, made of binders of communities, and the pairs who were to meet: some met, others not."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    at = datetime.fromisoformat(truth["as_of"]) - timedelta(days=KEPT_DAYS)
    binders = sorted({one for each in truth["binders"]["communities"].values() for one in each})
    first = _first_contacts(folder)
    met = [pair for pair in combinations(binders, 2) if pair in first and first[pair] > at.isoformat()][:MET]
    chosen = sorted([*dict.fromkeys([*(one for pair in met for one in pair), *binders])][:CHAMPIONS_KEPT])
    apart = [pair for pair in combinations(chosen, 2) if pair not in first][:MET]
    people = tuple(_id(one) for one in chosen)
    readers = Audience("private", people=(_id(KEEPER), *people))
    kept = Community(
        id=f"{CHAMPIONS}:demo",
        source=CHAMPIONS,
        name="Champions of sharing",
        members=people,
        leads=(_id(KEEPER),),
        audience=readers,
    )
    store.apply([Source(id=CHAMPIONS, audience=Audience("private")), kept])
    for one, other in (*met, *apart):
        store.state(Introduction(community=kept.id, one=_id(one), other=_id(other), at=at))


def _first_contacts(folder: Path) -> dict[tuple[str, str], str]:
    """Two people, the smaller id first -> when one of them first did something to what the other wrote."""
    wrote = {one["id"]: one["authors"] for one in _lines(folder / "posts.jsonl")}
    first: dict[tuple[str, str], str] = {}
    for act in _lines(folder / "interactions.jsonl"):
        for other in wrote.get(act["object"], ()) if act["verb"] not in ("view", "like") else ():
            pair = min(act["actor"], other), max(act["actor"], other)
            first[pair] = min(first.get(pair, act["created_at"]), act["created_at"])
    return first


def _put(subject: Subject, asker: str, number: int, end: datetime) -> PutQuestion:
    at = end - timedelta(days=2 + EVERY_DAYS * number, hours=number % 9)
    return PutQuestion(
        question=f"demo-{subject.id}",
        person=_id(asker),
        text=subject.ask,
        community="" if number % 3 == 0 else _id(subject.community),
        anonymous=number % 7 == 2,
        asked_at=at.isoformat(),
        answered=False,
        answer="",
        at=at,
    )


def _reach(store: Store, put: PutQuestion, person: str, went: Went) -> None:
    day = put.at.date().isoformat()
    store.state(Routed(question=put.question, person=put.person, subject=_id(person), day=day, went=went, at=put.at))


def _help(store: Store, put: PutQuestion, person: str) -> None:
    """Whoever asked turned to somebody, and says a day later that it helped."""
    asked, day = put.person, put.at.date().isoformat()
    store.state(Ask(person=asked, subject=_id(person), day=day, text=put.text, why="", at=put.at))
    later = put.at + timedelta(days=1)
    store.state(Feedback(person=asked, subject=_id(person), text=put.text, helpful=True, at=later))


def _id(local: str) -> str:
    return f"{SOURCE}:{local}"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
