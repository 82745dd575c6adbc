"""What every page is made of: the templates, the addresses within the pages, and a page for what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Security
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from expertfinder.errors import ExpertFinderError, NotFound
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.headers import request_id
from expertfinder.http.pages import drawing, sociogram, wording
from expertfinder.http.problems import NOTHING_HERE
from expertfinder.model import Suggestion, Viewer

_templates = Environment(
    loader=PackageLoader("expertfinder.http.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(wording=wording, drawing=drawing, sociogram=sociogram)

Looker = Annotated[Caller, Security(caller, scopes=["experts:read", "people:read"])]
Here = Annotated[Door, Depends(door)]


class Links:
    """Addresses within the pages; each keeps the eyes one looks through."""

    def __init__(self, viewer: Viewer) -> None:
        self._as = {"as": viewer.person} if viewer.person else {}

    def home(self, **parameters: str) -> str:
        """The search page, with a question."""
        return self._with("/", parameters)

    def person(self, person_id: str) -> str:
        """The page of a person."""
        return self._with(f"/people/{quote(person_id, safe=':')}", {})

    def post(self, post_id: str) -> str:
        """The page of a post."""
        return self._with(f"/posts/{quote(post_id, safe=':')}", {})

    def suggested(self, one: Suggestion) -> str:
        """The page of a person or a community; a topic or a unit is asked for."""
        if one.kind == "person":
            return self.person(one.id)
        return self.community(one.id) if one.kind == "community" else self.home(q=one.label)

    def communities(self, **parameters: str) -> str:
        """All communities, or more of them."""
        return self._with("/communities", parameters)

    def community(self, community_id: str, **parameters: str) -> str:
        """The page of a community."""
        return self._with(f"/communities/{quote(community_id, safe=':')}", parameters)

    def champions(self, **parameters: str) -> str:
        """The page on which champions are chosen."""
        return self._with("/champions", parameters)

    def _with(self, path: str, parameters: dict[str, str]) -> str:
        query = urlencode({**{name: value for name, value in parameters.items() if value}, **self._as})
        return f"{path}?{query}" if query else path


def render(template: str, viewer: Viewer, context: dict[str, object], *, status: int = 200) -> Response:
    """A page, or a part of one."""
    body = _templates.get_template(template).render(links=Links(viewer), viewer=viewer, **context)
    return HTMLResponse(body, status_code=status)


async def page(request: Request, here: Door, viewer: Viewer, work: Callable[[], Response]) -> Response:
    """Run the work of a page; what goes wrong is a page, too."""

    def guarded() -> Response:
        try:
            return work()
        except ExpertFinderError as error:
            detail = NOTHING_HERE if isinstance(error, NotFound) else error.detail
            context = {"error": error, "detail": detail, "id": request_id(request.scope)}
            return render("problem.html", viewer, context, status=error.status)

    return await here.call(guarded)
