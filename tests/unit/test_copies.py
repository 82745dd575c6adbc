"""Near-copies of one's own posts count little, by the definition, and at once as after the next build."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import FACTS, LEGAL, act, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index import folder
from expertfinder.index.posts import documents, near_copies
from expertfinder.index.posts.near_copies import kept_share, newer_copies
from expertfinder.index.posts.said_before import Texts, Wrote, said_with
from expertfinder.model import ORGANISATION, SHARED, Audience, Fact, Query

TEXT = "the quokka deployment needs a longer timeout of the proxy before its upgrade"


def copy(number: int, *, author: str = "zoe", **more: object) -> Fact:
    """A near-copy, the older the larger its number."""
    return post(f"z{number}", author, f"{TEXT} part {number}", age=number, **more)


def strengths(finder: ExpertFinder) -> dict[tuple[str, str], float]:
    """Post and author -> strength of the authorship, of every post that is there."""
    snapshot, found = finder.snapshot, {}
    authored = snapshot.families.index("authored")
    for tier in (snapshot.shared, snapshot.restricted, snapshot.fresh):
        segment = tier.segment
        for row, name in enumerate(segment.ids):
            for at in range(int(segment.act_indptr[row]), int(segment.act_indptr[row + 1])):
                if tier.alive[row] and segment.act_family[at] == authored:
                    who = snapshot.people[int(segment.act_person[at])].id
                    found[name, who] = float(segment.act_strength[at])
    return found


def of(finder: ExpertFinder, *names: str, author: str = "zoe") -> list[float]:
    """Strengths of these posts as shares of a post that has no copy."""
    found = strengths(finder)
    return [found[f"o:{name}", f"o:{author}"] / found["o:alone", "o:yan"] for name in names]


def office(tmp_path: Path, *facts: Fact) -> ExpertFinder:
    alone = post("alone", "yan", "a wombat eats roots and digs its way below the fence at night")
    return opened(tmp_path / "home", [*FACTS, person("zoe"), person("yan"), alone, *facts])


def as_rebuilt(finder: ExpertFinder) -> None:
    """What is there now is what a build makes of it."""
    now = strengths(finder)
    finder.home.build_index(finder.store, encode=finder._encode)
    finder.refresh()
    assert strengths(finder) == now


def test_the_newest_counts_whole_and_older_ones_less_and_less(tmp_path: Path) -> None:
    finder = office(tmp_path, *(copy(number) for number in range(1, 5)))
    assert of(finder, "z1", "z2", "z3", "z4") == pytest.approx([1.0, 0.1, 0.05, 0.025])


def test_a_cluster_counts_at_most_a_fifth_more_than_one() -> None:
    for size in (1, 2, 10, 5000):
        assert 1.0 <= kept_share(np.arange(size)).sum() <= 1.2


def test_what_two_people_wrote_alike_counts_for_both(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1), copy(2, author="yan"))
    assert of(finder, "z1") + of(finder, "z2", author="yan") == [1.0, 1.0]


SAME = "the wallaby gateway rejects every certificate that its proxy renews at night, until the keeper restarts it"
"""In the same words, by whomever."""
POLITE = f"Hi all,\n\n{SAME.capitalize()}!\n\nThanks"
OTHERS = replace(LEGAL, groups=("o:board",))


def same(number: int, *, author: str = "zoe", text: str = SAME, **more: object) -> Fact:
    """A post in those words, the older the larger its number."""
    return post(f"z{number}", author, text, **{"age": number, **more})


@pytest.mark.parametrize("text", [SAME, SAME.upper(), POLITE, f"**{SAME}**", SAME.replace(" ", "\n")])
@pytest.mark.parametrize("age", [1, 100, None])
def test_who_says_what_somebody_else_said_before_has_said_nothing(tmp_path: Path, text: str, age: int | None) -> None:
    copied = same(1, author="yan", text=text, age=age or 1)
    finder = office(tmp_path, same(400), replace(copied, created_at=None) if age is None else copied)  # type: ignore[call-arg]
    assert of(finder, "z400") + of(finder, "z1", author="yan") == [1.0, 0.0]


def test_who_copies_is_no_answer(tmp_path: Path) -> None:
    finder = office(tmp_path, same(400), *(same(n, author="yan") for n in range(1, 6)))
    found = finder.find(Query(text="wallaby gateway certificate"), SHARED).recommendations
    assert [one.subject for one in found] == ["o:zoe"]


def test_ones_own_words_stay_ones_own_whoever_copied_them_between(tmp_path: Path) -> None:
    finder = office(tmp_path, same(400), same(300, author="yan"), same(200))
    assert of(finder, "z200", "z400") + of(finder, "z300", author="yan") == pytest.approx([1.0, 0.1, 0.0])


TEXTS = (
    "the numbat ledger closes its books at noon because the auditor reads every voucher by hand",
    "a bilby burrow collapses under heavy traffic unless its ceiling is shored with untreated oak",
    "dugong ferries leave the northern pier only while the tide gauge shows more than two metres",
)
OWN = "an echidna walks in circles around the shed until somebody opens the lower gate for it"


@pytest.mark.parametrize("age", [2, None])
def test_at_the_same_moment_those_who_were_there_before_keep_the_credit(tmp_path: Path, age: int | None) -> None:
    facts = [same(n, author=name, age=2) for n, name in enumerate(("zoe", "yan", "newt"), start=1)]
    facts = [replace(one, created_at=None) for one in facts] if age is None else facts  # type: ignore[call-arg]
    finder = office(tmp_path, person("newt"), post("own", "zoe", OWN, age=500), *facts)
    assert of(finder, "z1") + of(finder, "z2", author="yan") + of(finder, "z3", author="newt") == [0.5, 0.5, 0.0]


def test_at_the_same_moment_the_credit_of_two_who_were_not_there_before_is_shared(tmp_path: Path) -> None:
    finder = office(tmp_path, person("newt"), same(2), same(1, author="newt", age=2))
    assert of(finder, "z2") + of(finder, "z1", author="newt") == [0.5, 0.5]


@pytest.mark.parametrize("age", [-1, 0, 1, 90, None])
@pytest.mark.parametrize("authors", [("zoe", "zoe", "zoe"), ("zoe", "yan", "ada")])
def test_who_only_copies_takes_no_credit_by_dates(tmp_path: Path, authors: tuple[str, ...], age: int | None) -> None:
    written = [post(f"z{n}", authors[n], TEXTS[n], age=400) for n in range(3)]
    dated = [post(f"z{n + 3}", "newt", TEXTS[n], age=400 + (age or 0)) for n in range(3)]
    copies = [replace(one, created_at=None) if age is None else one for one in dated]  # type: ignore[call-arg]
    own = [post(f"own{n}", "zoe", f"{OWN} {word}") for n, word in enumerate(("wombat", "galah", "possum", "emu"))]
    finder = office(tmp_path, person("newt"), *written, *own)
    finder.store.apply(copies)
    finder.refresh()
    assert of(finder, "z3", "z4", "z5", author="newt") == [0.0, 0.0, 0.0]
    for number, author in enumerate(authors):
        assert of(finder, f"z{number}", author=author) == [1.0]
    as_rebuilt(finder)


def test_who_writes_more_of_their_own_than_they_copy_is_told_by_dates(tmp_path: Path) -> None:
    written = [post(f"z{n}", "zoe", TEXTS[n], age=400) for n in range(3)]
    copies = [post(f"z{n + 3}", "newt", TEXTS[n], age=401) for n in range(3)]
    own = [post(f"own{n}", "newt", f"{OWN} {word}") for n, word in enumerate(("wombat", "galah", "possum"))]
    theirs = [post(f"their{n}", "zoe", f"{OWN} {word}") for n, word in enumerate(("emu", "ibis", "dingo"))]
    finder = office(tmp_path, person("newt"), *written, *theirs, *copies, *own[:2])
    assert of(finder, "z3", author="newt") == [0.0]
    finder.store.apply(own[2:])
    finder.refresh()
    assert of(finder, "z3", author="newt") == [1.0]
    as_rebuilt(finder)


@pytest.mark.parametrize(
    ("first", "copied", "kept"),
    [(LEGAL, ORGANISATION, 1.0), (ORGANISATION, LEGAL, 0.0), (LEGAL, LEGAL, 0.0), (OTHERS, LEGAL, 1.0)],
)
def test_who_may_not_read_the_original_does_not_notice_it(
    tmp_path: Path, first: Audience, copied: Audience, kept: float
) -> None:
    finder = office(tmp_path, same(2, audience=first))
    finder.store.apply([same(1, author="yan", audience=copied)])
    finder.refresh()
    assert of(finder, "z2") + of(finder, "z1", author="yan") == [1.0, kept]
    as_rebuilt(finder)


@pytest.mark.parametrize(("read_by", "kept"), [(OTHERS, False), (LEGAL, True), (ORGANISATION, True)])
def test_who_reads_a_copy_knows_who_wrote_the_original_by_acts_they_read(
    tmp_path: Path, read_by: Audience, kept: bool
) -> None:
    finder = office(tmp_path, same(200, author="yan", audience=LEGAL), same(1, audience=LEGAL))
    finder.store.apply([act("zoe", "co_author", "z200", audience=read_by)])
    finder.refresh()
    assert (of(finder, "z1") != [0.0]) == kept
    as_rebuilt(finder)


@pytest.mark.parametrize("original", [ORGANISATION, LEGAL])
def test_a_copy_takes_no_credit_from_who_wrote_the_original_with_others(tmp_path: Path, original: Audience) -> None:
    finder = office(
        tmp_path, same(200, author="yan", audience=original), act("zoe", "co_author", "z200", audience=LEGAL)
    )
    finder.store.apply([same(1, author="ada", audience=original)])
    finder.refresh()
    assert of(finder, "z200")[0] > 0
    as_rebuilt(finder)


@pytest.mark.parametrize("seed", range(4))
def test_copies_by_several_come_and_go_as_a_build_has_them(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    finder = office(tmp_path, *(same(n, author=draw.choice(["zoe", "yan"])) for n in range(1, 4)))
    for _ in range(9):
        number = draw.randrange(1, 11)
        if draw.random() < 0.3:
            finder.store.delete("post", [f"o:z{number}"])
        else:
            audience, text = draw.choice([ORGANISATION, LEGAL]), draw.choice([SAME, POLITE, ROOTS, *TEXTS])
            author, age = draw.choice(["zoe", "yan", "ada"]), draw.randrange(1, 5)
            finder.store.apply([same(number, author=author, text=text, audience=audience, age=age)])
        finder.refresh()
    as_rebuilt(finder)


def test_another_subject_is_no_copy(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1), post("other", "zoe", "a wombat eats roots and digs its way below the fence"))
    assert of(finder, "z1", "other") == [1.0, 1.0]


def test_what_is_said_again_after_a_month_counts_again(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1), copy(40), copy(45))
    assert of(finder, "z1", "z40", "z45") == pytest.approx([1.0, 1.0, 0.1])


def test_the_same_few_words_are_routine_and_count_each_time(tmp_path: Path) -> None:
    finder = office(tmp_path, *(post(f"z{n}", "zoe", "bump the quokka version", age=n) for n in (1, 2)))
    assert of(finder, "z1", "z2") == [1.0, 1.0]


def test_the_undated_is_the_oldest(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1), replace(copy(0), created_at=None))  # type: ignore[call-arg]
    assert of(finder, "z1", "z0") == pytest.approx([1.0, 0.1])


def test_a_restricted_post_takes_nothing_from_a_shared_one_and_is_compared_with_it(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1, audience=LEGAL), copy(2), copy(3, audience=LEGAL))
    assert of(finder, "z1", "z2", "z3") == pytest.approx([1.0, 1.0, 0.05])


def test_posts_of_other_audiences_are_not_compared(tmp_path: Path) -> None:
    other = replace(LEGAL, groups=("o:board",))
    finder = office(tmp_path, copy(1, audience=LEGAL), copy(2, audience=other))
    assert of(finder, "z1", "z2") == [1.0, 1.0]


def test_a_copy_that_comes_takes_from_those_that_stand(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(2), copy(3, audience=LEGAL), copy(4))
    finder.store.apply([copy(1)])
    finder.refresh()
    assert of(finder, "z1", "z2", "z3", "z4") == pytest.approx([1.0, 0.1, 0.05, 0.05])
    as_rebuilt(finder)


def test_a_copy_that_goes_gives_back_what_it_took(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(1), copy(2), copy(3, audience=LEGAL))
    finder.store.delete("post", ["o:z1"])
    finder.refresh()
    assert of(finder, "z2", "z3") == pytest.approx([1.0, 0.1])
    as_rebuilt(finder)


@pytest.mark.parametrize("change", [{"audience": LEGAL}, {"text": "a wombat eats roots below the fence at night"}])
def test_a_copy_that_becomes_another_post_gives_back_what_it_took(tmp_path: Path, change: dict[str, object]) -> None:
    first = copy(1)
    finder = office(tmp_path, first, copy(2), copy(3, audience=LEGAL))
    finder.store.apply([replace(first, **change)])  # type: ignore[arg-type]
    finder.refresh()
    assert of(finder, "z2") == [1.0]
    as_rebuilt(finder)


def test_a_restricted_copy_that_comes_moves_no_shared_post(tmp_path: Path) -> None:
    finder = office(tmp_path, copy(2), copy(3, audience=LEGAL))
    finder.store.apply([copy(1, audience=LEGAL)])
    finder.refresh()
    assert finder.snapshot.fresh.segment.ids == ["o:z1"]
    assert of(finder, "z1", "z2", "z3") == pytest.approx([1.0, 1.0, 0.05])
    as_rebuilt(finder)


@pytest.mark.parametrize(("seed", "first"), [(0, near_copies.FIRST), (1, near_copies.FIRST), (1, 1e-46)])
def test_near_copies_by_one_come_and_go_as_a_build_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, first: float
) -> None:
    monkeypatch.setattr(near_copies, "FIRST", first)  # of 1e-46 of a strength nothing is left
    monkeypatch.setattr(near_copies, "CAME", 2)
    monkeypatch.setattr(folder, "ENOUGH", 3)  # a process that starts goes on from what was written
    draw = random.Random(seed)

    def drawn() -> Fact:
        made = copy(draw.randrange(20), author=draw.choice(["zoe", "yan"]), audience=draw.choice([ORGANISATION, LEGAL]))
        age = draw.choice([None, *range(0, 70, 7)])
        at = None if age is None else datetime(2026, 6, 1, tzinfo=UTC) - timedelta(days=age)
        return replace(made, created_at=at)  # type: ignore[call-arg]

    finder = office(tmp_path, *(drawn() for _ in range(12)))
    for _ in range(6):
        if draw.random() < 0.3:
            finder.store.delete("post", [f"o:z{number}" for number in draw.sample(range(20), 3)])
        else:
            finder.store.apply([drawn() for _ in range(draw.randrange(1, 4))])
        finder.refresh()
    assert strengths(ExpertFinder.open(finder.home.folder, encoder_name=finder.encoder.name)) == strengths(finder)
    as_rebuilt(finder)


@pytest.mark.parametrize("enough", [2, 5, near_copies.ENOUGH])
def test_posts_are_counted_the_same_in_small_blocks(monkeypatch: pytest.MonkeyPatch, enough: int) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(60, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    at = np.where(np.arange(60) >= 52, np.nan, -np.cumsum(rng.integers(0, 5, 60)).astype(float))
    wording = rng.integers(0, 12, 60)
    monkeypatch.setattr(near_copies, "ENOUGH", enough)

    def naive(words: np.ndarray) -> np.ndarray:
        def near(i: int, j: int) -> bool:
            alike = vectors[i] @ vectors[j] >= near_copies.ALIKE and not abs(at[i] - at[j]) > near_copies.WITHIN
            return bool(alike or (words[i] and words[i] == words[j]))

        return np.minimum([sum(near(i, j) for j in range(i)) for i in range(60)], enough)

    nothing = np.zeros(60, np.int64)
    assert naive(nothing).sum() > 5
    assert naive(wording).sum() > naive(nothing).sum() + (20 if enough > 2 else 5)
    wanted = rng.random(60) < 0.4
    for run, block in ((7, 1000), (60, 3), (1000, 16)):
        monkeypatch.setattr(near_copies, "RUN", run)
        monkeypatch.setattr(near_copies, "BLOCK", block)
        for words in (nothing, wording):
            counts = newer_copies(vectors, at, wording=words)
            assert np.minimum(counts, enough).tolist() == naive(words).tolist()
            some = newer_copies(vectors, at, wording=words, wanted=wanted)
            assert np.minimum(some, enough).tolist() == np.where(wanted, naive(words), 0).tolist()


def test_of_so_many_newer_copies_nothing_is_left() -> None:
    assert np.float32(1) * float(kept_share(np.array([near_copies.ENOUGH]))[0]) == 0


def test_who_only_repeats_themselves_has_no_other_words_weighed_again(tmp_path: Path) -> None:
    finder = office(tmp_path, *(same(n, text=TEXTS[n % 3], age=n) for n in range(1, 7)))
    shared, family = finder.snapshot.shared, finder.snapshot.families.index("authored")
    texts = Texts([shared], [Wrote.of({0: shared.segment}, family)], np.array([True] * len(finder.snapshot.audiences)))

    came = shared.segment.take([shared.segment.ids.index("o:z1")])
    rows = said_with(texts, [came], family=family).tolist()
    assert sorted(shared.segment.ids[row] for row in rows) == ["o:z1", "o:z4"]


def reply(number: int, text: str, **more: object) -> Fact:
    """One of zoe's replies to the long question."""
    return post(f"z{number}", "zoe", text, age=number, parent="o:long", **more)


