"""The check of promise P1: a viewer's answers with facts that the viewer may not read, and without them, in bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.leak.crawl import Answers, Doors, ask, ask_around, crawl, differences, network_of, opened, questions, rebuild
from tests.leak.worlds import World, key_of, worlds

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import ORGANISATION, Fact, Interaction, Post

Opened = Callable[[Sequence[Fact]], AbstractContextManager[ExpertFinder]]
"""Makes a home of facts, indexed, and a finder over it; gone afterwards."""
COUNT = 1
"""Ids of each kind that are asked for over HTTP in one world; in the process all are."""
HTTP_EVERY = 2
"""Of so many drawn worlds one is crawled over HTTP too, which is half of a world's time: what leaks there and not in
the process leaks in most worlds (the planted leaks of the door show in the first)."""
AT_ONCE = 25
"""Worlds of one test: a minute or two of one processor, so that processes side by side share them."""


def in_parts(worlds: int, at_once: int = AT_ONCE) -> pytest.MarkDecorator:
    """Parametrize a test by `part`, its number, and `examples`, how many of `worlds` it draws."""
    parts = [min(at_once, worlds - begin) for begin in range(0, worlds, at_once)]
    return pytest.mark.parametrize(("part", "examples"), list(enumerate(parts)))


@dataclass(slots=True)
class Survey:
    """What many worlds together showed."""

    worlds: int = 0
    answers: int = 0
    insider_differs: int = 0
    """Worlds in which the insider's answers are not the outsider's: a secret was there to be leaked."""
    different: int = 0


class Rig:
    """The two doors, made once and put before one finder after the other, and what was seen so far."""

    def __init__(self, opened: Opened = opened, *, http_every: int = 1) -> None:
        """`http_every`: of so many worlds one, by the number of its facts, is asked over HTTP too."""
        self.doors: Doors | None = None
        self.survey = Survey()
        self._opened = opened
        self._http_every = http_every

    def crawl(self, finder: ExpertFinder, world: World, *, count: int | None = COUNT) -> Answers:
        """Everything as the outsider."""
        if self.doors is None:
            self.doors = Doors.over(finder)
        if len(world.facts) % self._http_every:
            answers = ask(finder, world, finder.viewer(world.outsider))
        else:
            answers = crawl(self.doors, finder, world, world.outsider, count=count)
        self.survey.answers += len(answers)
        return answers

    def compare(self, world: World, *, count: int | None = COUNT) -> list[str]:
        """L1: what the outsider is answered differently where the secrets are, and where they never were."""
        with self._opened(world.facts) as finder:
            ask_around(finder, world)
            # The insider asks first, as anybody may at any time: what that leaves behind must not be handed on.
            inside, outside = (
                [finder.find(query, finder.viewer(person)).recommendations for query in questions(world)[:3]]
                for person in (world.insider, world.outsider)
            )
            for community, _ in network_of(finder).all_communities(finder.viewer(world.insider)):
                network_of(finder).community(community.id, finder.viewer(world.insider))
            with_secrets = self.crawl(finder, world, count=count)
        with self._opened(world.without) as finder:
            ask_around(finder, world)
            without = self.crawl(finder, world, count=count)
        self.survey.insider_differs += inside != outside
        return self._seen(differences(with_secrets, without))

    def compare_tightened(self, world: World) -> list[str]:
        """L2: secrets come into a running finder for everybody to read, then their audience is tightened.

        What differs from a world that never had them: at once, or else after the next build.
        """
        (at_once, folded), (other, other_folded) = (self._tightened(world, secrets=held) for held in (True, False))
        return self._seen(differences(at_once, other) or differences(folded, other_folded))

    def _tightened(self, world: World, *, secrets: bool) -> tuple[Answers, Answers]:
        """What the outsider is answered at once, and after the next build. One world after the other: a server of the
        community edition has one database."""
        settled, late = _split(world)
        with self._opened(settled) as finder:
            finder.store.apply(late)
            finder.refresh()
            if secrets:
                closed = [fact for fact in world.facts if key_of(fact) in world.secret]
                finder.store.apply([replace(fact, audience=ORGANISATION) for fact in closed])
                finder.refresh()
                ask(finder, world, finder.viewer(world.outsider))  # whoever remembers an answer, remembers it now
                finder.store.apply(closed)
                finder.refresh()
            at_once = self.crawl(finder, world)
            rebuild(finder)
            return at_once, self.crawl(finder, world, count=1)

    def _seen(self, found: list[str]) -> list[str]:
        self.survey.worlds += 1
        self.survey.different += bool(found)
        return found


def _split(world: World) -> tuple[list[Fact], list[Fact]]:
    """The facts that are no secret: those of the first build, and every third post and act, which comes later."""
    settled: list[Fact] = []
    late: list[Fact] = []
    for place, fact in enumerate(world.without):
        (late if isinstance(fact, Post | Interaction) and place % 3 == 0 else settled).append(fact)
    return settled, late


def survey(check: Callable[[World], list[str]], *, part: int, examples: int) -> None:
    """Draw `examples` worlds, others in each part, and let `check` fail on the first in which something is answered
    differently."""

    @seed(part)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(worlds())
    def every_world(world: World) -> None:
        found = check(world)
        assert not found, f"{world.name} as {world.outsider}: {len(found)} answers differ, the first:\n{found[0]}"

    every_world()
