"""Topics are what several people put in titles and tags; what is only said in passing is none."""

from __future__ import annotations

import numpy as np
from tests.unit.office import post

from expertfinder.index.encoders.encoder import encoder
from expertfinder.index.people.topics import Topics, build_topics
from expertfinder.index.posts.documents import document
from expertfinder.index.posts.segment import Entry, Ids, TermRows, build_segment
from expertfinder.model import ORGANISATION, Evidence, Post


def topics_of(posts: list[Post], *, unseen: frozenset[str] = frozenset()) -> Topics:
    """The topics of posts whose authors all count, but for those in `unseen`."""
    posts = sorted(posts, key=lambda entry: entry.id)
    people = {name: row for row, name in enumerate(sorted({author for entry in posts for author in entry.authors}))}
    ids = Ids(TermRows(), {}, people, {ORGANISATION.key: 0}, {"authored": 0}, b"k")
    entries = [
        Entry(
            entry,
            document(entry, None),
            "",
            [Evidence(author, entry.id, "authored", 1.0, None, ORGANISATION) for author in entry.authors],
        )
        for entry in posts
    ]
    segment = build_segment(entries, ids=ids, encode=encoder("static-minilm"))
    hidden = [people[name] for name in unseen]
    return build_topics(segment, terms=list(ids.terms), tags=list(ids.tags), acts=~np.isin(segment.act_person, hidden))


def chatter(count: int) -> list[Post]:
    """Posts of many people about nothing in common."""
    return [post(f"z{n}", f"p{n}", "So it goes.", title=f"Matter{n} of weather{n}") for n in range(count)]


def titled(title: str, authors: str, *, text: str = "", first: int = 0) -> list[Post]:
    """One post with this title by each author."""
    return [
        post(f"{title.split()[0].lower()}{first + n}", author, text, title=title)
        for n, author in enumerate(authors.split())
    ]


def test_a_phrase_that_several_people_put_in_titles_is_a_topic_and_its_parts_are_none() -> None:
    topics = topics_of([*titled("The borrow checker", "ann ben cy"), *chatter(20)])
    assert topics.labels == ["borrow checker"]
    assert topics.posts.tolist() == [3]
    assert not topics.is_tag.any()


def test_a_part_that_also_stands_alone_is_a_topic_of_its_own() -> None:
    posts = [*titled("Borrow checker", "ann ben cy"), *titled("Checker paint", "dee eve flo"), *chatter(30)]
    assert "checker" in topics_of(posts).labels


def test_what_one_person_repeats_is_no_topic() -> None:
    assert topics_of([*titled("Borrow checker", "ann ann ann ann"), *chatter(20)]).labels == []


def test_somebody_whom_not_everybody_may_find_does_not_make_a_topic() -> None:
    posts = [*titled("Borrow checker", "ann ann ben"), *chatter(20)]
    assert topics_of(posts).labels == ["borrow checker"]
    assert topics_of(posts, unseen=frozenset({"o:ben"})).labels == []


def test_two_posts_are_too_few() -> None:
    assert topics_of([*titled("Borrow checker", "ann ben"), *chatter(20)]).labels == []


def test_what_is_said_in_every_title_tells_nothing_apart() -> None:
    assert topics_of([*titled("Borrow checker", "ann ben cy"), *chatter(9)]).labels == []


def test_a_word_that_is_mostly_said_in_passing_is_no_topic() -> None:
    passing = [post(f"y{n}", f"q{n}", "On tuesday it rained.", title=f"Rain{n}") for n in range(20)]
    assert topics_of([*titled("Tuesday", "ann ben cy"), *passing]).labels == []
    assert topics_of([*titled("Tuesday", "ann ben cy"), *chatter(20)]).labels == ["Tuesday"]


def test_a_tag_is_a_topic_in_its_commonest_writing_whatever_the_titles_say() -> None:
    tags = ["CI/CD", "ci-cd", "CI/CD", "ci cd"]
    posts = [post(f"t{n}", f"p{n}", "words", tags=(tag,)) for n, tag in enumerate(tags)]
    topics = topics_of([*posts, *chatter(5)])
    assert topics.labels == ["CI/CD"]
    assert topics.is_tag.tolist() == [True]
    assert topics.posts.tolist() == [4]


def test_posts_carry_the_rows_of_their_topics_in_order() -> None:
    posts = [post(f"t{n}", f"p{n}", "words", tags=("beta", "alpha")) for n in range(3)]
    topics = topics_of(posts)
    assert topics.labels == ["alpha", "beta"]
    assert np.diff(topics.post_indptr).tolist() == [2, 2, 2]
    assert topics.post_topics.tolist() == [0, 1] * 3


def test_a_tag_that_one_person_uses_is_a_topic_and_of_somebody_unseen_none() -> None:
    tagged = [post(f"t{n}", "ann", "So it goes.", title=f"Hours{n} of work{n}", tags=("C++",)) for n in range(3)]
    assert topics_of([*tagged, *chatter(20)]).labels == ["C++"]
    assert topics_of([*tagged[:2], *chatter(20)]).labels == []
    assert topics_of([*tagged, *chatter(20)], unseen=frozenset({"o:ann"})).labels == []
