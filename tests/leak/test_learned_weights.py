"""L1 with learned weights: what they are learned from is open to all, and what they weigh leaks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from tests.leak.crawl import opened, questions
from tests.leak.noninterference import HTTP_EVERY, Rig, in_parts, survey
from tests.leak.worlds import world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation.learning import Example, Judgements, examples, fit, judgements_of
from expertfinder.model import SHARED, Fact, Interaction, Post, Query
from expertfinder.policy import is_shared
from expertfinder.recommend.experts.parts import WEIGHTS
from expertfinder.recommend.experts.weights import write_weights

WORLDS, LEARNED_IN = size("L1 learned"), size("L1 learning")
LEARNED = {part: weight * (4.0, 0.0, 0.3)[place % 3] for place, (part, weight) in enumerate(WEIGHTS.items())}
"""Far from the shipped weights, one part of three silent: what these alone could hide is then to be seen."""


@contextmanager
def serving(facts: Sequence[Fact], *, build: bool = True) -> Iterator[ExpertFinder]:
    """A finder as `opened` gives it, whose home has published weights of its own."""
    with opened(facts, build=build) as finder:
        write_weights(finder.home.weights, LEARNED, note={})
        assert finder.refresh()
        yield finder


def test_published_weights_are_those_that_answer() -> None:
    with opened(world(1).facts) as one, serving(world(1).facts) as other:
        answers = [(one.find(asked, SHARED), other.find(asked, SHARED)) for asked in questions(world(1))]
    assert any(shipped.recommendations and shipped != learned for shipped, learned in answers)


@in_parts(WORLDS)
def test_no_answer_by_learned_weights_differs_from_a_world_without_the_secrets(part: int, examples: int) -> None:
    rig = Rig(serving, http_every=HTTP_EVERY)
    survey(rig.compare, part=part, examples=examples)
    assert rig.survey.insider_differs >= 0.5 * rig.survey.worlds


def taught(facts: Sequence[Fact]) -> list[Example]:
    """What a home with these facts learns from: praise in its record, and two questions that somebody judged."""
    posts = [fact for fact in facts if isinstance(fact, Post)]
    acts = [fact for fact in facts if isinstance(fact, Interaction)]
    visible = [post for post in posts if is_shared(post.audience) and post.authors and post.text]
    judged: Judgements = [
        (f"judged-{post.id}", Query(text=post.text), dict.fromkeys(post.authors, 1)) for post in visible[:3]
    ]
    with opened(facts) as finder:
        return examples(finder, [*judgements_of(posts, acts), *judged], viewer=SHARED)


def test_what_weights_are_learned_from_is_the_same_without_the_secrets() -> None:
    learned = 0
    for seed in range(LEARNED_IN):
        drawn = world(seed)
        one, other = taught(drawn.facts), taught(drawn.without)
        assert [(x.name, x.people, x.grades) for x in one] == [(x.name, x.people, x.grades) for x in other], seed
        for mine, theirs in zip(one, other, strict=True):
            assert mine.parts.tobytes() == theirs.parts.tobytes(), f"{seed} {mine.name}"
            assert np.array_equal(mine.right, theirs.right)
        assert fit(one) == fit(other)
        learned += fit(one) != WEIGHTS
    assert learned >= LEARNED_IN / 4, "worlds in which nothing is learned prove nothing"
