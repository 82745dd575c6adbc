"""Endorsed content and people: states of posts, regulated topics, nominations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Security
from starlette.responses import Response

from expertfinder.ask.oneself.nominations import answer, nominate, nominated, own_nominations
from expertfinder.ask.organisation.endorsed import Given, give_state, regulate, regulated, set_free, states_of
from expertfinder.errors import InvalidQuestion
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.endorsing import (
    AnswerIn,
    MyNominationsOut,
    NominationIn,
    NominationOut,
    NominationsOut,
    NominationsQuestion,
    RegulatedIn,
    RegulatedTopicsOut,
    StateIn,
    StatesOut,
    my_nominations_out,
    nomination_out,
    regulated_out,
    states_out,
)
from expertfinder.http.schemas.me import TopicLabel
from expertfinder.http.schemas.paths import PostId
from expertfinder.http.schemas.people import NoQuestion

router = APIRouter(prefix="/v1", tags=["endorsing"])

ENDORSE = "content:endorse"
"""The scope of people whose task is to review and endorse what others wrote."""
Nothing = Annotated[NoQuestion, Query()]
Reader = Annotated[Caller, Security(caller, scopes=["people:read"])]
Endorser = Annotated[Caller, Security(caller, scopes=[ENDORSE])]
Operator = Annotated[Caller, Security(caller, scopes=["operator"])]
Own = Annotated[Caller, Security(caller, scopes=["me:read"])]
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Here = Annotated[Door, Depends(door)]
NominationId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{24}$", description="As lists name it.", examples=["36ce0de92c7344d11354b10e"])
]


@router.get("/posts/{id:full}/states", response_model=StatesOut, responses=problems(404))
async def read_states(id: PostId, _: Nothing, who: Reader, here: Here) -> Response:
    """The states of a post that the caller may read, with who gave them and when.

    States that somebody gave whom the caller may not find count for nothing to them.
    """
    return await here.call(lambda: send(states_out(here, states_of(here.finder, id, who.viewer))))


@router.post("/posts/{id:full}/states", response_model=StatesOut, responses=problems(400, 404, 409, 413))
async def give_post_state(id: PostId, said: StateIn, _: Nothing, who: Endorser, here: Here) -> Response:
    """Give a post a state. Nobody reviews or endorses what they wrote themselves.

    On a regulated topic only posts count that are endorsed and whose endorsement has not expired; on any other topic a
    state is shown and moves no answer.
    """

    def work() -> Response:
        given = Given(post=id, state=said.state, until=said.until, why=said.why)
        give_state(here.finder, who.viewer, given, may_endorse=True)
        return send(states_out(here, states_of(here.finder, id, who.viewer)))

    return await here.call(work)


# --- topics ----------------------------------------------------------------------------------------------------------


@router.get("/regulated-topics", response_model=RegulatedTopicsOut, responses=problems())
async def list_regulated_topics(_: Nothing, who: Reader, here: Here) -> Response:
    """The topics on which only endorsed posts count. Everybody may know them."""
    return await here.call(lambda: send(regulated_out(regulated(here.finder))))


@router.put("/regulated-topics/{topic:rest}", response_model=RegulatedTopicsOut, responses=problems(400, 413))
async def put_regulated_topic(topic: TopicLabel, said: RegulatedIn, _: Nothing, who: Operator, here: Here) -> Response:
    """From the next question on let only endorsed posts count where a question has the words of this topic."""

    def work() -> Response:
        regulate(here.finder, topic, by=who.viewer.person or "", why=said.why)
        return send(regulated_out(regulated(here.finder)))

    return await here.call(work)


@router.delete("/regulated-topics/{topic:rest}", status_code=204, responses=problems())
async def delete_regulated_topic(topic: TopicLabel, _: Nothing, who: Operator, here: Here) -> Response:
    """Let every post count on this topic again."""
    await here.call(lambda: set_free(here.finder, topic))
    return Response(status_code=204)


# --- people ----------------------------------------------------------------------------------------------------------


@router.get("/nominations", response_model=NominationsOut, responses=problems(400))
async def list_nominations(asked: Annotated[NominationsQuestion, Query()], who: Reader, here: Here) -> Response:
    """What a person is endorsed and nominated for, or who is nominated for a community or topic: with who and why.

    Only what the person agreed to and what holds today, among people whom the caller may find.
    """

    def work() -> Response:
        if bool(asked.person) == bool(asked.of):
            raise InvalidQuestion("nominations are listed of a person or for a community or topic: give one of them")
        found = nominated(here.finder, here.network, who.viewer, person=asked.person, of=asked.of)
        return send(NominationsOut(nominations=[nomination_out(one) for one in found]))

    return await here.call(work)


@router.post("/nominations", response_model=NominationOut, responses=problems(400, 404, 409, 413, 429))
async def make_nomination(said: NominationIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Endorse a colleague for a topic, or nominate one as champion, sponsor or curator of a community; five a day.

    They are asked on their own page, and nobody else sees it before they agree. It moves no score.
    """
    return await here.call(lambda: send(nomination_out(nominate(here.finder, here.network, who.viewer, said.wanted()))))


@router.get("/me/nominations", response_model=MyNominationsOut, responses=problems())
async def list_my_nominations(_: Nothing, who: Own, here: Here) -> Response:
    """What the caller is nominated for, and whom they nominated."""
    return await here.call(lambda: send(my_nominations_out(own_nominations(here.finder, here.network, who.viewer))))


@router.put("/me/nominations/{nomination}", response_model=NominationOut, responses=problems(404, 409, 413))
async def answer_nomination(nomination: NominationId, said: AnswerIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Agree to a nomination, decline it (later, too), or take back one that the caller made."""
    return await here.call(
        lambda: send(nomination_out(answer(here.finder, here.network, who.viewer, nomination, said.answer)))
    )
