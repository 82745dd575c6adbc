"""Champions beside the declared leads; who leads next; who is asked for advice. All are asked of the product itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from expertfinder.ask.network import Networking
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import SourceError
from expertfinder.evaluation.figures import Figure, Run, figure
from expertfinder.evaluation.network.truth import EVERYTHING, Declared, declared, known, plain, records, who_acted
from expertfinder.evaluation.sets import SOURCE, evidence, world
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import ORGANISATION, Community, Fact, Interaction, Post, Recommendation
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.recommend.network.champions import WEIGHTS

FEWEST_MEMBERS = 5
"""Members with evidence, in the default convention: in smaller groups any order is nearly right (a random one has an
R-precision of .3 and more). Published figures of the open sets were made so."""
OPEN_FEWEST = 3
"""Members, for a community to be asked about in the open pool."""
PARTS = tuple(WEIGHTS)
"""The parts of a champion's score, as its reasons name them."""
SET = Championship().size
"""Champions in the set that users get when they do not say how many."""
Measures = dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampionFigures:
    """AP, R-precision and MRR of the declared leads, with the 95 % interval over communities, by convention.

    `members`: communities with a lead and at least `FEWEST_MEMBERS` members with evidence, ranked over those (the
    default); `all`: every community with a lead, over all of its members; `open`: over everybody, asked with the
    community's name and description as the topic. A declared lead may have rested for a year, so these three ask for
    people who did nothing of late, too; the sets do not. A lead whom the product cannot make a champion is never found.
    """

    folder: str
    communities: dict[str, int]
    figures: dict[str, Measures]
    sets: Measures
    """Of the sets of `SET` that users get, over the communities of the default convention: how often a lead is in it,
    and which share of the leads is."""
    ablation: dict[str, Figure]
    """Part -> the mean AP without it minus that with it, over the communities of the default convention, paired."""
    run: Run
    """Of every community with members: community -> those who can be champions, best first."""


