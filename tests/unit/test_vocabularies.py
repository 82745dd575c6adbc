"""The organisation's own vocabulary: one name for what is called in several ways, and none that nothing supports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.office import FACTS, LAWYER, LEGAL, NOON, TODAY, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.demand import FEWEST_ASKERS, Demand
from expertfinder.ask.suggest import suggest
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.posts.concepts import NO_CONCEPTS, in_singular, read_concepts, words_of
from expertfinder.ingest.concepts import read_vocabulary
from expertfinder.ingest.vocabularies import From, decide, put_vocabulary, remove_vocabulary, undecide
from expertfinder.model import SHARED, Fact, Query, Viewer
from expertfinder.store import Store, TopicWish
from expertfinder.store.statements.concepts import ConceptScheme, TopicDecision

TABLE = """\
id,label,label_de,alias,alias_fr,broader,half_life,hide
net,Networking,,,,,,
ing,Ingress,Eingangssteuerung,k8s gateway|ingress controllers,contrôleur d'entrée,net,passing,
book,General ledger,Hauptbuch,ledger,grand livre,,lasting,
esc,Escrow,Hinterlegung,merger escrow,,,,
mis,Misc,,odds,,,,yes
yet,Yodelling,Jodeln,,,net,,
"""
SOURCE = From(name="own", file="own.csv", language="en", by="prompt")
MORE = (
    post("e1", "dana", "The escrow of the source.", title="Merger escrow", tags=("merger escrow",), audience=LEGAL),
    post("o1", "ben", "Nothing.", tags=("odds", "k8s-gateway")),
    post("o2", "fay", "Nothing more.", tags=("odds",)),
    post("o3", "cleo", "Nothing else.", tags=("odds",)),
    person("fay", org_unit="Field", location="Lagos", skills=("K8s gateway", "odds")),
)


def imported(store: Store, table: str = TABLE, source: From = SOURCE) -> tuple[int, int, int]:
    done = put_vocabulary(store, read_vocabulary(source.file, table.encode()), source)
    return done.added, done.changed, done.withdrawn


def decided(topic: str, **what: str | bool) -> TopicDecision:
    return TopicDecision(topic=words_of(topic), label=topic, by="prompt", at=NOON, **what)  # type: ignore[arg-type]


def built(
    folder: Path, *statements: TopicDecision | TopicWish, table: str | None = TABLE, more: Iterable[Fact] = ()
) -> ExpertFinder:
    home = Home(folder)
    store = home.open_store()
    store.apply([*FACTS, *MORE, *more])
    if table is not None:
        imported(store, table)
    for one in statements:
        store.state(one)
    home.build_index(store, encode=encoder(DEFAULT), as_of=TODAY)
    finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
    finder.refresh()
    return finder


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """The office with a vocabulary. To be asked only."""
    finder = built(tmp_path_factory.mktemp("named"))
    yield finder
    finder.close()


def labels(finder: ExpertFinder, viewer: Viewer = SHARED) -> list[str]:
    return [topic.label for topic in finder.topics(viewer, limit=100)]


def people(finder: ExpertFinder, text: str, viewer: Viewer = SHARED, **more: object) -> list[str]:
    found = finder.find(Query(text=text, **more), viewer)  # type: ignore[arg-type]
    return sorted(one.subject for one in found.recommendations[:3])


def first(finder: ExpertFinder, text: str, viewer: Viewer = SHARED, **more: object) -> list[str]:
    found = finder.find(Query(text=text, **more), viewer)  # type: ignore[arg-type]
    return [one.subject for one in found.recommendations[:1]]


# --- the record ------------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_and_what_a_newer_one_lacks_leaves(tmp_path: Path) -> None:
    store = Home(tmp_path / "a").open_store()
    assert imported(store) == (6, 0, 0)
    before = store.statements(ConceptScheme)
    assert imported(store) == (0, 0, 0)
    assert store.statements(ConceptScheme) == before
    newer = (
        TABLE.replace("Hauptbuch", "Hauptkonto").replace("esc,Escrow,Hinterlegung,merger escrow,,,,\n", "")
        + "x,X,,,,,,\n"
    )
    assert imported(store, newer) == (1, 1, 1)
    fresh = Home(tmp_path / "b").open_store()
    imported(fresh, newer)
    assert read_concepts(store) == read_concepts(fresh)
    assert [one.packed for one in store.statements(ConceptScheme)] == [
        one.packed for one in fresh.statements(ConceptScheme)
    ]
    assert remove_vocabulary(store, "own", by="prompt") == 6
    assert read_concepts(store) == NO_CONCEPTS
    with pytest.raises(NotFound, match="no vocabulary called 'own'"):
        remove_vocabulary(store, "own", by="prompt")
    for name, language in (("Own!", "en"), ("own", "English")):
        with pytest.raises(InvalidQuestion):
            imported(store, source=replace(SOURCE, name=name, language=language))
    store.close()
    fresh.close()


def test_decisions_add_up_outlast_an_import_and_can_be_undone(tmp_path: Path) -> None:
    store = Home(tmp_path).open_store()
    imported(store)
    decide(store, decided("Hauptbuch", name="Books"))
    decide(store, decided("hauptbuch", half_life="usual"))
    imported(store, TABLE + "x,X,,,,,,\n")
    found = read_concepts(store).of("grand livre")
    assert found is not None
    assert (found.label, found.half_life) == ("Books", "usual")
    decide(store, decided("Yodelling", into="Ingress"))
    decide(store, decided("Fog", into="Mist"))
    concepts = read_concepts(store)
    assert concepts.named("jodeln") == "Ingress"
    assert concepts.named("fog") == "Mist"
    undecide(store, "yodelling", by="prompt")
    assert read_concepts(store).named("jodeln") == "Yodelling"
    with pytest.raises(NotFound):
        undecide(store, "yodelling", by="prompt")
    with pytest.raises(InvalidQuestion, match="lasting, usual, passing"):
        decide(store, decided("fog", half_life="long"))
    store.close()


def test_merges_in_a_circle_end_in_one_concept(tmp_path: Path) -> None:
    store = Home(tmp_path).open_store()
    for one, into in (("a1", "b1"), ("b1", "c1"), ("c1", "a1")):
        decide(store, decided(one, into=into))
    assert len(read_concepts(store).all) == 1
    store.close()


@pytest.mark.parametrize(
    ("several", "one"),
    [("mechanical seals", "mechanical seal"), ("batteries", "battery"), ("boxes", "box"), ("passes", "pass")],
)
def test_the_plural_of_a_label_is_its_singular(several: str, one: str) -> None:
    assert in_singular(several) == in_singular(one) == one


@pytest.mark.parametrize("word", ["analysis", "css", "status", "windows", "kubernetes ingress", "gas", "aws"])
def test_what_only_ends_like_a_plural_is_none_of_another_word(word: str) -> None:
    assert in_singular(word) == word


# --- what it does ----------------------------------------------------------------------------------------------------


def test_a_question_in_another_language_or_by_an_alias_finds_who_wrote_about_the_concept(named: ExpertFinder) -> None:
    expected = people(named, "Ingress")
    assert "o:ada" in expected
    for text in ("k8s gateway", "Wer kennt sich mit Eingangssteuerung aus?", "contrôleur d'entrée"):
        assert people(named, text) == expected, text
    for text in ("Hauptbuch", "grand livre", "general ledger"):
        assert first(named, text) == ["o:cleo"], text


def test_topics_tags_and_skills_have_the_preferred_label_and_what_was_merged_is_one(named: ExpertFinder) -> None:
    assert "Ingress" in labels(named)
    assert "General ledger" in labels(named)
    assert not {"ingress", "ledger", "k8s-gateway"} & set(labels(named))
    assert named.post("o:o1", SHARED).tags == ("Ingress",)
    assert named.person("o:fay", SHARED).skills == ("Ingress",)
    assert named.expertise("o:cleo", SHARED)[0].topic.label == "General ledger"
    for tag in ("k8s gateway", "INGRESS", "Ingress"):
        assert "o:ada" in people(named, "kubernetes proxy timeout", tags=(tag,)), tag


def test_what_is_typed_suggests_a_topic_by_any_label_and_what_is_narrower(named: ExpertFinder) -> None:
    for text in ("Eingangs", "k8s", "ingress"):
        assert "Ingress" in [one.label for one in suggest(named, text, SHARED).found], text
    assert [one.label for one in suggest(named, "networking", SHARED).found] == ["Ingress"], "and nothing nobody knows"


def test_demand_and_risk_are_told_of_the_concept_whichever_label_was_asked_for(named: ExpertFinder) -> None:
    network = Networking(named)
    demand = Demand(named, network)
    for number in range(FEWEST_ASKERS):
        asked = Query(text=("Hauptbuch", "grand livre", "ledgers")[number % 3])
        assert demand.note(asked, Viewer(f"o:x{number}"), TODAY) == ("General ledger",)
    assert [gap.topic for gap in demand.gaps(SHARED, TODAY)] == ["General ledger"]
    assert network.risk("topic:ledger", SHARED) == network.risk("topic:General ledger", SHARED)


def test_a_hidden_topic_is_on_no_page_under_any_label(named: ExpertFinder) -> None:
    assert not {"Misc", "odds"} & set(labels(named))
    assert named.post("o:o2", SHARED).tags == ()
    assert [one.kind for one in suggest(named, "odds", SHARED).found] == []
    assert "o:cleo" in people(named, "Nothing else"), "the words of posts stay"


def test_a_label_that_no_readable_post_supports_is_said_to_nobody(named: ExpertFinder) -> None:
    unsupported = ("yodelling", "escrow", "networking")
    asked = ("Jodeln", "Hinterlegung", "who knows Networking?", "Yod", "Esc")
    for viewer in (SHARED, Viewer("o:ben")):
        for text in asked:
            answer = named.find(Query(text=text), viewer)
            said = repr((answer.notes, answer.abstained, suggest(named, text, viewer), labels(named, viewer)))
            assert not any(label in said.lower().replace(text.lower(), "") for label in unsupported), text
    assert first(named, "Hinterlegung", LAWYER) == ["o:dana"], "who may read it finds it by any label"
    assert named.post("o:e1", LAWYER).tags == ("Escrow",)


def test_what_comes_after_the_build_is_called_as_the_index_calls_it(tmp_path: Path) -> None:
    finder = built(tmp_path)
    finder.store.apply([post("n1", "fay", "A new note.", title="New note", tags=("k8s gateway",), age=0)])
    finder.refresh()
    assert first(finder, "new note", tags=("ingress",)) == ["o:fay"]
    finder.close()


def test_a_wish_about_a_topic_holds_under_every_label(tmp_path: Path) -> None:
    wish = TopicWish(person="o:ada", topic="k8s gateway", label="K8s gateway", says="keep", listed="never", at=NOON)
    finder = built(tmp_path, wish)
    for text in ("ingress", "Eingangssteuerung", "k8s gateway"):
        assert "o:ada" not in {one.subject for one in finder.find(Query(text=text), SHARED).recommendations}, text
    assert "Ingress" not in [one.topic.label for one in finder.expertise("o:ada", SHARED)]
    finder.close()


def test_a_wish_holds_in_the_singular_and_the_plural_without_a_vocabulary(tmp_path: Path) -> None:
    wish = TopicWish(person="o:ada", topic="proxies", label="Proxies", says="keep", listed="never", at=NOON)
    finder = built(tmp_path, wish, table=None)
    assert "o:ada" not in people(finder, "proxy timeout")
    assert "o:ada" in people(finder, "ingress")
    finder.close()


def test_what_was_done_on_a_lasting_topic_loses_slower(tmp_path: Path) -> None:
    """Gus wrote three posts years ago, Fay one of late: what lasts is still Gus's, what passes is not."""
    old = [post(f"g{n}", "gus", f"How a kiln is lined and fired, part {n}.", age=900 + 40 * n) for n in range(3)]
    more: list[Fact] = [person("gus"), *old, post("f1", "fay", "How a kiln is lined and fired today.", age=5)]
    shares = {}
    for held in ("passing", "usual", "lasting"):
        finder = built(tmp_path / held, decided("kiln", half_life=held), more=more)
        found = finder.find(Query(text="lining a kiln"), SHARED).recommendations
        shares[held] = next(one.score for one in found if one.subject == "o:gus") / found[0].score
        finder.close()
    assert shares["passing"] < shares["usual"] < shares["lasting"], shares


def test_without_a_vocabulary_an_index_has_no_table_of_concepts(tmp_path: Path) -> None:
    finder = built(tmp_path, table=None)
    assert finder.snapshot.concepts == NO_CONCEPTS
    assert not list(finder.home.index.rglob("concepts.json"))
    finder.close()
