"""What one person knows: by what they did, by their own word, and how that changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.office import INGRESS, LAWYER, LEDGER, LEGAL, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound
from expertfinder.model import SHARED, Expertise, Viewer


def by_label(finder: ExpertFinder, who: str, viewer: Viewer = SHARED, *, limit: int = 20) -> dict[str, Expertise]:
    return {entry.topic.label: entry for entry in finder.expertise(who, viewer, limit=limit)}


def test_what_is_observed_and_what_is_declared_are_kept_apart(office: ExpertFinder) -> None:
    known = by_label(office, "o:ada")
    assert known["ingress"].declared
    assert known["ingress"].observed == 1.0
    assert known["ingress"].posts == 7
    assert known["ingress"].last_seen == office.post("o:a1", SHARED).created_at
    sailing = known["sailing"]
    assert (sailing.declared, sailing.observed, sailing.posts, sailing.trend) == (True, 0.0, 0, "none")
    assert sailing.last_seen is None
    assert list(known)[-1] == "sailing", "what is only declared comes last"


def test_a_person_is_known_by_any_of_their_records_and_by_no_word_when_hidden(office: ExpertFinder) -> None:
    assert office.expertise("o:ada-chat", SHARED) == office.expertise("o:ada", SHARED)
    for who in ("o:hana", "o:ivo", "o:nobody"):
        with pytest.raises(NotFound):
            office.expertise(who, SHARED)
    assert office.expertise("o:ivo", LAWYER) is not None


def test_at_most_as_many_topics_as_asked_for(office: ExpertFinder) -> None:
    assert list(by_label(office, "o:ada", limit=1)) == ["ingress"]


def test_an_act_on_the_post_of_another_is_expertise_too(office: ExpertFinder) -> None:
    assert by_label(office, "o:cleo")["ingress"].posts == 1  # she reviewed one
    assert not by_label(office, "o:cleo")["ingress"].declared


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> ExpertFinder:
    """Nia comes to a topic, Old goes from it, Sam stays; the span is four years, a half-life one."""
    ages = {"nia": (5, 20, 40, 60), "old": (900, 1000, 1200, 1460), "sam": (10, 500, 900, 1400)}
    posts = [
        post(f"{who}{age}", who, INGRESS, age=age, tags=("ingress",), title=f"Note {age}")
        for who, when in ages.items()
        for age in when
    ]
    secret = [post(f"s{n}", "sam", LEDGER, audience=LEGAL, tags=("ledger",)) for n in range(4)]
    fillers = [post(f"f{n}", f"nia{' old' if n % 2 else ''}", LEDGER, tags=("ledger",)) for n in range(4)]
    people = [person(who) for who in ages]
    return opened(tmp_path_factory.mktemp("years") / "home", [*people, *posts, *secret, *fillers])


@pytest.mark.parametrize(("who", "trend"), [("nia", "rising"), ("old", "fading"), ("sam", "steady")])
def test_evidence_rises_fades_or_stays(years: ExpertFinder, who: str, trend: str) -> None:
    assert by_label(years, f"o:{who}")["ingress"].trend == trend


def test_restricted_posts_make_nobody_an_expert_of_a_topic(years: ExpertFinder) -> None:
    assert "ledger" not in by_label(years, "o:sam")
    assert "ledger" not in by_label(years, "o:sam", LAWYER), "topics are of the shared tier"


def test_a_post_that_is_gone_counts_no_more_from_the_next_look(tmp_path: Path) -> None:
    finder = opened(tmp_path / "home")
    before = by_label(finder, "o:ada")["ingress"].posts
    finder.store.delete("post", ["o:a1"])
    finder.refresh()
    assert by_label(finder, "o:ada")["ingress"].posts == before - 1
    finder.close()
