"""The index in a Neo4j server answers what the index in the folder answers, whatever happens to the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.neo4j.served import embedded, rebuild, served
from tests.sizes import size
from tests.unit.office import (
    EVERYTHING,
    FACTS,
    INGRESS,
    LAWYER,
    LEDGER,
    LEGAL,
    MERGER,
    QUESTION,
    TODAY,
    act,
    person,
    post,
)

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.choices import Choosing
from expertfinder.ask.suggest import suggest
from expertfinder.errors import ExpertFinderError, NotReady, StoreError, StoreUnavailable
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.server import index as served_module
from expertfinder.index.server.index import ServerIndex
from expertfinder.model import SHARED, Query, Recommendation, Viewer
from expertfinder.store import open_index_server, open_store

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

pytestmark = pytest.mark.needs_neo4j
VIEWERS = (SHARED, LAWYER, EVERYTHING, Viewer("o:ben"))
QUERIES = (
    Query(text=QUESTION),
    Query(text="ledger currency", asker="o:cleo"),
    Query(text=MERGER),
    Query(text="liability clause escrow invoices", topics=("ledger",)),
    Query(text=QUESTION, question_tags=("field work",)),
    Query(text=QUESTION, tags=("Field work", "ledger")),
    Query(text=QUESTION, tags=("no post has this",)),
    Query(text="raise the timeout", exclude_posts=frozenset({"o:a1", "o:d1", "o:r1"})),
    Query(text="ingress", place="Lagos", topics=("field work",)),
    Query(text='c++ AND (proxy OR \\ "escrow~ [x TO y] ^2 *:*'),
    Query(text="??"),
    Query(text=QUESTION, kinds=("answer",), since=datetime(2026, 1, 1, tzinfo=UTC)),
)
NEAR = 1e-6
"""Sums that something was taken out of differ in their last digits from sums that never held it."""


@dataclass(frozen=True, slots=True)
class Both:
    """One organisation behind both engines."""

    ours: ExpertFinder
    theirs: ExpertFinder

    def __iter__(self) -> Iterator[ExpertFinder]:
        return iter((self.ours, self.theirs))

    def each(self, work: Callable[[ExpertFinder], object]) -> None:
        """Do the same to both, and look."""
        for finder in self:
            work(finder)
            finder.refresh()


@pytest.fixture(scope="module")
def unchanged(neo4j_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The organisation for tests that only ask. They stand before those that take the server for themselves."""
    folder = tmp_path_factory.mktemp("unchanged")
    with opened(neo4j_server, folder) as both:
        yield both


@pytest.fixture
def both(neo4j_server: Server, tmp_path: Path) -> Iterator[Both]:
    """The organisation for one test alone."""
    with opened(neo4j_server, tmp_path) as opened_both:
        yield opened_both


@contextmanager
def opened(server: Server, folder: Path) -> Iterator[Both]:
    """The organisation behind both engines; what the server held before goes."""
    with (
        embedded(FACTS, folder / "ours", as_of=TODAY) as ours,
        served(server, FACTS, folder / "theirs", as_of=TODAY) as theirs,
    ):
        yield Both(ours, theirs)


def same_answers(both: Both) -> int:
    """Every question of every viewer is answered alike; how many people were named."""
    named = 0
    for viewer in VIEWERS:
        assert both.ours.version(viewer) == both.theirs.version(viewer), viewer
        for query in QUERIES:
            if query.exclude_posts and both.ours.snapshot.sequence != both.ours.snapshot.manifest.sequence:
                continue  # ours makes the sums of people anew from what there is now, theirs takes out of those it has
            ours, theirs = (finder.find(query, viewer) for finder in both)
            assert ours.abstained == theirs.abstained, (query.text, viewer)
            assert ours.version == theirs.version
            assert ours.confidence == theirs.confidence, (query.text, viewer)
            names = [[one.subject for one in ranking.recommendations] for ranking in (ours, theirs)]
            assert names[0] == names[1], (query.text, viewer)
            for one, other in zip(ours.recommendations, theirs.recommendations, strict=True):
                alike(one, other)
            named += len(names[0])
    return named


def alike(one: Recommendation, other: Recommendation) -> None:
    """The same parts with the same posts, and the same numbers but for the last digits."""
    assert one.score == pytest.approx(other.score, rel=NEAR)
    for mine, yours in zip(one.reasons, other.reasons, strict=True):
        assert (mine.part, mine.text) == (yours.part, yours.text)
        assert mine.value == pytest.approx(yours.value, rel=NEAR)
        assert [cited.post for cited in mine.citations] == [cited.post for cited in yours.citations]


