"""Who is asking, with what right: a bearer key or token at the API, a signed-in browser at the pages.

Every operation of the API names its scope with `Security(caller, scopes=[...])`, every page with `Looker`, every form
with `Poster`. Only `OPEN` lists operations that are open to all. A test fails for a route that does neither.
The API takes no cookie, so no other site can use somebody's session to ask it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from expertfinder.ask.finder import SHOWN
from expertfinder.ask.keys import PREFIX, allows, check_key
from expertfinder.configuration.languages import N_, gettext, phrase
from expertfinder.errors import Forbidden, NotFound, StoreUnavailable, Unauthenticated
from expertfinder.http.context import Door, door
from expertfinder.http.middleware.tags import CALLER
from expertfinder.http.problems import SignInNeeded
from expertfinder.http.signin import forms
from expertfinder.http.signin.bearer import Bearer, bearer_of
from expertfinder.http.signin.provider import SECONDS
from expertfinder.http.signin.sessions import Identity, Session
from expertfinder.http.signin.tokens import KEYS_LIVE
from expertfinder.model import SHARED, Viewer
from expertfinder.store.protocol import Key

OPEN = frozenset({"health", "readiness", "read_feed", "unsubscribe", "read_badge_keys", "read_badge_status"})
"""Operations that need no key: they say nothing of anybody, or their address has a key that opens nothing else."""

DEMO_SCOPES = ("experts:read", "people:read")
"""What the demonstration mode opens without a key: looking, never writing."""
PAGE_SCOPES = ("experts:read", "people:read")
"""The scopes of everybody who is signed in; `SignIn.roles` gives members of some groups more."""
COOKIE = "expertfinder"
"""The cookie of a session; with the prefix `__Host-` where people come by https, so that no other host can set it."""
UNKNOWN = N_(
    "the identity provider knows you, and no directory here has a record with your key; ask whoever runs this service "
    "to import the key (docs/signin.md)"
)

bearer = HTTPBearer(
    scheme_name="api_key",
    bearerFormat="ef_<id>_<secret>",
    description=(
        "An API key from `expertfinder key create`, or an access token of the identity provider that the service is "
        "configured with, with the scopes that an operation names."
    ),
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, with what right. At most one of `key` and `session` is set; for a token of the provider neither is."""

    viewer: Viewer
    scopes: tuple[str, ...]
    key: Key | None = None
    session: Session | None = None
    actor: str = ""
    """The program that acts for the person, as the provider or an intranet names it; empty where nobody does."""
    is_demo: bool = False
    form_secret: bytes | None = None
    """What the tokens of this session's forms are made of; see `signin.forms`."""

    @property
    def name(self) -> str:
        """The name under which requests are counted: a person has one for all doors; any other key has its own."""
        if self.viewer.person:
            return f"person {self.viewer.person}"
        return f"key {self.key.id}" if self.key else "demonstration"


NOBODY_YET = Caller(SHARED, ())
"""For pages that say nothing of anybody: signing in and out."""


