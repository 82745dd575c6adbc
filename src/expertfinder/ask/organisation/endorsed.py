"""Endorsed content: the states of posts, and the regulated topics on which nothing but endorsed posts counts.

A state counts for a viewer who may read the post and may find whoever gave it. So what is restricted, and whoever is
hidden, moves nothing for anybody else.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import get_args

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.held import names_of
from expertfinder.ask.oneself.me import LONGEST_TOPIC
from expertfinder.errors import Conflict, Forbidden, InvalidQuestion
from expertfinder.index.posts.concepts import words_of
from expertfinder.model import Viewer
from expertfinder.store import PostState, Regulated
from expertfinder.store.statements.endorsing import State

LONGEST_REASON = 500
"""A reason for a state has at most so many characters: a sentence or two."""
MOST_STATES = 100
"""So many states of one post are kept: a post with more is written anew, not reviewed again."""
BY_AUTHORS = frozenset({"draft", "withdrawn"})
"""States that authors may give to posts of their own, without being asked to endorse anything."""


def states_of(finder: ExpertFinder, post: str, viewer: Viewer) -> list[PostState]:
    """The states of a post that count for the viewer, the latest first. `NotFound`."""
    finder.post(post, viewer)
    return finder.endorsing.states(finder.view(viewer)).get(post, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A state that is to be given."""

    post: str
    state: State
    until: date | None = None
    """The first day on which an endorsement holds no more."""
    why: str = ""


def give_state(finder: ExpertFinder, viewer: Viewer, given: Given, *, may_endorse: bool) -> None:
    """Give a post a state. `may_endorse`: whether the viewer was asked to.

    Authors may say that a post of theirs is a draft or withdrawn; nobody reviews or endorses their own. Raises
    `NotFound`, `Forbidden`, `InvalidQuestion`, and `Conflict` for a post with too many states.
    """
    post, state, until, why = given.post, given.state, given.until, given.why
    if state not in get_args(State):
        raise InvalidQuestion(f"the state of a post is one of {', '.join(get_args(State))}")
    if len(why) > LONGEST_REASON:
        raise InvalidQuestion(f"a reason has at most {LONGEST_REASON} characters")
    now = finder.now()
    if until is not None and (state != "endorsed" or until <= now.date()):
        raise InvalidQuestion("an endorsement, and no other state, has a last day, which is to come")
    found = finder.post(post, viewer)
    own = is_own(finder, post, viewer)
    if own and state not in BY_AUTHORS:
        raise Forbidden("nobody reviews or endorses what they wrote themselves")
    if not (own or may_endorse):
        raise Forbidden("this needs the scope content:endorse; authors say of their own posts: draft or withdrawn")
    if sum(one.post == post for one in finder.store.statements(PostState)) >= MOST_STATES:
        raise Conflict(f"this post has {MOST_STATES} states: write it anew")
    kept = PostState(
        post=found.id,
        entry=secrets.token_urlsafe(9),
        state=state,
        until=until.isoformat() if until else "",
        by=viewer.person or "",
        why=why.strip(),
        at=now,
    )
    finder.store.state(kept)


def is_own(finder: ExpertFinder, post: str, viewer: Viewer) -> bool:
    """Whether the viewer wrote a post, under any of their names."""
    if viewer.person is None:
        return False
    return not names_of(finder, viewer).isdisjoint(*(one.authors for one in finder.store.get("post", [post])))


# --- topics ----------------------------------------------------------------------------------------------------------


def regulated(finder: ExpertFinder) -> list[Regulated]:
    """The regulated topics, by label."""
    return sorted(finder.store.statements(Regulated), key=lambda one: (one.label, one.topic))


def regulate(finder: ExpertFinder, topic: str, *, by: str, why: str = "") -> Regulated:
    """From the next question on let only endorsed posts count on a topic. Everybody sees that it is regulated.

    `by`: id of who says so; empty at the prompt and for a key of nobody. Raises `InvalidQuestion`.
    """
    label = " ".join(topic.strip().removeprefix("topic:").split())
    words = words_of(label)
    if not words or len(label) > LONGEST_TOPIC or len(why) > LONGEST_REASON:
        raise InvalidQuestion(
            f"a topic is a word or a few, of at most {LONGEST_TOPIC} characters, and a reason has {LONGEST_REASON}"
        )
    said = Regulated(topic=words, label=label, by=by, why=why.strip(), at=finder.now())
    finder.store.state(said)
    return said


def set_free(finder: ExpertFinder, topic: str) -> None:
    """Let every post count on a topic again."""
    words = words_of(topic.strip().removeprefix("topic:"))
    for said in finder.store.statements(Regulated):
        if said.topic == words:
            finder.store.retract(said)
