"""The organisation's own vocabularies, for whoever runs the service: list, put a file in place, take one out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Security
from starlette.responses import Response

from expertfinder.ask.organisation.vocabularies import ENDINGS, replaced, taken_out, vocabularies
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.problems import InvalidRequest
from expertfinder.http.responses import problems, send
from expertfinder.http.routes.assess import actor
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.vocabularies import (
    VocabulariesOut,
    VocabularyPutOut,
    VocabularyQuestion,
    put_out,
    vocabularies_out,
)
from expertfinder.ingest.vocabularies import NAME, From

router = APIRouter(prefix="/v1", tags=["ingest"])

Operator = Annotated[Caller, Security(caller, scopes=["operator"])]
Here = Annotated[Door, Depends(door)]
Nothing = Annotated[NoQuestion, Query()]
Name = Annotated[str, Path(pattern=NAME, description="What the vocabulary is called here.", examples=["skills"])]

TABLE_EXAMPLE = """\
id,label,label_de,alias,broader
weld,Welding,Schweißen,arc welding,
tig,TIG welding,WIG-Schweißen,,weld
"""


@router.get("/vocabularies", response_model=VocabulariesOut, responses=problems())
async def list_vocabularies(_: Nothing, who: Operator, here: Here) -> Response:
    """The vocabularies that are kept, with who put them in place and when."""
    return await here.call(lambda: send(vocabularies_out(vocabularies(here.finder))))


@router.put(
    "/vocabularies/{name}",
    response_model=VocabularyPutOut,
    responses=problems(400, 413, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": TABLE_EXAMPLE},
                **{kind: {"schema": {"type": "string"}} for kind in ENDINGS if kind != "text/csv"},
            },
        }
    },
)
async def put_vocabulary(
    name: Name, asked: Annotated[VocabularyQuestion, Query()], request: Request, who: Operator, here: Here
) -> Response:
    """Keep a file as the vocabulary of this name, in place of what it had: a table, or SKOS as Turtle or RDF/XML.

    The same again changes nothing. What is wrong in the file is one error with the line or the concept and the field,
    and then nothing is taken over. Answers follow with the next index, which is begun at once.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ENDINGS:
        raise InvalidRequest(f"send the file as `Content-Type:` {', '.join(ENDINGS)}")
    body = await request.body()

    def work() -> Response:
        source = From(name=name, file=f"{name}{ENDINGS[kind]}", language=asked.language, by=actor(who))
        done = replaced(here.finder, body, source)
        if done.moved:
            here.renew()
        return send(put_out(name, done))

    return await here.call(work)


@router.delete("/vocabularies/{name}", status_code=204, response_class=Response, responses=problems(507))
async def delete_vocabulary(name: Name, _: Nothing, who: Operator, here: Here) -> Response:
    """Take a vocabulary out; decisions about single topics stay. The same answer whether it was there or not."""

    def work() -> Response:
        if taken_out(here.finder, name, by=actor(who)):
            here.renew()
        return Response(status_code=204)

    return await here.call(work)
