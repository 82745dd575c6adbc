"""A set of champions for a community, a topic, some units or everybody, with its reach and the reasons.

It is made of the shared tier alone, among people whom the viewer may find.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from expertfinder.configuration.languages import N_, day, phrase
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.index.network.view import NetworkView, asked_over
from expertfinder.index.snapshot import day_of
from expertfinder.model import Community, Confidence, Query, Ranking, Recommendation
from expertfinder.recommend.experts.parts import LAST_ACTIVE
from expertfinder.recommend.named import how_sure, recommended, with_word
from expertfinder.recommend.network.champions import (
    Candidate,
    Ints,
    Moment,
    active_in,
    asked_by,
    askers,
    individuals,
    moment_of,
    named_by,
    reviewing,
    standing,
    standing_in,
    topic_weights,
    topical,
)
from expertfinder.recommend.network.coverage import Wanted, cover, links_to_make, neighbourhoods, without
from expertfinder.recommend.sentences import Sentence

MOST = 50
"""Champions in one set at most: a larger one is a department."""
CANDIDATES = 3
"""A set is chosen among the best: so many times its size (at least 10 people), and so many of each unit that is to have
a champion. More would trade people who are turned to for people who know many."""
FEWEST = 3
"""People whom a group must have at least, to have a champion at all."""
TOPIC_POOL = 200
"""People looked at for a topic, those with most evidence for it first."""
NOMINATED = 0.3
"""What a nomination adds to the preference that decides between people who would reach equally many. One's own score
adds at most .6. Together the two stay below one person reached."""
SURE, LIKELY = 5, 3
"""Numbers of different people who turn to a champion, from which on the confidence is `high` and `medium`."""
YEAR = 365.0
"""Days before the newest act within which a champion acted: an older trace says little of now (not measured)."""
NOT_ENOUGH = Sentence(
    "There is not enough evidence here to name a champion: nobody is turned to by the others, or active. "
    "Ask the people themselves."
)
NOBODY_OF_LATE = Sentence(
    "Nobody here who could be a champion did anything in the year before {day}, the last day that is known of. "
    "Ask for people who are no longer active, too, or ask the people themselves."
)
TOO_FEW = Sentence("A group of fewer than 3 people needs no champion.")
NOBODY_FREE = Sentence(
    "Of those who could be champions here nobody is left: they do not wish to, or have no time. "
    "Ask for others, or for fewer conditions."
)
STAYS = Sentence("Is a champion already, and stays.")
TURNED_TO = Sentence("Was turned to {times} times in all.")
TURNED_TO_ONCE = Sentence("Was turned to once.")
ASKED_BY = Sentence("{asking} of the {others} others turned to them.")
NAMED = Sentence("At least {number} people said in a survey that they turn to them.")
ASKED_HERE = Sentence("{asking} of the {others} others turned to them over posts that stand here.")
REVIEWED = Sentence("Reviewed the work of others here {changes} times.")
REVIEWED_ONCE = Sentence("Reviewed the work of others here once.")
TOPIC = Sentence("Wrote or worked on what is closest to “{about}”: {mine} of the {best} posts that match it best.")
TOPIC_OF_ITS_OWN = Sentence("Wrote or worked on {mine} of the {best} posts that match its name and description best.")
NO_COMMUNITY = "there is no such community for you: the list of communities names those you may see"


@dataclass(frozen=True, slots=True, kw_only=True)
class Championship:
    """What champions are wanted for: a community, a topic (any text), units, or (with none of them) everybody.

    People are ids. `already`: champions who stay; `nominated`: who has been proposed; `unwilling`: who does not wish to
    (also: what would the set be without them?); `one_per_unit`: every unit among the people has one; `inactive`: also
    people who did nothing within the last year of the data.
    """

    community: str = ""
    topic: str = ""
    units: tuple[str, ...] = ()
    size: int = 5
    one_per_unit: bool = False
    already: tuple[str, ...] = ()
    nominated: tuple[str, ...] = ()
    unwilling: tuple[str, ...] = ()
    inactive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What one champion is for the set."""

    adds: int
    """People reached whom nobody before in the list reaches, the champion included."""
    alone: int
    """People whom nobody of the set would reach without this one."""


