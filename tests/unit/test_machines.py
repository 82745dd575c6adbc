"""Machines and shared accounts are nobody to ask: known where a record or a list says so, and moving no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import FACTS, INGRESS, LEGAL, QUESTION, act, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.machines import load, machines
from expertfinder.errors import SourceError
from expertfinder.identity import humans
from expertfinder.model import ORGANISATION, SHARED, Fact, Interaction, Person, Query, Source
from expertfinder.sources import Records, declared
from expertfinder.sources.floods import Floods

SHOP = declared("shop", audience="organisation")
TRADES = st.sampled_from(
    ["merge", "deploy", "docs", "release", "translation", "triage", "backport", "build", "standup"]
)
BOTS = st.sampled_from(["bot", "Bot", "BOT", "robot", "Robot"])
MARKS = st.sampled_from(["-", "_", " "])
GIVEN = ["Ann", "Ben", "Cléo", "Jürgen", "Xi", "Olu", "Li", "Grace", "Jan"]
SURNAMES = [
    "Abbott",
    "Botta",
    "Robotti",
    "Harbott",
    "Talbot",
    "Jenkins",
    "Bot",
    "de Bot",
    "Travis",
    "Ci",
    "Cabot",
    "Otto",
    "Bothma",
]
ROBOTS = st.one_of(
    st.tuples(TRADES, MARKS, BOTS).map("".join),
    st.tuples(st.sampled_from(["", "auto ", "the "]), TRADES, st.just(" "), BOTS).map("".join),
    st.tuples(st.sampled_from(["xyz", "Qux", "a1"]), st.sampled_from(["[bot]", " [bot]", " (bot)"])).map("".join),
    st.tuples(st.sampled_from(["svc", "SVC"]), st.sampled_from("-_."), st.sampled_from(["backup", "scan"])).map(
        "".join
    ),
    st.tuples(TRADES, st.sampled_from("-_"), st.sampled_from(["integration", "Service", "runner", "ci"])).map("".join),
    st.sampled_from(["Alertmanager", "GRAFANA", "Jenkins", "GitLab CI", "Hosted  Weblate", "MergeBot", "翻译机器人"]),
    st.sampled_from(["Power Automate", "Störungsmelder", "Robot d'alertes", "Build Server", "AWS Chatbot", "HR Bot"]),
    st.sampled_from(
        ["Bitte nicht antworten", "Prow Robot", "Cloud Proposal Bot", "StyleCI Bot", "codecov-commenter", "ChatGPT"]
    ),
)


@given(ROBOTS)
def test_a_robot_is_known_by_its_name_however_it_is_written(name: str) -> None:
    guess = machines().guess(name)
    assert guess is not None
    assert guess.kind == "machine"


@given(st.sampled_from(GIVEN), st.sampled_from(SURNAMES), st.data())
def test_a_human_whose_name_has_a_robots_letters_stays_one(given: str, surname: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([f"{given} {surname}", f"{surname}, {given}", f"{given} M. {surname}"]))
    last = surname.split()[-1].lower()
    mailbox = data.draw(st.sampled_from([last, f"{given}.{last}", f"{given}{last}", "info", "x"])).lower()
    assert machines().guess(name, addresses=[f"{mailbox}@firm.example"]) is None
    assert machines().guess("Polly Percy") is None
    for name in (
        "Prometheus Alertmanager",
        "Grafana Loki",
        "Zabbix Sentry",
    ):  # two products, one of which nobody is named after
        assert machines().guess(name) is not None, name
    if " " not in surname and surname not in ("Bot", "Ci", "Jenkins"):
        assert machines().guess(surname, addresses=[f"{last}@firm.example"]) is None


@pytest.mark.parametrize("surname", ["Lee", "Kim", "Zhang", "Van Dyke", "LEE"])
@pytest.mark.parametrize("form", ["CI {}", "CI {} Wong", "{}, CI", "ci {}", "Ann CI-Lin {}"])
def test_initials_are_no_continuous_integration(surname: str, form: str) -> None:
    assert machines().guess(form.format(surname), addresses=["x@firm.example"]) is None
    assert machines().guess(f"Travis {surname} CI" if surname.isupper() else f"{surname} CI") is not None


@pytest.mark.parametrize("address", ["jenkins@ci.example", "deploy-bot@x.example", "7+x[bot]@users.noreply.github.com"])
def test_an_address_tells_a_machine_where_no_humans_name_stands_beside_it(address: str) -> None:
    assert machines().guess("", id="git:x", addresses=[address]) is not None
    human = machines().guess("Ann Aalto", addresses=[address])
    assert (human is None) == ("[bot]" not in address)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Integration", "machine"),
        ("Shared Mailbox", "shared"),
        ("Integration lead", ""),
        ("Monitoring System", "machine"),
        ("Automated account", "machine"),
        ("Monitoring engineer", ""),
    ],
)
def test_a_title_tells_what_an_account_is_by_the_whole_of_it(title: str, kind: str) -> None:
    guess = machines().guess("Ann", title=title)
    assert (guess.kind if guess else "") == kind


def test_what_a_record_says_goes_before_every_list_and_the_report_says_why() -> None:
    records = Records(SHOP)
    said = [
        records.parse("person", {"id": "1", "name": "Grafana", "kind": "person"}),
        records.parse("person", {"id": "2", "name": "Ann Aalto", "kind": "Bot"}),
        records.parse("person", {"id": "3", "name": "Grafana"}),
        records.parse("person", {"id": "4", "name": "Bea Berg", "kind": "contractor"}),
        records.parse("person", {"id": "5", "name": "Reception", "kind": None}),
    ]
    assert [fact.kind for fact in said if isinstance(fact, Person)] == [
        "person",
        "machine",
        "machine",
        "person",
        "shared",
    ]
    assert records.counts.nobodies == {
        ("Ann Aalto", "machine", "its record says so"): 1,
        ("Grafana", "machine", "its name is in the list"): 1,
        ("Reception", "shared", "its name is in the list"): 1,
    }
    assert records.counts.skipped == {"kinds of account that are not known (contractor)": 1}


def test_a_file_of_the_administrator_adds_machines_and_takes_people_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'people = ["Grafana", "shop:7", "jo@x.example"]\n[machine]\nnames=["Hallwart"]\n[shared]\ntitles=["Kiosk"]\n'
    )
    assert machines().guess("hallwart") is None
    monkeypatch.setenv("EXPERTFINDER_MACHINES", str(own))
    assert machines().guess("hallwart") is not None
    assert machines().guess("Ann", title="kiosk") is not None
    assert machines().guess("Jenkins") is not None
    assert machines().guess("GRAFANA") is None
    assert machines().guess("Jenkins", id="shop:7") is None
    assert machines().guess("Jenkins", addresses=["Jo@x.example"]) is None


@pytest.mark.parametrize(
    "text", ["[robots]\n", "machine = 1\n", "[machine]\nnams = []\n", "[shared]\nnames = [1]\n", "people = 'x'\n", "x"]
)
def test_a_file_of_machines_that_is_wrong_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(SourceError) as error:
        load(tmp_path / "own.toml")
    assert error.value.extras["file"] == str(tmp_path / "own.toml")


# --- answers ---------------------------------------------------------------------------------------------------------


def flood(kind: str = "machine") -> list[Fact]:
    """A robot that posts alarms in the words of the question, edits what people wrote and thanks them."""
    robot = person("robot", name="Watchman", kind=kind, skills=("ingress",), title="kubernetes ingress")
    alarms = [
        post(
            f"z{n}",
            "robot",
            f"{QUESTION} {INGRESS} node {n}",
            title=f"ALERT ingress {n}",
            age=n % 60,
            tags=("ingress",),
        )
        for n in range(120)
    ]
    met = Interaction(
        id="o:m",
        source="o",
        actor="o:robot",
        verb="mention",
        object="o:ben",
        object_type="person",
        audience=ORGANISATION,
    )
    return [robot, *alarms, act("robot", "edit", "a1"), act("robot", "accept", "r1"), act("ben", "edit", "z3"), met]


def answer(finder: ExpertFinder) -> list[object]:
    """All that is said of a question but its version, and of people and topics."""
    ranking = finder.find(Query(text=QUESTION, limit=20), SHARED)
    explained = finder.explain(Query(text=QUESTION), "o:ben", SHARED)
    return [replace(ranking, version=""), explained, finder.expertise("o:ada", SHARED), finder.topics(SHARED)]


@pytest.mark.parametrize("kind", ["machine", "shared"])
def test_a_flood_of_a_machine_leaves_every_answer_as_it_is_without_it(tmp_path: Path, kind: str) -> None:
    finder = opened(tmp_path / "with", [*FACTS, *flood(kind)])
    assert answer(finder) == answer(opened(tmp_path / "without"))
    assert finder.post("o:z3", SHARED).authors == ("o:robot",)
    assert finder.person("o:robot", SHARED).kind == kind


def test_the_same_flood_of_a_person_stands_first(tmp_path: Path) -> None:
    finder = opened(tmp_path, [*FACTS, *flood("person")])
    assert "o:robot" in [one.subject for one in finder.find(Query(text=QUESTION, limit=3), SHARED).recommendations]


def test_a_machine_that_comes_after_the_build_moves_no_answer_either(tmp_path: Path) -> None:
    finder = opened(tmp_path / "late")
    finder.store.apply(flood())
    finder.refresh()
    assert answer(finder) == answer(opened(tmp_path / "never"))


@pytest.mark.parametrize("way", ["machine", "shared"])
def test_whoever_is_said_to_be_a_machine_later_is_out_at_once_and_comes_back_when_it_is_taken_back(
    tmp_path: Path, way: str
) -> None:
    finder = opened(tmp_path / "home")
    without = [
        fact for fact in FACTS if getattr(fact, "authors", ()) != ("o:ben",) and getattr(fact, "actor", "") != "o:ben"
    ]
    finder.store.apply([person("ben", kind=way)])
    finder.refresh()
    names = [one.subject for one in finder.find(Query(text=QUESTION, limit=20), SHARED).recommendations]
    there = opened(tmp_path / "without", [*without])
    assert names == [one.subject for one in there.find(Query(text=QUESTION, limit=20), SHARED).recommendations]
    assert "o:ben" not in names

    built = opened(tmp_path / "built", [*FACTS, person("ben", kind=way)])
    built.store.apply([person("ben")])
    built.refresh()
    assert "o:ben" in [one.subject for one in built.find(Query(text=QUESTION, limit=20), SHARED).recommendations]


def test_that_a_restricted_account_is_a_machine_shows_in_nothing_that_others_see(tmp_path: Path) -> None:
    seen = [
        answer(opened(tmp_path / kind, [*FACTS, *flood(kind), person("robot", kind=kind, audience=LEGAL)]))
        for kind in ("machine", "person")
    ]
    assert seen[0] == seen[1]


def test_what_a_person_replies_to_an_alarm_keeps_the_alarms_words(tmp_path: Path) -> None:
    alarm = post("z1", "robot", "Quokka overheated in the wombat hall")
    facts = [
        *FACTS,
        person("robot", kind="machine"),
        alarm,
        person("zoe"),
        post("z2", "zoe", "Open the northern valve by hand.", parent="o:z1"),
    ]
    finder = opened(tmp_path, facts)
    assert finder.explain(Query(text="quokka overheated"), "o:zoe", SHARED).score > 0


def test_a_machine_is_in_no_tie_and_no_community(tmp_path: Path) -> None:
    facts = [*FACTS, *flood()]
    finder = opened(tmp_path, facts)
    row = finder.snapshot.person_rows["o:robot"]
    ties = finder.snapshot.ties
    assert not ties.turned_to[[row]].nnz
    assert not ties.mutual[[row]].nnz
    assert not ties.part[[row]].nnz
    assert "o:robot" not in {member for each in finder.snapshot.communities for member in each.members}


# --- identity --------------------------------------------------------------------------------------------------------


def account(id: str, *keys: str, kind: str = "person", name: str = "") -> Person:
    return Person(id=id, source=id.partition(":")[0], name=name, accounts=keys, kind=kind, audience=ORGANISATION)  # type: ignore[arg-type]


def test_a_machine_is_joined_with_nobody_and_its_address_names_it() -> None:
    people = [account("a:bot", "email:x@x.example", kind="machine"), account("b:ann", "email:x@x.example")]
    who = humans(people)
    assert who.identity == {"a:bot": "a:bot", "b:ann": "b:ann"}
    assert humans(people[:1]).author("wiki:x@x.example") == "a:bot"
    assert who.author("wiki:x@x.example") == "b:ann"


def test_a_key_that_a_directory_gives_to_a_shared_account_is_no_humans() -> None:
    hr = Source(id="hr", audience=ORGANISATION, directory=True)
    people = [
        account("hr:desk", "email:desk@x.example", kind="shared"),
        account("hr:7", "employee:7", "email:ann@x.example", name="Ann"),
        account("git:desk@x.example", "email:desk@x.example", name="Front"),
        account("chat:ann", "email:ann@x.example", "email:desk@x.example", name="Ann"),
    ]
    who = humans(people, [hr])
    assert who.identity == {"hr:desk": "hr:desk", "hr:7": "hr:7", "git:desk@x.example": "hr:desk", "chat:ann": "hr:7"}
    assert not who.whole([people[0], people[2]]).is_human
    assert who.whole([people[1], people[3]]).is_human
    assert who.rights["git:desk@x.example"].own == "git:desk@x.example"
    nobody = humans(people, [replace(hr, directory=False)])
    assert nobody.identity["git:desk@x.example"] != "hr:desk"


@pytest.mark.parametrize("kind", ["shared", "machine"])
@pytest.mark.parametrize("other", ["hr:a", "hr:z", "git:a", "a:1", "z:1"])
def test_who_has_no_key_but_an_accounts_is_that_account_whatever_the_ids(kind: str, other: str) -> None:
    hr = Source(id="hr", audience=ORGANISATION, directory=True)
    keys = ("employee:7", "email:desk@x.example")
    people = [account("hr:m", *keys, kind=kind), account(other, *keys, name="Front")]
    who = humans(people, [hr])
    assert set(who.identity.values()) == {"hr:m"}
    assert [(one.id, one.kind) for one in who.people(people)] == [("hr:m", kind)]


def test_a_record_that_hides_itself_hides_no_account_of_a_directory() -> None:
    hr = Source(id="hr", audience=ORGANISATION, directory=True)
    keys = ("email:desk@x.example",)
    people = [account("hr:m", *keys, kind="shared"), replace(account("git:a", *keys, name="Front"), hidden=True)]
    assert humans(people, [hr]).identity == {"hr:m": "hr:m", "git:a": "git:a"}
    assert humans(people, [hr], hides=["git:a"]).identity == {"hr:m": "hr:m", "git:a": "hr:m"}


def test_a_number_that_is_an_accounts_does_not_make_its_record_speak_first() -> None:
    hr = Source(id="hr", audience=ORGANISATION, directory=True)
    people = [
        account("hr:m", "employee:7", kind="machine"),
        account("z:1", "employee:7", "email:ann@x.example", name="Ann"),
        account("a:1", "email:ann@x.example", name="Ann"),
    ]
    who = humans(people, [hr])
    assert {one.id for one in who.people(people)} == set(who.identity.values()) == {"hr:m", "a:1"}


# --- what looks like one ---------------------------------------------------------------------------------------------


def told_of(facts: Sequence[Fact]) -> list[str]:
    floods = Floods()
    floods.meet(facts[:1])
    floods.meet(facts[1:])
    return floods.looking_like_machines()


@given(st.integers(10, 40), st.sampled_from(["node{}", "10.0.{}.7", "2026-01-{:02}", "a{:04x}f"]), st.integers(0, 3))
def test_an_account_that_says_the_same_but_for_numbers_is_told_and_nothing_is_decided(
    often: int, counted: str, others: int
) -> None:
    alarms: list[Fact] = [
        post(f"z{n}", "hall", f"ALERT disk rebuild on {counted.format(n)}: {7 * n}% done") for n in range(often)
    ]
    prose: list[Fact] = [
        post(f"y{n}", "hall", word) for n, word in enumerate(["Open the valve", "Ask Ann", "Late"][:others])
    ]
    told = told_of([person("hall", name="Hallwart"), *alarms, *prose])
    assert bool(told) == (often >= 0.8 * (often + others))
    assert all("Hallwart (o:hall) looks like a machine" in line for line in told)
    assert not told_of([person("hall", kind="machine"), *alarms])
    assert not told_of([*FACTS, *alarms[:9]])