async def caller(
    wanted: SecurityScopes,
    request: Request,
    here: Annotated[Door, Depends(door)],
    presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller of this request.

    Raises `Unauthenticated` (no valid key or token), `Forbidden` (not this operation), `TooManyRequests`, or
    `StoreUnavailable` where the provider does not answer.
    """
    if presented is None and here.insecure_demo and "authorization" not in request.headers:
        if not set(wanted.scopes) <= set(DEMO_SCOPES):
            raise Unauthenticated("the demonstration mode is for looking; this needs a key even here")
        person = request.scope.get("expertfinder.as") or None
        who = Caller(await here.call(lambda: here.finder.viewer(person)), DEMO_SCOPES, is_demo=True)
        request.scope[CALLER] = who.name
        return who
    if presented is None:
        raise Unauthenticated("send a key as `Authorization: Bearer ef_...`; `expertfinder key create` makes one")
    text, provider = presented.credentials, here.provider
    if provider is None or text.startswith(f"{PREFIX}_"):
        return _counted(here, request, await here.call(lambda: _known(here, text, wanted.scopes)))
    # Not in the threads that answer: this may wait until the provider has sent its keys.
    told = await asyncio.to_thread(lambda: bearer_of(provider, here.once, text, now=here.now().timestamp()))
    return _counted(here, request, await here.call(lambda: _acting(here, told, wanted.scopes)))


def _counted(here: Door, request: Request, who: Caller) -> Caller:
    """Count a request of the caller, and return the caller. Raises `TooManyRequests` where they asked too often."""
    if here.requests is not None:
        here.requests.take(who.name)
    request.scope[CALLER] = who.name
    count_seen(here, who)
    return who


def count_seen(here: Door, who: Caller, *, suggested: bool = False) -> None:
    """From here on in this context, count the people whom the caller is shown (or, with `suggested`, is suggested).

    An answer with too many people raises `TooManyRequests` when it is made.
    """
    seeing = here.seeing
    if seeing is not None:
        SHOWN.set(lambda people: seeing.take(who.name, people, suggested=suggested))


def _known(here: Door, text: str, scopes: list[str]) -> Caller:
    key = check_key(here.store, text, now=here.now())
    _check_scopes(key.scopes, scopes, "key")
    if key.person is None:
        return Caller(SHARED, key.scopes, key)
    try:
        here.subjects.check_open(key.person)
        return Caller(here.finder.viewer(key.person), key.scopes, key)
    except NotFound as error:
        raise Forbidden("the person to whom this key belongs is hidden or gone") from error


def _acting(here: Door, told: Bearer, scopes: list[str]) -> Caller:
    """The caller of a token whose signature and claims are right."""
    viewer = _viewer(here, told.identity)
    if not told.may_act:
        here.audit(told.actor, "refused to act for", viewer.person or "")
        raise Forbidden(f"{told.actor} may not act for people; EXPERTFINDER_SIGNIN_ACTORS lists those who may")
    _check_scopes(told.scopes, scopes, "token")
    if told.actor and viewer.person is not None:
        here.acted(told.actor, viewer.person)
    return Caller(viewer, told.scopes, actor=told.actor)


def _check_scopes(held: tuple[str, ...], wanted: list[str], what: str) -> None:
    missing = [scope for scope in wanted if not allows(held, scope)]
    if missing:
        raise Forbidden(
            phrase(
                "this needs the scope {scope}; the {what} has {held}",
                scope=missing[0],
                what=gettext(what),
                held=", ".join(held),
            ),
            scope=missing[0],
        )


def _viewer(here: Door, identity: Identity) -> Viewer:
    """The viewer for an identity, by the record of facts as it is now. Raises `Forbidden` where there is none."""
    try:
        viewer = here.subjects.viewer(identity.keys)
    except NotFound as error:
        raise Forbidden(gettext(UNKNOWN)) from error
    return replace(viewer, groups=viewer.groups | identity.groups) if identity.groups else viewer


# --- pages -----------------------------------------------------------------------------------------------------------


def cookie_name(name: str, *, secure: bool) -> str:
    """The name of one of our cookies. `secure`: people come by https, so it gets the prefix `__Host-`."""
    return f"__Host-{name}" if secure else name


async def looker(
    wanted: SecurityScopes,
    request: Request,
    here: Annotated[Door, Depends(door)],
    presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller of a page: who is signed in, or whom the demonstration mode looks as.

    Raises `SignInNeeded` where nobody is signed in, or the account, its record or the session is gone meanwhile.
    Raises `Forbidden` for a page that needs a scope which the person's groups do not give. Raises `TooManyRequests`.
    """
    provider = here.provider
    if here.insecure_demo or provider is None:
        return await caller(wanted, request, here, presented)
    session = await _session(request, here)
    try:
        viewer = await here.call(lambda: _viewer(here, session.identity))
    except Forbidden as error:
        here.sessions.end(session)
        raise SignInNeeded(gettext("the account is closed, or its record is gone")) from error
    roles = (provider.sign_in.roles.get(group, ()) for group in sorted(viewer.groups))
    scopes = tuple(dict.fromkeys((*PAGE_SCOPES, *(scope for role in roles for scope in role))))
    _check_scopes(scopes, wanted.scopes, N_("session"))
    return _counted(here, request, Caller(viewer, scopes, session=session, form_secret=here.sessions.secret(session)))


async def poster(
    wanted: SecurityScopes,
    request: Request,
    here: Annotated[Door, Depends(door)],
    presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller who sends a form of this service: see `signin.forms`.

    Raises as `looker` does, `Forbidden` for a form from elsewhere, and `Unauthenticated` in the demonstration mode.
    """
    who = await looker(wanted, request, here, presented)
    if who.form_secret is None or here.provider is None:
        raise Unauthenticated(gettext("the demonstration mode is for looking; a form needs somebody who is signed in"))
    await forms.check_form(request, who.form_secret, here.provider.sign_in.origin)
    return who


Looker = Annotated[Caller, Security(looker, scopes=["experts:read", "people:read"])]
"""Who looks at a page."""
Poster = Annotated[Caller, Security(poster, scopes=["experts:read", "people:read"])]
"""Who sends a form."""

LOOK_SECONDS = 0.05
"""Seconds between two looks whether another worker has got the provider's answer, which takes tenths of a second."""
_asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""A lock for each session that is being checked: two requests of one browser do not use one refresh token twice."""


def _opened(here: Door, cookie: str) -> Session:
    """The session of a cookie. Raises `SignInNeeded` where there is none."""
    session = here.sessions.of(cookie)
    if session is None:
        raise SignInNeeded(gettext("nobody is signed in here, or no more"))
    return session


async def _session(request: Request, here: Door) -> Session:
    """The session of a request, which the provider has confirmed lately. Raises `SignInNeeded`, `StoreUnavailable`."""
    provider = here.provider
    assert provider is not None, "the caller has seen to it"
    sign_in = provider.sign_in
    cookie = request.cookies.get(cookie_name(COOKIE, secure=sign_in.is_secure), "")
    known = _opened(here, cookie)
    if here.sessions.since(known.asked) < sign_in.recheck_seconds:
        return known
    lock = _asking.setdefault(known.name, asyncio.Lock())
    async with lock:
        known = _opened(here, cookie)
        if here.sessions.since(known.asked) < sign_in.recheck_seconds:
            return known
        if not known.refresh_token:
            if not sign_in.groups:
                return known
            here.sessions.end(known)  # what the claims said of groups is too old, and nobody can be asked
            raise SignInNeeded(gettext("the session is over"))
        while not here.sessions.may_ask(known, seconds=2 * SECONDS):  # another worker asks
            await asyncio.sleep(LOOK_SECONDS)
            known = _opened(here, cookie)
            if here.sessions.since(known.asked) < sign_in.recheck_seconds:
                return known
        now = here.now().timestamp()
        try:
            identity, token = await asyncio.to_thread(
                lambda: provider.again(known.identity, known.refresh_token, now=now)
            )
        except Unauthenticated as error:
            here.sessions.end(known)
            raise SignInNeeded(gettext("the provider has ended the session or closed the account")) from error
        except StoreUnavailable:
            if here.sessions.since(known.checked) >= KEYS_LIVE:
                here.sessions.asked_in_vain(known)
                raise
            return here.sessions.unanswered(known)
        return here.sessions.checked(known, identity, refresh_token=token)
