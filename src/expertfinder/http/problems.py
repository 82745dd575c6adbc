"""Errors as RFC 9457 problems: one shape for everything that goes wrong at this door, `application/problem+json`.

`type` points into `problems.md`, which the service serves itself; `instance` is the id of the request, also in the
header `X-Request-Id` and in the log. A `NotFound` says the same to everybody: absent and invisible are one.
"""

from __future__ import annotations

import logging
import math
from typing import cast

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from expertfinder.configuration.languages import N_, gettext
from expertfinder.errors import ExpertFinderError, NotFound, TooLarge, Unauthenticated
from expertfinder.http.middleware.headers import request_id, security_headers
from expertfinder.http.signin.onward import navigates, sign_in_address

PROBLEM_TYPE = "application/problem+json"
PROBLEMS_PATH = "/problems.md"
NOTHING_HERE = "it does not exist, or it is not for you to read"

log = logging.getLogger("expertfinder.http")


class InvalidRequest(ExpertFinderError):
    """A parameter or a body that is not of the declared shape. `errors` lists each place and what is wrong with it."""

    status = 422
    type = "invalid-request"
    title = N_("The request is not of the declared shape")


class MethodNotAllowed(ExpertFinderError):
    """The path exists, the method does not. The header `Allow` lists those that do."""

    status = 405
    type = "method-not-allowed"
    title = N_("This path does not take this method")


class SignInNeeded(Unauthenticated):
    """A page was asked for by a browser in which nobody is signed in. Whoever navigates is sent to `/signin`."""

    type = "sign-in-needed"
    title = N_("Signing in is needed")


class TooSlow(ExpertFinderError):
    """A body of which nothing came for too long. Nothing of it was written."""

    status = 408
    type = "too-slow"
    title = N_("The request did not come in time")


class WrongHost(ExpertFinderError):
    """In the demonstration mode, a request that was not addressed to this machine by its own name."""

    status = 421
    type = "wrong-host"
    title = N_("This service answers on 127.0.0.1 only")


def problem(request: Request, error: ExpertFinderError, *, errors: list[dict[str, str]] | None = None) -> Response:
    """The problem document of an error, or a page about it where somebody in a browser asked for a page.

    Members: type, title, status, detail, instance, the error's own extras, and `errors` where they are given.
    """
    body: dict[str, object] = {
        "type": f"{PROBLEMS_PATH}#{error.type}",
        "title": error.title,
        "status": error.status,
        "detail": NOTHING_HERE if isinstance(error, NotFound) else error.detail,
        "instance": f"urn:uuid:{request_id(request.scope)}",
    }
    if isinstance(error, NotFound):  # `nearest` has only what may be read, and is the same where the thing exists
        body |= {"nearest": error.extras["nearest"]} if "nearest" in error.extras else {}
    else:
        body |= {name: value for name, value in error.extras.items() if name not in body}
    if errors:
        body["errors"] = errors
    page = getattr(request.app.state, "problem_page", None)
    if page is not None and _reads_pages(request):
        answer: Response = page(request, error)
        return answer
    headers = again_after(error)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="expertfinder"'
    return Response(orjson.dumps(body), status_code=error.status, media_type=PROBLEM_TYPE, headers=headers)


def again_after(error: ExpertFinderError) -> dict[str, str]:
    """The header `Retry-After` (whole seconds) for the statuses 429 and 503; empty for any other."""
    if error.status not in (429, 503):
        return {}
    return {"Retry-After": str(math.ceil(cast(float, error.extras.get("retry_after", 1))))}


def _reads_pages(request: Request) -> bool:
    """Whether somebody in a browser asks for a page, and not a program for an answer of the API."""
    return (
        request.method in ("GET", "HEAD")
        and not request.url.path.startswith("/v1/")
        and "text/html" in request.headers.get("accept", "")
    )


def _ours(request: Request, error: Exception) -> Response:
    known = cast(ExpertFinderError, error)
    if isinstance(known, SignInNeeded) and navigates(request):
        return RedirectResponse(sign_in_address(request), status_code=303)
    if known.status >= 500:
        log.error("%s %s: %s", request_id(request.scope), type(known).__name__, known.detail)
    return problem(request, known)


def _validation(request: Request, error: Exception) -> Response:
    """A problem that says which field is wrong and how, never its value, which may be a secret or a person's words."""
    found = [
        {"where": ".".join(str(part) for part in item["loc"]), "what": str(item["msg"])}
        for item in cast(RequestValidationError, error).errors()
    ]
    return problem(request, InvalidRequest(f"{found[0]['where']}: {found[0]['what']}"), errors=found)


def _framework(request: Request, error: Exception) -> Response:
    """What the framework raises: unknown paths, wrong methods, bodies that cannot be read."""
    raised = cast(HTTPException, error)
    if raised.status_code == 404:
        return problem(request, NotFound(NOTHING_HERE))
    if raised.status_code == 405:
        answer = problem(request, MethodNotAllowed(gettext("see the header Allow for the methods that it takes")))
        answer.headers.update(raised.headers or {})
        if methods := _methods(request):
            answer.headers["Allow"] = ", ".join(methods)
        return answer
    if raised.status_code == 408:
        return problem(request, TooSlow(str(raised.detail)))
    if raised.status_code == 413:
        return problem(request, TooLarge(str(raised.detail)))
    return problem(request, InvalidRequest(str(raised.detail)))


def _methods(request: Request) -> list[str]:
    """The methods that the contract has for the path. The framework names those of the first route alone."""
    path = getattr(request.scope.get("route"), "path_format", "")
    return sorted(method.upper() for method in request.app.openapi()["paths"].get(path, ()))


def _unforeseen(request: Request, error: Exception) -> Response:
    """The answer to any other exception. It tells nothing of the error but the id under which the log has it."""
    log.error("%s %s", request_id(request.scope), type(error).__name__, exc_info=error)
    answer = problem(request, ExpertFinderError(gettext("the log has the cause under the id in `instance`")))
    # This response does not pass through our own middleware, which would have added these headers.
    answer.headers.update(security_headers(request.scope))
    return answer


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""
    app.add_exception_handler(ExpertFinderError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unforeseen)
