"""Figures for who cares for communities: how much is covered, who takes part, what is asked for, what is held by one.

They are aggregates of the shared tier, the same for every viewer, so that no two of them differ by a person. A group
below five people is told together with others; a count within a group is rounded to fives, and fewer than five on
either side of it is not told, nobody and everybody included. So neither a group, nor its rest, nor the difference of
two figures or of two days tells of one person (k-anonymity, Sweeney 2002, with rounding to a fixed base against
differencing).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.history import ACTIVE, MONTH, NEW, last_acts
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.figures import FEW, FEWEST, LINES, Figure, Line, about, to_fives, told
from expertfinder.ask.organisation.said import Acts, pilot, roles, worth
from expertfinder.configuration.languages import N_, decimal, language
from expertfinder.configuration.languages import gettext as _
from expertfinder.configuration.languages import month as month_of
from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.network.communities import topic_matrix
from expertfinder.index.posts.segment import Segment, days
from expertfinder.index.snapshot import day_of
from expertfinder.model import SHARED, Viewer

MONTHS = 12
"""Months of the trend: a year shows the seasons once."""
YEAR = 365.0
"""Days before the day of the index within which evidence counts as present, and questions as of late."""
CENTRAL = 5
"""Different people who ever turned to somebody from whom on they are central (not measured)."""
OTHERS = N_("Other units")
"""The line of those whose unit has too few people to be told by itself, or who have none."""
OTHER_TOPICS = N_("All other topics")
"""The line of questions whose topics have too few askers to be told by themselves."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """That many turned to somebody of whom nothing is seen of late."""

    askers: int
    """Different people who ever turned to them."""
    since: date | None
    """The day of the newest thing that they did where everybody may read it; `None` for none."""


class Insights:
    """The figures of one finder. Safe to share between threads."""

    def __init__(self, finder: ExpertFinder, network: Networking, demand: Demand) -> None:
        self._finder = finder
        self._network = network
        self._demand = demand
        self._known: dict[str, tuple[View, tuple[Figure, ...]]] = {}
        """By the language that they are said in."""
        self._lock = Lock()

    def figures(self, today: date) -> tuple[Figure, ...]:
        """All figures, those of the facts as of the index, demand as of `today`."""
        seen = self._finder.whole.view(SHARED)
        with self._lock:
            known = self._known.get(language())
        if known is None or known[0] is not seen:
            known = (seen, self._of_facts(seen))
            with self._lock:
                self._known[language()] = known
        coverage, participation, communities, risks, unanswered, quiet = known[1]
        store = self._finder.store
        tried = pilot(seen, self._network, store, lambda: _dated_acts(seen))
        asked = (self._asked(today), unanswered, worth(seen, self._network, store))
        cared = (risks, roles(seen, self._network, store), communities, quiet)
        return coverage, participation, *((tried,) if tried else ()), *asked, *cared

    def _of_facts(self, seen: View) -> tuple[Figure, ...]:
        here = np.flatnonzero(seen.here)
        newest = dict(zip(here.tolist(), last_acts(seen, here).tolist(), strict=True))
        return (
            _coverage(seen, newest),
            _participation(seen),
            self._communities(seen, newest),
            self._risks(),
            _unanswered(seen),
            self._quiet(seen, newest),
        )

    def _quiet(self, seen: View, newest: Mapping[int, float]) -> Figure:
        """By unit, how many of those to whom many turn are quiet. Who it is, is told to each of them alone (S15)."""
        people, as_of = seen.snapshot.people, seen.snapshot.manifest.as_of
        central = np.flatnonzero(self._network.askers(SHARED) >= CENTRAL).tolist()
        units = {row: people[row].org_unit.strip() for row in central if row in newest}
        lines = []
        for unit, rows in _groups(units).items():
            cell, share = told(sum(not newest[row] > as_of - ACTIVE for row in rows), len(rows))
            lines.append(Line(_(unit) if unit == OTHERS else unit, (str(to_fives(len(rows))), cell), (share,)))
        return Figure(
            "quiet",
            _("Central and quiet"),
            _(
                "Of the people to whom five others and more ever turned, those of whom nothing is seen within the last "
                "90 days. Each of them is told on their own page, and nobody else is."
            ),
            (_("Unit"), _("People whom many turn to, about"), _("Quiet")),
            (_("quiet"),),
            tuple(lines),
        )

    def quiet(self, viewer: Viewer) -> Quiet | None:
        """What somebody central is told of being quiet; `None` for anybody else. It is for the viewer alone."""
        seen = self._finder.whole.view(SHARED)
        row = seen.snapshot.person_rows.get(viewer.person or "")
        if row is None or not seen.here[row]:
            return None
        askers, newest = int(self._network.askers(SHARED)[row]), float(last_acts(seen, np.array([row]))[0])
        if askers < CENTRAL or newest > seen.snapshot.manifest.as_of - ACTIVE:
            return None
        return Quiet(askers, None if np.isnan(newest) else day_of(newest).date())

    def _communities(self, seen: View, newest: Mapping[int, float]) -> Figure:
        as_of, rows = seen.snapshot.manifest.as_of, seen.snapshot.person_rows
        lines: list[tuple[float, str, Line]] = []
        for community, size in self._network.all_communities(SHARED):
            if size < FEWEST:
                continue
            members = [rows[one] for one in self._network.community(community.id, SHARED).community.members]
            last = [newest[row] for row in members if not np.isnan(newest.get(row, np.nan))]
            active, share = told(sum(day > as_of - ACTIVE for day in last), size)
            joined = sum(as_of - NEW <= days(seen.snapshot.people[row].joined_at) <= as_of for row in members)
            day = month_of(day_of(max(last))) if len(last) >= FEWEST else "–"
            cells = (str(to_fives(size)), active, day, told(joined, size)[0])
            lines.append((share, community.id, Line(community.name or community.id, cells, (share,), community.id)))
        lines.sort(key=lambda each: each[:2])
        return Figure(
            "communities",
            _("Communities, the quietest first"),
            _("Members who did something within the last 90 days, wherever it was; newcomers joined within a year."),
            (_("Community"), _("Members, about"), _("Active"), _("Last act"), _("Newcomers")),
            (_("active within 90 days"),),
            tuple(line for _, _, line in lines[:LINES]),
        )

    def _risks(self) -> Figure:
        lines = []
        for risk in self._network.risks(SHARED, limit=LINES):
            largest = risk.holders[0].share if risk.holders else 0.0
            people = _(FEW) if risk.people < FEWEST else about(risk.people)
            grow = _("yes") if risk.grow else _("nobody yet")
            cells = (str(risk.posts), people, f"{10 * round(10 * largest)} %", grow)
            lines.append(Line(risk.topic, cells, (round(largest, 1),), f"topic:{risk.topic}"))
        return Figure(
            "risks",
            _("Topics that one person mostly holds"),
            _("Share of the evidence that is in one pair of hands; the page of the topic says who could grow into it."),
            (_("Topic"), _("Posts"), _("People with evidence"), _("Largest share"), _("Somebody could grow")),
            (_("largest share"),),
            tuple(lines),
        )

    def _asked(self, today: date) -> Figure:
        gaps = self._demand.gaps(SHARED, today, limit=LINES)
        most = max((to_fives(gap.askers) for gap in gaps), default=1) or 1
        lines = []
        for gap in gaps:
            few = _(FEW) if gap.people else _("nobody")
            held = few if gap.people < FEWEST else about(gap.people)
            cells = (about(gap.askers), held, decimal(gap.spread, 1))
            link = f"topic:{gap.topic}" if gap.known else ""
            lines.append(Line(gap.topic, cells, (to_fives(gap.askers) / most,), link, str(to_fives(gap.askers))))
        return Figure(
            "demand",
            _("Asked for, those first that fewest carry"),
            _(
                "Topics that five different people and more asked about in one week of the last quarter, and words of "
                "questions that nobody was found for."
            ),
            (_("Topic"), _("Askers in the busiest week"), _("People with evidence"), _("Held as by so many")),
            (_("askers in the busiest week, about"),),
            tuple(lines),
        )


def _coverage(seen: View, newest: Mapping[int, float]) -> Figure:
    """By unit, who has evidence of the last year."""
    as_of = seen.snapshot.manifest.as_of
    units = {row: seen.snapshot.people[row].org_unit.strip() for row in newest}
    present = {row for row, day in newest.items() if day > as_of - YEAR}
    lines = []
    for unit, rows in _groups(units).items():
        cell, share = told(sum(row in present for row in rows), len(rows))
        lines.append(Line(_(unit) if unit == OTHERS else unit, (str(to_fives(len(rows))), cell), (share,)))
    return Figure(
        "coverage",
        _("Coverage by unit"),
        _("People who wrote or handled something within the last year that everybody may read."),
        (_("Unit"), _("People, about"), _("With evidence of the last year")),
        (_("with evidence"),),
        tuple(lines),
    )


def _groups(of: Mapping[int, str]) -> dict[str, list[int]]:
    """People by what they are of, the largest group first; groups below `FEWEST` together, with the smallest other one
    where they are too few even then, and left out where that is all there is."""
    count = Counter(of.values())
    large = [unit for unit in sorted(count, key=lambda unit: (-count[unit], unit)) if unit and count[unit] >= FEWEST]
    rest = sum(count.values()) - sum(count[unit] for unit in large)
    while large and 0 < rest < FEWEST:
        rest += count[large.pop()]
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for unit in large:
        groups[unit] = []
    for row, unit in of.items():
        groups[unit if unit in groups and unit in large else OTHERS].append(row)
    return {unit: rows for unit, rows in groups.items() if len(rows) >= FEWEST}


def _participation(seen: View) -> Figure:
    """By month, who began something, who only answered or handled something, and who did neither."""
    done = _dated_acts(seen)
    who, begins = done.who, done.begins
    month = np.floor((seen.snapshot.manifest.as_of - done.day) / MONTH)
    people = int(seen.here.sum())
    lines = []
    for back in range(MONTHS - 1, -1, -1):
        then = month == back
        first = set(who[then & begins].tolist())
        others = set(who[then].tolist()) - first
        (one, share_one), (other, share_other) = told(len(first), people), told(len(others), people)
        label = month_of(day_of(seen.snapshot.manifest.as_of - (back + 0.5) * MONTH))
        lines.append(Line(label, (one, other, str(to_fives(people))), (share_one, min(share_other, 1 - share_one))))
    return Figure(
        "participation",
        _("Who takes part, by month"),
        _(
            "People who began something, and those who only answered, reviewed or thanked; of the others nothing is "
            "seen."
        ),
        (_("Month"), _("Began something"), _("Answered or handled"), _("People, about")),
        (_("began something"), _("answered or handled")),
        tuple(lines),
    )


def _parts(seen: View) -> list[tuple[Segment, np.ndarray]]:
    """The posts of the shared tier (rows) as they are now, wherever they stand: those of the build that count still,
    and of those that came since, or stand anew for an act that not everybody may see, what everybody may read."""
    fresh = seen.snapshot.fresh.segment
    return [
        (seen.snapshot.shared.segment, np.flatnonzero(seen.snapshot.shared.alive)),
        (fresh, np.flatnonzero(seen.shared[fresh.audience])),
    ]


def _counting(seen: View, segment: Segment, posts: np.ndarray) -> np.ndarray:
    """The acts on these posts that everybody may read, by people whom everybody may find and who may be named."""
    acts, _ = gather(segment.act_indptr, posts)
    return np.asarray(acts[seen.here[segment.act_person[acts]] & seen.shared[segment.act_audience[acts]]])


def _dated_acts(seen: View) -> Acts:
    """The dated acts of the shared tier."""
    authored, found = _row(seen.snapshot.families, "authored"), []
    for segment, posts in _parts(seen):
        acts = _counting(seen, segment, posts)
        acts = acts[~np.isnan(segment.act_at[acts])]
        first = np.array([not segment.parents[row] for row in segment.posts_of(acts).tolist()], bool)
        found.append((segment.act_person[acts], segment.act_at[acts], (segment.act_family[acts] == authored) & first))
    return Acts(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _row(names: Iterable[str], wanted: str) -> int:
    return next((row for row, name in enumerate(names) if name == wanted), -1)


def _asked_by_enough(questions: Iterable[_Question]) -> bool:
    """Whether enough different people wrote them."""
    return len(frozenset[int]().union(*(one.askers for one in questions))) >= FEWEST


def _open(label: str, count: int, every: int, *, link: str = "") -> Line:
    """A line of questions without a reply, of so many."""
    share = min(to_fives(count) / max(to_fives(every), 1), 1.0)
    return Line(label, (about(count), about(every)), (share,), link)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question of the shared tier."""

    id: str
    row: int
    """Where the build had it, which is how topics know it; -1 for one that came since."""
    askers: frozenset[int]
    """Rows of those who wrote it, as far as everybody may find them."""


