"""Champions beside the declared leads; who leads next; who is asked for advice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from expertfinder.errors import SourceError
from expertfinder.evaluation.figures import Figure, Run, figure
from expertfinder.evaluation.network.truth import SOURCE, declared, evidence, name_of, records, rows_of, who_acted
from expertfinder.index.network.graph import Network, acts_between, build_network, ties
from expertfinder.recommend.network.champions import (
    ASKED_WEIGHT,
    Candidate,
    asked_by,
    everybody_ranked,
    here,
    members_ranked,
    moment,
    standing,
)
from expertfinder.vocabulary import vocabulary

EPOCH = date(1970, 1, 1)
FEWEST_MEMBERS = 5
"""Members with evidence, in the default convention: in smaller groups any order is nearly right (a random one has an
R-precision of .3 and more). Published figures of the open sets were made so."""
OPEN_FEWEST = 3
"""Members, for a community to be asked about in the open pool."""
PARTS = ("turned_to", "asked_by", "topic", "active")
"""Of a champion's score, as `Candidate` names them."""
Measures = dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampionFigures:
    """AP, R-precision and MRR of the declared leads, with the 95 % interval over communities, by convention.

    `members`: communities with a lead and at least `FEWEST_MEMBERS` members with evidence, ranked over those (the
    default); `all`: every community with a lead, over all of its members; `open`: over everybody.
    """

    folder: str
    communities: dict[str, int]
    figures: dict[str, Measures]
    ablation: dict[str, Figure]
    """Part -> the mean AP without it less that with it, over the communities of the default convention, paired."""
    run: Run
    """Of every community with members: community -> members, best first."""


def average_precision(ranked: Sequence[int], relevant: Collection[int]) -> float:
    """Mean precision at the places of those who are relevant."""
    hits = [place for place, person in enumerate(ranked, 1) if person in relevant]
    return sum(n / place for n, place in enumerate(hits, 1)) / len(relevant)


def _less(without: Sequence[float], whole: Sequence[float]) -> Figure:
    return figure([one - other for one, other in zip(without, whole, strict=True)])


def precision_figures(rankings: Sequence[tuple[Sequence[int], Collection[int]]]) -> Measures:
    """AP, R-precision, MRR over (ranking, relevant) pairs."""
    values: dict[str, list[float]] = {"AP": [], "R-precision": [], "MRR": []}
    for ranked, relevant in rankings:
        hits = [place for place, person in enumerate(ranked, 1) if person in relevant]
        values["AP"].append(average_precision(ranked, relevant))
        values["R-precision"].append(sum(place <= len(relevant) for place in hits) / len(relevant))
        values["MRR"].append(1 / hits[0] if hits else 0.0)
    return {name: figure(each) for name, each in values.items()} if rankings else {}


