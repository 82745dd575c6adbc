"""Who is central and quiet is told so on their own page; others are told in fives how many there are (S15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.figures import FEW, NEARLY_ALL
from expertfinder.ask.organisation.insights import Insights, Quiet
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post, Source


def organisation(*, quiet: int, lively: int, day: datetime) -> list[Fact]:
    """So many people of one unit whom six newcomers each thanked a year before `day`; the lively wrote last week."""
    people = [
        Person(id=f"w:{name}", source="w", name=name, org_unit=unit, audience=ORGANISATION)
        for unit, names in (
            ("Mill", [f"q{n}" for n in range(quiet)] + [f"l{n}" for n in range(lively)]),
            ("Yard", [f"a{n}" for n in range(6)]),
        )
        for name in names
    ]
    facts: list[Fact] = [Source(id="w", audience=ORGANISATION), *people]
    for one in people[:-6]:
        old = day - timedelta(days=400)
        facts.append(note(one.id, "old", old))
        facts += [
            Interaction(
                id=f"{one.id}:t{n}", source="w", actor=f"w:a{n}", verb="thank", object=f"{one.id}:old",
                created_at=old, audience=ORGANISATION,
            )
            for n in range(6)
        ]  # fmt: skip
        if one.id.startswith("w:l"):
            facts.append(note(one.id, "new", day - timedelta(days=7)))
    return facts


def note(who: str, name: str, at: datetime) -> Post:
    """A post of somebody, about something else than any other."""
    text = f"{who} {name} of sluices and looms"
    return Post(id=f"{who}:{name}", source="w", authors=(who,), text=text, created_at=at, audience=ORGANISATION)


@pytest.mark.parametrize(("quiet", "lively", "told_as"), [(8, 7, "about 10"), (4, 8, FEW), (8, 3, NEARLY_ALL)])
def test_who_is_central_and_quiet_is_told_to_themselves_and_to_others_in_fives_alone(
    tmp_path: Path, quiet: int, lively: int, told_as: str
) -> None:
    day = datetime(2026, 6, 1, 9, tzinfo=UTC)
    home = Home(tmp_path)
    store = home.open_store()
    store.apply(organisation(quiet=quiet, lively=lively, day=day))
    home.build_index(store, encode=encoder(DEFAULT), as_of=day.date())
    finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
    finder.refresh()
    network = Networking(finder)
    insights = Insights(finder, network, Demand(finder, network))
    figure = next(one for one in insights.figures(day.date()) if one.code == "quiet")
    (line,) = figure.lines
    assert (line.label, line.cells[1]) == ("Mill", told_as)
    said = insights.quiet(finder.viewer("w:q0"))
    assert said == Quiet(6, (day - timedelta(days=400)).date())
    for other in ("w:l0", "w:a0", None):
        assert insights.quiet(finder.viewer(other)) is None
    for everybody in (figure, insights.figures(day.date())):
        assert "w:q0" not in str(everybody)
    finder.store.hide("w:q0")
    finder.refresh()
    assert insights.quiet(finder.viewer("w:q0")) is None
    finder.close()
