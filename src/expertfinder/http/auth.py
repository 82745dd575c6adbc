"""Who is asking: a bearer key, its scopes, and the viewer it stands for.

Every operation names its scope with `Security(caller, scopes=[...])`; what is open to all is listed in `OPEN` and
nowhere else, and a test fails for a route that is in neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from expertfinder.ask.keys import allows, check_key
from expertfinder.errors import Forbidden, NotFound, Unauthenticated
from expertfinder.http.context import Door, door
from expertfinder.model import SHARED, Viewer
from expertfinder.store.protocol import Key

OPEN = frozenset({"health", "readiness"})
"""Operations that need no key: they say nothing of anybody."""

DEMO_SCOPES = ("experts:read", "people:read")
"""What the demonstration mode opens without a key: looking, never writing."""

bearer = HTTPBearer(
    scheme_name="api_key",
    bearerFormat="ef_<id>_<secret>",
    description="An API key from `expertfinder key create`, with the scopes that an operation names.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, with what right. `key` is `None` in the demonstration mode only."""

    viewer: Viewer
    scopes: tuple[str, ...]
    key: Key | None


async def caller(
    wanted: SecurityScopes,
    request: Request,
    here: Annotated[Door, Depends(door)],
    presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller of this request. Raises `Unauthenticated` (no valid key) or `Forbidden` (not this operation)."""
    if presented is None and here.insecure_demo and "authorization" not in request.headers:
        if not set(wanted.scopes) <= set(DEMO_SCOPES):
            raise Unauthenticated("the demonstration mode is for looking; this needs a key even here")
        person = request.scope.get("expertfinder.as") or None
        return Caller(await here.call(lambda: here.finder.viewer(person)), DEMO_SCOPES, None)
    if presented is None:
        raise Unauthenticated("send a key as `Authorization: Bearer ef_...`; `expertfinder key create` makes one")
    return await here.call(lambda: _known(here, presented.credentials, wanted.scopes))


def _known(here: Door, text: str, scopes: list[str]) -> Caller:
    key = check_key(here.store, text, now=here.now())
    missing = [scope for scope in scopes if not allows(key, scope)]
    if missing:
        raise Forbidden(f"this needs the scope {missing[0]}; the key has {', '.join(key.scopes)}", scope=missing[0])
    if key.person is None:
        return Caller(SHARED, key.scopes, key)
    try:
        return Caller(here.finder.viewer(key.person), key.scopes, key)
    except NotFound as error:
        raise Forbidden("the person to whom this key belongs is hidden or gone") from error
