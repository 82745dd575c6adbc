"""What assistants are told of worlds with and without secrets: nothing differs for who may not read them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from mcp.client.client import Client as Assistant
from tests.leak.crawl import network_of, opened, questions, typed
from tests.leak.worlds import World, world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.cli.assistants import Owner
from expertfinder.http.mcp import Offer, server
from expertfinder.model import Community, Person

Answers = dict[str, str]
"""What was asked -> the whole answer."""


def told(finder: ExpertFinder, drawn: World, person: str | None) -> Answers:
    """What every tool answers to a person, about everybody and everything of a world."""
    owner = Owner(finder.viewer(person))
    made = server(Offer(finder=finder, network=network_of(finder), asker=lambda _: owner))
    asked = questions(drawn)
    people, groups = drawn.ids(Person), drawn.ids(Community)
    calls: list[tuple[str, dict[str, Any]]] = [
        *(("find_experts", {"question": one.text, "limit": 20}) for one in asked),
        *(("find_person", {"name": text}) for text in typed(drawn)),
        *(("find_communities", {"question": one.text}) for one in asked[:3]),
        *(("find_communities", {"person": one}) for one in people[::3]),
        *(("find_champions", {"community": one, "size": 3}) for one in groups),
        ("find_champions", {"topic": asked[1].text}),
        *(("people_to_meet", {"person": one, "topic": asked[0].text}) for one in people[::3]),
        *(("explain_expert", {"person": one, "question": asked[n % 3].text}) for n, one in enumerate(people)),
        *(("assess", {"person": one, "text": asked[n % 3].text}) for n, one in enumerate(people)),
    ]

    async def all_of_it() -> Answers:
        async with Assistant(made) as assistant:
            found = {}
            for name, given in calls:
                answer = await assistant.call_tool(name, given)
                found[f"{name} {given}"] = f"{answer.is_error} {[one.text for one in answer.content]}"
            return found

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("seed", range(size("L1 assistants")))
def test_no_tool_answers_otherwise_than_in_a_world_without_the_secrets(seed: int) -> None:
    drawn = world(seed)
    with opened(drawn.facts) as finder:
        outside, inside = told(finder, drawn, drawn.outsider), told(finder, drawn, drawn.insider)
    with opened(drawn.without) as finder:
        bare = told(finder, drawn, drawn.outsider)
    assert {asked: one for asked, one in outside.items() if one != bare[asked]} == {}
    assert json.dumps(inside) != json.dumps(bare), "a world in which there is nothing to leak proves nothing"