class Link(NamedTuple):
    """Two champions, by id."""

    one: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampionSet:
    """A set of champions. The ranking is in the order chosen: the first reach most."""

    ranking: Ranking
    places: tuple[Place, ...] = ()
    people: int = 0
    """Among whom champions were looked for."""
    reached: int = 0
    unreached: tuple[str, ...] = ()
    """Ids, in order of id."""
    units_without: tuple[str, ...] = ()
    """Units that should have a champion and have none, as nobody there could be one, or the set is full."""
    links: tuple[Link, ...] = ()
    """Pairs of champions who should meet: no tie yet, fewest common contacts first."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """People, and what is known of each."""

    rows: Ints
    known: list[Candidate]
    """Those with a score above 0 as a champion; best first."""
    ranked: list[Candidate]
    """The same without those who did nothing within the last year of the data, unless they were asked for."""
    asking: Ints
    """Different others who turn to each, by row of the snapshot."""
    times: Ints
    """How often they did so, by row of the snapshot."""
    asking_here: Ints
    """The same over posts that stand in the community."""
    changes: Ints
    """Reviews and the like by each of others' posts that stand there, by row of the snapshot."""
    about: str
    topics: np.ndarray
    """float64 [posts]: what each post says for what was asked for (`champions.topic_weights`)."""


def champions(net: NetworkView, asked: Championship) -> ChampionSet:
    """A set that together reaches as many as possible, of people who are turned to.

    Raises what `check` raises, and `NotFound` for a community that the viewer does not see or a unit without people.
    """
    check(asked)
    pool = _pool(net, asked)
    query = Query(text=pool.about, limit=asked.size)
    if (thin := _thin(net, pool, asked)) is None:
        return _chosen(net, asked, pool, query=query)
    return ChampionSet(ranking=Ranking(query=query, abstained=thin), people=len(pool.rows))


def candidates(net: NetworkView, asked: Championship) -> Ranking:
    """Everybody who can be in a set, best first; `champions` chooses among the first. Raises what that raises."""
    check(asked)
    pool = _pool(net, asked)
    query = Query(text=pool.about, limit=asked.size)
    if (thin := _thin(net, pool, asked)) is not None:
        return Ranking(query=query, abstained=thin)
    shown = tuple(_recommended(net, pool, one, asked=asked, stays=False) for one in _free(net, pool, asked))
    if not shown:
        return Ranking(query=query, abstained=NOBODY_FREE())
    return Ranking(query=query, recommendations=shown, confidence=shown[0].confidence)


def members_ranked(net: NetworkView, community: str) -> list[Candidate]:
    """The members of a community who are turned to or active, best champion first. `NotFound` where it is not there."""
    return _pool(net, Championship(community=community)).ranked


def _thin(net: NetworkView, pool: _Pool, asked: Championship) -> str | None:
    """Why no champion can be named; `None` where one can."""
    if len(pool.rows) < FEWEST:
        return NOT_ENOUGH() if asked.topic else TOO_FEW()
    if pool.ranked:
        return None
    return NOBODY_OF_LATE(day=day(day_of(net.once(_newest).max()))) if pool.known else NOT_ENOUGH()


def _newest(net: NetworkView) -> np.ndarray:
    """float64 [people]: the day of everybody's newest act that all may read; minus infinity for none."""
    ties = net.seen.snapshot.ties
    newest = np.full(net.people, -np.inf)
    known = net.acts & ~np.isnan(ties.act_day)
    np.maximum.at(newest, ties.act_person[known], ties.act_day[known])
    return newest


