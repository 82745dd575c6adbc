"""Detected communities as facts: they keep their identity, and what is hidden or restricted has no part in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from tests.unit.guilds import LEDGER, PUMPS, TWO, asked, between, community, detected, guild, names_of, people
from tests.unit.office import LEGAL, TODAY, act, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.errors import DeadlinePassed, NotFound, SourceError
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.network import communities
from expertfinder.index.network.succession import succession
from expertfinder.model import Community, Fact, Viewer
from expertfinder.sources import declared


def built(finder: ExpertFinder, facts: Iterable[Fact] = ()) -> list[list[str]]:
    """Put these facts, build anew, look, and say what became of communities."""
    if facts := tuple(facts):
        finder.store.apply(facts)
    finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=TODAY)
    finder.refresh()
    return finder.snapshot.ties.events


def gone_apart(finder: ExpertFinder, one: Sequence[str], other: Sequence[str]) -> None:
    """All thanks between the two halves of a group are taken back."""
    halves = (set(one), set(other))
    lost = [
        each.id
        for each in finder.store.all("interaction")
        if any(each.actor[2:] in mine and each.object.rpartition("-")[2] not in mine for mine in halves)
        and each.actor[2:] in halves[0] | halves[1]
    ]
    finder.store.delete("interaction", lost)


def test_groups_that_write_to_each_other_are_found_and_named_by_what_they_write_about(tmp_path: Path) -> None:
    finder = asked(tmp_path)
    found = detected(finder.store)
    assert {each.name: names_of(each) for each in found.values()} == {"pumps": set(PUMPS), "ledger": set(LEDGER)}
    assert {each.kind for each in found.values()} == {"detected"}
    assert sorted(found) == ["detected:1", "detected:2"]
    assert sorted(finder.snapshot.ties.events) == [["born", "detected:1"], ["born", "detected:2"]]


def test_too_few_people_with_ties_are_no_communities(tmp_path: Path) -> None:
    facts = (*people(PUMPS[:5]), *guild("pumps", PUMPS[:5]))
    finder = asked(tmp_path, facts)
    assert detected(finder.store) == {}
    assert finder.snapshot.ties.detected == []


def test_a_rebuild_keeps_every_identity_and_writes_nothing(tmp_path: Path) -> None:
    finder = asked(tmp_path)
    before, sequence = detected(finder.store), finder.store.sequence()
    assert built(finder) == []
    assert detected(finder.store) == before
    assert finder.store.sequence() == sequence


def test_a_newcomer_moves_no_identity(tmp_path: Path) -> None:
    finder = asked(tmp_path)
    was = {names_of(each).pop() in PUMPS: name for name, each in detected(finder.store).items()}
    thanks = [act("zoe", "thank", f"pumps-{name}") for name in PUMPS]
    assert built(finder, [person("zoe"), *thanks]) == []
    assert names_of(detected(finder.store)[was[True]]) == {*PUMPS, "zoe"}


def test_a_group_that_falls_into_two_is_reported_as_a_split_and_one_half_keeps_the_number(tmp_path: Path) -> None:
    eight = (*PUMPS, "moe", "ned")
    facts = (*people((*eight, *LEDGER)), *guild("pumps", eight), *guild("ledger", LEDGER))
    finder = asked(tmp_path, facts)
    whole = next(name for name, each in detected(finder.store).items() if names_of(each) == set(eight))
    gone_apart(finder, eight[:5], eight[5:])
    events = built(finder)
    assert events == [["born", "detected:3"], ["split", whole, *sorted([whole, "detected:3"])]]
    now = detected(finder.store)
    assert names_of(now[whole]) == set(eight[:5])
    assert names_of(now["detected:3"]) == set(eight[5:])


def test_groups_that_become_one_are_reported_as_a_merge_and_the_ended_one_says_what_became_of_it(
    tmp_path: Path,
) -> None:
    third = ("moe", "ned", "ola", "pia")
    facts = (*TWO, *people(third), *guild("nets", third))
    finder = asked(tmp_path, facts)
    old = {each.name: name for name, each in detected(finder.store).items()}
    thanks = [between(one, "message", other) for one in third for other in LEDGER]
    more = [between(other, "message", one) for one in third for other in LEDGER]
    events = built(finder, [*thanks, *more])
    assert ["ended", old["nets"]] in events
    assert ["merged", *sorted([old["ledger"], old["nets"]]), old["ledger"]] in events
    ended = detected(finder.store)[old["nets"]]
    assert (ended.kind, ended.members) == ("ended", ())
    assert ended.description == f"Went into {old['ledger']}."
    assert old["nets"] not in finder.snapshot.ties.detected
    with pytest.raises(NotFound, match=rf"this community is no more\. Went into {old['ledger']}\."):
        Networking(finder).community(old["nets"], Viewer())
    assert old["nets"] not in [each.id for each, _ in Networking(finder).all_communities(Viewer())]


def test_a_number_is_never_given_again(tmp_path: Path) -> None:
    third = ("moe", "ned", "ola", "pia")
    finder = asked(tmp_path, (*TWO, *people(third), *guild("nets", third)))
    assert len(detected(finder.store)) == 3
    gone = [f"o:{one}-thank-nets-{other}" for one in third for other in third if one != other]
    finder.store.delete("interaction", gone)
    last = next(name for name, each in detected(finder.store).items() if each.name == "nets")
    assert ["ended", last] in built(finder)
    assert detected(finder.store)[last].description == "Its people no longer meet as a group."
    again = [between(one, "message", other) for one in third for other in third if one != other]
    assert ["born", "detected:4"] in built(finder, again)
    assert detected(finder.store)[last].kind == "ended"


def test_communities_that_overlapped_before_and_still_do_have_not_split() -> None:
    one, other = frozenset("abcdef"), frozenset("efgh")
    inner = frozenset("defx")  # most of it lies in the first, as it did before
    found = succession([one, other, inner], [one, other, inner])
    assert found.kept == ((0, 0), (1, 1), (2, 2))
    assert [found.split, found.merged, found.born, found.ended] == [()] * 4


def test_a_name_stays_while_its_topic_binds_and_does_not_outlive_the_topic(tmp_path: Path) -> None:
    finder = asked(tmp_path)
    number = next(name for name, each in detected(finder.store).items() if each.name == "pumps")
    built(finder, guild("valves", PUMPS))
    assert detected(finder.store)[number].name == "pumps", "another topic binds them, too; the old name is known"
    finder.store.delete("post", [f"o:pumps-{name}" for name in PUMPS])
    built(finder)
    told = detected(finder.store)[number]
    assert told.name == "valves"
    assert "pumps" not in told.description


def test_a_name_of_two_topics_is_given_up_when_the_second_is_no_more(tmp_path: Path) -> None:
    finder = asked(tmp_path, (*TWO, *guild("valves", PUMPS)))
    number, name = next(
        (each.id, each.name) for each in detected(finder.store).values() if names_of(each) == set(PUMPS)
    )
    first, second = name.split(", ")
    assert {first, second} == {"pumps", "valves"}
    finder.store.delete("post", [f"o:{second}-{one}" for one in PUMPS])
    built(finder)
    assert detected(finder.store)[number].name == first, "it still binds them; the other is a topic of nobody"


def test_a_topic_that_is_for_a_few_now_goes_from_name_and_description(tmp_path: Path) -> None:
    finder = asked(tmp_path, (*TWO, *guild("valves", PUMPS)))
    closed = [post(f"pumps-{name}", name, "x", tags=("pumps",), audience=LEGAL) for name in PUMPS]
    built(finder, closed)
    told = [f"{each.name} {each.description}" for each in detected(finder.store).values()]
    assert not [text for text in told if "pumps" in text]


def test_a_search_that_is_not_over_in_time_leaves_what_was_there_in_words_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = asked(tmp_path, (*TWO, *guild("valves", PUMPS)))
    before = {name: names_of(each) for name, each in detected(finder.store).items()}

    def late(*_: object) -> None:
        raise DeadlinePassed("too late")

    monkeypatch.setattr(communities, "within", late)
    finder.store.delete("post", [f"o:pumps-{name}" for name in PUMPS])
    assert built(finder) == []
    now = detected(finder.store)
    assert {name: names_of(each) for name, each in now.items()} == before
    assert sorted(each.name for each in now.values()) == ["ledger", "valves"]
    assert finder.snapshot.ties.detected == list(before)
    assert finder.snapshot.ties.resolution == 0.0


def test_nobody_elses_source_may_be_called_as_ours(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the source of the communities we find"):
        declared("detected")
    finder = asked(tmp_path, (*TWO, Community(id="detected:odd", source="detected", members=("o:ada",))))
    assert sorted(detected(finder.store)) == ["detected:1", "detected:2", "detected:odd"]


# --- what is hidden or restricted ------------------------------------------------------------------------------------

SECRETS: dict[str, tuple[Fact, ...]] = {
    "a post and the acts on it": (
        post("deal", "ada gus", "the merger", tags=("merger",), audience=LEGAL),
        *(act(name, "thank", "deal") for name in (*PUMPS, *LEDGER)),
    ),
    "acts": tuple(act(one, "reply", f"ledger-{other}", audience=LEGAL) for one in PUMPS for other in LEDGER),
    "acts on people": tuple(between(one, "message", other, audience=LEGAL) for one in PUMPS for other in LEDGER),
    "a declared community": (community("deal-team", "ada gus", audience=LEGAL),),
}
PEOPLE: dict[str, tuple[Fact, ...]] = {
    "a hidden person": (person("hex", hidden=True), *(act("hex", "thank", f"pumps-{name}") for name in PUMPS)),
    "a person for few": (person("ivo", audience=LEGAL), *(act("ivo", "thank", f"pumps-{name}") for name in PUMPS)),
}


def files(finder: ExpertFinder) -> dict[str, bytes]:
    """Every file of the network in the snapshot."""
    folder = finder.home.index / finder.snapshot.manifest.name / "ties"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def pair(folder: Path, secret: tuple[Fact, ...]) -> tuple[ExpertFinder, ExpertFinder]:
    """Two homes with one key between them: without and with some facts."""
    (folder / "with").mkdir()
    (folder / "with" / "secret").write_bytes(Home(folder / "plain").secret())
    return asked(folder / "plain"), asked(folder / "with", (*TWO, *secret))


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_restricted_moves_a_byte_of_the_network(tmp_path: Path, secret: str) -> None:
    plain, other = pair(tmp_path, SECRETS[secret])
    assert files(plain) == files(other)
    assert detected(plain.store) == detected(other.store)
    assert plain.snapshot.manifest.network == other.snapshot.manifest.network


def test_were_they_shared_the_same_facts_would_move_it(tmp_path: Path) -> None:
    shared = tuple(act(one, "reply", f"ledger-{other}") for one in PUMPS for other in LEDGER)
    plain, other = pair(tmp_path, shared)
    assert files(plain) != files(other)
    assert plain.snapshot.manifest.network != other.snapshot.manifest.network


@pytest.mark.parametrize("secret", PEOPLE)
def test_who_is_hidden_or_for_few_has_no_tie_and_moves_no_version(tmp_path: Path, secret: str) -> None:
    plain, other = pair(tmp_path, PEOPLE[secret])
    ties, row = other.snapshot.ties, other.snapshot.person_rows[PEOPLE[secret][0].id]
    for matrix in (ties.mutual, ties.turned_to, ties.turned_to.T.tocsr(), ties.part, ties.strength):
        assert matrix[[row]].nnz == 0
    assert row not in ties.act_person
    assert not ties.vectors[row].any()
    assert detected(plain.store) == detected(other.store)
    assert plain.snapshot.manifest.network == other.snapshot.manifest.network
    assert Networking(plain).version(Viewer()) == Networking(other).version(Viewer())


def test_the_same_facts_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = asked(tmp_path / "one"), asked(tmp_path / "other", reversed(TWO))
    assert files(one) == files(other)
    assert detected(one.store) == detected(other.store)
