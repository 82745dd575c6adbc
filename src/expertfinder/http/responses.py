"""Answers and their declarations: how a handler sends a shape, and which errors each operation declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from expertfinder.ask.shapes.fields import chosen
from expertfinder.http.problems import PROBLEM_TYPE

JSON = "application/json"

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
_MEANINGS = {
    400: "The question cannot be asked.",
    401: "No key, or one that is unknown, revoked or expired.",
    403: "The key may not do that.",
    404: "It does not exist, or it is not for this caller to read: the two are one answer.",
    405: "The path, as these ids make it, is another one, which does not take this method.",
    409: "The write contradicts what is there.",
    413: "The body is too large.",
    422: "A parameter, the body or the record is not of the declared shape.",
    429: "Asked more often than one viewer may: try again after `Retry-After` seconds.",
    500: "Something went wrong inside; the log has it under the id in `instance`.",
    503: "There is no index yet, or the record is busy: try again after `Retry-After` seconds.",
    507: "The disk is full; nothing was written.",
}
ALWAYS = (401, 403, 422, 429, 500, 503)
"""Statuses of errors that every operation with a key can answer."""


def send(body: BaseModel, *, fields: str = "", status: int = 200) -> Response:
    """An answer as JSON, with all of its fields or only `fields` (see `chosen`). Call it in a thread of the core, so
    that the event loop never serialises. Raises `InvalidQuestion` where the answer has no such field.
    """
    wanted = chosen(type(body), fields)
    return Response(body.model_dump_json(include=wanted), status_code=status, media_type=JSON)


def problems(*statuses: int, always: Iterable[int] = ALWAYS) -> dict[int | str, dict[str, Any]]:
    """The declared errors of an operation: those of every operation, and `statuses`."""
    return {
        status: {"description": _MEANINGS[status], "content": {PROBLEM_TYPE: {"schema": PROBLEM_REF}}}
        for status in sorted({*always, *statuses})
    }
