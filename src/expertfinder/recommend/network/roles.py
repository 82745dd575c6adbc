"""What somebody is for the others: champion, curator, connector, rising contributor, newcomer, reader. Rules, in words.

Made of the shared tier alone. A role is a hint, said with its grounds, and no judgement; one may have several or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from expertfinder.configuration import languages
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.network.view import NetworkView
from expertfinder.index.snapshot import day_of
from expertfinder.recommend.network.champion_set import FEWEST, SURE, members_ranked
from expertfinder.recommend.sentences import Sentence

CHAMPION = Sentence("{asking} of the {members} people of {community} turned to them.")
CURATOR = Sentence("{kept} of the {all} things they did where all may read were answers, links, collections or edits.")
CONNECTOR = Sentence("{inside} of their {contacts} contacts are in {groups} informal communities.")
READER = Sentence("Has written nothing that everybody may read.")
NEWCOMER = Sentence("What everybody may read of them begins on {day}.")
RISING = Sentence(
    "Did {late} things that all may read in the 91 days before {day}, and {before} in the 365 days before those."
)

RoleName = Literal["champion", "curator", "connector", "rising contributor", "newcomer", "reader"]

FIRST = 3
"""First places among the members of a community that make somebody a champion."""
CURATING = ("answered", "curated", "edited")
"""Families of acts that keep what others wrote in order and alive."""
CURATED_FEWEST, CURATED_SHARE = 5, 0.5
"""Acts of these families, and their share of all that one did, for a curator."""
CONTACTS_FEWEST, PARTICIPATION = 5, 0.5
"""Contacts, and participation coefficient, from which on somebody is a connector. At .5 the ties are spread as if over
two groups evenly. Guimera and Amaral 2005 call nodes with many ties connectors from .3 to .75, others from .62 on."""
LATE_DAYS, BEFORE_DAYS = 91.0, 365.0
"""Days of the last quarter, and of the year before it, which are compared for somebody rising. Not measured."""
RISING_FEWEST, RISING_TIMES = 5, 2.0
"""Acts within the last quarter, and how many times the year before's pace that is, for somebody rising."""
NEW_DAYS = 182.0
"""Days since one's first trace, for a newcomer: half a year. Not measured, as no number of this file is."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role, and why."""

    name: RoleName
    text: str
    community: str = ""
    """Where, for a champion."""


def roles_of(net: NetworkView, row: int, words: dict[str, str]) -> tuple[Role, ...]:
    """The roles of a person. `words`: verb -> family of the vocabulary."""
    ties = net.seen.snapshot.ties
    mine = np.flatnonzero((ties.act_person == row) & net.acts)
    day, verb = np.asarray(ties.act_day[mine]), np.asarray(ties.act_verb[mine])
    found = [*_champion(net, row)]
    found += _curator(ties.verbs, verb, words)
    found += _connector(net, row)
    if not _own(ties.verbs)[verb].any():
        return tuple(found) if _since(net, row) else (*found, Role("reader", READER()))
    ever = np.asarray(ties.act_day[net.acts])
    as_of = net.seen.snapshot.manifest.as_of
    undated = bool(np.isnan(day).any())
    span = float(np.nanmax(as_of - ever, initial=0.0))
    found += _by_time(as_of, as_of - day[~np.isnan(day)], span=span, undated=undated)
    return tuple(found)


def _since(net: NetworkView, row: int) -> bool:
    """Whether somebody has a part in a post that came, or was opened to all, since the snapshot was built.

    A post of the build may be read again for an act that not everybody may see; that is to move nothing.
    """
    snapshot, seen = net.seen.snapshot, net.seen
    fresh = snapshot.fresh.segment
    mine = np.flatnonzero((fresh.act_person == row) & seen.shared[fresh.act_audience])
    posts = fresh.posts_of(mine)
    names = {fresh.ids[post] for post in posts[seen.shared[fresh.audience[posts]]].tolist()}
    return int(snapshot.shared.has(names).sum()) < len(names)


def _own(verbs: list[str]) -> np.ndarray:
    """bool [verbs]: whether an act of the verb is evidence of whoever acts."""
    known = vocabulary().verbs
    return np.array([known[name].weight > 0 and known[name].credits == "actor" for name in verbs], bool)


def _champion(net: NetworkView, row: int) -> list[Role]:
    """A role for each community where the person is among the first, and `SURE` people or more turn to them."""
    roles = []
    for column in sp.csr_matrix(net.member[[row]]).indices.tolist():
        community, members = net.communities[column], net.members(column)
        if len(members) <= FEWEST:
            continue
        asking = int((net.turned_to[members][:, [row]]).nnz)
        if asking < SURE:
            continue
        ranked = members_ranked(net, community.id)
        place = next((n for n, one in enumerate(ranked, 1) if one.person == row), len(members))
        if place <= FIRST:
            text = CHAMPION(asking=asking, community=community.name, members=len(members))
            roles.append(Role("champion", text, community.id))
    return roles


def _curator(verbs: list[str], verb: np.ndarray, words: dict[str, str]) -> list[Role]:
    families = np.array([words.get(name, "") in CURATING for name in verbs], bool)
    kept = int(families[verb].sum())
    if kept < CURATED_FEWEST or kept < CURATED_SHARE * len(verb):
        return []
    return [Role("curator", CURATOR(kept=kept, all=len(verb)))]


def _connector(net: NetworkView, row: int) -> list[Role]:
    """By the spread of one's ties over detected communities: one minus the sum of squared shares."""
    ties = net.seen.snapshot.ties
    tied = sp.csr_matrix(net.mutual[[row]])
    known = tied.indices[tied.indices < ties.strength.shape[0]]
    if len(tied.indices) < CONTACTS_FEWEST or not ties.detected:
        return []
    inside = sp.csr_matrix(ties.strength[known])
    home = np.asarray(inside.argmax(axis=1)).ravel()[np.diff(inside.indptr) > 0]
    share = np.bincount(home) / max(len(home), 1)
    participation = 1.0 - float((share**2).sum()) if len(home) else 0.0
    if participation < PARTICIPATION:
        return []
    groups = int((share > 0).sum())
    return [Role("connector", CONNECTOR(contacts=len(tied.indices), inside=len(home), groups=groups))]


def _by_time(as_of: float, age: np.ndarray, *, span: float, undated: bool) -> list[Role]:
    """By the ages of one's acts in days. `span`: the age of the oldest act of anybody.

    In an organisation younger than `NEW_DAYS` nobody is called a newcomer, as all are new. `undated`: whether the
    person has acts without a day, too; these may be of any time, so nobody with such acts is called a newcomer.
    """
    if not len(age):
        return []
    first = float(age.max())
    if first < NEW_DAYS:
        new = span >= NEW_DAYS and not undated
        return [Role("newcomer", NEWCOMER(day=languages.day(day_of(as_of - first))))] if new else []
    late = int(((age >= 0) & (age < LATE_DAYS)).sum())
    before = int(((age >= LATE_DAYS) & (age < LATE_DAYS + BEFORE_DAYS)).sum())
    pace = before * LATE_DAYS / BEFORE_DAYS
    if late >= RISING_FEWEST and late >= RISING_TIMES * max(pace, 1.0):
        return [Role("rising contributor", RISING(late=late, day=languages.day(day_of(as_of)), before=before))]
    return []
