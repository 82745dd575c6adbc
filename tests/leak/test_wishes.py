"""A wish stands whatever is imported: answers are those of a world in which it stood from the first, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from tests.leak.crawl import differences, opened, rebuild
from tests.leak.noninterference import Rig
from tests.leak.test_gone import OTHER, chosen, elsewhere
from tests.leak.test_withdrawn import everybody, import_again, without_history
from tests.leak.worlds import LAST, World
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself import me
from expertfinder.index.posts.concepts import words_of
from expertfinder.model import ORGANISATION, SHARED, Person, Post, Query, Viewer
from expertfinder.store import Disowned, Statement, TopicWish, Visibility

Say = Callable[[ExpertFinder, Viewer], None]


def wish_of(seed: int, drawn: World, person: Person) -> tuple[Statement, Say]:
    """A wish of a person, as it is kept, and as the person says it."""
    rng = Random(f"wish {seed}")
    theirs = [fact for fact in drawn.facts if isinstance(fact, Post) and person.id in fact.authors]
    tags = sorted({tag for post in theirs for tag in post.tags})
    kind = rng.choice(("nobody", "unit", "topic", "topic", "post"))
    if kind == "topic" and tags:
        tag = rng.choice(tags)
        says, listed = rng.choice(
            (("not_me", "listed"), ("moved_on", "listed"), ("keep", "never"), ("keep", "community"))
        )
        said = TopicWish(person=person.id, topic=words_of(tag), label=tag, says=says, listed=listed, at=LAST)
        return said, lambda finder, viewer: me.say_of_topic(finder, viewer, tag, says, listed)
    if kind == "post" and theirs:
        post = rng.choice(theirs).id
        disowned = Disowned(person=person.id, post=post, why="not_mine", at=LAST)
        return disowned, lambda finder, viewer: _disown(finder, viewer, post)
    seen_by = "unit" if kind == "unit" else "nobody"
    return Visibility(person=person.id, seen_by=seen_by, at=LAST), lambda finder, viewer: me.be_seen_by(
        finder, viewer, seen_by
    )


def _disown(finder: ExpertFinder, viewer: Viewer, post: str) -> None:
    for record in me.records_of(finder, viewer):  # the author may be somebody who may not read it, in a drawn world
        finder.store.state(Disowned(person=record, post=post, why="not_mine", at=LAST), touching=[post])
    finder.refresh()


@pytest.mark.parametrize("seed", range(size("wishes")))
def test_a_wish_is_what_it_would_be_had_it_stood_before_the_first_import(seed: int) -> None:
    drawn, person = chosen(seed)
    kept, say = wish_of(seed, drawn, person)
    more = elsewhere(person)
    with opened([], build=False) as finder:
        finder.store.state(kept)
        finder.store.apply([*drawn.facts, OTHER, *more])
        rebuild(finder)
        first = everybody(finder, drawn)
        through_the_doors = Rig().crawl(finder, drawn)
    with opened([*drawn.facts, OTHER]) as finder:
        seen = everybody(finder, drawn)
        say(finder, finder.viewer(person.id))
        now = everybody(finder, drawn)
        open_to_all = person.audience == ORGANISATION and not isinstance(kept, Disowned)
        assert not open_to_all or seen != now, f"{kept} moves nothing in {drawn.name}"
        finder.store.apply(more)
        import_again(finder.store, drawn)
        without_history(finder.store)
        rebuild(finder)
        found = differences(everybody(finder, drawn), first)
        assert not found, f"{drawn.name}, {kept}: {len(found)} answers differ:\n{found[0]}"
        found = differences(Rig().crawl(finder, drawn), through_the_doors)
        assert not found, f"{drawn.name}, {kept}: through the doors {len(found)} answers differ:\n{found[0]}"
        assert finder.person(person.id, finder.viewer(person.id)), "they see themselves"


@pytest.mark.parametrize("seed", range(size("wishes")))
def test_who_is_not_listed_for_a_topic_is_absent_from_every_question_with_its_words_at_once(seed: int) -> None:
    drawn, person = chosen(seed)
    tags = sorted(
        {tag for fact in drawn.facts if isinstance(fact, Post) and person.id in fact.authors for tag in fact.tags}
    )
    rng = Random(f"unlisted {seed}")
    with opened([*drawn.facts, OTHER]) as finder:
        mine = finder.viewer(person.id)
        for tag in tags:
            me.say_of_topic(finder, mine, tag, "keep", rng.choice(("never", "community")))
        for viewer in (SHARED, finder.viewer(drawn.outsider), finder.viewer(drawn.insider)):
            if (
                viewer.person is not None
                and finder.person(viewer.person, viewer).id == finder.person(person.id, mine).id
            ):
                continue
            for tag in tags:
                for text in (tag, f"who knows {tag.upper()} here", f"{rng.choice(tags)} or {tag}"):
                    found = finder.find(Query(text=text, limit=100), viewer)
                    assert person.id not in {one.subject for one in found.recommendations}
        for tag in tags:
            me.forget_topic(finder, mine, tag)
        assert me.said_by(finder, mine).topics == ()
