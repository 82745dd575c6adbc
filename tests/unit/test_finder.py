"""Questions to the small office: who is found, who is not, and what cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.office import EVERYTHING, FACTS, INGRESS, LAWYER, LEGAL, NOON, QUESTION, act, opened, person, post

from expertfinder.ask.finder import LONGEST_QUESTION, MOST_PEOPLE, ExpertFinder
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.index.posts.lexicon import LONGEST
from expertfinder.index.posts.reading import QuestionReader
from expertfinder.model import SHARED, Query, Viewer

ASKED = Query(text=QUESTION, limit=100)
MERGER = "merger contract: liability clause and escrow with the notary"


def found(finder: ExpertFinder, query: Query = ASKED, viewer: Viewer = SHARED) -> list[str]:
    return [entry.subject for entry in finder.find(query, viewer).recommendations]


def cited(finder: ExpertFinder, query: Query, viewer: Viewer = SHARED) -> set[str]:
    ranking = finder.find(query, viewer)
    return {c.post for entry in ranking.recommendations for reason in entry.reasons for c in reason.citations}


def test_who_wrote_most_and_last_about_it_comes_first(office: ExpertFinder) -> None:
    ranking = office.find(ASKED, SHARED)
    assert ranking.recommendations[0].subject == "o:ada"
    assert "o:ben" in found(office)
    scores = [entry.score for entry in ranking.recommendations]
    assert scores == sorted(scores, reverse=True)
    assert (ranking.query, ranking.abstained) == (ASKED, None)
    assert ranking.confidence is not None


def test_an_answer_holds_as_many_people_as_were_asked_for(office: ExpertFinder) -> None:
    everybody = found(office)
    assert len(everybody) > 2
    for limit in (1, 2):
        assert found(office, replace(ASKED, limit=limit)) == everybody[:limit]


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "fit"),
    [
        (replace(ASKED, place="lagos"), {"o:ben", "o:fay"}),
        (replace(ASKED, place="LISBON"), {"o:ada", "o:cleo"}),
        (replace(ASKED, unit="field"), {"o:ben", "o:fay"}),
        (replace(ASKED, language="Yo"), {"o:ben"}),
        (replace(ASKED, language="en"), {"o:ada", "o:ben"}),
        (replace(ASKED, place="lisbon", language="pt", unit="platform"), {"o:ada"}),
        (replace(ASKED, place="atlantis"), set()),
        (replace(ASKED, language="e"), set()),
    ],
    ids=[
        "place",
        "place, any case",
        "unit",
        "language",
        "two speak it",
        "all three",
        "nobody",
        "no part of a language",
    ],
)
def test_filters_leave_only_people_who_pass_all_of_them(office: ExpertFinder, query: Query, fit: set[str]) -> None:
    assert set(found(office, query)) == set(found(office)) & fit
    assert bool(fit) == bool(set(found(office, query)))


def test_only_posts_of_a_kind_are_evidence(office: ExpertFinder) -> None:
    assert cited(office, replace(ASKED, kinds=("document",))) <= {"o:b1", "o:b2", "o:b3"}
    assert "o:chat1" in cited(office, replace(ASKED, kinds=("message", "document")))


def test_only_posts_since_a_day_are_evidence(office: ExpertFinder) -> None:
    day = NOON - timedelta(days=35)
    posts = cited(office, replace(ASKED, since=day))
    assert posts
    for name in posts:
        created = office.post(name, SHARED).created_at
        assert created is not None
        assert created >= day


def test_only_what_was_there_before_a_day_is_evidence(office: ExpertFinder) -> None:
    day = NOON - timedelta(days=200)
    assert cited(office, replace(ASKED, until=day)) == {"o:b1", "o:b2", "o:b3"}


def test_a_post_that_is_excluded_is_no_evidence(office: ExpertFinder) -> None:
    some = frozenset(sorted(cited(office, ASKED))[:2])
    assert some
    assert not cited(office, replace(ASKED, exclude_posts=some)) & some


def test_several_topics_at_once_find_people_for_each(office: ExpertFinder) -> None:
    both = found(
        office,
        Query(text="", topics=("kubernetes ingress controller proxy timeout", "ledger invoices currency"), limit=10),
    )
    assert {"o:ada", "o:cleo"} <= set(both[:3])
    one = office.explain(ASKED, "o:cleo", SHARED).score
    assert office.explain(replace(ASKED, topics=("ledger invoices currency",)), "o:cleo", SHARED).score > one


# --- who is never found ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asker", ["o:ada", "o:ada-chat"])
def test_the_asker_is_not_found_by_any_of_their_records(office: ExpertFinder, asker: str) -> None:
    others = found(office, replace(ASKED, asker=asker))
    assert others == [who for who in found(office) if who != "o:ada"]


def test_two_records_of_one_human_are_one_person_known_by_either(office: ExpertFinder) -> None:
    assert "o:ada-chat" not in found(office)
    assert office.person("o:ada-chat", SHARED) == office.person("o:ada", SHARED)
    assert office.explain(ASKED, "o:ada-chat", SHARED) == office.explain(ASKED, "o:ada", SHARED)
    assert "o:chat1" in {c.post for r in office.explain(ASKED, "o:ada", SHARED).reasons for c in r.citations}


@pytest.mark.parametrize(
    "viewer", [SHARED, LAWYER, EVERYTHING, Viewer("o:ada")], ids=["shared", "lawyer", "all", "another"]
)
def test_leavers_and_the_hidden_are_found_by_nobody(office: ExpertFinder, viewer: Viewer) -> None:
    assert not {"o:gil", "o:hana"} & set(found(office, viewer=viewer))
    with pytest.raises(NotFound):
        office.person("o:hana", viewer)
    with pytest.raises(NotFound):
        office.explain(ASKED, "o:hana", viewer)


def test_somebody_who_leaves_only_after_the_day_of_the_index_is_still_here(tmp_path: Path) -> None:
    finder = opened(
        tmp_path / "home",
        [
            replace(fact, left_at=NOON + timedelta(days=9)) if getattr(fact, "id", "") == "o:gil" else fact
            for fact in FACTS
        ],
    )  # type: ignore[call-arg]
    assert "o:gil" in found(finder)
    finder.close()


def test_a_person_of_a_group_is_found_by_the_group_alone(office: ExpertFinder) -> None:
    assert "o:ivo" not in found(office)
    assert "o:ivo" in found(office, viewer=LAWYER)
    with pytest.raises(NotFound):
        office.person("o:ivo", SHARED)


def test_who_is_hidden_is_gone_with_the_next_look_and_back_with_the_one_after(tmp_path: Path) -> None:
    finder = opened(tmp_path / "home")
    finder.store.hide("o:ada")
    assert finder.refresh()
    assert "o:ada" not in found(finder)
    assert finder.person("o:ada", finder.viewer("o:ada-chat")).id == "o:ada"
    with pytest.raises(NotFound):
        finder.person("o:ada-chat", finder.viewer("o:ben"))
    finder.store.hide("o:ada", hidden=False)
    finder.refresh()
    assert found(finder)[0] == "o:ada"
    finder.close()


def test_what_is_written_is_found_after_the_next_look_and_gone_once_it_is_taken_back(tmp_path: Path) -> None:
    finder = opened(tmp_path / "home")
    asked = Query(text="quokka grooming with a soft brush", limit=5)
    assert found(finder, asked) == []
    text = "Quokka grooming: use a soft brush. A quokka dislikes water; grooming with a brush calms it."
    finder.store.apply([person("zoe"), *(post(f"z{n}", "zoe", text, title=f"Quokka grooming {n}") for n in range(6))])
    assert finder.refresh()
    assert not finder.refresh()
    assert found(finder, asked)[0] == "o:zoe"
    finder.store.delete("post", [f"o:z{n}" for n in range(6)])
    finder.refresh()
    assert found(finder, asked) == []
    finder.close()


# --- what cannot be asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(text="  \n "),
        Query(text="x" * (LONGEST_QUESTION + 1)),
        replace(ASKED, limit=0),
        replace(ASKED, limit=-1),
        replace(ASKED, limit=MOST_PEOPLE + 1),
    ],
    ids=["empty", "blank", "too long", "nobody", "fewer than nobody", "too many"],
)
def test_a_question_that_cannot_be_asked_is_refused(office: ExpertFinder, query: Query) -> None:
    with pytest.raises(InvalidQuestion):
        office.find(query, SHARED)
    with pytest.raises(InvalidQuestion):
        office.explain(query, "o:ada", SHARED)


def test_a_word_is_tried_as_a_compound_up_to_a_length(office: ExpertFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, str]] = []
    monkeypatch.setattr(QuestionReader, "_both", lambda _, *both: bool(tried.append(both)))
    office.find(Query(text="a" * LONGEST), SHARED)
    assert tried
    tried.clear()
    for letters in (LONGEST + 1, LONGEST_QUESTION):
        office.find(Query(text="a" * letters), SHARED)
    assert not tried


@pytest.mark.parametrize("text", ["x", "?", "🦀", "\x00", "a" * LONGEST_QUESTION, "the of and", "' OR 1=1 --", "*:*"])
def test_odd_questions_are_answered_or_abstained_from(office: ExpertFinder, text: str) -> None:
    ranking = office.find(Query(text=text), SHARED)
    assert bool(ranking.abstained) != bool(ranking.recommendations)


@pytest.mark.parametrize("limit", [1, MOST_PEOPLE])
def test_the_limits_themselves_may_be_asked_for(office: ExpertFinder, limit: int) -> None:
    assert found(office, replace(ASKED, limit=limit))


# --- viewers, people, posts, topics ----------------------------------------------------------------------------------


def test_a_viewer_has_the_groups_of_the_person(office: ExpertFinder) -> None:
    assert office.viewer("o:dana") == replace(LAWYER, groups=LAWYER.groups | {"@unit:legal"})
    assert office.viewer("o:ada-chat").person == "o:ada-chat"
    assert office.viewer(None) == SHARED


@pytest.mark.parametrize("name", ["o:nobody", ""])
def test_there_is_no_viewer_for_somebody_unknown(office: ExpertFinder, name: str) -> None:
    with pytest.raises(NotFound):
        office.viewer(name)


def test_who_is_hidden_sees_themselves_and_nobody_else_does(office: ExpertFinder) -> None:
    hana = office.viewer("o:hana")
    assert office.person("o:hana", hana).id == "o:hana"
    assert office.post("o:h1", hana).authors == ("o:hana",)
    assert office.post("o:h1", office.viewer("o:ada")).authors == ()
    assert office.explain(ASKED, "o:hana", hana).score > 0
    assert "o:hana" not in found(office, replace(ASKED, asker="o:hana"), hana)


def test_a_restricted_post_is_absent_for_who_may_not_read_it(office: ExpertFinder) -> None:
    with pytest.raises(NotFound) as hidden:
        office.post("o:d1", SHARED)
    with pytest.raises(NotFound) as absent:
        office.post("o:nothing", SHARED)
    assert str(hidden.value) == str(absent.value)
    assert office.post("o:d1", LAWYER).audience == LEGAL
    assert found(office, Query(text=MERGER), LAWYER)[0] == "o:dana"
    assert found(office, Query(text=MERGER)) == []


def test_a_post_names_only_authors_whom_the_viewer_may_find(office: ExpertFinder) -> None:
    assert office.post("o:chat1", SHARED).authors == ("o:ada",)
    assert office.post("o:i1", SHARED).authors == ()
    assert office.post("o:i1", LAWYER).authors == ("o:ivo",)


def test_topics_are_found_by_how_they_or_one_of_their_words_begin(office: ExpertFinder) -> None:
    labels = [topic.label for topic in office.topics(SHARED)]
    assert "ingress" in labels
    assert [topic.label for topic in office.topics(SHARED, prefix=" ING")] == ["ingress"]
    assert office.topics(SHARED, prefix="gress") == []
    busiest = [topic.posts for topic in office.topics(SHARED)]
    assert busiest == sorted(busiest, reverse=True)
    assert len(office.topics(SHARED, limit=1)) == 1


def test_the_version_moves_with_what_the_viewer_may_read_and_with_nothing_else(tmp_path: Path) -> None:
    finder = opened(tmp_path / "home")
    shared, lawyer = finder.version(SHARED), finder.version(LAWYER)
    finder.store.apply([post("d99", "dana", INGRESS, audience=LEGAL)])
    finder.refresh()
    assert finder.version(SHARED) == shared
    assert finder.version(LAWYER) != lawyer
    finder.store.delete("post", ["o:d99"])
    finder.refresh()
    assert finder.version(LAWYER) == lawyer
    finder.store.apply([act("cleo", "edit", "a7", audience=LEGAL)])
    finder.refresh()
    assert finder.version(SHARED) == shared
    finder.store.apply([post("a99", "ada", INGRESS)])
    finder.refresh()
    assert finder.version(SHARED) != shared
    finder.close()