def of_the_last_year(net: NetworkView) -> NDArray[np.bool_]:
    """bool [people]: did something within the last year of the data; everybody where nothing is dated."""
    newest = net.once(_newest)
    return np.asarray(newest >= newest.max(initial=-np.inf) - YEAR, bool)


def _free(net: NetworkView, pool: _Pool, asked: Championship) -> list[Candidate]:
    """Those of the pool who may be chosen: willing, and with time for it."""
    unwilling = {net.seen.snapshot.person_rows.get(name) for name in asked.unwilling}
    return [one for one in pool.ranked if one.person not in unwilling and net.load[one.person] < 1]


def check(asked: Championship) -> None:
    """Raises `InvalidQuestion` for a size out of bounds, for more who stay than that, and for two subjects at once."""
    if not 1 <= asked.size <= MOST:
        raise InvalidQuestion(phrase("a set has 1 to {most} champions", most=MOST), size=asked.size)
    if len(set(asked.already) - set(asked.unwilling)) > asked.size:
        raise InvalidQuestion("more champions stay than the set is to have: ask for a larger one", size=asked.size)
    if sum(map(bool, (asked.community, asked.topic, asked.units))) > 1:
        raise InvalidQuestion(N_("champions are for a community, or a topic, or units: ask for one of them"))


def _pool(net: NetworkView, asked: Championship) -> _Pool:
    """Among whom champions are looked for, and what is known of each. The pool of everybody is made once for a view."""
    if _of_some(asked):
        return _made(net, asked)
    whole = net.once(_everybody)
    return replace(whole, ranked=whole.known) if asked.inactive else whole


def _of_some(asked: Championship) -> bool:
    """Whether champions are wanted for less than everybody."""
    return bool(asked.community or asked.topic or asked.units)


def _reach(net: NetworkView, rows: Ints) -> tuple[sp.csr_matrix, list[Ints]]:
    """The ties among some people, and whom each of them reaches."""
    inside = sp.csr_matrix(net.mutual[rows][:, rows])
    return inside, neighbourhoods(inside)


def _reach_of_everybody(net: NetworkView) -> tuple[sp.csr_matrix, list[Ints]]:
    return _reach(net, net.once(_everybody).rows)


def _everybody(net: NetworkView) -> _Pool:
    return _made(net, Championship())


def _made(net: NetworkView, asked: Championship) -> _Pool:
    snapshot = net.seen.snapshot
    then = moment_of(net)
    text, about = "", np.zeros(len(snapshot.shared))
    if asked.community:
        column = net.row(asked.community)
        if column is None:
            raise NotFound(NO_COMMUNITY)
        community, rows = net.communities[column], net.members(column)
        text = subject_of(community)
        about = net.about(text)
    elif asked.topic:
        text = asked.topic
        everyone = np.flatnonzero(net.seen.here)
        about = net.about(text)
        evidence = topical(about, net.part, then.post_decay, everyone)
        order = np.lexsort((everyone, -evidence))[:TOPIC_POOL]
        rows = np.sort(everyone[order[evidence[order] > 0]])
    else:
        units = {unit.strip().lower() for unit in asked.units}
        everyone = np.flatnonzero(net.seen.here)
        unit_of = [snapshot.people[row].org_unit.lower() for row in everyone.tolist()]
        if units - set(unit_of):
            raise NotFound("there is nobody of this unit for you, or of one of these: name it as profiles do")
        rows = everyone[[not units or unit in units for unit in unit_of]] if len(everyone) else everyone
    known_topic = topical(about, net.part, then.post_decay, rows)
    if asked.topic:  # a champion of a topic must know it first: divide by the best who may be found
        known_topic = known_topic / max(float(known_topic.max(initial=0.0)), 1e-12)
    here = _here(then, asked, about)
    asked_here = sp.csr_matrix((net.people, net.people))
    if asked.community:
        asked_here = sp.csr_matrix(asked_over(net.seen, net.acts & here[net.seen.snapshot.ties.act_post]).T)
    whole = not asked.community and not asked.topic
    reviewed, changes = reviewing(then, rows, then.judged & here[then.post] & bool(asked.community))
    parts = {
        "turned to": standing(net.turned_to, rows),
        "asked by": asked_by(net.turned_to, rows),
        "named": named_by(
            [snapshot.people[row].turned_to_by * whole for row in rows.tolist()], int(net.seen.here.sum())
        ),
        "asked here": asked_by(asked_here, rows),
        "reviewed": reviewed,
        "topic": known_topic,
        "active": active_in(then, rows, here),
    }
    known, late = [one for one in individuals(rows, parts) if one.score > 0], of_the_last_year(net)
    inner = sp.csr_matrix(net.turned_to[rows][:, rows])
    times = np.bincount(inner.indices, np.expm1(inner.data), minlength=len(rows))
    return _Pool(
        rows=rows,
        known=known,
        ranked=known if asked.inactive else [one for one in known if late[one.person]],
        asking=_spread(net, rows, askers(net.turned_to, rows)),
        times=_spread(net, rows, np.rint(times).astype(np.int64)),
        asking_here=_spread(net, rows, askers(asked_here, rows)),
        changes=_spread(net, rows, changes),
        about=text.strip() or "the whole organisation",
        topics=topic_weights(about, then.post_decay),
    )


