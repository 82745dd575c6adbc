"""Lines repeated under many posts are nobody's words: signatures without a mark, footers, heads of templates."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.office import FACTS, LEGAL, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.posts.documents import AUTHORS, FOOT, REPEATED, Repeated, repeated_in
from expertfinder.index.posts.own_words import own_words
from expertfinder.model import ORGANISATION, SHARED, Audience, Post, Query

WORDS = ["valve", "gasket", "torque", "spindle", "bearing", "flange", "coolant", "gearbox", "welding", "hopper"]
SAID = (
    "Zoe Quill",
    "Platform Lead, Quokka and Wombat",
    "Building 7 | zoe@firm.example | +44 20 7946 0958",
    "This post and its attachments are for whoever it is sent to.",
    "If you are somebody else, tell us and throw it away.",
    "Ask me about quokkas!",
)


def written(
    said: Iterable[str], *, posts: int, author: str = "zoe", seed: int = 0, audience: Audience = ORGANISATION
) -> list[Post]:
    """Posts of one author, each in words of its own, that end with the same lines."""
    rng, foot = random.Random(seed), "\n".join(said)
    lines = ["\n".join(" ".join(rng.sample(WORDS, 4)) + f" {seed}.{n}.{k}" for k in range(3)) for n in range(posts)]
    return [
        post(f"{author}{n}", author, f"{text}\n\n{foot}", age=3 * n, title=f"{WORDS[n % 10]} {n}", audience=audience)
        for n, text in enumerate(lines)
    ]


def repeated(posts: Iterable[Post]) -> Repeated:
    return repeated_in((one, own_words(one)) for one in posts)


def read(posts: Iterable[Post]) -> list[str]:
    """What is read of posts beside each other."""
    among = list(posts)
    told = repeated(among)
    return [told.own(one).text for one in among]


@given(st.lists(st.sampled_from(SAID), min_size=1, unique=True), st.integers(0, 9), st.randoms(use_true_random=False))
def test_whatever_lines_somebody_repeats_below_their_posts_are_not_read(
    said: list[str], seed: int, rng: random.Random
) -> None:
    own = [one.text.partition("\n\n")[0] for one in written((), posts=REPEATED, seed=seed)]
    for changed, text in zip(read(written(said, posts=REPEATED, seed=seed)), own, strict=True):
        assert changed == text
    # Spaced otherwise, in another case, with some of the lines left out now and then.
    some = written(said, posts=4 * REPEATED, seed=seed)
    drawn = [
        replace(
            one,
            text=one.text.partition("\n\n")[0]
            + "\n\n"
            + rng.choice(["\n", "\n\n"]).join(
                rng.choice([str, str.upper])(f" {line} ") for line in said if n % 4 or line == said[0]
            ),
        )
        for n, one in enumerate(some)
    ]
    for changed, one in zip(read(drawn), drawn, strict=True):
        assert changed == one.text.partition("\n\n")[0]


@pytest.mark.parametrize("posts", range(1, REPEATED))
def test_what_is_said_a_few_times_is_read(posts: int) -> None:
    some = written(SAID, posts=posts)
    assert read(some) == [own_words(one).text for one in some]


def test_what_stands_under_a_small_part_of_all_is_read() -> None:
    some = written(SAID, posts=REPEATED)
    more = [replace(one, id=f"o:more{one.id}") for one in written((), posts=5 * REPEATED, seed=1)]
    more = [replace(one, text=f"{one.text}\n{one.id}") for one in more]
    assert read([*some, *more])[0] == own_words(some[0]).text
    assert read([*some, *more[:REPEATED]])[0] == some[0].text.partition("\n\n")[0]


def test_what_many_posts_begin_with_or_say_alone_is_their_authors() -> None:
    begun = [replace(one, text=f"Quokka news of the week\n{one.text}") for one in written((), posts=2 * REPEATED)]
    assert all(text.startswith("Quokka news") for text in read(begun))
    alone = [replace(one, text="\n".join(SAID)) for one in written((), posts=2 * REPEATED)]
    assert read(alone) == [own_words(one).text for one in alone]
    inside = written((), posts=REPEATED)
    inside = [replace(one, text="\n".join(("a", *SAID[:1], *(f"{one.id} {n}" for n in range(FOOT))))) for one in inside]
    assert read(inside) == [own_words(one).text for one in inside], "further up than any signature"


@pytest.mark.parametrize("foot", ["quokka", "- quokka", "quokka-pens", "https://firm.example/quokka\nquokka"])
def test_a_word_that_an_export_adds_and_the_paths_of_commits_are_read(foot: str) -> None:
    some = written([foot], posts=3 * REPEATED)
    assert read(some) == [own_words(one).text for one in some]
    commits = [replace(one, kind="commit") for one in written([f"{foot} pens fence gate"], posts=3 * REPEATED)]
    assert read(commits) == [own_words(one).text for one in commits]


@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=4, unique=True), st.integers(AUTHORS, 9))
def test_the_head_of_a_template_is_nobodys(said: list[str], authors: int) -> None:
    head = "\n".join(f"## {line}" for line in said)
    some = [one for n in range(authors) for one in written((), posts=2, author=f"p{n}", seed=n)]
    filled = [replace(one, text=f"{head}\n\n{one.text}") for one in some]
    assert read(filled) == [one.text.strip() for one in some]
    few = filled[: 2 * (AUTHORS - 1)]
    assert read(few) == [own_words(one).text for one in few], "so few may say the same of themselves"
    other = [replace(one, source=f"s{n}") for n, one in enumerate(filled)]
    assert read(other) == [own_words(one).text for one in other], "of several sources"


def test_restricted_posts_move_none_that_others_read() -> None:
    hidden = written(SAID, posts=2 * REPEATED, audience=LEGAL)
    shared = [replace(one, id=f"{one.id}s", audience=ORGANISATION) for one in written(SAID, posts=REPEATED - 1, seed=1)]
    alone, among = repeated(shared), repeated([*shared, *hidden])
    assert [among.own(one) for one in shared] == [alone.own(one) for one in shared]
    assert among.own(hidden[0]).text == hidden[0].text.partition("\n\n")[0]
    shared += [replace(shared[0], id="o:z9", text=shared[0].text.replace("0.0", "0.9"))]
    assert repeated(shared).own(hidden[0]).text == hidden[0].text.partition("\n\n")[0], "what all read, they read"


def test_who_signs_with_a_subject_is_not_found_for_it_and_waiting_posts_are_read_alike(tmp_path: Path) -> None:
    text = "a quokka needs a fence of six feet and fresh leaves in the evening, else it climbs out at night"
    facts = [*FACTS, person("zoe"), person("yan"), post("alone", "yan", text), *written(SAID, posts=9)]
    with closing(opened(tmp_path, facts)) as finder:
        assert asked(finder) == ["o:yan"]
        last = replace(written(SAID, posts=9, seed=3)[0], id="o:later")
        finder.store.apply([last])
        finder.refresh()
        assert asked(finder) == ["o:yan"]
        finder.home.build_index(finder.store, encode=finder._encode)
        finder.refresh()
        assert asked(finder) == ["o:yan"]


def asked(finder: ExpertFinder) -> list[str]:
    return [one.subject for one in finder.find(Query(text="quokka"), SHARED).recommendations]
