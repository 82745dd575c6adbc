"""What is asked for, beside who knows it: weekly counters of topics, shown from five different askers on.

A question is counted for each topic that stands in it, once for each asker and week. Who asked is kept as a salted hash
and shown to nobody; below five askers nothing is shown, so that no count tells of a person (k-anonymity; Sweeney 2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.index.people.topics import said_in
from expertfinder.index.posts.concepts import in_singular, words_of
from expertfinder.index.posts.function_words import content_words
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Query, Viewer

FEWEST_ASKERS = 5
"""Different people in one week, for a topic to be shown (the issue's number)."""
LOOKED_BACK = timedelta(weeks=13)
"""A quarter of a year: what was asked before may have been answered since."""
UNMET = "? "
"""Before a word of questions that nobody was found for, where it is kept among the topics."""
MOST_WORDS = 5
"""So many words of such a question are counted, the first: what it is about stands early (not measured)."""
LOOKED_THROUGH = 300
"""Characters of such a question that are looked through for its words."""
NOTED_KEPT = 10_000
"""Askers and topics of this week that a process remembers to have counted, so that it does not write them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A topic that is asked for, and how much there is of it."""

    topic: str
    week: date
    """The Monday of the week with most askers."""
    askers: int
    """Different people in that week."""
    people: int
    """With any shared evidence for it."""
    known: bool
    """Whether it is a topic; else a word of questions that nobody was found for."""
    spread: float
    """As how many people with equal shares the evidence is (`recommend/network/risk.py`); 0 for none."""

    @property
    def pressure(self) -> float:
        """Askers for each person who carries it: what the list is ordered by."""
        return self.askers / (1.0 + self.spread)


class Demand:
    """The counters of one finder. Safe to share between threads: to count twice changes nothing."""

    def __init__(self, finder: ExpertFinder, network: Networking) -> None:
        self._finder = finder
        self._network = network
        self._labels: tuple[Snapshot, dict[str, str]] | None = None
        self._noted: set[tuple[date, str, str]] = set()

    def note(self, query: Query, viewer: Viewer, today: date, *, met: bool = True) -> tuple[str, ...]:
        """Count a question of somebody. The topics it was counted for; none where nobody in particular asks.

        `met`: whether anybody was found; where nobody was, and no topic stands in it, its words are counted.
        """
        if viewer.person is None or viewer.everything:
            return ()
        week = today - timedelta(days=today.weekday())
        found = self._topics_in(query)
        if not found and not met:
            words = dict.fromkeys(content_words(query.whole_text[:LOOKED_THROUGH]))
            found = tuple(f"{UNMET}{word}" for word in list(words)[:MOST_WORDS])
        new = [topic for topic in found if (week, topic, viewer.person) not in self._noted]
        if new:
            self._finder.store.note_question(new, viewer.person, week=week)
            if len(self._noted) > NOTED_KEPT:
                self._noted.clear()
            self._noted |= {(week, topic, viewer.person) for topic in new}
        return found

    def _topics_in(self, query: Query) -> tuple[str, ...]:
        """The topics of the shared tier that stand in a question, as a label or word for word."""
        labels = self._known()
        said = said_in(query, self._finder.snapshot.concepts)
        return tuple(sorted({labels[each] for each in said & labels.keys()}))

    def _known(self) -> dict[str, str]:
        snapshot, known = self._finder.snapshot, self._labels
        if known is None or known[0] is not snapshot:
            known = (snapshot, {in_singular(words_of(label)): label for label in snapshot.topics.labels})
            self._labels = known
        return known[1]

    def gaps(self, viewer: Viewer, today: date, *, limit: int = 20) -> list[Gap]:
        """Topics of today that five and more asked for of late, those first that fewest carry."""
        busiest: dict[str, tuple[int, date]] = {}
        labels = self._known()
        for asked in self._finder.store.demand(fewest=FEWEST_ASKERS):
            # As it is called today: what was merged since is one, and what is hidden is not said.
            unmet = UNMET if asked.topic.startswith(UNMET) else ""
            topic = self._finder.snapshot.concepts.named(asked.topic.removeprefix(unmet))
            if topic and today - LOOKED_BACK <= asked.week <= today:
                topic = asked.topic if unmet else labels.get(in_singular(words_of(topic)), topic)
                busiest[topic] = max(busiest.get(topic, (0, asked.week)), (asked.askers, asked.week))
        topics = [topic for topic in busiest if not topic.startswith(UNMET)]
        supply = self._network.risks_of(topics, viewer, grow=False)
        found: list[Gap] = []
        for topic, (askers, week) in busiest.items():
            if topic.startswith(UNMET):
                word = topic.removeprefix(UNMET)
                found.append(Gap(topic=word, week=week, askers=askers, people=0, known=False, spread=0.0))
                continue
            held = supply.get(topic)
            if held is not None:  # a label is said as long as posts that all may read have it
                found.append(
                    Gap(topic=topic, week=week, askers=askers, people=held.people, known=True, spread=held.spread)
                )
        return sorted(found, key=lambda gap: (-gap.pressure, gap.topic))[:limit]
