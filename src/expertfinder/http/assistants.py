"""The door for assistants (MCP) inside the service. It checks who asks, by the same keys and tokens as everywhere.

Whoever starts the service passes the app that answers (`Options.assistants`), because no door imports another.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials, SecurityScopes
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from expertfinder.ask.keys import SCOPES
from expertfinder.errors import ExpertFinderError, Forbidden
from expertfinder.http.auth import Caller, caller, count_seen
from expertfinder.http.context import Door
from expertfinder.http.problems import problem
from expertfinder.http.routes.assess import ASSESSED, actor, through
from expertfinder.model import Viewer

ASSISTANTS_PATH = "/mcp"
"""Where assistants ask: the path that clients of the protocol expect."""
METADATA_PATH = "/.well-known/oauth-protected-resource"
"""Where a client learns which issuer's tokens are accepted (RFC 9728); also with `ASSISTANTS_PATH` after it."""
ASKER = "expertfinder.asker"
"""The key of a request's ASGI scope under which its `Asking` stands."""
READ_SCOPES = ("experts:read", "people:read", "experts:assess")
"""The scopes that the tools need. A client may ask the identity provider for them."""

Assistants = Callable[[Door], Any]
"""Makes the app that answers, a Starlette app with a lifespan of its own."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks through an assistant, with what right."""

    caller: Caller
    here: Door

    @property
    def viewer(self) -> Viewer:
        """The viewer for whom the answer is made."""
        return self.caller.viewer

    def may(self, scope: str) -> bool:
        """Whether the key or token may do what needs this scope."""
        return scope in self.caller.scopes or "admin" in self.caller.scopes


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI: lets a request with a valid key or token through, and says in its scope who asks."""

    app: ASGIApp
    here: Door
    origins: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            origin = request.headers.get("origin")
            address = _address(self.here, request)
            if origin is not None and origin not in (*self.origins, address):
                raise Forbidden("pages of this origin may not ask; EXPERTFINDER_CORS_ORIGINS lists those that may")
            scope[ASKER] = Asking(await caller(SecurityScopes([]), request, self.here, _presented(request)), self.here)
        except ExpertFinderError as error:
            answer = problem(request, error)
            if answer.status_code == 401:
                where = f"{_address(self.here, request)}{METADATA_PATH}{ASSISTANTS_PATH}"
                answer.headers["WWW-Authenticate"] = f'Bearer realm="expertfinder", resource_metadata="{where}"'
            await answer(scope, receive, send)
            return
        await self.app(dict(scope), receive, send)  # a copy, because the inner app writes its name into the scope


def install(app: FastAPI, here: Door, assistants: Assistants, *, origins: tuple[str, ...]) -> Any:
    """Add the door and its metadata to the app. Returns the app that answers, for `running`."""
    inner = assistants(here)
    app.router.routes.append(Route(ASSISTANTS_PATH, Gate(inner, here, origins)))

    async def metadata(request: Request) -> Response:
        told = {
            "resource": f"{_address(here, request)}{ASSISTANTS_PATH}",
            "scopes_supported": [scope for scope in READ_SCOPES if scope in SCOPES],
            "bearer_methods_supported": ["header"],
            "resource_name": "expertfinder",
        }
        if here.provider is not None:  # tokens are for the whole service
            told["resource"] = here.provider.sign_in.audience or here.provider.sign_in.public_url
            told["authorization_servers"] = [here.provider.sign_in.issuer]
        return JSONResponse(told)

    for path in (METADATA_PATH, f"{METADATA_PATH}{ASSISTANTS_PATH}"):
        app.add_api_route(path, metadata, include_in_schema=False)
    return inner


def running(inner: Any) -> AbstractAsyncContextManager[Any]:
    """The lifespan of the app that answers; for `None` a context that does nothing."""
    if inner is None:
        return nullcontext()
    found: AbstractAsyncContextManager[Any] = inner.router.lifespan_context(inner)
    return found


def asker(request: Any) -> Asking:
    """Who asks, as the gate found out."""
    found: Asking = request.scope[ASKER]
    count_seen(found.here, found.caller)  # a tool answers in another context than the gate
    return found


def looked_up(here: Door, who: Asking) -> None:
    """Count that the caller looks somebody up by name. Raises `TooManyRequests` where that is too often."""
    here.allowance.take(who.caller.name)


def assessed(here: Door, who: Asking, person: str) -> None:
    """Write into the audit log that a person was assessed, and by whom; the person sees this line."""
    here.audit(actor(who.caller), ASSESSED, person, through(who.caller))


def _address(here: Door, request: Request) -> str:
    """The address of the service: the one in the settings, else the one that this request used."""
    return here.provider.sign_in.public_url if here.provider else str(request.base_url).rstrip("/")


def _presented(request: Request) -> HTTPAuthorizationCredentials | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return HTTPAuthorizationCredentials(scheme=scheme, credentials=text.strip()) if scheme.lower() == "bearer" else None
