"""Who has been vouched for: by somebody who dealt with what they wrote, or by a history of their own.

Anybody can write one convincing post, approve what others wrote or copy it. What somebody did whom nobody ever turned
to counts by the days on which they did anything, and in full from a handful of days on. It is one factor on all parts
of a person's score, so a score stays the sum of its parts. Who says the same again and again, with nobody
dealing with it, counts by the share that says something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import distinct
from expertfinder.index.candidates import Candidates
from expertfinder.index.posts.segment import days
from expertfinder.model import Query

HISTORY = 4
"""Days with an act from which on somebody counts in full with whose posts nobody dealt: of a fresh account, that has
one, a quarter counts. All that passes the filters counts: of days near the question alone openstack has .016 less of
MAP, the teams of rust .006, owners-dpdk .005, and the modules of cpython .004 more."""
ACTS_ALONE = 0.5
"""What a day counts of somebody who wrote nothing near the question: to approve what others wrote takes a click."""
TRIED = 2
"""Acts of each person by which it is looked first whether they did anything on enough days, for each of these days: by
16 of 374,000 acts it is known of two thirds of the 244 people of a question to S, who did all but 241 of 17,000."""
DAY_BITS = 32
"""Bits for a day beside a person in one number: no age is as long."""
DATED = 0.5
"""Share of the acts near the question that must have a date before days are counted: where most have none, as of papers
in a bibliography, everybody did everything on no day at all, and dblp lost .036 of MAP by it. The same from .01 to .99
on the eleven open sets: in ten everything has a date, in one nothing."""
CUSTOM = 0.1
"""Share of the people near the question with whose posts somebody dealt, below which that is no custom here, and
everybody counts in full: so it is where talks and descriptions of packages are the record."""
MOSTLY = 0.5
"""Share of questions and what answers them from which on a place is a site of questions and answers: nothing that was
tried predicts a right answer on three of them (`docs/ranking.md`)."""

ALIKE = 0.85
"""Cosine from which on two posts say the same: the demo's flooder has twelve posts on a subject, then one piece (from
.9 on three), and each of the 17 others whom its answers are sure of has three quarters of their posts and more."""
SAID = frozenset({"blog", "comment", "message", "status"})
"""Kinds of posts in which whoever says it again adds nothing; commits, changes, articles and answers repeat the words
of others before them where the same work is done again (with all kinds cpython lost .007 of MAP)."""
FLOOD = 10
"""Such posts from which on it is looked even where nobody deals with anything: so many alarms make a machine that no
list knows, and of ten reports a person writes most in other words (with replies se-ai lost .006 of MAP)."""
REPEATS = 4
"""Posts near a question from which on it is looked whether they say the same: two alike are soon written."""


@dataclass(frozen=True)
class Vouched:
    """Who dealt with whose posts near a question, and on how many days somebody did anything: of what a viewer may read
    and filters let pass alone."""

    view: View
    query: Query
    found: Candidates

    @cached_property
    def own(self) -> np.ndarray:
        """bool [acts]: of an author on their post."""
        return np.asarray(self.found.act_family == self.view.snapshot.families.index("authored"))

    @cached_property
    def authors(self) -> np.ndarray:
        """bool [people]: somebody else did something to one of the posts near the question that they wrote."""
        found, people = self.found, len(self.view.people)
        others = np.flatnonzero(~self.own & self.view.people[found.act_person])
        lowest, highest = np.full(len(found.posts), people), np.full(len(found.posts), -1)
        np.minimum.at(lowest, found.act_post[others], found.act_person[others])
        np.maximum.at(highest, found.act_post[others], found.act_person[others])
        # Somebody else did where the lowest or the highest row among who did anything is not the author's own.
        post, author = found.act_post[self.own], found.act_person[self.own]
        result = np.zeros(people, bool)
        result[author[(highest[post] >= 0) & ((lowest[post] != author) | (highest[post] != author))]] = True
        return result

    @cached_property
    def turned_to(self) -> np.ndarray:
        """bool [people]: somebody whom this viewer may find dealt with something that they wrote, thanked or replied;
        of a question with filters, with a post near it."""
        if self.query.filtered or self.query.of_some:
            return self.authors
        told = self.view.snapshot.turned_to.without(self.query.exclude_posts)
        return told.people(self.view.audiences, self.view.people)

    @cached_property
    def has_days(self) -> bool:
        """Whether most of what people did near the question has a date: otherwise days tell nothing of anybody."""
        found = self.found
        seen = found.act_dated[self.view.people[found.act_person]]
        return not len(seen) or bool(seen.mean() >= DATED)

    @cached_property
    def _near(self) -> np.ndarray:
        """int64: rows of the people who did something near the question."""
        return distinct(self.found.act_person[self.view.people[self.found.act_person]])

    @cached_property
    def is_custom(self) -> bool:
        """Whether people near the question deal with what others wrote, so that it says something of whom they do."""
        return bool(len(self._near)) and bool(self.authors[self._near].mean() >= CUSTOM)

    @cached_property
    def tells(self) -> bool:
        """Whether it says something of people that others deal with what they write: not where most of the posts near
        the question, comments aside, are questions and answers, and nobody does anything but write more of them."""
        if self.is_custom:
            return True
        tiers, posts = self.view.snapshot.tiers, self.found.posts
        every = [
            (kind, bool(root))
            for kind, root in zip(tiers.column("kinds", posts), tiers.column("roots", posts), strict=True)
        ]
        asked = sum(kind == "question" or (kind == "answer" and replies) for kind, replies in every)
        return bool(asked <= MOSTLY * sum(kind != "comment" for kind, _ in every))

    @cached_property
    def counts(self) -> np.ndarray:
        """float64 [people]: how much what each of them did counts, above 0 and at most 1."""
        found, people, near = self.found, len(self.view.people), self._near
        whole = np.ones(people)
        if not self.is_custom:
            return self._said_otherwise(FLOOD)
        if not self.has_days:
            return self._said_otherwise(REPEATS)
        own_days = _days(found.act_person, found.act_age, people)
        few = near[~self.authors[near] & (own_days[near] < HISTORY)]
        own_days[few] = self.days_of(few, enough=ceil(HISTORY / ACTS_ALONE))
        wrote = np.zeros(people, bool)
        wrote[found.act_person[self.own]] = True
        counted = np.clip(own_days, 1, None) * np.where(wrote, 1.0, ACTS_ALONE)
        history = np.where(self.authors, whole, np.minimum(counted, HISTORY) / HISTORY)
        whole[near] = history[near]
        return np.asarray(np.minimum(whole, self._said_otherwise(REPEATS)))

    def quiet_for(self, person: int) -> float:
        """For how many days somebody has done nothing that this viewer may read, and that passes the filters; what is
        undated is as old as the middle of the record."""
        query, snapshot = self.query, self.view.snapshot
        if not (query.filtered or query.of_some or query.until is not None):
            newest = snapshot.last_acts.newest(person, self.view.audiences)
            return float(snapshot.manifest.ages(np.array([newest]))[0])
        _, ages, _ = self._acts_of(np.array([person]))
        return float(ages.min(initial=np.inf))

    def days_of(self, few: np.ndarray, *, enough: int) -> np.ndarray:
        """int64: on how many days each of some people (rows) did anything that counts for this viewer and passes the
        filters, near the question or not; of who did on more than `enough`, so many at least.

        A few acts of each tell that of nearly all who did much, so only of the others all acts are looked at.
        """
        found = self._days_of(few, most=TRIED * enough)
        unsure = np.flatnonzero(found < enough)
        found[unsure] = self._days_of(few[unsure])
        return found

    def _days_of(self, people: np.ndarray, most: int | None = None) -> np.ndarray:
        """The same by all acts of each, or by `most`."""
        person, ages, weighs = self._acts_of(people, most)
        return np.asarray(_days(person[weighs], ages[weighs], len(self.view.people))[people])

    def _acts_of(self, people: np.ndarray, most: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of the acts of some people, or of `most` of each, that this viewer may read and that pass the filters: whose
        each is, how many days old, and whether it counts at all."""
        query = self.query
        every = self.view.acts_of(people, query, most=most)
        person = np.concatenate([segment.act_person[acts] for segment, acts in every])
        at = np.concatenate([segment.act_at[acts] for segment, acts in every])
        weighs = np.concatenate([segment.act_strength[acts] for segment, acts in every]) > 0
        ages = self.view.snapshot.manifest.ages(at, None if query.until is None else days(query.until))
        return person, ages, weighs

    def _said_otherwise(self, least: int) -> np.ndarray:
        """float64 [people], above 0 and at most 1: twice the share of the posts near the question that each of them
        wrote which say something else than those before, or which somebody else dealt with; 1 for few posts.

        Posts of no kind in `SAID`, and of one that hardly anybody deals with when others write them, as announcements
        of releases are, all count, but for a flood. `least`: posts of one person that are looked at.
        """
        found, own, tiers = self.found, self.own, self.view.snapshot.tiers
        result = np.ones(len(self.view.people))
        kinds = tiers.column("kinds", found.posts)
        repeating = np.array([kind in SAID for kind in kinds], bool)[found.act_post] & own
        counts = np.bincount(found.act_person[repeating], minlength=len(result))
        people = np.flatnonzero(counts >= least)
        if not len(people):
            return result
        # Replies have the words of what they answer, and look alike for that: a flood begins its threads itself.
        roots = tiers.column("roots", found.posts)
        begins = np.array([kind in SAID and not root for kind, root in zip(kinds, roots, strict=True)], bool)
        dealt = np.zeros(len(found.posts), bool)
        dealt[found.act_post[~own & self.view.people[found.act_person]]] = True
        for person in people.tolist():
            wrote = distinct(found.act_post[own & (found.act_person == person)])
            others = np.ones(len(kinds), bool)
            others[wrote] = False
            alike = [(kind, dealt[others & (kinds == kind)]) for kind in sorted(SAID & set(kinds[wrote].tolist()))]
            customary = [kind for kind, there in alike if len(there) and there.mean() >= CUSTOM]
            looked_at = np.isin(kinds[wrote], customary) if least < FLOOD else begins[wrote]
            alone = wrote[looked_at & ~dealt[wrote]]
            if len(alone) >= least:
                otherwise = len(wrote) - len(alone) + self.different(alone)
                result[person] = min(1.0, 2.0 * otherwise / len(wrote))
        return result

    def different(self, posts: np.ndarray) -> int:
        """How many of some candidates say something that none before them says."""
        told = np.empty((len(posts), self.view.snapshot.shared.segment.vectors.shape[1]))
        count = 0
        for number in self.found.posts[posts].tolist():
            segment, row = self.view.snapshot.tiers.place(number)
            vector = segment.vectors[row].astype(np.float64)
            if not count or np.einsum("ij,j->i", told[:count], vector).max() < ALIKE:
                told[count] = vector
                count += 1
        return count


def _days(person: np.ndarray, age: np.ndarray, people: int) -> np.ndarray:
    """int64 [people]: on how many days each did something. `person`, `age`: a row an act; ages are never below 0."""
    each = distinct(person.astype(np.int64) << DAY_BITS | age.astype(np.int64))
    return np.bincount(each >> DAY_BITS, minlength=people)