def _questions(seen: View) -> tuple[list[_Question], set[str]]:
    """The questions of the last year, and the ids of the posts that anything in the shared tier replies to."""
    snapshot = seen.snapshot
    authored, since = _row(snapshot.families, "authored"), snapshot.manifest.as_of - YEAR
    found, replied = [], set[str]()
    for segment, posts in _parts(seen):
        replied.update(segment.parents[row] for row in posts.tolist())
        for row in posts[segment.created[posts] > since].tolist():
            if segment.kinds[row] == "question":
                acts = _counting(seen, segment, np.array([row]))
                askers = segment.act_person[acts[segment.act_family[acts] == authored]].tolist()
                found.append(_Question(segment.ids[row], snapshot.shared.row(segment.ids[row]), frozenset(askers)))
    return found, replied


def _unanswered(seen: View) -> Figure:
    """By topic, questions of the last year that nobody replied to, as far as everybody may read."""
    topics = seen.snapshot.topics
    questions, replied = _questions(seen)
    about = topic_matrix(topics, len(seen.snapshot.shared.segment))
    of_topic: defaultdict[int, list[_Question]] = defaultdict(list)
    for one in questions:
        for topic in about[[one.row]].indices.tolist() if one.row >= 0 else ():
            of_topic[topic].append(one)
    lines, named = [], set[str]()
    for topic, every in sorted(of_topic.items()):
        mine = [one for one in every if one.id not in replied]
        if len(mine) >= FEWEST and _asked_by_enough(mine):
            named |= {one.id for one in mine}
            label = topics.labels[topic]
            lines.append(_open(label, len(mine), len(every), link=f"topic:{label}"))
    lines.sort(key=lambda line: (-line.shares[0], line.label))
    others = [one for one in questions if one.id not in named]
    rest = [one for one in others if one.id not in replied]
    if _asked_by_enough(rest):
        lines = [*lines[: LINES - 1], _open(_(OTHER_TOPICS), len(rest), len(others))]
    return Figure(
        "unanswered",
        _("Asked and not answered"),
        _("Questions of the last year without a reply, by topic, where five different people and more asked them."),
        (_("Topic"), _("Without a reply"), _("Questions")),
        (_("without a reply"),),
        tuple(lines[:LINES]),
    )
