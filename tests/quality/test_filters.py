"""The words of confidence mean under a filter what they mean without (decision 0030)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from expertfinder import ExpertFinder
from expertfinder.evaluation.ranking import judged
from expertfinder.model import SHARED


def test_high_is_right_at_a_place_and_not_said_where_nobody_there_knows(demo_set: Path, demo_home: Path) -> None:
    finder = ExpertFinder.open(demo_home)
    people = {person.id: person.location for person in finder.snapshot.people}
    asked = judged(demo_set)
    right: defaultdict[str, list[bool]] = defaultdict(list)
    in_vain: defaultdict[str, int] = defaultdict(int)
    for name, query in asked.asked:
        who = None if query.asker is None else f"demo:{query.asker.split(':', 1)[1]}"
        knows = {f"demo:{person}" for person, grade in asked.truth[name].items() if grade > 0}
        for value in sorted(set(people.values()) - {""}):
            answer = finder.find(replace(query, asker=who, limit=3, place=value), SHARED)
            word = answer.confidence.value if answer.confidence else "nobody"
            there = {person for person in knows if people[person] == value}
            right[word].append(bool(there & {one.subject for one in answer.recommendations}))
            in_vain[word] += not there
    finder.close()
    share = {word: sum(hits) / len(hits) for word, hits in right.items()}
    assert share["high"] >= 0.80
    assert share["high"] >= share["medium"] >= share["low"]
    assert in_vain["high"] <= 0.03 * sum(in_vain.values())
