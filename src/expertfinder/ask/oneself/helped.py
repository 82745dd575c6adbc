"""What did not help: who counts less for a topic, by how much and since when (decision 0033).

It counts where the asker's turning to the person was recorded with the same question, and in questions of the same
topic: topics are of the shared tier, so no word of what was asked shows in any answer. Askers whom not everybody may
find count for nothing, so that nothing of them shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from expertfinder.index.access import Lowered, View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.people.topics import said_in
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.posts.segment import days
from expertfinder.index.recipe import faded
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Query
from expertfinder.policy import is_open
from expertfinder.store import Ask, Feedback, Store

MOST_BY_ONE = 0.1
"""One asker takes at most this share of a person's score, on the day on which they say so (the issue's number)."""
HALF_LIFE = 90.0
"""Days after which what did not help counts half: a quarter of a year (not measured)."""
KEPT = 365.0
"""Days after which what did not help counts for nothing and is told to nobody any more: a sixteenth is left by then."""

Unhelped = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Topic (its words) -> id of who did not help -> id of the asker -> the day of their newest statement."""


def topics_of(query: Query, snapshot: Snapshot, encode: Encoder) -> set[str]:
    """The topics (as their words) that stand in a question; where none does, the one that is nearest to its meaning."""
    lexicon = snapshot.lexicon
    labels = [words_of(label) for label in lexicon.labels]
    found = said_in(query, snapshot.concepts) & {*labels}
    if found or not labels:
        return found
    near = np.asarray(lexicon.label_vectors) @ encode.encode([query.whole_text])[0]
    return {labels[int(near.argmax())]} if near.max() > 0 else set()


class Unhelpful(NamedTuple):
    """A statement that counts, and of whom it is."""

    said: Feedback
    asker: str
    """Id of the person, as is `subject`."""
    subject: str


def unhelpful(store: Store, snapshot: Snapshot) -> list[Unhelpful]:
    """The statements that somebody did not help which count, of the people of a snapshot, whatever their age."""
    stated = [one for one in store.statements(Feedback) if not one.helpful]
    if not stated:
        return []
    who = {record: snapshot.people[row] for record, row in snapshot.person_rows.items()}
    asked: dict[tuple[str, str, str], float] = {}
    for ask in store.statements(Ask):
        if ask.person in who and ask.subject in who:
            pair = who[ask.person].id, who[ask.subject].id, words_of(ask.text)
            asked[pair] = min(asked.get(pair, float("inf")), days(ask.at))
    found = []
    for one in stated:
        asker, subject = who.get(one.person), who.get(one.subject)
        if asker is None or subject is None or not (is_open(asker) and asker.is_human):
            continue
        if asked.get((asker.id, subject.id, words_of(one.text)), float("inf")) <= days(one.at):
            found.append(Unhelpful(one, asker.id, subject.id))
    return found


def read_unhelped(store: Store, snapshot: Snapshot, encode: Encoder) -> Unhelped:
    """What did not help, of the people and topics of a snapshot."""
    found: defaultdict[str, defaultdict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for one in unhelpful(store, snapshot):
        day = days(one.said.at)
        for topic in topics_of(Query(text=one.said.text), snapshot, encode):
            newest = found[topic][one.subject]
            newest[one.asker] = max(newest.get(one.asker, day), day)
    return found


def lowered_for(seen: View, topics: set[str], unhelped: Unhelped) -> dict[int, Lowered]:
    """Row of a person -> how much less they count for a question of these topics.

    An asker counts once, however much they say.
    """
    as_of = seen.snapshot.manifest.as_of
    newest: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for topic in sorted(topics & unhelped.keys()):
        for person, askers in unhelped[topic].items():
            for asker, day in askers.items():
                newest[person][asker] = max(newest[person].get(asker, day), day)
    found = {}
    for person, askers in newest.items():
        told = np.array(sorted(day for day in askers.values() if as_of - day < KEPT))
        row = seen.snapshot.person_rows.get(person)
        if len(told) and row is not None:
            taken = MOST_BY_ONE * faded(np.maximum(as_of - told, 0.0), HALF_LIFE)
            found[row] = Lowered(float(np.prod(1.0 - taken)), float(told[0]))
    return found