LONG = post("long", "yan", f"{TEXT}; " * 6, title="The quokka deployment and its proxy", kind="question", age=20)
"""Most of what a reply to it carries."""
ROOTS = "a wombat digs for roots below the fence at night while it rains"
DRAIN = "drain every node first and then raise it in the chart of the cluster"


def test_two_replies_that_carry_the_same_question_are_no_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ENOUGH", 1)  # what a short reply counts is told elsewhere
    finder = office(tmp_path, LONG, reply(1, ROOTS), reply(2, DRAIN))
    shared = finder.snapshot.shared.segment
    one, other = (shared.vectors[shared.ids.index(name)] for name in ("o:z1", "o:z2"))
    assert one @ other >= near_copies.ALIKE  # by what they carry they look alike
    assert of(finder, "z1", "z2") == [1.0, 1.0]


def test_the_same_reply_again_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ENOUGH", 1)  # what a short reply counts is told elsewhere
    finder = office(tmp_path, LONG, *(reply(number, f"{DRAIN} part {number}") for number in range(1, 4)))
    assert of(finder, "z1", "z2", "z3") == pytest.approx([1.0, 0.1, 0.05])
    finder.store.apply([reply(0, f"{DRAIN} part 0")])
    finder.refresh()
    assert of(finder, "z0", "z1", "z2", "z3") == pytest.approx([1.0, 0.1, 0.05, 0.025])
    as_rebuilt(finder)