def test_the_same_people_for_the_same_reasons(unchanged: Both) -> None:
    assert same_answers(unchanged) > 40
    query = Query(text=MERGER)
    for viewer, name in ((LAWYER, "o:dana"), (SHARED, "o:ada")):
        ours, theirs = (finder.explain(query, name, viewer) for finder in unchanged)
        alike(ours, theirs)
    assert unchanged.theirs.find(query, LAWYER).recommendations[0].subject == "o:dana"
    assert "o:dana" not in [one.subject for one in unchanged.theirs.find(query, SHARED).recommendations]


def test_what_is_asked_of_the_whole_graph_is_the_same_too(unchanged: Both) -> None:
    for viewer in VIEWERS:
        ours, theirs = (finder.expertise("o:ada", viewer) for finder in unchanged)
        assert ours == theirs
        ours, theirs = (finder.assess(Query(text=INGRESS), "o:ada", viewer) for finder in unchanged)  # type: ignore[assignment]
        assert ours == theirs
        ours, theirs = (Networking(finder).around("o:ada", viewer) for finder in unchanged)  # type: ignore[assignment]
        assert ours == theirs
        ours, theirs = (finder.topics(viewer) for finder in unchanged)  # type: ignore[assignment]
        assert ours == theirs
        ours, theirs = (Choosing(finder).of(viewer) for finder in unchanged)  # type: ignore[assignment]
        assert ours == theirs
        assert ours.kinds
        for words in ("ad", "ingress", "ledgr"):
            ours, theirs = (suggest(finder, words, viewer) for finder in unchanged)  # type: ignore[assignment]
            assert ours == theirs


def test_nothing_of_the_index_is_left_in_the_folder(unchanged: Both) -> None:
    assert not unchanged.theirs.home.folder.exists() or not list(unchanged.theirs.home.folder.rglob("*.npy"))
    assert unchanged.theirs.snapshot.shared.segment.ids == []


def test_another_encoder_is_refused_and_the_cure_is_named(unchanged: Both) -> None:
    class Other:
        name, dimension, digest, max_tokens = "other", 256, "0", 100

        def encode(self, texts: object, language: str = "") -> object:
            raise AssertionError

    finder = ExpertFinder(unchanged.theirs.home, unchanged.theirs.store, encode=Other())  # type: ignore[arg-type]
    with pytest.raises(ExpertFinderError, match="expertfinder index"):
        finder.refresh()
    finder._index.close()


LONG = "every ingress of the wallaby gateway rejects the certificate that its proxy renews at night until it restarts"
"""So long that it counts once, whoever says it again."""
CHANGES: tuple[Callable[[ExpertFinder], object], ...] = (
    lambda f: f.store.apply([post("n1", "cleo", INGRESS, age=1, title="A new hand", tags=("ingress",))]),
    lambda f: f.store.apply([post("a3", "ada", INGRESS, age=30, title="Ingress, part 3", audience=LEGAL)]),
    lambda f: f.store.apply([act("dana", "review", "c1", audience=LEGAL), act("ben", "review", "c2")]),
    lambda f: f.store.apply([post("q1", "fay", LEDGER, title="Something else")]),  # its reply has its words
    lambda f: f.store.apply([post("n2", "newcomer", MERGER, audience=LEGAL), person("newcomer")]),
    lambda f: f.store.apply([post(f"copy{n}", "ben", INGRESS, age=n) for n in range(5)]),
    lambda f: f.store.apply([post("said", "cleo", LONG, age=9), post("again", "gil", LONG, age=3)]),
    lambda f: f.store.apply(
        [post("before", "fay", LONG, age=20), post("secret", "dana", LONG, age=90, audience=LEGAL)]
    ),
    lambda f: f.store.delete("post", ["o:a1", "o:d2", "o:before"]),
    lambda f: f.store.hide("o:cleo"),
    lambda f: f.store.apply([person("ben", org_unit="Field", location="Lagos", audience=LEGAL)]),
    lambda f: f.store.hide("o:cleo", hidden=False),
    lambda f: f.store.apply([person("ada-chat", name="ada!", audience=LEGAL)]),
    lambda f: f.store.erase("o:gil"),
    lambda f: f.store.apply([post("a3", "ada", INGRESS, age=30, title="Ingress, part 3", tags=("ingress",))]),
    lambda f: f.store.apply([post("n3", "ada", "An unheard word: zwiebelfisch, in the ingress.", age=2)]),
)


def test_each_change_is_seen_alike_and_so_is_the_fold_of_them(both: Both) -> None:
    for number, change in enumerate(CHANGES):
        both.each(change)
        assert same_answers(both) > 10, number
    assert len(both.theirs.snapshot.fresh)
    for finder in both:
        rebuild(finder, TODAY)
    assert not len(both.theirs.snapshot.fresh)
    assert same_answers(both) > 10


