"""What every home of the facts promises, one sentence a test, against the model and against each real home."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import ClassVar, get_args

import pytest
from tests.stores.cast import (
    ALONE,
    ANN,
    BOB,
    BUILDERS,
    CEM,
    DEMO,
    EVERYTHING,
    KEY,
    MAY,
    PUT,
    RATING,
    ROUTED,
    SEEN,
    THANKS,
    TOGETHER,
)
from tests.stores.homes import ALL, REAL, Home, new_home

from expertfinder.errors import Conflict, StoreError
from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post
from expertfinder.store import (
    Ask,
    Capacity,
    Change,
    Demand,
    Disowned,
    Feedback,
    Kind,
    Nomination,
    Outcome,
    PostState,
    PutQuestion,
    Regulated,
    Routed,
    Statement,
    Store,
    Subscription,
    TopicWish,
    Verdict,
    Visibility,
)
from expertfinder.store.protocol import Receipt
from expertfinder.store.statements.concepts import Concept, ConceptScheme, TopicDecision, pack
from expertfinder.store.statements.wishes import WISHES

KINDS: tuple[Kind, ...] = ("source", "person", "community", "post", "interaction")


@pytest.fixture(params=ALL)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    return new_home(request.param, tmp_path, request)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = home.open()
    yield opened
    opened.close()


def everything_in(store: Store) -> list[Fact]:
    return [fact for kind in KINDS for fact in store.all(kind)]  # type: ignore[call-overload]


def test_a_new_store_is_empty_and_its_number_is_zero(store: Store) -> None:
    assert everything_in(store) == []
    assert (store.sequence(), store.changes(0), store.keys(), store.audit()) == (0, [], [], [])


def test_facts_come_back_as_they_went_in(store: Store) -> None:
    receipt = store.apply(EVERYTHING)
    assert [receipt.count(each) for each in get_args(Outcome)] == [9, 0, 0, 0]
    assert everything_in(store) == [DEMO, ANN, BOB, CEM, BUILDERS, ALONE, TOGETHER, THANKS, RATING]


def test_facts_are_still_there_when_the_store_is_opened_again(home: Home) -> None:
    first = home.open()
    first.apply(EVERYTHING)
    first.hide("demo:bob")
    first.put_key(KEY)
    first.write_audit(SEEN)
    before = (everything_in(first), first.changes(0), first.keys(), first.audit())
    first.close()
    second = home.open()
    assert (everything_in(second), second.changes(0), second.keys(), second.audit()) == before
    second.close()


def test_the_same_batch_again_changes_nothing_in_any_order(store: Store) -> None:
    store.apply(EVERYTHING)
    before = store.changes(0)
    shuffled = list(EVERYTHING)
    random.Random(3).shuffle(shuffled)
    receipt = store.apply(shuffled)
    assert ([receipt.count(each) for each in get_args(Outcome)], receipt.sequence) == ([0, 0, 9, 0], 9)
    assert store.changes(0) == before


def test_one_batch_in_two_orders_makes_the_same_log(tmp_path: Path, home: Home) -> None:
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    one = home.open()
    one.apply(EVERYTHING)
    log = one.changes(0)
    one.close()
    other = type(home)(other_folder).open()  # type: ignore[call-arg]
    other.apply(reversed(EVERYTHING))
    assert other.changes(0) == log
    other.close()


def test_a_receipt_says_of_each_fact_what_became_of_it(store: Store) -> None:
    store.apply([ANN, BOB, ALONE])
    store.erase("demo:bob")
    store.delete("post", [ALONE.id])
    receipt = store.apply([BOB, CEM, replace(ANN, name="Ann"), ANN, ALONE, TOGETHER, THANKS, DEMO])
    assert receipt.outcomes == {
        "source": {"demo": "added"},
        "person": {"demo:bob": "refused", "demo:cem": "added", "demo:ann": "unchanged"},
        "community": {},
        "post": {ALONE.id: "added", TOGETHER.id: "added"},
        "interaction": {THANKS.id: "refused"},
    }
    moved = replace(CEM, location="Oulu")
    assert store.apply([moved, ALONE]).outcomes["person"] == {"demo:cem": "changed"}


def test_the_same_moment_told_in_another_zone_is_no_change(store: Store) -> None:
    store.apply([ALONE])
    elsewhere = replace(ALONE, created_at=MAY.astimezone(timezone(-timedelta(hours=3))))
    assert store.apply([elsewhere]).count("unchanged") == 1


def test_a_changed_fact_replaces_the_old_one_and_takes_one_number(store: Store) -> None:
    store.apply(EVERYTHING)
    moved = replace(ANN, location="Oulu")
    receipt = store.apply([moved, BOB])
    assert (receipt.count("changed"), receipt.count("unchanged"), receipt.sequence) == (1, 1, 10)
    assert store.get("person", ["demo:ann"]) == [moved]
    assert store.changes(9) == [Change(10, "put", "person", "demo:ann")]


def test_of_two_facts_with_one_id_the_last_counts_and_is_counted_once(store: Store) -> None:
    receipt = store.apply([ANN, replace(ANN, name="Not yet"), replace(ANN, name="Ann A.")])
    assert (receipt.count("added"), receipt.sequence) == (1, 1)
    assert store.get("person", ["demo:ann"])[0].name == "Ann A."


def test_an_id_may_name_a_fact_of_each_kind(store: Store) -> None:
    store.apply([Person(id="demo:x", source="demo"), Post(id="demo:x", source="demo")])
    assert (store.count("person"), store.count("post"), store.count("community")) == (1, 1, 0)


def test_numbers_have_no_gaps_and_are_read_in_pieces(store: Store) -> None:
    store.apply(EVERYTHING)
    store.delete("post", ["demo:1"])
    store.hide("demo:cem")
    assert [change.sequence for change in store.changes(0)] == list(range(1, 12))
    assert [change.sequence for change in store.changes(4, limit=3)] == [5, 6, 7]
    assert store.changes(11) == []
    assert store.sequence() == 11


def test_facts_are_given_in_the_order_of_the_ids_asked_for(store: Store) -> None:
    store.apply(EVERYTHING)
    assert store.get("person", ["demo:cem", "demo:nobody", "demo:ann", "demo:cem"]) == [CEM, ANN, CEM]
    assert store.get("person", []) == []


def test_ids_that_no_fact_can_have_are_simply_not_there(store: Store) -> None:
    store.apply(EVERYTHING)
    impossible = ["", "demo:ann\0", "\ud800"]
    assert store.get("person", impossible) == []
    assert store.delete("person", impossible) == 0
    assert store.key("\ud800") is None
    assert store.forgotten("person", impossible) == set()


def test_all_goes_by_the_bytes_of_the_id(store: Store) -> None:
    names = ["demo:Z", "demo:a", "demo:é", "demo:\uffee", "demo:\U0001f309", "demo:10", "demo:9", "demo:a b"]
    store.apply(Person(id=name, source="demo") for name in names)
    assert [person.id for person in store.all("person")] == sorted(names, key=str.encode)


def test_what_is_deleted_is_gone_and_may_come_again(store: Store) -> None:
    store.apply(EVERYTHING)
    assert store.delete("post", ["demo:2", "demo:2", "demo:none"]) == 1
    assert store.changes(9) == [Change(10, "delete", "post", "demo:2")]
    assert store.get("post", ["demo:2"]) == []
    assert store.apply([TOGETHER]).count("added") == 1
    assert store.get("post", ["demo:2"]) == [TOGETHER]


def test_acts_are_found_by_who_did_them(store: Store) -> None:
    store.apply([*EVERYTHING, replace(RATING, id="demo:i0", object="demo:none")])
    assert [act.id for act in store.acts_by(["demo:cem", "demo:none", "\ud800"])] == ["demo:i0", "demo:i2"]
    assert store.acts_by([]) == []


def test_posts_are_found_by_who_wrote_them_and_acts_by_what_they_were_done_to(store: Store) -> None:
    store.apply(EVERYTHING)
    assert [post.id for post in store.posts_by(["demo:ann", "demo:bob", "demo:none"])] == ["demo:1", "demo:2"]
    assert store.posts_by([]) == store.posts_by(["\ud800"]) == []
    assert [act.id for act in store.acts_on(["demo:ann", "demo:1"], kind="person")] == ["demo:i1"]
    assert [act.id for act in store.acts_on(["demo:ann", "demo:1"])] == ["demo:i2"]


def test_an_act_that_is_taken_back_is_a_change_of_its_post(store: Store) -> None:
    store.apply([*EVERYTHING, replace(RATING, id="demo:i3", object="demo:none")])
    assert store.delete("interaction", ["demo:i1", "demo:i2", "demo:i3", "demo:none"]) == 3
    assert [(line.operation, line.kind, line.id) for line in store.changes(10)] == [
        *(("delete", "interaction", f"demo:i{n}") for n in (1, 2, 3)),
        ("put", "post", "demo:1"),
    ]


def test_a_hidden_person_stays_hidden_through_every_import_until_shown(store: Store) -> None:
    store.apply([ANN])
    assert store.hide("demo:ann") == 2
    store.apply([replace(ANN, title="Head of rivers")])
    assert [person.hidden for person in store.all("person")] == [True]
    store.delete("person", ["demo:ann"])
    store.apply([ANN])
    assert store.get("person", ["demo:ann"]) == [replace(ANN, hidden=True)]
    store.hide("demo:ann", hidden=False)
    assert store.get("person", ["demo:ann"]) == [ANN]


def test_hiding_twice_and_importing_a_hidden_person_again_change_nothing(store: Store) -> None:
    store.apply([ANN])
    numbers = [store.hide("demo:ann"), store.hide("demo:ann"), store.apply([ANN]).sequence]
    numbers += [store.hide("demo:ann", hidden=False), store.hide("demo:ann", hidden=False)]
    assert numbers == [2, 2, 2, 3, 3]


def test_a_person_may_be_hidden_before_the_record_comes(store: Store) -> None:
    store.hide("demo:ann")
    store.apply([ANN])
    assert store.get("person", ["demo:ann"])[0].hidden


def test_showing_does_not_overrule_a_record_that_says_hidden(store: Store) -> None:
    store.apply([replace(ANN, hidden=True)])
    store.hide("demo:ann", hidden=False)
    assert store.get("person", ["demo:ann"])[0].hidden


def test_an_erased_person_is_in_no_fact_any_more(store: Store) -> None:
    store.apply(EVERYTHING)
    store.erase("demo:ann")
    assert everything_in(store) == [
        DEMO,
        replace(BOB, manager=""),
        replace(CEM, audience=replace(CEM.audience, people=())),
        replace(BUILDERS, members=("demo:bob",), leads=()),
        replace(TOGETHER, authors=("demo:bob",)),
        RATING,
    ]
    assert not any("demo:ann" in repr(fact) for fact in everything_in(store))


def test_the_log_tells_of_an_erasure_and_names_nobody(store: Store) -> None:
    store.apply(EVERYTHING)
    number = store.erase("demo:ann")
    log = store.changes(0)
    assert [change.sequence for change in log] == list(range(1, number + 1))
    assert not {"demo:ann", "demo:1", "demo:i1"} & {change.id for change in log}
    assert [(change.operation, change.kind) for change in log[9:]] == [
        ("put", "person"),
        ("put", "person"),
        ("erase", "person"),
        ("put", "community"),
        ("put", "post"),
        ("erase", "post"),
        ("erase", "interaction"),
    ]
    assert all(change.id.startswith("erased:") == (change.operation == "erase") for change in log[9:])
    assert log[1].id == log[11].id, "the earlier line and the erasure have the same token"


def test_there_is_something_to_scrub_once_after_each_erasure(home: Home) -> None:
    first = home.open()
    first.apply(EVERYTHING)
    scrubbed = [first.scrub()]
    first.erase("demo:ann")
    first.close()
    second = home.open()
    scrubbed += [second.scrub(), second.scrub()]
    assert scrubbed == [False, True, False]
    second.close()


def test_who_still_holds_ids_can_ask_which_were_erased(store: Store) -> None:
    store.apply(EVERYTHING)
    store.erase("demo:ann")
    assert store.forgotten("person", ["demo:ann", "demo:bob"]) == {"demo:ann"}
    assert store.forgotten("post", ["demo:1", "demo:2"]) == {"demo:1"}
    assert store.forgotten("interaction", ["demo:i1", "demo:i2"]) == {"demo:i1"}


def test_an_import_after_the_erasure_brings_nothing_back(store: Store) -> None:
    store.apply(EVERYTHING)
    store.erase("demo:ann")
    before = (everything_in(store), store.changes(0))
    receipt = store.apply(EVERYTHING)
    assert [receipt.count(each) for each in get_args(Outcome)] == [0, 0, 6, 3]
    assert (everything_in(store), store.changes(0)) == before


def test_an_erasure_binds_also_who_had_the_store_open_before(home: Home) -> None:
    early, late = home.open(), home.open()
    early.apply([BOB])
    late.erase("demo:ann")
    assert early.apply([ANN, TOGETHER]).count("refused") == 1
    assert early.get("post", ["demo:2"])[0].authors == ("demo:bob",)
    late.erase("demo:bob")
    with pytest.raises(Conflict, match="erased"):
        early.put_key(replace(KEY, person="demo:bob"))
    assert early.forgotten("person", ["demo:bob"]) == {"demo:bob"}
    early.close()
    late.close()


def test_an_erased_post_does_not_come_back_under_no_name(store: Store) -> None:
    store.apply(EVERYTHING)
    store.erase("demo:ann")
    assert store.apply([replace(ALONE, authors=())]).count("refused") == 1


def test_a_person_may_be_erased_before_the_record_comes(store: Store) -> None:
    store.hide("demo:ann")
    store.erase("demo:ann")
    assert store.apply([ANN]).count("refused") == 1
    assert store.hide("demo:ann") == store.sequence() == 2


def test_erasing_twice_changes_nothing(store: Store) -> None:
    store.apply(EVERYTHING)
    assert store.erase("demo:ann") == store.erase("demo:ann") == store.sequence()


def test_one_whose_id_begins_alike_is_left_alone(store: Store) -> None:
    other = replace(ANN, id="demo:ann2", accounts=())
    act = Interaction(id="demo:i9", source="demo", actor="demo:ann2", verb="like", object="demo:ann")
    store.apply([ANN, other, act])
    store.erase("demo:ann")
    assert everything_in(store) == [other, act], "the object is a post that happens to be called like her"


def test_an_erased_persons_keys_go_and_no_new_one_is_kept(store: Store) -> None:
    store.apply([ANN])
    store.put_key(KEY)
    store.put_key(replace(KEY, id="k2", person=None))
    store.erase("demo:ann")
    assert store.keys() == [replace(KEY, id="k2", person=None)]
    with pytest.raises(Conflict, match="erased"):
        store.put_key(KEY)


def test_keys_are_kept_replaced_and_given_in_order(store: Store) -> None:
    shared = replace(KEY, id="a0", person=None, scopes=(), note="")
    store.put_key(KEY)
    store.put_key(shared)
    store.put_key(replace(KEY, revoked=True))
    assert store.keys() == [shared, replace(KEY, revoked=True)]
    assert store.key("a0") == shared
    assert store.key("none") is None
    assert store.sequence() == 0, "a key is no fact"


def test_a_vocabulary_is_kept_whole_moves_no_fact_and_outlives_who_gave_it(store: Store) -> None:
    store.apply([ANN])
    concepts = [Concept(id=f"c{n}", labels=(f"Fluß {n}@de",), broader=("c0",), half_life="lasting") for n in range(3)]
    kept = ConceptScheme(name="own", file="own.ttl", language="de", by="demo:ann", packed=pack(concepts), at=MAY)
    decided = TopicDecision(topic="fluss", label="Fluß", hidden=True, by="demo:ann", at=MAY)
    assert {store.state(kept), store.state(decided), store.state(kept)} == {store.sequence()}
    assert store.statements(ConceptScheme)[0].concepts == concepts
    store.state(replace(kept, packed=pack(concepts[:1])))
    assert store.statements(ConceptScheme) == [replace(kept, packed=pack(concepts[:1]))]
    store.erase("demo:ann")
    assert [one.by.startswith("erased:") for one in store.statements(TopicDecision)] == [True]
    store.retract(kept)
    assert store.statements(ConceptScheme) == []


SAID = Feedback(person="demo:ann", subject="demo:bob", text="Who builds\nbridges?", helpful=True, at=MAY)


def test_feedback_is_kept_replaced_and_given_in_order(store: Store) -> None:
    other = replace(SAID, person="demo:bob", subject="demo:ann", helpful=False)
    for said in (other, SAID, replace(SAID, text="Another?"), replace(SAID, helpful=False, at=MAY + timedelta(days=1))):
        store.state(said)
    assert store.statements(Feedback) == [
        replace(SAID, text="Another?"),
        replace(SAID, helpful=False, at=MAY + timedelta(days=1)),
        other,
    ]
    assert {one.id for one in store.changes(0)} == {"demo:ann", "demo:bob"}, "what did not help moves answers"


@pytest.mark.parametrize("gone", ["demo:ann", "demo:bob"])
def test_feedback_of_and_about_the_erased_goes_and_no_new_one_is_kept(store: Store, gone: str) -> None:
    store.apply([ANN, BOB, CEM])
    left = replace(SAID, person="demo:cem", subject="demo:dan")
    for said in (SAID, left):
        store.state(said)
    store.erase(gone)
    assert store.statements(Feedback) == [left]
    with pytest.raises(Conflict, match="erased"):
        store.state(SAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(Statement):
    """A kind of statement that no home has heard of: this class is all that it takes."""

    KIND: ClassVar[str] = "toy"
    KEY: ClassVar[tuple[str, ...]] = ("owner", "name")
    ABOUT: ClassVar[tuple[str, ...]] = ("owner",)
    MOVES: ClassVar[bool] = True
    owner: str
    name: str
    colours: tuple[str, ...] = ()
    wheels: int = 4
    weight: float = 0.5
    broken: bool = False
    by: str = "demo:cem"


TOY = Toy(owner="demo:ann", name='bus "\0ß"', colours=("red", "ß\n"), at=MAY)


def test_a_new_kind_of_statement_is_kept_replaced_taken_back_and_moves_whom_it_is_about(store: Store) -> None:
    assert store.state(TOY) == store.state(TOY) == 1, "what is said again changes nothing"
    assert store.changes(0) == [Change(1, "put", "person", "demo:ann")]
    other = replace(TOY, name="ball", colours=(), wheels=0, weight=-1.5)
    store.state(other)
    assert store.state(replace(TOY, broken=True)) == 3
    assert store.statements(Toy) == [other, replace(TOY, broken=True)]
    assert store.statements(Feedback) == []
    assert store.statements(Toy, having=("name", ["ball", "nothing"])) == [other]
    assert store.statements(Toy, having=("owner", ["demo:ann"])) == [other, replace(TOY, broken=True)]
    assert (
        store.statements(Toy, having=("owner", [])) == store.statements(Feedback, having=("person", ["demo:ann"])) == []
    )
    assert store.retract(TOY) == store.retract(TOY) == 4
    assert store.statements(Toy) == [other]


def test_what_was_said_about_the_erased_goes_and_what_they_said_stays_without_them(store: Store) -> None:
    store.apply([ANN, BOB, CEM])
    store.state(TOY)
    store.state(replace(TOY, owner="demo:bob"))
    store.erase("demo:cem")
    assert {toy.owner: toy.by.startswith("erased:") for toy in store.statements(Toy)} == {
        "demo:ann": True,
        "demo:bob": True,
    }
    store.erase("demo:ann")
    assert [toy.owner for toy in store.statements(Toy)] == ["demo:bob"]
    with pytest.raises(Conflict, match="erased"):
        store.state(TOY)
    assert "demo:cem" not in repr(store.beside()) if hasattr(store, "beside") else True


def test_what_people_say_of_themselves_is_kept_and_outlasts_their_record(store: Store) -> None:
    store.apply([ANN, BOB])
    said: list[Statement] = [
        Visibility(person="demo:ann", seen_by="unit", at=MAY),
        TopicWish(person="demo:ann", topic="wi fi", label="Wi-Fi", says="moved_on", listed="never", at=MAY),
        Disowned(person="demo:ann", post="demo:p1", why="not_mine", at=MAY),
        Capacity(person="demo:ann", paused_until="2026-07-01", per_week=3, at=MAY),
    ]
    before = store.sequence()
    for one in said:
        store.state(one)
    assert [(change.kind, change.id) for change in store.changes(before)] == [("person", "demo:ann")] * 4
    store.delete("person", ["demo:ann"])
    store.apply([replace(ANN, title="Back")])
    assert [one for kind in WISHES for one in store.statements(kind)] == said
    store.retract(said[1])
    assert store.statements(TopicWish) == []
    store.erase("demo:ann")
    assert [one for kind in WISHES for one in store.statements(kind)] == []


@pytest.mark.parametrize("gone", ["demo:ann", "demo:bob"])
def test_an_ask_is_kept_once_a_day_and_goes_with_either_of_the_two(store: Store, gone: str) -> None:
    store.apply([ANN, BOB])
    said = Ask(person="demo:ann", subject="demo:bob", day="2026-05-01", text="Who?", why="", at=MAY)
    before = store.sequence()
    for one in (said, replace(said, text="Again?"), replace(said, day="2026-05-02")):
        store.state(one)
    assert [(one.day, one.text) for one in store.statements(Ask)] == [("2026-05-01", "Again?"), ("2026-05-02", "Who?")]
    assert [one.day for one in store.statements(Ask, since=date(2026, 5, 2))] == ["2026-05-02"]
    assert store.sequence() == before, "an ask is no fact"
    store.delete("person", ["demo:bob"])
    assert len(store.statements(Ask)) == 2
    store.erase(gone)
    assert store.statements(Ask) == []


@pytest.mark.parametrize("gone", ["demo:ann", "demo:bob"])
def test_a_question_goes_with_who_put_it_and_from_whom_it_reached_with_them(store: Store, gone: str) -> None:
    store.apply([ANN, BOB])
    before = store.sequence()
    for one in (PUT, ROUTED, replace(ROUTED, went="claimed"), replace(PUT, answered=True)):
        store.state(one)
    assert store.statements(PutQuestion) == [replace(PUT, answered=True)]
    assert store.statements(Routed) == [replace(ROUTED, went="claimed")]
    assert store.sequence() == before, "a question is no fact"
    store.erase(gone)
    assert store.statements(Routed) == []
    assert len(store.statements(PutQuestion)) == (gone == "demo:bob")
    store.retract(PUT)
    assert store.statements(PutQuestion) == []


def test_what_somebody_follows_is_kept_and_goes_with_them(store: Store) -> None:
    store.apply([ANN, BOB])
    for name in ("demo:ann", "demo:bob"):
        store.state(following(name))
    store.state(replace(following("demo:ann"), sent="2026-06-01"))
    assert [(one.person, one.sent) for one in store.statements(Subscription)] == [
        ("demo:ann", "2026-06-01"),
        ("demo:bob", "2026-05-01"),
    ]
    store.erase("demo:ann")
    assert store.statements(Subscription) == [following("demo:bob")]


def following(person: str) -> Subscription:
    """Somebody follows rivers."""
    return Subscription(
        subscription=f"s-{person[-3:]}",
        person=person,
        follows="topic",
        subject="rivers",
        via="webhook",
        digest="",
        url="https://hooks.example/in",
        secret="whsec_AAAA",
        sent="2026-05-01",
        at=MAY,
    )


def test_a_statement_that_moves_evidence_is_a_change_of_the_posts_too(store: Store) -> None:
    said = Disowned(person="demo:ann", post="demo:p1", why="not_mine", at=MAY)
    store.state(said, touching=["demo:p2", "demo:p1", "demo:p2"])
    told = [("person", "demo:ann"), ("post", "demo:p1"), ("post", "demo:p2")]
    assert [(change.kind, change.id) for change in store.changes(0)] == told
    assert store.state(said, touching=["demo:p1"]) == 3, "what is said again changes nothing"
    assert store.retract(said, touching=["demo:p1"]) == 5
    assert store.retract(said, touching=["demo:p1"]) == 5
    assert [(change.kind, change.id) for change in store.changes(3)] == told[:2]


def test_states_of_posts_regulated_topics_and_nominations_are_kept_and_go_with_who_or_what_they_are_about(
    store: Store,
) -> None:
    store.apply([Post(id="demo:p1", source="demo", authors=("demo:ann",)), Post(id="demo:p2", source="demo")])
    states = [
        PostState(post=f"demo:p{n}", entry="e1", state="endorsed", until="", by=by, why="", at=MAY)
        for n, by in ((1, ""), (2, "demo:ann"))
    ]
    marked = Regulated(topic="rivers", label="Rivers", by="demo:ann", why="", at=MAY)
    nominated = Nomination(
        person="demo:bob", subject="demo:ann", role="expert", of="rivers", label="Rivers", why="Knows them.",
        until="", day="2026-05-01", stands="asked", at=MAY,
    )  # fmt: skip
    before = store.sequence()
    for said in (*states, marked, nominated, replace(nominated, stands="agreed")):
        store.state(said)
    assert store.sequence() == before, "they are no change of the facts"
    assert store.statements(PostState) == states
    assert store.statements(Nomination) == [replace(nominated, stands="agreed")]
    store.erase("demo:ann")
    (left,) = store.statements(PostState)
    assert (left.post, left.by.startswith("erased:")) == ("demo:p2", True), "the other went with its post"
    assert store.statements(Nomination) == []
    assert [one.by.startswith("erased:") for one in store.statements(Regulated)] == [True]
    with pytest.raises(Conflict):
        store.state(states[0])


def test_who_decided_about_two_records_is_kept(store: Store) -> None:
    verdict = Verdict(verdict="join", one="demo:ann", other="demo:bob", by="demo:cem", at=MAY)
    store.state(verdict)
    store.state(replace(verdict, verdict="part", by="prompt"))
    assert store.statements(Verdict) == [replace(verdict, verdict="part", by="prompt")]
    assert [change.id for change in store.changes(0)] == ["demo:ann", "demo:bob"] * 2


def test_a_new_record_with_a_key_of_the_erased_is_refused_with_what_it_did(store: Store) -> None:
    typed = replace(BOB, manager="", accounts=("email:ann@x.example",))
    store.apply([ANN, typed])
    store.erase("demo:ann", keys=["email:ann@x.example", "employee:7"])
    new = Person(id="wiki:7", source="wiki", accounts=("Employee:7", "chat:x"))
    hers = Post(id="wiki:p", source="wiki", authors=("wiki:7",))
    shared = Post(id="wiki:q", source="wiki", authors=("wiki:7", "demo:bob", "git:Ann@x.example"))
    liked = Interaction(id="wiki:i", source="wiki", actor="git:ann@x.example", verb="like", object="wiki:q")
    assert store.apply([new, hers, shared, liked]).count("refused") == 3
    assert store.get("post", ["wiki:q", "wiki:p"]) == [replace(shared, authors=("demo:bob",))]
    assert store.get("person", ["demo:bob"]) == [typed], "who merely said the key is not erased with its owner"
    later = Post(id="wiki:r", source="wiki", authors=("wiki:7",))
    assert store.apply([later]).count("refused") == 1, "nor does it come later"
    receipt = store.apply([replace(typed, title="Head"), Post(id="demo:s", source="demo", authors=("demo:bob",))])
    assert receipt.count("refused") == 0
    assert store.get("person", ["demo:bob"]) == [replace(typed, title="Head", accounts=())]


MONDAY = date(2026, 5, 4)


def test_demand_counts_different_askers_of_a_week_and_names_nobody(store: Store) -> None:
    for person in ("demo:ann", "demo:bob", "demo:ann"):
        store.note_question(["bridges", "rivers"], person, week=MONDAY)
    store.note_question(["bridges"], "demo:cem", week=MONDAY)
    store.note_question(["rivers"], "demo:ann", week=MONDAY + timedelta(weeks=1))
    assert store.demand(fewest=2) == [Demand(MONDAY, "bridges", 3), Demand(MONDAY, "rivers", 2)]
    assert store.demand(fewest=3) == [Demand(MONDAY, "bridges", 3)]
    assert len(store.demand(fewest=1)) == 3
    assert store.sequence() == 0, "a question is no fact: it moves no answer"


def test_demand_forgets_the_erased_and_what_is_a_year_old(store: Store) -> None:
    store.apply([ANN, BOB])
    for person in ("demo:ann", "demo:bob"):
        store.note_question(["bridges"], person, week=MONDAY)
    store.erase("demo:ann")
    store.note_question(["bridges"], "demo:ann", week=MONDAY)
    assert store.demand(fewest=1) == [Demand(MONDAY, "bridges", 1)]
    store.note_question(["rivers"], "demo:bob", week=MONDAY + timedelta(weeks=53))
    assert store.demand(fewest=1) == [Demand(MONDAY + timedelta(weeks=53), "rivers", 1)]


def test_the_audit_log_gives_the_newest_first_of_one_or_of_all(store: Store) -> None:
    later = replace(SEEN, at=MAY + timedelta(seconds=1), subject="demo:bob", detail="")
    for line in (SEEN, later, SEEN):
        store.write_audit(line)
    assert store.audit() == [SEEN, later, SEEN]
    assert store.audit(limit=2) == [SEEN, later]
    assert store.audit(subject="demo:bob") == [later]


def test_the_audit_log_keeps_its_lines_about_the_erased_but_not_their_id(store: Store) -> None:
    store.write_audit(SEEN)
    store.erase("demo:ann")
    store.write_audit(replace(SEEN, event="erase", detail=""))
    erased, seen = store.audit()
    assert erased.subject == seen.subject == seen.detail.partition(",")[0]
    assert seen.subject.startswith("erased:")
    assert seen.detail.endswith("and demo:ann2")
    assert store.audit(subject="demo:ann") == [erased, seen], "who knows the id still finds the lines"


def test_a_batch_whose_source_breaks_off_is_not_written(store: Store) -> None:
    def broken() -> Iterator[Fact]:
        yield ANN
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        store.apply(broken())
    assert (store.sequence(), store.count("person")) == (0, 0)


def test_parts_are_written_together_and_what_became_of_each_is_told(store: Store) -> None:
    store.apply([ANN])
    told: list[dict[str, dict[str, str]]] = []
    bob = replace(ANN, id="demo:bob")
    store.apply_parts([[ANN, ALONE], [], [bob]], told=lambda receipt: told.append(_plain(receipt)))
    assert told == [
        {"person": {ANN.id: "unchanged"}, "post": {ALONE.id: "added"}},
        {},
        {"person": {bob.id: "added"}},
    ]
    assert (store.count("person"), store.count("post")) == (2, 1)


def _plain(receipt: Receipt) -> dict[str, dict[str, str]]:
    return {kind: dict(of_kind) for kind, of_kind in receipt.outcomes.items() if of_kind}


def test_of_parts_of_which_one_breaks_off_none_is_written(real: Store) -> None:
    def broken() -> Iterator[list[Fact]]:
        yield [ANN]
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        real.apply_parts(broken(), told=lambda receipt: None)
    assert (real.sequence(), real.count("person")) == (0, 0)
    real.apply([ANN])  # and it can be written again
    assert real.count("person") == 1


# --- of the real homes only: the model keeps objects as they are and knows no other threads -------------------------


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = new_home(request.param, tmp_path, request).open()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        (replace(ALONE, text="\ud800"), "demo:1"),
        (replace(ALONE, id=""), "id"),
        (replace(ALONE, id="demo:\0"), "id"),
        (replace(ALONE, created_at=MAY.replace(tzinfo=None)), "zone"),
        (replace(RATING, value=float("nan")), "not a number"),
    ],
    ids=["half a character", "no id", "NUL in the id", "no time zone", "no number"],
)
def test_a_fact_that_cannot_be_kept_is_named_and_its_batch_is_not_written(real: Store, fact: Fact, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        real.apply([ANN, fact])
    assert (real.sequence(), real.count("person")) == (0, 0)


def test_a_reader_sees_the_moment_it_began_while_others_write(real: Store) -> None:
    real.apply(Person(id=f"demo:{number:04}", source="demo", name="before") for number in range(500))
    reader = iter(real.all("person"))
    seen = [next(reader)]
    real.apply(Person(id=f"demo:{number:04}", source="demo", name="after") for number in range(1000))
    real.delete("person", ["demo:0400"])
    seen += reader
    assert len(seen) == 500
    assert {person.name for person in seen} == {"before"}
    assert {person.name for person in real.all("person")} == {"after"}


def test_threads_share_one_store_and_lose_nothing(real: Store) -> None:
    def write(writer: int) -> None:
        for batch in range(10):
            real.apply(Person(id=f"demo:{writer}-{batch}-{n}", source="demo", audience=ORGANISATION) for n in range(10))

    def read(_: int) -> None:
        for _ in range(20):
            assert len(list(real.all("person"))) % 10 == 0, "half a batch was seen"

    with ThreadPoolExecutor(6) as threads:
        running = [threads.submit(write, n) for n in range(4)] + [threads.submit(read, n) for n in range(2)]
        for one in running:
            one.result()
    assert (real.count("person"), real.sequence()) == (400, 400)


def test_a_closed_store_says_so(real: Store) -> None:
    real.close()
    with pytest.raises(StoreError, match="closed"):
        real.sequence()
