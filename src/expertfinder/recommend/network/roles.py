"""What somebody is for the others: champion, curator, connector, rising contributor, newcomer, reader. Rules, in words.

Made of the shared tier alone. A role is a hint, said with its grounds, and no judgement; one may have several or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.network.view import NetworkView
from expertfinder.recommend.network.champion_set import FEWEST, SURE, members_ranked

RoleName = Literal["champion", "curator", "connector", "rising contributor", "newcomer", "reader"]

FIRST = 3
"""Places among the members of a community, for a champion."""
CURATING = ("answered", "curated", "edited")
"""Families of acts that keep what others wrote in order and alive."""
CURATED_FEWEST, CURATED_SHARE = 5, 0.5
"""Acts of these families, and their share of all that one did, for a curator."""
CONTACTS_FEWEST, PARTICIPATION = 5, 0.5
"""Contacts, and participation coefficient, for a connector: with .5 the ties are spread as if over two groups evenly
(Guimera and Amaral 2005 call nodes from .3 to .75 connectors when they have many ties, others from .62 on)."""
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
        return (*found, Role("reader", "Has written nothing that everybody may read; most people read."))
    ever = np.asarray(ties.act_day[net.acts])
    as_of = net.seen.snapshot.manifest.as_of
    found += _by_time(as_of - day[~np.isnan(day)], span=float(np.nanmax(as_of - ever, initial=0.0)))
    return tuple(found)


def _own(verbs: list[str]) -> np.ndarray:
    """bool, a row a verb: to do it is evidence of one's own."""
    known = vocabulary().verbs
    return np.array([known[name].weight > 0 and known[name].credits == "actor" for name in verbs], bool)


def _champion(net: NetworkView, row: int) -> list[Role]:
    """Of each community in which the person is among the first and is turned to by several."""
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
            text = f"{asking} people of {community.name} turned to them; place {place} of {len(members)} there."
            roles.append(Role("champion", text, community.id))
    return roles


def _curator(verbs: list[str], verb: np.ndarray, words: dict[str, str]) -> list[Role]:
    families = np.array([words.get(name, "") in CURATING for name in verbs], bool)
    kept = int(families[verb].sum())
    if kept < CURATED_FEWEST or kept < CURATED_SHARE * len(verb):
        return []
    return [Role("curator", f"{kept} of the {len(verb)} things they did were answers, links, collections or edits.")]


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
    return [Role("connector", f"Their {len(tied.indices)} contacts are spread over {groups} groups.")]


def _by_time(age: np.ndarray, *, span: float) -> list[Role]:
    """By the ages of one's acts in days. `span`: that of the oldest act of all; in a young organisation all are new."""
    if not len(age):
        return []
    first = float(age.max())
    if first < NEW_DAYS:
        return [Role("newcomer", f"Their first trace here is {first:.0f} days old.")] if span >= NEW_DAYS else []
    late = int((age < LATE_DAYS).sum())
    before = int(((age >= LATE_DAYS) & (age < LATE_DAYS + BEFORE_DAYS)).sum())
    pace = before * LATE_DAYS / BEFORE_DAYS
    if late >= RISING_FEWEST and late >= RISING_TIMES * max(pace, 1.0):
        text = f"Did {late} things in the last quarter, {late / max(pace, 1.0):.1f} times the pace of the year before."
        return [Role("rising contributor", text)]
    return []
