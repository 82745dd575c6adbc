"""Facts coming in: one at a time by PUT on their natural id, or many lines of JSON. The same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request, Security
from pydantic import BaseModel
from starlette.responses import Response

from expertfinder.ask.keys import allows, may_write
from expertfinder.errors import Conflict, Forbidden, SourceError
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.problems import InvalidRequest
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.paths import RecordId, SourceId
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.records import IngestOut, InteractionIn, PersonIn, PostIn, WrittenOut
from expertfinder.http.writing import ERASED, NDJSON, Lines, Right, forbid, registered, write, write_lines
from expertfinder.ingest.withdrawal import forget, withdraw
from expertfinder.model import Fact, Source
from expertfinder.sources.reader import OURS
from expertfinder.sources.records import RecordKind, parse_interaction, parse_person, parse_post, parse_withdrawal
from expertfinder.store.protocol import Outcome

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
    """What the caller may write. Raises `Forbidden` for a source that the key does not name, and for our own source."""
    if source == OURS:
        raise Forbidden(f"the source {OURS} is of the communities that are found here: nobody writes it")
    if not may_write(who.scopes, source):
        raise Forbidden(
            f"this key may not write the source {source}; `expertfinder key create --scope ingest:write "
            f"--source {source}` makes one that may",
            scope=f"ingest:write:{source}",
        )
    return Right(who.viewer, groups=allows(who.scopes, "groups:write"))


def _name(who: Caller) -> str:
    """The name under which a withdrawal is kept: `key <id>`, else the id of a person."""
    return f"key {who.key.id}" if who.key is not None else who.viewer.person or ""


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
        forget(here.store, [fact])
        outcome = write(here.store, [fact], right)[0]
        here.finder.refresh()
        if outcome == "refused":
            raise Conflict(ERASED)
        written = WrittenOut(id=fact.id, outcome=cast(Outcome, outcome), ignored=list(ignored))
        return send(written, status=201 if outcome == "added" else 200)

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


async def _delete(here: Door, who: Caller, kind: RecordKind, source: str, id: str) -> Response:
    """Take one record back. The answer is the same whether it was there or not."""
    _right(who, source)

    def answer() -> Response:
        gone = parse_withdrawal({"type": "Tombstone", "id": id, "formerType": kind}, source=Source(id=source))
        withdraw(here.store, [(gone.kind, gone.id)], by=_name(who))
        here.finder.refresh()
        return Response(status_code=204)

    return await here.call(answer)


_WITHDRAWS: dict[str, Any] = {"status_code": 204, "response_class": Response, "responses": problems(405, 507)}


@router.delete("/people/{source:source}/{id:rest}", **_WITHDRAWS)
async def delete_person(
    source: SourceId, id: RecordId, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Take a record of a person back; what others wrote of them stays. To forget somebody is another thing: erase."""
    return await _delete(here, who, "person", source, id)


@router.delete("/posts/{source:source}/{id:rest}", **_WITHDRAWS)
async def delete_post(
    source: SourceId, id: RecordId, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Take a post back. The same lines again do not bring it back; a changed post does, and one that is put."""
    return await _delete(here, who, "post", source, id)


@router.delete("/interactions/{source:source}/{id:rest}", **_WITHDRAWS)
async def delete_interaction(
    source: SourceId, id: RecordId, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Take an interaction back."""
    return await _delete(here, who, "interaction", source, id)


@router.delete("/communities/{source:source}/{id:rest}", **_WITHDRAWS)
async def delete_community(
    source: SourceId, id: RecordId, here: Here, _: Annotated[NoQuestion, Query()], who: Writer
) -> Response:
    """Take a declared community back."""
    return await _delete(here, who, "community", source, id)


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

    A line of type `Delete`, `Undo` or `Tombstone` (ActivityStreams) takes a record back.

    The lines are read as they arrive and written as one batch when the last one is there, so a broken connection writes
    nothing. A line that cannot be read does not hold up the others; the answer has an outcome for each line.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON:
        raise InvalidRequest(f"send the lines as `Content-Type: {NDJSON}`")
    right = _right(who, source)
    lines = Lines(await here.call(lambda: registered(here.store, source)), right, by=_name(who))
    async for chunk in request.stream():
        await here.call(lambda chunk=chunk: lines.feed(chunk))  # type: ignore[misc]

    def answer() -> Response:
        lines.end()
        done = write_lines(here.store, lines)
        here.finder.refresh()
        return send(done, status=207 if any(line.status >= 400 for line in done.lines) else 200)

    return await here.call(answer)
