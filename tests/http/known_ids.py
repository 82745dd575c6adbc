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
ASKING = ("/v1/experts:search", "/v1/people/{id}/expertise:assess", "/v1/feedback")
"""What takes a question in a body."""
LONGEST_ID = 2_100
STRANGERS = 5
VALID_ONLY = os.environ.get("EXPECTED_CALLS") == "positive"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put known ids and questions into a call."""
    path = case.path_parameters or {}
    made_up = path.get("id")
    if isinstance(made_up, str) and "source" not in path:
        path["id"] = _id(made_up, POSTS if "/posts/" in case.operation.path else PEOPLE)
    if VALID_ONLY:
        if case.operation.path in ("/v1/experts", "/v1/people/{id}/explanation"):
            case.query = {**(case.query or {}), "q": _question((case.query or {}).get("q"))}
        elif case.operation.path in ASKING and isinstance(case.body, dict):
            case.body = {**case.body, "text": _question(case.body.get("text"))}
            if "subject" in case.body:
                case.body["subject"] = PEOPLE[len(str(case.body["subject"])) % len(PEOPLE)]


def _id(made_up: str, known: tuple[str, ...]) -> str:
    """A known id for one that could be one.

    What was made up to be no id stays none, but gets a colon: without one, `/people/x/expertise` is the path of a
    record (source `x`, id `expertise`). That is another operation, and the tool would judge it by this one's rules.
    """
    source, colon, _ = made_up.partition(":")
    if not colon or "/" in source:
        return f"none:{made_up}"
    number = sum(made_up.encode("utf-8", "replace"))
    return known[number % len(known)] if number % STRANGERS and len(made_up) <= LONGEST_ID else made_up


def _question(made_up: Any) -> Any:
    """The made-up question, or one that can be asked where it is empty."""
    return made_up if isinstance(made_up, str) and made_up.strip() else "kubernetes ingress"
