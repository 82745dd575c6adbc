"""What would leave with somebody, and what is asked for: how topics are held, and demand beside supply."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Security
from starlette.responses import Response

from expertfinder.ask.shapes.teams import DemandOut, FigureOut, GapOut, InsightsOut, RisksOut, TopicRiskOut, risks_out
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.http.schemas.teams import RisksQuestion

router = APIRouter(prefix="/v1", tags=["risks"])

TopicId = Annotated[
    str,
    Path(
        pattern=r"^topic:[\s\S]+$",
        max_length=2_100,
        description="As `list_topics` has it, percent-encoded where needed.",
        examples=["topic:wireless-coverage"],
    ),
]


@router.get("/topics/{id:full}/risk", response_model=TopicRiskOut, responses=problems(404))
async def read_risk(
    id: TopicId,
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """How the evidence for a topic is spread over people, and who could grow into it.

    Made of what the whole organisation may read, among people whom the caller may find.
    """

    def answer() -> Response:
        version = here.network.version(who.viewer)
        (risk,) = risks_out(here.network, [here.network.risk(id, who.viewer)], who.viewer)
        return send(TopicRiskOut(risk=risk, version=version))

    return await here.call(answer)


@router.get("/risks", response_model=RisksOut, responses=problems())
async def list_risks(
    asked: Annotated[RisksQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Topics half or more of whose evidence is in one pair of hands, the busiest first."""

    def answer() -> Response:
        version = here.network.version(who.viewer)
        found = here.network.risks(who.viewer, limit=asked.limit)
        return send(RisksOut(risks=risks_out(here.network, found, who.viewer), version=version))

    return await here.call(answer)


@router.get("/demand", response_model=DemandOut, responses=problems())
async def list_demand(
    asked: Annotated[RisksQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Topics that five different people and more asked about in one week of the last quarter, those first that fewest
    carry. Who asked is kept nowhere, and what fewer asked for is not shown.
    """

    def answer() -> Response:
        version = here.network.version(who.viewer)
        found = here.demand.gaps(who.viewer, here.now().date(), limit=asked.limit)
        return send(DemandOut(topics=[GapOut.of(gap) for gap in found], version=version))

    return await here.call(answer)


@router.get("/insights", response_model=InsightsOut, responses=problems())
async def list_insights(
    _: Annotated[NoQuestion, Query()],
    who: Annotated[Caller, Security(caller, scopes=["experts:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Coverage, participation, demand, questions without a reply, topics in one pair of hands, communities.

    They are of what everybody may read, and the same for every caller; nothing is said of fewer than five people.
    """

    def answer() -> Response:
        figures = here.insights.figures(here.now().date())
        return send(InsightsOut(figures=[FigureOut.of(one) for one in figures]))

    return await here.call(answer)
