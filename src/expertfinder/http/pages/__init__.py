"""The pages: a question, the people, why each one; a person; a post; the network. They work without JavaScript.

They are served where people sign in (decision 0032), and in the demonstration mode, where `as` says through whose eyes
one looks. They read exactly what the API reads, through the same finder and the same viewer.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from expertfinder.configuration.languages import LANGUAGES
from expertfinder.configuration.resources import api_folder
from expertfinder.http.middleware.headers import LANGUAGE_COOKIE, STATIC_PATH
from expertfinder.http.pages import (
    insights,
    meet,
    network,
    operator,
    people,
    planner,
    questions,
    search,
    talent,
    topics,
)
from expertfinder.http.pages.me import router as my_page
from expertfinder.http.pages.rendering import STATIC, Here, problem_page
from expertfinder.http.problems import PROBLEMS_PATH
from expertfinder.http.signin.onward import safe_next

CHOICE_SECONDS = 365 * 24 * 3600
"""How long a browser keeps the language that somebody chose: a year, and anew with each choice."""


def install(app: FastAPI, *, shown: bool) -> None:
    """Add the pages, with a sign-in or in the demonstration mode (`shown`), or a word about why there are none."""
    app.add_api_route(PROBLEMS_PATH, problem_types, include_in_schema=False)
    if shown:
        for module in (search, people, network, planner, topics, meet, insights, questions, talent, operator):
            app.include_router(module.router)
        app.include_router(my_page)
        app.add_api_route("/language", choose_language, include_in_schema=False)
        app.mount(STATIC_PATH, StaticFiles(directory=STATIC))
        app.state.problem_page = problem_page
    else:
        app.add_api_route("/", no_pages, include_in_schema=False)


async def choose_language(request: Request, here: Here) -> Response:
    """Keep the language that somebody chose in a cookie, and go back to where they were."""
    chosen = request.query_params.get("language", "")
    answer = RedirectResponse(safe_next(request.query_params.get("to", "/")), status_code=303)
    if chosen in LANGUAGES:
        secure = here.public_url.startswith("https:")
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=CHOICE_SECONDS, httponly=True, secure=secure, samesite="lax")
    return answer


async def no_pages() -> Response:
    """A signpost for whoever opens the service in a browser."""
    return PlainTextResponse(
        "expertfinder is running. The API is under /v1 (contract: /v1/openapi.json) and needs a key.\n"
        "The pages need a sign-in: set EXPERTFINDER_SIGNIN_ISSUER, EXPERTFINDER_SIGNIN_CLIENT,\n"
        "EXPERTFINDER_SIGNIN_SECRET and EXPERTFINDER_PUBLIC_URL (docs/signin.md says how);\n"
        "`expertfinder serve --insecure-demo` shows them on this machine alone, without one.\n"
    )


async def problem_types() -> Response:
    """The page that the `type` of every problem points into."""
    return Response((api_folder() / "problems.md").read_bytes(), media_type="text/markdown")