def _here(then: Moment, asked: Championship, about: np.ndarray) -> NDArray[np.bool_]:
    """bool [posts]: the posts of the community, the topic or the people that champions are for.

    The posts of a community are those that say they stand in it. Where no post says so, the community has none: an act
    elsewhere in the organisation is no act for the community (`docs/network.md`).
    """
    if asked.community:
        return standing_in(then, asked.community)
    if asked.topic:
        return np.asarray(about > 0, bool)
    return np.ones(len(about), bool)


def _spread(net: NetworkView, rows: Ints, values: Ints) -> Ints:
    """Values of `rows` by the rows of the snapshot, 0 for everybody else."""
    found = np.zeros(net.people, np.int64)
    found[rows] = values
    return found


def subject_of(community: Community) -> str:
    """What a community is about, in its own words: a detected one has a name only, its description is ours."""
    return f"{community.name}\n{community.description if community.kind == 'declared' else ''}"


def _chosen(net: NetworkView, asked: Championship, pool: _Pool, *, query: Query) -> ChampionSet:
    people = net.seen.snapshot.people
    local = {row: n for n, row in enumerate(pool.rows.tolist())}
    named = {name: _locals(net, local, getattr(asked, name)) for name in ("already", "nominated", "unwilling")}
    units = sorted({people[row].org_unit for row in pool.rows.tolist() if people[row].org_unit})
    unit = np.array([units.index(u) if (u := people[row].org_unit) else -1 for row in pool.rows.tolist()], np.int64)
    shortlist = _shortlist(_free(net, pool, asked), unit, local, asked=asked)
    eligible = np.zeros(len(local), bool)
    eligible[[local[one.person] for one in shortlist]] = True
    bonus = np.zeros(len(local))
    top = max((one.score for one in shortlist), default=0.0)
    for one in shortlist:
        bonus[local[one.person]] = 0.6 * one.score / max(top, 1e-12)
    bonus[sorted(named["nominated"])] += NOMINATED
    inside, reach = _reach(net, pool.rows) if _of_some(asked) else net.once(_reach_of_everybody)
    wanted = Wanted(
        size=asked.size,
        eligible=eligible,
        unit=unit,
        one_per_unit=tuple(range(len(units))) if asked.one_per_unit else (),
        already=tuple(sorted(named["already"] - named["unwilling"])),
        bonus=bonus,
    )
    found = cover(reach, wanted)
    if not found.people:
        return ChampionSet(ranking=Ranking(query=query, abstained=NOBODY_FREE()), people=len(pool.rows))
    by_row = {one.person: one for one in pool.known}
    chosen = [int(pool.rows[n]) for n in found.people]
    shown = tuple(
        _recommended(net, pool, by_row.get(row, Candidate(row)), asked=asked, stays=local[row] in wanted.already)
        for row in chosen
    )
    overall = max((one.confidence for one in shown), key=list(Confidence)[::-1].index, default=None)
    return ChampionSet(
        ranking=Ranking(query=query, recommendations=shown, confidence=overall),
        places=tuple(
            Place(adds=gain, alone=len(without(reach, found.people, n)))
            for n, gain in zip(found.people, found.gains, strict=True)
        ),
        people=len(pool.rows),
        reached=found.reached,
        unreached=tuple(sorted(people[int(pool.rows[n])].id for n in found.unreached)),
        units_without=tuple(units[n] for n in found.without),
        links=_links(net, pool, inside, list(found.people)),
    )