def evaluate_champions(folder: Path) -> ChampionFigures:
    """Rank the members of each declared community. Raises `SourceError` where a set declares no lead."""
    tier = evidence(folder)
    network = build_network(tier, vocabulary())
    then, acted = moment(network, vocabulary()), who_acted(tier)
    held: dict[str, list[tuple[Sequence[int], Collection[int]]]] = {"members": [], "all": [], "open": []}
    run: Run = {}
    precision: dict[str, list[float]] = {part: [] for part in ("all", *PARTS)}
    for group in declared(folder, tier):
        about, place = network.words.scores(group.about), f"{SOURCE}:{group.id}"
        ranked = members_ranked(then, np.array(group.members, np.int64), about, place=place)
        run[group.id] = [(name_of(tier, one.person), one.score) for one in ranked]
        leads = set(group.leads) & set(group.members)
        if leads:
            held["all"].append(([one.person for one in ranked], leads))
        known = [person for person in group.members if acted[person]]
        if leads & set(known) and len(known) >= FEWEST_MEMBERS:
            among = members_ranked(then, np.array(known, np.int64), about, place=place)
            held["members"].append(([one.person for one in among], leads & set(known)))
            for part, values in precision.items():
                order = sorted(among, key=lambda one: (-round(one.score - getattr(one, part, 0.0), 9), one.person))
                values.append(average_precision([one.person for one in order], leads & set(known)))
        shown = {person for person in group.leads if acted[person]}
        if shown and len(group.members) >= OPEN_FEWEST:
            held["open"].append(([one.person for one in everybody_ranked(then, about, place=place)], shown))
    if not held["all"] and not held["open"]:
        raise SourceError("no community of this set has a lead", file=str(folder / "communities.jsonl"))
    return ChampionFigures(
        folder=folder.name,
        communities={name: len(rankings) for name, rankings in held.items()},
        figures={name: precision_figures(rankings) for name, rankings in held.items()},
        ablation={part: _less(precision[part], precision["all"]) for part in PARTS if precision["all"]},
        run=run,
    )


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

    Posts, acts and ties are of earlier days, and so are the counts of words; the words that say what a community is
    about are the set's own, of its last day.
    """
    tier = evidence(folder)
    network = build_network(tier, vocabulary())
    about = {group.id: group.about for group in declared(folder, tier)}
    found: dict[str, list[tuple[bool, bool]]] = {"alone": [], "aside": [], "first": []}
    for record in records(folder / "leads_timeline.jsonl"):
        before = float((date.fromisoformat(record["as_of"][:10]) - EPOCH).days)
        if before > tier.as_of + 1:
            continue
        ranked_then = ranked_before(network, before, about.get(record["community"], ""), place=record["community"])
        alone = [one.person for one in ranked_then]
        leads, now = rows_of(record["leads"], tier), rows_of(record.get("incumbent"), tier)
        aside = [person for person in alone if person not in now]
        for name, ranked in (("alone", alone), ("aside", aside), ("first", [*now, *aside])):
            found[name].append((bool(ranked) and ranked[0] in leads, bool(record.get("change"))))
    if not found["alone"]:
        raise SourceError("no decision lies within the evidence", file=str(folder / "leads_timeline.jsonl"))
    return NextLeadFigures(
        folder=folder.name,
        decisions=len(found["alone"]),
        changes=sum(change for _, change in found["alone"]),
        figures={name: _hits(each) for name, each in found.items()},
    )


def ranked_before(network: Network, before: float, about: str, *, place: str) -> list[Candidate]:
    """Those who acted in a community before a day (days since 1970), best first, as one would have ranked them then."""
    then = moment(network, vocabulary(), before=before)
    where = f"{SOURCE}:{place}"
    earlier, scores = np.flatnonzero(then.post_decay > 0), np.zeros(len(network.tier.posts))
    scores[earlier] = network.words.of(earlier).scores(about)
    return members_ranked(then, np.unique(then.who[here(then, where)]), scores, place=where)


def _hits(found: Sequence[tuple[bool, bool]]) -> dict[str, Figure]:
    changed = [float(hit) for hit, change in found if change]
    return {
        "P@1": figure([float(hit) for hit, _ in found]),
        **({"P@1 on changes": figure(changed)} if changed else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFigures:
    """AUC of standing for being among those who are asked most, by two readings of "the top decile"."""

    folder: str
    people: int
    auc: dict[str, float]
    top: Mapping[str, int]


WORKED = ("co_work",)
"""The acts that the figure is made of: who names whom as a co-worker; never who is asked."""
DECILE = 0.1


def evaluate_authority(folder: Path) -> AuthorityFigures:
    """Who is asked for advice, by who works with whom alone. The truth is `advice_gold.jsonl` of the set."""
    tier = evidence(folder)
    people = len(tier.people)
    asked = np.zeros(people)
    for record in records(folder / "advice_gold.jsonl"):
        for row in rows_of([record.get("object")], tier):
            asked[row] += 1
    turned, _ = acts_between(tier, vocabulary(), verbs=WORKED)
    matrix, everyone = ties(turned, people), np.arange(people)
    found = standing(matrix, everyone) + ASKED_WEIGHT * asked_by(matrix, everyone)
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
