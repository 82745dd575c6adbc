"""What a filter leaves out counts nowhere, and makes nothing surer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.workshop import (
    GROUP,
    INSIDER,
    KINDS,
    LANGUAGES,
    NOON,
    PLACES,
    QUESTIONS,
    SINCE,
    UNITS,
    ZONES,
    Passing,
    opened,
    without,
    written,
)

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.index.candidates import Question
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.posts.bm25 import Words
from expertfinder.model import (
    ORGANISATION,
    SHARED,
    Confidence,
    Interaction,
    Person,
    Post,
    Query,
    Recommendation,
    Viewer,
)

FILTERS: dict[str, tuple[Query, Passing]] = {
    "place": (Query(place=PLACES[0]), Passing(person=lambda one: PLACES[0] in one.location)),
    "unit": (Query(unit=UNITS[1]), Passing(person=lambda one: UNITS[1] in one.org_unit)),
    "language": (Query(language=LANGUAGES[2]), Passing(person=lambda one: LANGUAGES[2] in one.languages)),
    "availability": (Query(availability="fridays"), Passing(person=lambda one: "Fridays" in one.availability)),
    "zone": (Query(zone="Europe/Lisbon"), Passing(person=lambda one: one.time_zone in ZONES[:2])),
    "kind": (Query(kinds=KINDS[:1]), Passing(post=lambda post: post.kind == KINDS[0])),
    "tag": (Query(tags=("late",)), Passing(post=lambda post: "late" in post.tags)),
    "since": (Query(since=SINCE), Passing(at=lambda at: at >= SINCE)),
    "place and kind": (
        Query(place=PLACES[1], kinds=KINDS[1:]),
        Passing(person=lambda one: PLACES[1] in one.location, post=lambda post: post.kind in KINDS[1:]),
    ),
    "unit and since": (
        Query(unit=UNITS[0], since=SINCE),
        Passing(person=lambda one: UNITS[0] in one.org_unit, at=lambda at: at >= SINCE),
    ),
}
SURE = list(Confidence)[::-1]
VIEWERS = {"everybody": SHARED, "an insider": INSIDER}


@pytest.fixture(scope="module", params=["one", "two"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("workshop") / "home", request.param)


@pytest.fixture(scope="module")
def finder(home: Path) -> Iterator[ExpertFinder]:
    found = opened(home)
    yield found
    found.close()


def told(one: Recommendation) -> object:
    """All that is said of somebody, numbers apart; the order of posts that add the same is no matter."""
    reasons = [(part.part, part.text, sorted((each.post, each.act) for each in part.citations)) for part in one.reasons]
    return one.subject, reasons


def amounts(one: Recommendation) -> list[float]:
    """The numbers, in a fixed order."""
    cited = [(each.post, each.contribution, each.without) for part in one.reasons for each in part.citations]
    return [one.score, *(part.value for part in one.reasons), *(n for row in sorted(cited) for n in row[1:])]


@pytest.mark.parametrize("name", FILTERS)
def test_the_answer_is_that_of_a_world_without_what_a_filter_leaves_out(
    home: Path, finder: ExpertFinder, tmp_path: Path, name: str
) -> None:
    filtering, passing = FILTERS[name]
    other = without(home, tmp_path / "copy", passing)
    named, same = 0, []
    for viewer in VIEWERS.values():
        for text in QUESTIONS.values():
            asked = replace(filtering, text=text, limit=100)
            found, there = finder.find(asked, viewer), other.find(Query(text=text, limit=100), viewer)
            if found.abstained is not None:  # a filter on people may leave an answer that is not sure enough
                assert there.abstained is not None or filtering.of_some
                continue
            named += len(found.recommendations)
            assert [told(one) for one in found.recommendations] == [told(one) for one in there.recommendations]
            for one, again in zip(found.recommendations, there.recommendations, strict=True):
                assert amounts(one) == pytest.approx(amounts(again), rel=1e-4, abs=1e-7)
                assert SURE.index(one.confidence) <= SURE.index(again.confidence)
            # Never surer; less sure where what somebody did last is no evidence, or with `since` a post nobody touched.
            assert SURE.index(found.confidence) <= SURE.index(there.confidence)
            same.append(found.confidence == there.confidence)
            for person in (found.recommendations[0].subject, "w:p03"):
                if other.people(viewer, ids=[person]):
                    one, again = finder.explain(asked, person, viewer), other.explain(Query(text=text), person, viewer)
                    assert told(one) == told(again)
                    assert amounts(one) == pytest.approx(amounts(again), rel=1e-4, abs=1e-7)
                else:
                    assert not finder.explain(asked, person, viewer).reasons
    assert named
    assert filtering.of_some or 2 * sum(same) > len(same)
    other.close()


@pytest.mark.parametrize("name", FILTERS)
def test_communities_are_those_of_a_world_without_what_a_filter_leaves_out(
    home: Path, finder: ExpertFinder, tmp_path: Path, name: str
) -> None:
    filtering, passing = FILTERS[name]
    other = without(home, tmp_path / "copy", passing)
    ours, theirs = Networking(finder), Networking(other)
    for text in QUESTIONS.values():
        asked = replace(filtering, text=text, limit=100)
        found, there = (
            ours.communities(SHARED, query=asked),
            theirs.communities(SHARED, query=Query(text=text, limit=100)),
        )
        declared = {one.subject: one for one in there.recommendations if not one.subject.startswith("detected:")}
        mine = [one for one in found.recommendations if not one.subject.startswith("detected:")]
        assert mine
        for one in mine:
            assert told(one) == told(declared[one.subject])
            assert amounts(one) == pytest.approx(amounts(declared[one.subject]), rel=1e-6)
    nowhere = ours.communities(SHARED, query=Query(text=QUESTIONS["ledger"], place="Nowhere"))
    assert nowhere.abstained
    assert not nowhere.recommendations
    other.close()


@pytest.mark.parametrize("name", ["place", "unit", "language", "availability", "zone", "kind", "tag", "since"])
def test_an_assessment_counts_what_passes_alone(finder: ExpertFinder, name: str) -> None:
    filtering, passing = FILTERS[name]
    posts = {post.id: post for post in finder.store.all("post")}
    several = 0
    for person in finder.snapshot.people[:12]:
        asked = Query(text=QUESTIONS["ingress"])
        whole = finder.assess(asked, person.id, INSIDER)
        found = finder.assess(replace(filtering, text=asked.text), person.id, INSIDER)
        if not passing.person(person):
            assert (found.posts, found.score) == (0, 0.0)
        elif filtering.of_some:
            assert replace(found, version="") == replace(whole, version="")
        else:
            assert found.posts <= whole.posts
            assert all(passing.post(posts[near.post]) for near in found.nearest)
            several += found.posts < whole.posts
    assert several or filtering.of_some


@pytest.mark.parametrize("name", [name for name, (query, _) in FILTERS.items() if query.of_some])
def test_a_filter_on_people_makes_no_word_surer(finder: ExpertFinder, name: str) -> None:
    filtering, _ = FILTERS[name]
    for text in QUESTIONS.values():
        asked = replace(filtering, text=text, limit=100)
        found, whole = finder.find(asked, SHARED), finder.find(asked.of_everybody, SHARED)
        words = {one.subject: SURE.index(one.confidence) for one in whole.recommendations}
        assert found.abstained is not None or whole.abstained is None
        if found.confidence is not None and whole.confidence is not None:
            assert SURE.index(found.confidence) <= SURE.index(whole.confidence)
        for one in found.recommendations:
            assert SURE.index(one.confidence) <= words.get(one.subject, 0)


def test_an_act_counts_from_its_own_day_whatever_the_day_of_the_post(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "own")
    finder = opened(tmp_path / "own")
    old, new = NOON - timedelta(days=390), NOON - timedelta(days=2)

    def wrote(name: str, at: object, **more: object) -> Post:
        fields: dict[str, object] = {"audience": ORGANISATION, "created_at": at, "text": QUESTIONS["welding"], **more}
        return Post(id=f"w:{name}", source="w", authors=(f"w:{name}",), kind="answer", **fields)  # type: ignore[arg-type]

    def reviewed(name: str, of: str, at: object, **more: object) -> Interaction:
        fields = {"id": f"w:{name}-{of}", "actor": f"w:{name}", "verb": "review", "object": f"w:{of}", **more}
        return Interaction(source="w", **{"audience": ORGANISATION, "created_at": at, **fields})  # type: ignore[arg-type]

    people = [Person(id=f"w:{name}", source="w", name=name, audience=ORGANISATION) for name in ("ole", "nia", "ina")]
    finder.store.apply([*people, wrote("ole", old), reviewed("nia", "ole", new), reviewed("ina", "ole", old)])
    finder.refresh()
    asked = Query(text=QUESTIONS["welding"], since=SINCE, limit=100)
    acts = {
        name: {each.act for part in finder.explain(asked, f"w:{name}", SHARED).reasons for each in part.citations}
        for name in ("ole", "nia", "ina")
    }
    assert acts == {"ole": set(), "nia": {"reviewed"}, "ina": set()}
    # What only a group may see makes an old post evidence for the group alone.
    finder.store.apply([reviewed("ina", "ole", new, id="w:secret", audience=GROUP)])
    finder.refresh()
    assert not finder.explain(asked, "w:ina", SHARED).reasons
    assert finder.explain(asked, "w:ina", INSIDER).reasons
    finder.close()


def test_a_word_that_only_posts_have_that_are_left_out_is_not_known(tmp_path: Path) -> None:
    """Of the four words two, which weigh most, stand in messages alone: documents and answers hardly speak of it."""
    more = [
        Post(
            id=f"w:m{n}", source="w", authors=("w:p01",), audience=ORGANISATION, created_at=NOON, kind="message",
            text=f"The quokka met a wombat at the {word} and the torch went out.",
        )
        for n, word in enumerate(("river", "bridge", "market"))
    ]  # fmt: skip
    finder = opened(written(tmp_path / "home", "words", more=more))
    asked = Query(text="quokka wombat torch weld")
    assert finder.find(asked, SHARED).recommendations
    assert finder.find(replace(asked, kinds=("message",)), SHARED).recommendations
    assert finder.find(replace(asked, kinds=("answer", "document")), SHARED).abstained
    finder.close()


@pytest.mark.parametrize("name", [name for name, (query, _) in FILTERS.items() if query.of_some or query.since])
def test_every_post_that_is_looked_at_was_acted_on_by_somebody_who_passes(finder: ExpertFinder, name: str) -> None:
    filtering, _ = FILTERS[name]
    for viewer in VIEWERS.values():
        asked = replace(filtering, text=QUESTIONS["ledger"])
        found = question(finder, asked, viewer).candidates()
        assert len(found.posts)
        assert set(found.act_post.tolist()) == set(range(len(found.posts)))


def question(finder: ExpertFinder, asked: Query, viewer: Viewer) -> Question:
    snapshot, encode = finder.snapshot, encoder(DEFAULT)
    words = Words.of(snapshot.read(asked.text, encode).words, snapshot.term_rows, snapshot.statistics)
    return Question(finder.view(viewer).narrowed(asked), asked, words, encode.encode([asked.text])[0])