def _links(net: NetworkView, pool: _Pool, inside: sp.csr_matrix, chosen: list[int]) -> tuple[Link, ...]:
    """Champions (`chosen`: places in the pool) who should meet. Common contacts count inside the pool alone."""
    if len(chosen) < 2:
        return ()
    ids = [net.seen.snapshot.people[row].id for row in pool.rows.tolist()]
    return tuple(Link(ids[i], ids[j]) for i, j in links_to_make(inside, chosen))


def _locals(net: NetworkView, local: dict[int, int], names: Iterable[str]) -> set[int]:
    """The places in the pool of the people with these ids, as far as they are in it."""
    rows = (net.seen.snapshot.person_rows.get(name) for name in names)
    return {local[row] for row in rows if row is not None and row in local}


def _shortlist(ranked: list[Candidate], unit: Ints, local: dict[int, int], *, asked: Championship) -> list[Candidate]:
    """The best, and where every unit is to have one, the best of each unit besides."""
    most = max(CANDIDATES * asked.size, 10)
    chosen = ranked[:most]
    if asked.one_per_unit:
        often: dict[int, int] = {}
        for one in ranked:
            of = int(unit[local[one.person]])
            often[of] = often.get(of, 0) + 1
            if often[of] <= CANDIDATES and one not in chosen:
                chosen.append(one)
    return chosen


def _recommended(net: NetworkView, pool: _Pool, one: Candidate, *, asked: Championship, stays: bool) -> Recommendation:
    others, asking = len(pool.rows) - 1, int(pool.asking[one.person])
    here, changes = int(pool.asking_here[one.person]), int(pool.changes[one.person])
    best = np.flatnonzero(pool.topics)
    mine = int(np.isin(best, net.part[[one.person]].indices).sum())
    newest = net.seen.snapshot.last_acts.newest(one.person, net.seen.audiences)
    times, topic = int(pool.times[one.person]), TOPIC_OF_ITS_OWN if asked.community else TOPIC
    said = {
        "turned to": TURNED_TO(times=times) if times > 1 else TURNED_TO_ONCE(),
        "asked by": ASKED_BY(asking=asking, others=others),
        "named": NAMED(number=net.seen.snapshot.people[one.person].turned_to_by),
        "asked here": ASKED_HERE(asking=here, others=others),
        "reviewed": REVIEWED(changes=changes) if changes > 1 else REVIEWED_ONCE(),
        "topic": topic(mine=mine, best=len(best), about=pool.about.splitlines()[0]),
        "active": "" if np.isnan(newest) else LAST_ACTIVE(day=day(day_of(newest))),
    }
    parts = {part: (value, said[part]) for part, value in one.parts.items()}
    sure = how_sure(asking, high=SURE, medium=LIKELY)
    found = recommended(net.seen.snapshot.people[one.person].id, "champion", parts, confidence=sure)
    return with_word(found, STAYS(), part="stays") if stays else found  # of whom there may be nothing else to say
