"""Hooks of schemathesis: most calls ask for somebody who is there and about something, so that they get somewhere.

Loaded by the tool itself (SCHEMATHESIS_HOOKS), outside of the test suite. What is put in is decided by what was made
up, so that a seed repeats; one made-up value in `STRANGERS` stays.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")

PEOPLE = ("acme:ada", "acme:ben", "acme:cleo", "acme:dana", "acme:finn")
POSTS = tuple(f"acme:post-{number}" for number in range(1, 26))
COMMUNITIES = ("acme:guild:cluster", "acme:deal")
TOPICS = ("topic:kubernetes",)
KNOWN = {"/v1/posts/": POSTS, "/v1/me/evidence/": POSTS, "/v1/communities/": COMMUNITIES, "/v1/topics/": TOPICS}
"""What an id stands for, by the path that it stands in; elsewhere it is a person's."""
ASKING = ("/v1/experts:search", "/v1/people/{id}/expertise:assess", "/v1/feedback")
"""What takes a question in a body."""
NAMING = ("/v1/nominations", "/v1/me/champion-networks", "/v1/asks")
"""What takes people in a body."""
LONGEST_ID = 2_100
STRANGERS = 5
VALID_ONLY = os.environ.get("EXPECTED_CALLS") == "positive"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put known ids and questions into a call."""
    path = case.path_parameters or {}
    made_up = path.get("id")
    if isinstance(made_up, str) and "source" not in path:
        known = next((ids for place, ids in KNOWN.items() if case.operation.path.startswith(place)), PEOPLE)
        path["id"] = _id(made_up, known)
    if VALID_ONLY:
        for asked in (case.query, case.body):  # compact answers are not of the whole shape
            if isinstance(asked, dict):
                asked.pop("fields", None)
        _network(case)
        if isinstance(case.body, dict) and case.operation.path in NAMING:
            case.body = _naming(case.body)
        if case.operation.path in ("/v1/experts", "/v1/people/{id}/explanation", "/v1/people", "/v1/suggest"):
            case.query = {**(case.query or {}), "q": _question((case.query or {}).get("q"))}
        elif case.operation.path in ASKING and isinstance(case.body, dict):
            case.body = {**case.body, "text": _question(case.body.get("text"))}
            if "subject" in case.body:
                case.body["subject"] = PEOPLE[len(str(case.body["subject"])) % len(PEOPLE)]


def _naming(body: dict[str, Any]) -> dict[str, Any]:
    """A body that names people, and what they are named for: most of them are there."""
    named = dict(body)
    for name in ("to", "subject", "person"):
        if isinstance(named.get(name), str):
            named[name] = _id(named[name], PEOPLE)
    if isinstance(named.get("people"), list):
        named["people"] = list(PEOPLE[: max(2, len(named["people"]))])
    if "of" in named and named.get("role") != "expert":
        named["of"] = _id(str(named["of"]), COMMUNITIES)
    return named


def _network(case: Any) -> None:
    """What the questions about the network name besides: people and communities who are there, one subject alone."""
    query, path = dict(case.query or {}), case.operation.path
    if path == "/v1/communities":
        kept = next((name for name in ("person", "q") if query.get(name)), None)
        query = {name: value for name, value in query.items() if name in (kept, "limit")}
    query.pop("after", None)  # a list goes on only after what it gave itself
    if path == "/v1/nominations" and case.operation.method.lower() == "get":  # of somebody, or of a topic or community
        query = {"of": query["of"]} if query.get("of") else {"person": query.get("person") or "a:b"}
    for name, known in (("to", PEOPLE), ("person", PEOPLE), ("community", COMMUNITIES)):
        if isinstance(query.get(name), str):
            query[name] = _id(query[name], known)
    if path == "/v1/champions":
        for asked in (query, case.body):
            if isinstance(asked, dict):
                _champions(asked)
    if path == "/v1/teams:search" and isinstance(case.body, dict):
        case.body["skills"] = [_question(skill) for skill in case.body["skills"]]
    case.query = query


def _champions(asked: dict[str, Any]) -> None:
    """Champions are for one thing at a time, for units that there are, and of people who are there."""
    if isinstance(asked.get("community"), str):
        asked["community"] = _id(asked["community"], COMMUNITIES)
        asked.pop("topic", None)
        asked.pop("units", None)
    elif asked.get("topic"):
        asked.pop("units", None)
    elif asked.get("units"):
        asked["units"] = ["Legal"]
    for name in ("already", "nominated", "unwilling"):
        if asked.get(name):
            asked[name] = list(PEOPLE[: len(asked[name])])


def _id(made_up: str, known: tuple[str, ...]) -> str:
    """A known id for one that could be one.

    What was made up to be no id stays none, but gets a colon: without one, `/people/x/expertise` is the path of a
    record (source `x`, id `expertise`). That is another operation, and the tool would judge it by this one's rules.
    """
    source, colon, _ = made_up.partition(":")
    none = not colon or "/" in source
    number = sum(made_up.encode("utf-8", "replace"))
    if number % STRANGERS and len(made_up) <= LONGEST_ID and (VALID_ONLY or not none):
        return known[number % len(known)]
    return f"none:{made_up}" if none else made_up


def _question(made_up: Any) -> Any:
    """The made-up question, or one that can be asked where it is empty."""
    return made_up if isinstance(made_up, str) and made_up.strip() else "kubernetes ingress"
