"""Whether a slate of five, from what was known before, has the one who was later chosen to lead.

    python scripts/slates.py FOLDER            (a set with leads_timeline.jsonl, or with leads_later in its communities)

For each decision of the timeline that changed the lead, an organisation is made of the facts before that day, and asked
a talent question with one need: the name of the team. Beside it stand the five most active of the team (who wrote or
acted most in its posts) and of the whole organisation, on the same decisions. A set with `leads_later` alone is asked
once, as of its last day. The truth is never evidence, and nothing here tells the product who leads.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.talent import Need, Talent
from expertfinder.evaluation.figures import figure
from expertfinder.evaluation.network.champions import as_it_was
from expertfinder.evaluation.network.truth import EVERYTHING, known, records
from expertfinder.evaluation.sets import SOURCE, evidence, world
from expertfinder.model import Community, Fact, Interaction, Post

SIZE = 5
"""People in a slate, as many as the baselines name."""
PURPOSE = "evaluation"
"""The purpose that the organisation of an evaluation names."""
Row = dict[str, float]


def most_active(facts: Iterable[Fact]) -> tuple[Counter[str], defaultdict[str, Counter[str]]]:
    """How often each person wrote or acted, in all and by the community of the post."""
    everywhere: Counter[str] = Counter()
    there: defaultdict[str, Counter[str]] = defaultdict(Counter)
    place: dict[str, str] = {}
    acts = []
    for fact in facts:
        if isinstance(fact, Post):
            place[fact.id] = fact.community
            for author in fact.authors:
                everywhere[author] += 1
                there[fact.community][author] += 1
        elif isinstance(fact, Interaction):
            acts.append(fact)
    for act in acts:
        everywhere[act.actor] += 1
        if act.object in place:
            there[place[act.object]][act.actor] += 1
    return everywhere, there


def first(counts: Counter[str]) -> set[str]:
    """The five with most, equal ones by id."""
    return {person for person, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:SIZE]}


def asked(finder: ExpertFinder, facts: Sequence[Fact], teams: Iterable[tuple[str, str, set[str]]]) -> Iterator[Row]:
    """For each team (its id, its name, who was chosen) whether each way has one who was chosen."""
    everywhere, there = most_active(facts)
    talent = Talent(Networking(finder), (PURPOSE,))
    for team, name, chosen in teams:
        slate = talent.slate([Need(skill=name)], EVERYTHING, purpose=PURPOSE, size=SIZE, actor=PURPOSE)
        yield {
            "slate": float(bool(chosen & {one.person for one in slate.people})),
            "five of the team": float(bool(chosen & first(there[team]))),
            "five of the organisation": float(bool(chosen & first(everywhere))),
        }


def over_time(folder: Path) -> list[Row]:
    """The decisions of a timeline that changed the lead, within the days of the evidence."""
    facts = evidence(folder, communities=True)
    names = {fact.id: fact.name for fact in facts if isinstance(fact, Community)}
    dated = [fact.created_at.date() for fact in facts if isinstance(fact, Post | Interaction) and fact.created_at]
    days: defaultdict[date, list[tuple[str, list[str]]]] = defaultdict(list)
    for record in records(folder / "leads_timeline.jsonl"):
        if record.get("change"):
            day = date.fromisoformat(record["as_of"][:10])
            days[day].append((f"{SOURCE}:{record['community']}", record["leads"]))
    found: list[Row] = []
    for day in sorted(days):
        if day > max(dated) + timedelta(days=1):
            continue
        was = as_it_was(facts, day, sorted(team.partition(":")[2] for team, _ in days[day]))
        with world(was, as_of=day) as finder:
            teams = [
                (team, names.get(team) or team.partition(":")[2], set(known(leads, finder.snapshot)))
                for team, leads in days[day]
            ]
            found += asked(finder, was, teams)
        print(day, {name: round(float(np.mean([row[name] for row in found])), 3) for name in found[0]}, flush=True)
    return found


def once(folder: Path) -> list[Row]:
    """The leads that came later, asked once from all the evidence: the set does not say when each of them came."""
    facts = [fact for fact in evidence(folder, communities=True) if not isinstance(fact, Community)]
    with world(facts) as finder:
        teams = []
        for record in records(folder / "communities.jsonl"):
            later = set(known(record.get("leads_later"), finder.snapshot))
            if later:
                teams.append((f"{SOURCE}:{record['id']}", str(record["name"]), later))
        return list(asked(finder, facts, teams))


def main(folder: Path) -> None:
    """Print each share with its interval, and the differences, paired."""
    rows = over_time(folder) if (folder / "leads_timeline.jsonl").exists() else once(folder)
    print(f"{folder.name}: {len(rows)} decisions")
    for name in rows[0]:
        print(f"  {name:28} {figure([row[name] for row in rows])}")
    for name in ("five of the team", "five of the organisation"):
        print(f"  slate less {name:17} {figure([row['slate'] - row[name] for row in rows])}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
