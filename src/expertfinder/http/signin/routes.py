"""Signing in and out: the pages' four addresses, and the one at which the provider says that somebody signed out."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from expertfinder.configuration.languages import gettext
from expertfinder.errors import ExpertFinderError, Forbidden, Unauthenticated
from expertfinder.http.auth import COOKIE, NOBODY_YET, UNKNOWN, Poster, cookie_name
from expertfinder.http.context import Door
from expertfinder.http.pages.rendering import Here, problem_page, render
from expertfinder.http.problems import SignInNeeded
from expertfinder.http.signin.onward import safe_next
from expertfinder.http.signin.provider import Provider
from expertfinder.model import Viewer

BEGUN = "expertfinder-signin"
"""The cookie of a sign-in that has begun: its state and where to go on."""
BEGUN_SECONDS = 600
"""How long somebody may take at the provider."""

router = APIRouter(include_in_schema=False)


@router.get("/signin")
async def sign_in(request: Request, here: Here) -> Response:
    """Send the browser to the provider."""
    provider = _provider(here)
    state = secrets.token_urlsafe(32)
    derived = here.sessions.derived
    try:
        address = await asyncio.to_thread(
            lambda: provider.beginning(state=state, nonce=derived("nonce", state), verifier=derived("verifier", state))
        )
    except ExpertFinderError as error:
        return _wrong(request, error)
    answer = RedirectResponse(address, status_code=303)
    begun = json.dumps({"state": state, "next": safe_next(request.query_params.get("next", "/"))})
    _set(answer, provider, BEGUN, here.sessions.signed(begun), seconds=BEGUN_SECONDS)
    return answer


@router.get("/signin/callback")
async def signed_in(request: Request, here: Here) -> Response:
    """Come back from the provider with a code."""
    provider = _provider(here)
    given = request.query_params
    begun = here.sessions.unsigned(request.cookies.get(_name(provider, BEGUN), ""))
    try:
        began = json.loads(begun or "{}")
        state = str(began.get("state", ""))
        if not state or not hmac.compare_digest(state.encode(), given.get("state", "").encode()):
            raise Forbidden(gettext("this sign-in was not begun in this browser, or too long ago; begin again"))
        if given.get("iss", provider.sign_in.issuer) != provider.sign_in.issuer or not given.get("code"):
            raise Forbidden(gettext("the identity provider did not let you in; begin again"))
        derived, now = here.sessions.derived, here.now().timestamp()
        identity, id_token, refresh_token = await asyncio.to_thread(
            lambda: provider.ended(
                code=given["code"], nonce=derived("nonce", state), verifier=derived("verifier", state), now=now
            )
        )
        await here.call(lambda: _check_known(here, identity.keys))
    except ExpertFinderError as error:
        answer = _wrong(request, error)
        _drop(answer, provider, BEGUN)
        return answer
    before = here.sessions.of(request.cookies.get(_name(provider, COOKIE), ""))
    if before is not None:
        here.sessions.end(before)
    session = here.sessions.open(identity, id_token=id_token, refresh_token=refresh_token)
    answer = RedirectResponse(safe_next(str(began.get("next", "/"))), status_code=303)
    _drop(answer, provider, BEGUN)
    _set(answer, provider, COOKIE, here.sessions.signed(session.name))
    return answer


@router.post("/signout")
async def sign_out(who: Poster, here: Here) -> Response:
    """End the session here, and send the browser to the provider, to end the one there."""
    provider = _provider(here)
    session = who.session
    address = None
    if session is not None:
        here.sessions.end(session)
        try:
            address = await asyncio.to_thread(lambda: provider.leaving(session.id_token))
        except ExpertFinderError:
            address = None
    # A page, no redirect: `form-action 'self'` would stop a form that ends at another host.
    answer = render("me/signed_out.html", NOBODY_YET, {"leaving": address})
    _drop(answer, provider, COOKIE)
    return answer


@router.get("/signed-out")
async def signed_out() -> Response:
    """Where the provider sends the browser after it ended its session."""
    return render("me/signed_out.html", NOBODY_YET, {"leaving": None})


@router.post("/signin/backchannel")
async def provider_signed_out(request: Request, here: Here) -> Response:
    """The provider says that a session of it is over (OpenID Connect Back-Channel Logout)."""
    provider, now = _provider(here), here.now().timestamp()
    token = (await request.form()).get("logout_token", "")
    text = "" if isinstance(token, UploadFile) else token
    subject, session = await asyncio.to_thread(lambda: provider.logged_out(text, now=now))
    here.sessions.end_of(subject=subject, provider_session=session)
    return Response(status_code=200)


def _provider(here: Door) -> Provider:
    assert here.provider is not None, "these routes are there only where there is one"
    return here.provider


def _check_known(here: Door, keys: tuple[str, ...]) -> Viewer:
    try:
        return here.subjects.viewer(keys)
    except ExpertFinderError as error:
        raise Forbidden(gettext(UNKNOWN)) from error


def _wrong(request: Request, error: ExpertFinderError) -> Response:
    if type(error) is Unauthenticated:
        error = SignInNeeded(gettext("the identity provider's answer is not valid here; begin again"))
    return problem_page(request, error)


def _name(provider: Provider, name: str) -> str:
    return cookie_name(name, secure=provider.sign_in.is_secure)


def _set(answer: Response, provider: Provider, name: str, value: str, *, seconds: int | None = None) -> None:
    answer.set_cookie(
        _name(provider, name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=provider.sign_in.is_secure,
        samesite="lax",
    )


def _drop(answer: Response, provider: Provider, name: str) -> None:
    answer.delete_cookie(
        _name(provider, name), path="/", httponly=True, secure=provider.sign_in.is_secure, samesite="lax"
    )
