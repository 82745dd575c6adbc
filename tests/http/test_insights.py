"""Insights tell of no group below five and of no part or rest below five, the same to everybody."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.insights import FEW, FEWEST, NEARLY_ALL, OTHERS, Insights, _groups, told
from expertfinder.ingest.demo.demand import ASKERS, TOPICS, plant_demand

TODAY = date(2026, 6, 2)
SIZES = st.integers(FEWEST, 400).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@given(SIZES)
def test_fewer_than_five_on_either_side_of_a_part_are_not_told(size: tuple[int, int]) -> None:
    part, whole = size
    words, share = told(part, whole)
    if part < FEWEST:
        assert (words, share) == (FEW, 0.0)  # also for none at all
    elif whole - part < FEWEST:
        assert (words, share) == (NEARLY_ALL, 1.0)  # also for all of them
    else:
        assert words == f"about {FEWEST * round(part / FEWEST)}"
        assert 0 <= share <= 1


@given(st.lists(st.sampled_from(["", *"abcdefgh"]), max_size=60))
def test_every_group_has_five_and_nobody_is_the_difference_to_the_whole(units: list[str]) -> None:
    of = dict(enumerate(units))
    groups = _groups(of)
    assert all(len(rows) >= FEWEST for rows in groups.values())
    count = Counter(units)
    assert all(len(rows) == count[unit] for unit, rows in groups.items() if unit != OTHERS)
    left = len(units) - sum(map(len, groups.values()))
    assert left == 0 or left == len(units) < FEWEST


def told_to(client: Client, viewer: str) -> str:
    """The page, without the eyes that its links keep and that the form names."""
    page = client.get("/insights", params={"as": viewer} if viewer else {}).text
    return re.sub(r"\?as=[^\"]*", "", page)


def test_everybody_is_told_the_same(demo_client: Client) -> None:
    assert told_to(demo_client, "") == told_to(demo_client, "acme:dana") == told_to(demo_client, "acme:ben")
    assert OTHERS in told_to(demo_client, "")
    assert "quillfeather" not in told_to(demo_client, "acme:dana")


def test_each_figure_has_its_table_and_its_file(demo_client: Client) -> None:
    page = demo_client.get("/insights").text
    files = re.findall(r'href="(/insights/[a-z]+\.csv)"', page)
    assert files
    assert page.count('<svg class="stack"') == page.count("<summary>As a table") == len(files)
    for file in files:
        lines = demo_client.get(file).text.splitlines()
        assert len(lines) > 1
        for label in (line.partition(",")[0] for line in lines[1:]):
            assert label.replace("-", " ") in page.replace("-", " ")
    assert demo_client.get("/insights/none.csv").status_code == 404


def test_what_the_demo_plants_is_asked_for_and_what_three_asked_is_not_shown(own_finder: ExpertFinder) -> None:
    people = [f"acme:{number}" for number in range(40)]
    plant_demand(own_finder.store, people, TODAY)
    asked = {each.topic: each.askers for each in own_finder.store.demand(fewest=FEWEST)}
    assert asked == {topic: askers for topic, askers in zip(TOPICS, ASKERS, strict=True) if askers >= FEWEST}
    network = Networking(own_finder)
    demand = Demand(own_finder, network)
    for askers in (FEWEST - 1, FEWEST):
        for person in people[:askers]:
            own_finder.store.note_question(["kubernetes"], person, week=date(2026, 6, 1))
        figures = {one.code: one for one in Insights(own_finder, network, demand).figures(TODAY)}
        assert [line.label for line in figures["demand"].lines] == ["kubernetes"] * (askers >= FEWEST)
    before = Insights(own_finder, network, demand).figures(date(2026, 6, 1) - timedelta(days=1))
    assert not next(one for one in before if one.code == "demand").lines  # a week to come is not of late


def test_the_figures_over_http_are_those_of_the_page_for_every_caller(demo_client: Client) -> None:
    answer = demo_client.get("/v1/insights").json()
    assert answer == demo_client.get("/v1/insights?as=acme:dana").json()
    page = demo_client.get("/insights").text
    for one in answer["figures"]:
        assert f'<section id="{one["code"]}">' in page
        table = demo_client.get(f"/insights/{one['code']}.csv").text.splitlines()
        assert len(table) == len(one["lines"]) + 1
        assert all(len(line["cells"]) == len(one["head"]) - 1 for line in one["lines"])
