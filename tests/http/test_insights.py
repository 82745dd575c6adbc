"""Insights tell of no group below five and of no part or rest below five, the same to everybody."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client
from tests.http.conftest import NOW, person
from tests.http.test_wishes import client_of, key_of

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.figures import FEW, FEWEST, NEARLY_ALL, Figure, told
from expertfinder.ask.organisation.insights import OTHERS, Insights, _groups
from expertfinder.ask.organisation.roles import keep_roles, read_roles
from expertfinder.ask.organisation.said import _lines
from expertfinder.errors import SourceError
from expertfinder.http import Options, create_app
from expertfinder.ingest.demo.demand import ASKERS, TOPICS, plant_demand
from expertfinder.store import Pilot, RoleProfile

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
    """What the page says, without the eyes that its links keep."""
    page = client.get("/insights", params={"as": viewer} if viewer else {}).text.partition("<main")[2]
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
        for who in people[:askers]:
            own_finder.store.note_question(["kubernetes"], who, week=date(2026, 6, 1))
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


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abc")), max_size=60))
def test_what_answers_were_worth_is_told_of_five_askers_beside_five_others(said: list[tuple[int, str]]) -> None:
    lines = {line.label: line.cells for line in _lines(said, "abc")}
    for word in "abc":
        mine = {asker for asker, one in said if one == word}
        others = {asker for asker, one in said if one != word}
        assert (word in lines) == (len(mine) >= FEWEST and len(others) >= FEWEST)


def of(finder: ExpertFinder, code: str) -> Figure | None:
    """A figure as it is now."""
    network = Networking(finder)
    figures = Insights(finder, network, Demand(finder, network)).figures(TODAY)
    return next((one for one in figures if one.code == code), None)


def crew(finder: ExpertFinder, unit: str, count: int) -> None:
    """People of a unit who came lately, cluster engineers all."""
    names = [f"{unit.lower()}{number}" for number in range(count)]
    finder.store.apply([person(name, name.title(), title="Cluster  Engineer", org_unit=unit) for name in names])
    finder.refresh()


def test_what_roles_ask_for_is_told_by_unit_from_five_people_on(own_finder: ExpertFinder) -> None:
    own_finder.store.state(
        RoleProfile(role="cluster engineer", label="Cluster engineer", topics=("Kubernetes", "sailing"), at=NOW)
    )
    crew(own_finder, "Hulls", FEWEST - 1)
    figure = of(own_finder, "roles")
    assert figure is not None
    assert figure.lines == ()
    crew(own_finder, "Hulls", FEWEST)
    figure = of(own_finder, "roles")
    assert figure is not None
    assert [(line.label, *line.cells) for line in figure.lines] == [("Hulls", "5", FEW, "Kubernetes")]


def test_a_pilot_is_compared_before_and_after_with_everybody_else(own_finder: ExpertFinder) -> None:
    assert of(own_finder, "pilot") is None
    crew(own_finder, "Hulls", FEWEST - 1)
    own_finder.store.state(Pilot(name="Tea", units=(" hulls",), communities=(), since="2026-02-01", at=NOW))
    figure = of(own_finder, "pilot")
    assert figure is not None
    assert figure.lines == ()
    crew(own_finder, "Hulls", FEWEST)
    crew(own_finder, "Masts", FEWEST)
    figure = of(own_finder, "pilot")
    assert figure is not None
    assert figure.title == "Pilot: Tea"
    assert [line.label for line in figure.lines] == [
        f"{what}, {when}"
        for what in ("Began something", "Answered or handled something")
        for when in ("before", "after")
    ]
    assert {line.cells for line in figure.lines} == {(FEW, FEW)}
    own_finder.store.state(Pilot(name="Tea", units=("hulls",), communities=(), since="2026-05-20", at=NOW))
    late = of(own_finder, "pilot")
    assert late is not None
    assert late.lines == (), "less than four weeks are no comparison"


def test_my_role_is_told_to_me_alone(own_finder: ExpertFinder) -> None:
    client = client_of(own_finder)
    ada, ben = (key_of(own_finder, f"acme:{name}") for name in ("ada", "ben"))
    own_finder.store.state(
        RoleProfile(role="cluster engineer", label="Cluster engineer", topics=("Kubernetes", "sailing"), at=NOW)
    )
    mine = client.get("/v1/me/role", headers=ada).json()
    assert mine["role"] == "Cluster engineer"
    assert [(one["topic"], one["posts"] > 0) for one in mine["expected"]] == [("Kubernetes", True), ("sailing", False)]
    assert client.get("/v1/me/role", headers=ben).json() == {"role": "", "expected": []}
    looking = Client(create_app(own_finder, own_finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    assert "What your role asks for" in looking.get("/me?as=acme:ada").text
    assert "What your role asks for" not in looking.get("/me?as=acme:ben").text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("role;topic\n", "line 1: the column 'role' is missing"),
        ("role,topic\nFitter,\n", "line 2: the field 'topic' has no word"),
        (
            "role,topic\n" + "".join(f"Fitter,topic number {n}\n" for n in range(51)),
            "line 52: the role 'Fitter' has over 50",
        ),
    ],
)
def test_a_file_of_roles_that_cannot_be_meant_names_the_line_and_the_field(
    tmp_path: Path, text: str, wrong: str
) -> None:
    (tmp_path / "roles.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape(wrong)):
        read_roles(tmp_path / "roles.csv", NOW)


def test_roles_of_a_file_replace_those_before(own_finder: ExpertFinder, tmp_path: Path) -> None:
    file = tmp_path / "roles.csv"
    file.write_text("role,topic\nFitter,welding\nfitter ,Welding\nFitter,seals\n", encoding="utf-8-sig")
    own_finder.store.state(RoleProfile(role="baker", label="Baker", topics=("bread",), at=NOW))
    keep_roles(own_finder.store, read_roles(file, NOW))
    assert [(one.label, one.topics) for one in own_finder.store.statements(RoleProfile)] == [
        ("Fitter", ("welding", "seals"))
    ]
