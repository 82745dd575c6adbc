"""Turning to somebody whom an answer named, and questions put to people or a community: kept where the asker agrees."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Security
from starlette.background import BackgroundTask
from starlette.responses import Response

from expertfinder.ask.oneself.asks import links, note_ask
from expertfinder.ask.oneself.questions import Wanted, Worth
from expertfinder.errors import Forbidden, Unauthenticated
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.questions import (
    AnsweredIn,
    AskIn,
    AskOut,
    BeforeOut,
    BeforeQuestion,
    QuestionIn,
    QuestionOut,
    QuestionsOut,
    QuestionsQuestion,
    before_out,
    question_out,
    questions_out,
)
from expertfinder.model import Query as Question

router = APIRouter(prefix="/v1", tags=["experts"])


@router.post("/asks", response_model=AskOut, responses=problems(400, 404, 409, 413))
async def note_my_ask(
    said: AskIn,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Turn to somebody whom an answer named. It counts as one ask of the day, for how often they wish to be asked.

    The key must belong to a person. The two see it in what is kept about them, and nobody else does.
    """

    def answer() -> Response:
        if who.is_demo:
            raise Unauthenticated("the demonstration mode is for looking; this needs a key even here")
        if who.viewer.person is None:
            raise Forbidden("an ask belongs to a person: use a key that does")
        kept = note_ask(here.finder, who.viewer, to=said.to, text=said.text, why=said.why)
        opened = links(here.finder, who.viewer, kept, chat=here.chat_link)
        return send(AskOut(to=kept.subject, day=kept.day, **opened))

    return await here.call(answer)


# --- questions -------------------------------------------------------------------------------------------------------

Nothing = Annotated[NoQuestion, Query()]
Reader = Annotated[Caller, Security(caller, scopes=["me:read"])]
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Here = Annotated[Door, Depends(door)]
QuestionId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="As lists name it.", examples=["n2Vb0sJxYk4T"])
]


@router.get("/questions/before", response_model=BeforeOut, responses=problems(400))
async def answered_before(
    asked: Annotated[BeforeQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Here,
) -> Response:
    """What may answer a question before it is put: posts to read first, and questions that were answered."""
    return await here.call(lambda: send(before_out(here, here.questions.before(asked.q, who.viewer), who.viewer)))


@router.post("/questions", response_model=QuestionOut, responses=problems(400, 404, 409, 413))
async def put_question(said: QuestionIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Put a question to people (`to`), to a `community`, or with neither to the first who are found for it.

    With `anonymous` nobody but the asker is told who asks. Whom it reached counts as asked on this day.
    """
    wanted = Wanted(text=said.text, to=tuple(said.to), community=said.community, anonymous=said.anonymous)

    def answer() -> Response:
        put = here.questions.put(wanted, who.viewer)
        response = send(question_out(here, put, who.viewer))
        met = bool(put.community or put.routed)
        response.background = BackgroundTask(here.call, lambda: here.note(Question(text=put.text), who.viewer, met=met))
        return response

    return await here.call(answer)


@router.get("/questions", response_model=QuestionsOut, responses=problems())
async def list_questions(asked: Annotated[QuestionsQuestion, Query()], who: Reader, here: Here) -> Response:
    """Questions that the caller put, that reached them, or that are open where they may read; the newest first."""

    def answer() -> Response:
        found = here.questions.listed(asked.which, who.viewer, community=asked.community)
        return send(questions_out(here, found, who.viewer))

    return await here.call(answer)


@router.get("/questions/{question}", response_model=QuestionOut, responses=problems(404))
async def read_question(question: QuestionId, _: Nothing, who: Reader, here: Here) -> Response:
    """One question, with what became of it as far as the caller may see it."""
    return await here.call(lambda: send(question_out(here, here.questions.one(question, who.viewer), who.viewer)))


@router.post("/questions/{question}/claim", response_model=QuestionOut, responses=problems(400, 404, 409))
async def claim_question(question: QuestionId, _: Nothing, who: Writer, here: Here) -> Response:
    """Take a question on. Who put it sees by whom; one person at a time."""
    return await here.call(lambda: send(question_out(here, here.questions.claim(question, who.viewer), who.viewer)))


@router.post("/questions/{question}/decline", response_model=QuestionsOut, responses=problems(400, 404, 409))
async def decline_question(question: QuestionId, _: Nothing, who: Writer, here: Here) -> Response:
    """Leave a question to others: the next who is found for it is asked. Nobody is told why.

    The answer has the questions that still wait for the caller, which this one does no more.
    """

    def answer() -> Response:
        here.questions.decline(question, who.viewer)
        return send(questions_out(here, here.questions.listed("reached", who.viewer), who.viewer))

    return await here.call(answer)


@router.post("/questions/{question}/answer", response_model=QuestionOut, responses=problems(404, 409, 413))
async def answer_question(question: QuestionId, said: AnsweredIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Say that a question is answered, by a post or in another way: who put it, or who has taken it on.

    What it saved, and what one could do afterwards, is for who put it to say; insights have it from five askers on.
    """
    worth = Worth(said.saved, said.afterwards)

    def answer() -> Response:
        done = here.questions.answer(question, said.post, who.viewer, worth=worth)
        return send(question_out(here, done, who.viewer))

    return await here.call(answer)


@router.delete("/questions/{question}", status_code=204, responses=problems(404))
async def withdraw_question(question: QuestionId, _: Nothing, who: Writer, here: Here) -> Response:
    """Take a question of one's own back; nothing of it is kept."""
    await here.call(lambda: here.questions.withdraw(question, who.viewer))
    return Response(status_code=204)
