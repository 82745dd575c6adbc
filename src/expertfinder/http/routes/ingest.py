"""Facts coming in: one at a time by PUT on their natural id, or many lines of JSON. The same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Security
from pydantic import BaseModel
from starlette.responses import Response

from expertfinder.ask.keys import allows, may_write
from expertfinder.errors import Conflict, Forbidden, SourceError
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.paths import RecordId, SourceId
from expertfinder.http.problems import InvalidRequest
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.records import IngestOut, InteractionIn, PersonIn, PostIn, WrittenOut
from expertfinder.http.writing import ERASED, NDJSON, Lines, Right, forbid, registered, write, write_lines
from expertfinder.model import Fact
from expertfinder.sources.records import parse_interaction, parse_person, parse_post

router = APIRouter(prefix="/v1", tags=["ingest"])

Writer = Annotated[Caller, Security(caller, scopes=["ingest:write"])]
Here = Annotated[Door, Depends(door)]

_PARSERS: dict[type[BaseModel], Callable[..., tuple[Fact | None, tuple[str, ...]]]] = {
    PersonIn: parse_person,
    PostIn: parse_post,
    InteractionIn: parse_interaction,
}
_WRITES: dict[str, Any] = {
    "response_model": WrittenOut,
    "responses": {
        201: {"model": WrittenOut, "description": "It was not there before, as far as the key may read."},
        **problems(405, 409, 413, 507),
    },
}


LINES_EXAMPLE = """\
{"type": "person", "id": "p1", "name": "Ada Lind"}
{"type": "post", "id": "7", "authors": ["p1"], "text": "Raise the timeout."}
"""


def _right(who: Caller, source: str) -> Right:
    """What the caller may write. Raises `Forbidden` for a source that the key does not name."""
    if who.key is None or not may_write(who.key, source):
        raise Forbidden(
            f"this key may not write the source {source}; `expertfinder key create --scope ingest:write "
            f"--source {source}` makes one that may",
            scope=f"ingest:write:{source}",
        )
    return Right(who.viewer, groups=allows(who.key, "groups:write"))


async def _put(here: Door, who: Caller, source: str, id: str, body: BaseModel) -> Response:
    """Write one record under the id of its path."""
    right = _right(who, source)
    record = body.model_dump(exclude_unset=True, mode="json")
    for name, given in (("id", id), ("source", source)):
        if record.get(name) not in (None, given):
            raise InvalidRequest(f"the {name} in the body is not the {name} of the path; leave it out")

    record |= {"id": id, "source": source}

    def answer() -> Response:
        fact, ignored = _PARSERS[type(body)](record, source=registered(here.store, source))
        if fact is None:
            raise SourceError("nobody is known to have done it, so it is not kept", field="actor")
        forbid(fact, right)
        outcome = write(here.store, [fact], right)[0]
        here.finder.refresh()
        if outcome == "refused":
            raise Conflict(ERASED)
        return send(
            WrittenOut(id=fact.id, outcome=outcome, ignored=list(ignored)), status=201 if outcome == "added" else 200
        )

    return await here.call(answer)


@router.put("/people/{source:source}/{id:rest}", **_WRITES)
async def put_person(
    source: SourceId, id: RecordId, body: PersonIn, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Write a person. Whom it does not say who may find it: as the source was registered, else the person alone."""
    return await _put(here, who, source, id, body)


@router.put("/posts/{source:source}/{id:rest}", **_WRITES)
async def put_post(
    source: SourceId, id: RecordId, body: PostIn, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Write a post. Where it does not say who may read it: as the source was registered, else its authors alone."""
    return await _put(here, who, source, id, body)


@router.put("/interactions/{source:source}/{id:rest}", **_WRITES)
async def put_interaction(
    source: SourceId, id: RecordId, body: InteractionIn, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Write an interaction: who did what to what. A verb that is not known is taken and weighs nothing."""
    return await _put(here, who, source, id, body)


@router.post(
    "/ingest/{source:source}",
    response_model=IngestOut,
    responses={
        207: {"model": IngestOut, "description": "Some lines could not be taken; `lines` says which."},
        **problems(413, 507),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                NDJSON: {
                    "schema": {"type": "string"},
                    "example": LINES_EXAMPLE,
                }
            },
        }
    },
)
async def ingest_lines(
    source: SourceId, request: Request, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Write many records: one JSON object a line, each with `type` (person, post, interaction or community).

    The lines are read as they arrive and written as one batch when the last one is there, so a broken connection writes
    nothing. A line that cannot be read does not hold up the others; the answer has an outcome for each line.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON:
        raise InvalidRequest(f"send the lines as `Content-Type: {NDJSON}`")
    right = _right(who, source)
    lines = Lines(await here.call(lambda: registered(here.store, source)), right)
    async for chunk in request.stream():
        await here.call(lambda chunk=chunk: lines.feed(chunk))  # type: ignore[misc]

    def answer() -> Response:
        lines.end()
        done = write_lines(here.store, lines)
        here.finder.refresh()
        return send(done, status=207 if done.invalid or done.refused else 200)

    return await here.call(answer)