def average_precision(ranked: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Mean precision at the places of the relevant, of whom there must be one. Who is not ranked counts 0."""
    hits = [place for place, person in enumerate(ranked, 1) if person in relevant]
    return sum(n / place for n, place in enumerate(hits, 1)) / len(relevant)


def _less(without: Sequence[float], whole: Sequence[float]) -> Figure:
    return figure([one - other for one, other in zip(without, whole, strict=True)])


def precision_figures(rankings: Sequence[tuple[Sequence[Hashable], Collection[Hashable]]]) -> Measures:
    """AP, R-precision, MRR over (ranking, relevant) pairs."""
    values: dict[str, list[float]] = {"AP": [], "R-precision": [], "MRR": []}
    for ranked, relevant in rankings:
        hits = [place for place, person in enumerate(ranked, 1) if person in relevant]
        values["AP"].append(average_precision(ranked, relevant))
        values["R-precision"].append(sum(place <= len(relevant) for place in hits) / len(relevant))
        values["MRR"].append(1 / hits[0] if hits else 0.0)
    return {name: figure(each) for name, each in values.items()} if rankings else {}


def evaluate_champions(folder: Path) -> ChampionFigures:
    """Ask for the champions of each declared community. Raises `SourceError` where a set declares no lead.

    The organisation is made of the evidence of the set and of the communities with their members, without their leads.
    """
    with world(evidence(folder, communities=True)) as finder:
        return _champions(folder, Networking(finder), declared(folder, finder.snapshot), _acted(finder.snapshot))


def _acted(snapshot: Snapshot) -> frozenset[str]:
    """The ids of those who wrote a post or did something to one."""
    return frozenset(snapshot.people[row].id for row in np.flatnonzero(who_acted(snapshot)).tolist())


def _champions(
    folder: Path, network: Networking, groups: Sequence[Declared], acted: Collection[str]
) -> ChampionFigures:
    held: dict[str, list[tuple[Sequence[str], Collection[str]]]] = {"members": [], "all": [], "open": []}
    run: Run = {}
    precision: dict[str, list[float]] = {part: [] for part in ("all", *PARTS)}
    sets: dict[str, list[float]] = {"a lead is in it": [], "share of the leads": []}
    for group in groups:
        asked = Championship(community=group.id)
        ranked = network.candidates(replace(asked, inactive=True), EVERYTHING).recommendations
        run[plain(group.id)] = [(plain(one.subject), one.score) for one in ranked]
        leads = set(group.leads) & set(group.members)
        if leads:
            held["all"].append(([one.subject for one in ranked], leads))
        active = [person for person in group.members if person in acted]
        shown = leads & set(active)
        if shown and len(active) >= FEWEST_MEMBERS:
            among = [one for one in ranked if one.subject in acted]
            held["members"].append(([one.subject for one in among], shown))
            for part, values in precision.items():
                values.append(average_precision(_without(among, part), shown))
            found = {one.subject for one in network.champions(asked, EVERYTHING).ranking.recommendations}
            sets["a lead is in it"].append(float(bool(found & shown)))
            sets["share of the leads"].append(len(found & shown) / min(len(shown), SET))
        leading = {person for person in group.leads if person in acted}
        if leading and len(group.members) >= OPEN_FEWEST:
            anybody = network.candidates(Championship(topic=group.about, inactive=True), EVERYTHING).recommendations
            held["open"].append(([one.subject for one in anybody], leading))
    if not held["all"] and not held["open"]:
        raise SourceError("no community of this set has a lead", file=str(folder / "communities.jsonl"))
    return ChampionFigures(
        folder=folder.name,
        communities={name: len(rankings) for name, rankings in held.items()},
        figures={name: precision_figures(rankings) for name, rankings in held.items()},
        sets={name: figure(values) for name, values in sets.items() if values},
        ablation={part: _less(precision[part], precision["all"]) for part in PARTS if precision["all"]},
        run=run,
    )


def _without(ranked: Sequence[Recommendation], part: str) -> list[str]:
    """Ids of the same people, ordered by the sum of all parts but `part`, equal ones by id."""

    def rest(one: Recommendation) -> float:
        return sum(reason.value for reason in one.reasons if reason.part != part)

    return [one.subject for one in sorted(ranked, key=lambda one: (-round(rest(one), 9), one.subject))]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLeadFigures:
    """Share of decisions whose lead was ranked first, all of them and those that changed the lead.

    `alone`: by the evidence before the day; `aside`: those who lead on that day set aside (who, if somebody else?);
    `first`: those who lead on that day put first. The last two are told who leads (`incumbent` of the set), which is
    known before the decision; nothing else of the set's truth is told.
    """

    folder: str
    decisions: int
    changes: int
    figures: dict[str, dict[str, Figure]]


def evaluate_next_lead(folder: Path) -> NextLeadFigures:
    """Who leads next, by what was known before each day. Decisions after the end of the evidence are left out.

    For each day of decisions an organisation is made of the facts before it, as of that day; the members of a community
    are those who had acted there. The words that say what a community is about are the set's own, of its last day.
    """
    facts = evidence(folder, communities=True)
    last = max((at.date() for at in map(_at, facts) if at is not None), default=date.max)
    decisions: defaultdict[date, list[dict]] = defaultdict(list)  # type: ignore[type-arg]
    for record in records(folder / "leads_timeline.jsonl"):
        decisions[date.fromisoformat(record["as_of"][:10])].append(record)
    found: dict[str, list[tuple[bool, bool]]] = {"alone": [], "aside": [], "first": []}
    for day, asked in sorted(decisions.items()):
        if day > last + timedelta(days=1):
            continue
        wanted = sorted({str(record["community"]) for record in asked})
        with world(as_it_was(facts, day, wanted), as_of=day) as finder:
            network = Networking(finder)
            ranked = {each: _first_to_last(network, each) for each in wanted}
            for record in asked:
                alone = ranked[str(record["community"])]
                leads, now = (known(record.get(name), finder.snapshot) for name in ("leads", "incumbent"))
                aside = [person for person in alone if person not in now]
                for name, order in (("alone", alone), ("aside", aside), ("first", [*now, *aside])):
                    found[name].append((bool(order) and order[0] in leads, bool(record.get("change"))))
    if not found["alone"]:
        raise SourceError("no decision lies within the evidence", file=str(folder / "leads_timeline.jsonl"))
    return NextLeadFigures(
        folder=folder.name,
        decisions=len(found["alone"]),
        changes=sum(change for _, change in found["alone"]),
        figures={name: _hits(each) for name, each in found.items()},
    )


def _first_to_last(network: Networking, community: str) -> list[str]:
    asked = Championship(community=f"{SOURCE}:{community}")
    return [one.subject for one in network.candidates(asked, EVERYTHING).recommendations]


def _at(fact: Fact) -> datetime | None:
    return fact.created_at if isinstance(fact, Post | Interaction) else None


def as_it_was(facts: Iterable[Fact], day: date, communities: Sequence[str]) -> list[Fact]:
    """The facts of an organisation as they were when a day began: without what is of that day, later or undated.

    `communities`: the set's own ids of those to be there, each with the people who had done something in it.
    """
    began = datetime.combine(day, time(), UTC)
    found: list[Fact] = []
    about: dict[str, Community] = {}
    place: dict[str, str] = {}
    members: defaultdict[str, set[str]] = defaultdict(set)
    acts: list[Interaction] = []
    for fact in facts:
        if isinstance(fact, Community):
            about[fact.id] = fact
            continue
        if isinstance(fact, Post | Interaction) and (fact.created_at is None or fact.created_at >= began):
            continue
        found.append(fact)
        if isinstance(fact, Post):
            place[fact.id] = fact.community
            members[fact.community].update(fact.authors)
        elif isinstance(fact, Interaction):
            acts.append(fact)
    for act in acts:
        verb = vocabulary().verb(act.verb)
        if act.object_type == "post" and act.object in place and verb is not None and verb.weighs:
            members[place[act.object]].add(act.actor)
    for each in communities:
        name = f"{SOURCE}:{each}"
        known_as = about.get(name, Community(id=name, source=SOURCE, audience=ORGANISATION))
        found.append(replace(known_as, members=tuple(sorted(members[name])), audience=ORGANISATION))
    return found


def _hits(found: Sequence[tuple[bool, bool]]) -> dict[str, Figure]:
    changed = [float(hit) for hit, change in found if change]
    return {
        "P@1": figure([float(hit) for hit, _ in found]),
        **({"P@1 on changes": figure(changed)} if changed else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFigures:
    """AUC of a champion's score as a predictor of who is asked most, by two readings of "the top decile".

    `top`: reading -> how many people are in the top decile.
    """

    folder: str
    people: int
    auc: dict[str, float]
    top: Mapping[str, int]


WORKED = ("co_work",)
"""The acts that the figure is made of: who names whom as a co-worker; never who is asked."""
DECILE = 0.1
""""The top decile" of those who are asked, as the published figures of this set take it."""


def evaluate_authority(folder: Path) -> AuthorityFigures:
    """Who is asked for advice, by who works with whom alone. The truth is `advice_gold.jsonl` of the set.

    The organisation is made of these acts, and asked who can be a champion of all of it.
    """
    facts = [fact for fact in evidence(folder) if not isinstance(fact, Interaction) or fact.verb in WORKED]
    with world(facts) as finder:
        snapshot = finder.snapshot
        people = len(snapshot.people)
        asked, found = np.zeros(people), np.zeros(people)
        for record in records(folder / "advice_gold.jsonl"):
            for person in known([record.get("object")], snapshot):
                asked[snapshot.person_rows[person]] += 1
        for one in Networking(finder).candidates(Championship(), EVERYTHING).recommendations:
            found[snapshot.person_rows[one.subject]] = one.score
    first = np.lexsort((np.arange(people), -asked))[: max(round(people * DECILE), 1)]
    readings = {"the first tenth": np.isin(np.arange(people), first), "from the 90th percentile on": _from(asked)}
    return AuthorityFigures(
        folder=folder.name,
        people=people,
        auc={name: float(roc_auc_score(top, found)) for name, top in readings.items() if 0 < top.sum() < people},
        top={name: int(top.sum()) for name, top in readings.items()},
    )


def _from(asked: np.ndarray) -> np.ndarray:
    return np.asarray(asked >= np.quantile(asked, 1 - DECILE))
