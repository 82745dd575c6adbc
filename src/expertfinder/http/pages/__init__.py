"""The pages: a question, the people, why each one; a person; a post; the network. They work without JavaScript.

Until there is sign-in they are served in the demonstration mode only, where `as` says through whose eyes one looks.
They read exactly what the API reads, through the same finder and the same viewer.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from expertfinder.configuration.resources import api_folder
from expertfinder.http.headers import STATIC_PATH
from expertfinder.http.pages import network, people, search
from expertfinder.http.pages.rendering import STATIC, problem_page
from expertfinder.http.problems import PROBLEMS_PATH


def install(app: FastAPI, *, insecure_demo: bool) -> None:
    """Add what this mode serves: the pages, or a word about why there are none."""
    app.add_api_route(PROBLEMS_PATH, problem_types, include_in_schema=False)
    if insecure_demo:
        for module in (search, people, network):
            app.include_router(module.router)
        app.mount(STATIC_PATH, StaticFiles(directory=STATIC))
        app.state.problem_page = problem_page
    else:
        app.add_api_route("/", no_pages, include_in_schema=False)


async def no_pages() -> Response:
    """A signpost for whoever opens the service in a browser."""
    return PlainTextResponse(
        "expertfinder is running. The API is under /v1 (contract: /v1/openapi.json) and needs a key.\n"
        "There is no sign-in for people yet, so there are no pages;\n"
        "`expertfinder serve --insecure-demo` shows them on this machine alone.\n"
    )


async def problem_types() -> Response:
    """The page that the `type` of every problem points into."""
    return Response((api_folder() / "problems.md").read_bytes(), media_type="text/markdown")