def test_what_is_fetched_for_changes_does_not_grow_with_each_look(both: Both) -> None:
    for number in range(3):  # Cleo reviewed a post of Ada's, whose others have nothing to do with Cleo's
        both.theirs.store.apply([post(f"n{number}", "cleo", LEDGER, age=1)])
        both.theirs.refresh()
    index = both.theirs._index
    assert isinstance(index, ServerIndex)
    (base,) = index._bases.values()
    around = base.around.segments["shared"].ids
    assert "o:c1" in around
    assert "o:a5" not in around


@pytest.mark.parametrize("seed", range(size("orders")))
def test_changes_in_any_order_are_seen_alike(both: Both, seed: int) -> None:
    draw = Random(seed)
    order = list(CHANGES)
    draw.shuffle(order)
    for change in order:
        both.each(change)
        if draw.random() < 0.15:
            for finder in both:
                rebuild(finder, TODAY)
    same_answers(both)


def test_many_restricted_posts_are_fetched_by_their_words(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_module, "READ_WHOLE", 3)
    asked = Query(text="liability clause escrow notary")
    ours, theirs = (finder.find(asked, LAWYER) for finder in both)
    assert [one.subject for one in ours.recommendations] == [one.subject for one in theirs.recommendations]
    assert ours.recommendations[0].score == pytest.approx(theirs.recommendations[0].score, rel=NEAR)
    assert "o:dana" not in [one.subject for one in both.theirs.find(asked, SHARED).recommendations]


def test_more_is_fetched_where_one_author_floods_the_answer(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (served_module, __import__("expertfinder.index.candidates", fromlist=["view"])):
        monkeypatch.setattr(module, "CANDIDATES", 6)
        monkeypatch.setattr(module, "MOST_OF_ONE", 2)
    same_answers(both)


def test_who_answers_while_another_index_is_published_goes_over_to_it(both: Both, neo4j_server: Server) -> None:
    other = ExpertFinder(both.theirs.home, open_store(neo4j_server.url), encode=encoder(DEFAULT))
    other.refresh()
    before = other.find(QUERIES[0], SHARED)
    for _ in range(2):  # the second one is written where the first one was read
        rebuild(both.theirs, TODAY)
    assert other.find(QUERIES[0], SHARED) == before
    assert other.snapshot.manifest.name == both.theirs.snapshot.manifest.name
    other.close()


def test_of_two_who_publish_at_once_one_is_told_to_come_again(both: Both, neo4j_server: Server) -> None:
    one, other = open_index_server(neo4j_server.url), open_index_server(neo4j_server.url)
    one.begin()
    with pytest.raises(StoreUnavailable, match="somebody else"):
        other.begin()
    assert same_answers(both) > 40, "what is published answers on"
    neo4j_server.query("MATCH (n:Index {name: 'builder'}) SET n.at = 0")  # ten minutes later
    other.begin()
    one.close()
    other.close()


def test_after_an_erasure_no_node_of_the_index_knows_the_person(both: Both, neo4j_server: Server) -> None:
    both.theirs.store.erase("o:gil")
    both.theirs.home.build_index(both.theirs.store, encode=encoder(DEFAULT), as_of=TODAY, keep=1)
    both.theirs.refresh()
    found = neo4j_server.query(
        "MATCH (n) WHERE any(label IN labels(n) WHERE label STARTS WITH 'Indexed') UNWIND keys(n) AS key"
        " WITH n, key, n[key] AS value WHERE valueType(value) STARTS WITH 'STRING' AND value CONTAINS 'o:g1'"
        " RETURN count(*) AS found"
    )
    assert found == [{"found": 0}]
    left = [neo4j_server.query(f"MATCH (n:IndexedFile{slot}) RETURN count(n) > 0 AS held")[0]["held"] for slot in "AB"]
    assert sorted(left) == [False, True], "the index of before is gone"
    for query in QUERIES:
        assert "o:gil" not in [one.subject for one in both.theirs.find(query, EVERYTHING).recommendations]


def test_before_the_first_index_a_question_says_what_to_do(neo4j_empty: Server, tmp_path: Path) -> None:
    home = Home(tmp_path, neo4j_empty.url, "neo4j")
    finder = ExpertFinder.open(home)
    assert not finder.ready
    with pytest.raises(NotReady, match="expertfinder index"):
        finder.find(QUERIES[0], SHARED)
    finder.home.build_index(finder.store, encode=encoder(DEFAULT))
    finder.refresh()
    assert finder.find(QUERIES[0], SHARED).abstained
    finder.close()


def test_an_index_in_a_server_needs_a_server(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="EXPERTFINDER_RECORD"):
        ExpertFinder.open(Home(tmp_path, "", "neo4j"))
