"""What a person follows: kept by the API, read as a feed with a key of its own, ended from a mail."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from xml.etree import ElementTree

from fastapi import APIRouter, Depends, Path, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from expertfinder.ask.oneself.subscriptions import LONGEST_SUBJECT, Event, Following
from expertfinder.ask.oneself.telling import KINDS
from expertfinder.ask.oneself.webhooks import LONGEST_ADDRESS
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.responses import problems, send
from expertfinder.http.schemas.people import NoQuestion
from expertfinder.store import Subscription
from expertfinder.store.statements.questions import Follows, Via

ATOM = "application/atom+xml"
AS_IT_IS = {"Content-Encoding": "identity"}
"""The header of an answer with a secret: if it were compressed, its size would tell about the secret (BREACH)."""

router = APIRouter(prefix="/v1", tags=["me"])

Nothing = Annotated[NoQuestion, Query()]
Reader = Annotated[Caller, Security(caller, scopes=["me:read"])]
Writer = Annotated[Caller, Security(caller, scopes=["me:write"])]
Here = Annotated[Door, Depends(door)]
Word = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="As it was given.", examples=["n2Vb0sJxYk4T"])]


class SubscriptionIn(BaseModel):
    """Something to follow."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"follows": "topic", "subject": "weld-fatigue", "via": "feed"}]}
    )

    follows: Follows
    subject: str = Field(
        min_length=1,
        max_length=LONGEST_SUBJECT,
        description="The label of a topic, or an id of a community or a question.",
    )
    via: Via = Field("feed", description="As an Atom feed, in a weekly mail, or as Standard Webhooks.")
    url: str = Field("", max_length=LONGEST_ADDRESS, description="The address of the program that is told.")


class SubscriptionOut(BaseModel):
    """Something that the caller follows."""

    id: str
    follows: Follows
    subject: str
    via: Via
    url: str


class SubscribedOut(SubscriptionOut):
    """What was begun, with what is told this once."""

    feed: str = Field(description="The address of the feed, with its key; empty for others. It is told this once.")
    secret: str = Field(description="What messages to the program are signed with; empty for others.")


class SubscriptionsOut(BaseModel):
    """All that the caller follows."""

    subscriptions: list[SubscriptionOut]


def _fields(one: Subscription) -> dict[str, str]:
    return {"id": one.subscription} | {name: getattr(one, name) for name in ("follows", "subject", "via", "url")}


def feed_address(here: Door, key: str) -> str:
    """Where the feed of a key is read."""
    return f"{here.public_url}/v1/feeds/{key}"


@router.post("/me/subscriptions", response_model=SubscribedOut, responses=problems(400, 404, 409, 413))
async def subscribe(said: SubscriptionIn, _: Nothing, who: Writer, here: Here) -> Response:
    """Follow a topic, a community or a question. The key of a feed opens this feed alone, until one stops following."""

    def answer() -> Response:
        wanted = Following(follows=said.follows, subject=said.subject, via=said.via, url=said.url)
        kept, secret = here.subscriptions.follow(wanted, who.viewer)
        feed = feed_address(here, secret) if kept.via == "feed" else ""
        told = {"feed": feed, "secret": secret if kept.via == "webhook" else ""}
        response = send(SubscribedOut(**_fields(kept), **told))  # type: ignore[arg-type]
        response.headers.update(AS_IT_IS)
        return response

    return await here.call(answer)


@router.get("/me/subscriptions", response_model=SubscriptionsOut, responses=problems())
async def list_my_subscriptions(_: Nothing, who: Reader, here: Here) -> Response:
    """What the caller follows; what opens a feed or signs a message is not told again."""
    return await here.call(
        lambda: send(
            SubscriptionsOut(
                subscriptions=[SubscriptionOut(**_fields(one)) for one in here.subscriptions.listed(who.viewer)]  # type: ignore[arg-type]
            )
        )
    )


@router.delete("/me/subscriptions/{subscription}", status_code=204, responses=problems(404))
async def stop_subscription(subscription: Word, _: Nothing, who: Writer, here: Here) -> Response:
    """Follow something no longer. The key of its feed opens nothing from now on."""
    await here.call(lambda: here.subscriptions.stop(subscription, who.viewer))
    return Response(status_code=204)


@router.get(
    "/feeds/{key}",
    response_class=Response,
    response_model=None,
    responses={
        200: {"content": {ATOM: {"schema": {"type": "string"}}}},
        **problems(404, always=(422, 500, 503)),
    },
)
async def read_feed(key: Word, _: Nothing, here: Here) -> Response:
    """What a feed tells, as an Atom feed: kinds and links of what the person who follows may read now, and no text.

    The key in the address is all that is needed, and opens nothing else.
    """

    def answer() -> Response:
        one, events = here.subscriptions.feed(key)
        return Response(atom(here.public_url, one, events), media_type=ATOM)

    return await here.call(answer)


@router.post("/unsubscribe/{subscription}/{key}", status_code=204, responses=problems(404, always=(422, 500, 503)))
async def unsubscribe(subscription: Word, key: Word, _: Nothing, here: Here) -> Response:
    """End the weekly mails to whom they go: what a mail program sends by itself (RFC 8058)."""
    await here.call(lambda: here.subscriptions.end_mails(subscription, key))
    return Response(status_code=204)


def atom(public_url: str, one: Subscription, events: list[Event]) -> bytes:
    """An Atom feed (RFC 4287) of events, the newest first, as UTF-8. `public_url`: the address of this service."""
    feed = ElementTree.Element("feed", xmlns="http://www.w3.org/2005/Atom")

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, name, attributes)
        element.text = text or None
        return element

    add(feed, "id", f"urn:expertfinder:{one.subscription}")
    add(feed, "title", f"{one.follows}: {''.join(each if each.isprintable() else ' ' for each in one.subject)}")
    add(feed, "updated", (events[0].at if events else one.at).isoformat())
    add(add(feed, "author"), "name", "expertfinder")
    for event in events:
        entry = add(feed, "entry")
        add(entry, "id", f"urn:expertfinder:{one.subscription}:{quote(event.name, safe=':')}")
        add(entry, "title", KINDS[event.kind])
        add(entry, "updated", event.at.isoformat())
        add(entry, "link", href=f"{public_url}{event.path}")
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written
