"""Labels leave with their support: what is no longer open to all is said by no route, at once and after the fold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from tests.leak.crawl import Answers, Doors, crawl, network_of, opened, rebuild
from tests.leak.worlds import LAST, World, large_world

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.organisation.demand import FEWEST_ASKERS, Demand
from expertfinder.index.fresh import changes as changes_module
from expertfinder.ingest.vocabularies import From, put_vocabulary
from expertfinder.model import ORGANISATION, SHARED, Audience, Community, Fact, Person, Post, Query, Viewer
from expertfinder.store.statements.concepts import Concept

LABEL = "zephyrstone"
"""A word that nothing else has and no question of the crawl: an answer with it has it from what was closed."""
ALIAS = "qwertzite"
"""Another one, for which a vocabulary says `LABEL`."""
BOARD = Audience("groups", groups=("a:board",))


@cache
def labelled() -> tuple[World, list[Fact], list[Fact]]:
    """A world to ask about, its facts where the people of a detected community write about `LABEL` for all to read, and
    those that say it: posts, a declared community and a person's profile."""
    drawn = large_world(1)
    with opened(drawn.facts) as finder:
        network = network_of(finder)
        found = [one.id for one, _ in network.all_communities(SHARED) if one.kind == "detected"]
        inside = set(network.community(found[0], SHARED).community.members)
    facts: list[Fact] = []
    for fact in drawn.facts:
        if isinstance(fact, Post) and fact.audience == ORGANISATION and inside.intersection(fact.authors):
            fact = replace(fact, tags=(LABEL, *fact.tags), title=f"{LABEL} {fact.title}")
        elif isinstance(fact, Person) and fact.id == max(inside):
            fact = replace(fact, skills=(LABEL,), bio=f"All about {LABEL}", audience=ORGANISATION, hidden=False)
        facts.append(fact)
    facts.append(
        Community(
            id="a:stones", source="a", name=f"Guild of {LABEL}", description=LABEL, members=tuple(sorted(inside)),
            audience=ORGANISATION,
        )
    )  # fmt: skip
    said = [fact for fact in facts if LABEL in repr(fact)]
    # Asked is in words without the label: an answer may say again what it was asked.
    asked = (*drawn.facts, Community(id="a:stones", source="a"))
    return replace(drawn, facts=asked, outsider=None), facts, said


def saying(answers: Answers) -> list[str]:
    """The questions whose answers have the label."""
    return [asked for asked, answer in answers.items() if LABEL.encode() in answer.lower()]


def demanded(finder: ExpertFinder) -> list[str]:
    """What is asked for, as everybody is shown it."""
    return [gap.topic for gap in Demand(finder, network_of(finder)).gaps(SHARED, LAST.date(), limit=100)]


def asked_for(finder: ExpertFinder) -> None:
    """Enough people ask about the label for it to be shown."""
    demand = Demand(finder, network_of(finder))
    for number in range(FEWEST_ASKERS):
        demand.note(Query(text=LABEL), Viewer(f"a:asker{number}"), LAST.date() - timedelta(days=1))


def aliased(fact: Fact) -> Fact:
    """The fact with another word than `LABEL`, which a vocabulary calls so."""
    if isinstance(fact, Post):
        tags = tuple(tag.replace(LABEL, ALIAS) for tag in fact.tags)
        return replace(fact, tags=tags, title=fact.title.replace(LABEL, ALIAS))
    return replace(fact, skills=(ALIAS,), bio="") if isinstance(fact, Person) and LABEL in fact.skills else fact


@pytest.mark.parametrize("closing", ["tightened", "withdrawn"])
def test_a_label_that_nothing_open_supports_is_in_no_answer_at_once_and_after_the_fold(closing: str) -> None:
    drawn, facts, said = labelled()
    named = closing == "withdrawn"
    if named:
        # Here posts have an alias, and the label is the vocabulary's alone, which stays when the posts have gone.
        facts, said = [aliased(fact) for fact in facts], [aliased(fact) for fact in said]
    with opened(facts) as finder:
        if named:
            concept = Concept(id="c", labels=(f"{LABEL}@en",), aliases=(f"{ALIAS}@en",))
            put_vocabulary(finder.store, [concept], From(name="own", file="own.csv", language="en", by="prompt"))
            rebuild(finder)
        doors = Doors.over(finder)
        asked_for(finder)
        before = saying(crawl(doors, finder, drawn, None))
        # Vacuity: it was in every kind of answer that carries labels.
        for route in (
            "topics",
            "communities",
            "community detected",
            "community a:stones",
            "expertise",
            "http GET /v1/de",
        ):
            assert any(asked.startswith(route) for asked in before), route
        assert LABEL in demanded(finder)
        if closing == "tightened":
            finder.store.apply([replace(fact, audience=BOARD) for fact in said])
        else:
            for kind, of_kind in (("post", Post), ("person", Person), ("community", Community)):
                finder.store.delete(kind, [fact.id for fact in said if isinstance(fact, of_kind)])  # type: ignore[arg-type]
        finder.refresh()
        assert not saying(crawl(doors, finder, drawn, None)), "at once"
        assert LABEL not in demanded(finder)
        rebuild(finder)
        assert not saying(crawl(doors, finder, drawn, None)), "after the fold"


def test_labels_that_wait_for_the_fold_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, facts, said = labelled()
    monkeypatch.setattr(changes_module, "said_today", lambda base, *_: (base.topics, base.lexicon))
    with opened(facts) as finder:
        asked_for(finder)
        finder.store.apply([replace(fact, audience=BOARD) for fact in said])
        finder.refresh()
        found = saying(crawl(Doors.over(finder), finder, drawn, None))
        assert any(asked.startswith("topics") for asked in found)
        assert LABEL in demanded(finder)
