"""A person, what the person knows, and why the person is recommended for a question."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.experts import ExplanationOut, explanation_out
from expertfinder.ask.shapes.people import PersonOut, ProfileOut, profile_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.experts import ExpertsQuestion
from expertfinder.http.schemas.paths import PersonId
from expertfinder.http.schemas.people import ExpertiseQuestion, FieldsQuestion

router = APIRouter(prefix="/v1", tags=["people"])


# The two longer paths come first: an id may hold a slash, and the shorter path would swallow them.
@router.get("/people/{id:full}/expertise", response_model=ProfileOut, responses=problems(404))
async def read_expertise(
    id: PersonId,
    asked: Annotated[ExpertiseQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """What a person knows, strongest first: declared and observed apart, rising or fading, last seen."""
    return await here.call(lambda: send(profile_out(here.finder, id, who.viewer, limit=asked.limit)))


@router.get("/people/{id:full}/explanation", response_model=ExplanationOut, responses=problems(400, 404))
async def explain_expert(
    id: PersonId,
    asked: Annotated[ExpertsQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Why this person for this question: every part of the score with all of its evidence.

    Takes the same parameters as `find_experts`. For somebody who is not among the answers it says why not.
    """
    question = asked.query(asked.q, asker=who.viewer.person)
    return await here.call(lambda: send(explanation_out(here.finder, question, id, who.viewer), fields=asked.fields))


@router.get("/people/{id:full}", response_model=PersonOut, responses=problems(400, 404))
async def read_person(
    id: PersonId,
    asked: Annotated[FieldsQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["people:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """A person. Somebody hidden, or not for the caller to find, is not found."""
    return await here.call(lambda: send(PersonOut.of(here.finder.person(id, who.viewer)), fields=asked.fields))
