"""What every page is made of: the templates, the addresses within the pages, and a page for what goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar, get_origin
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, Response

from expertfinder.ask.keys import allows
from expertfinder.configuration import languages
from expertfinder.configuration.languages import N_, gettext, phrase
from expertfinder.errors import ExpertFinderError, Forbidden, InvalidQuestion, NotFound
from expertfinder.http.auth import NOBODY_YET, Caller, Looker, Poster
from expertfinder.http.context import Door, door
from expertfinder.http.middleware.headers import AT, request_id
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing import charts, logged, sociogram
from expertfinder.http.problems import again_after
from expertfinder.http.signin import forms
from expertfinder.model import Suggestion

__all__ = ["STATIC", "VERSION", "Here", "Links", "Looker", "Poster", "asked_of", "page", "problem_page", "render"]

Q = TypeVar("Q", bound=BaseModel)

TEMPLATES = Environment(
    loader=PackageLoader("expertfinder.http.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
TEMPLATES.policies["ext.i18n.trimmed"] = True
TEMPLATES.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
TEMPLATES.globals.update(wording=wording, drawing=charts, logged=logged, sociogram=sociogram)
TEMPLATES.globals.update(language=languages.language, LANGUAGES=languages.LANGUAGES, at=AT.get)
TEMPLATES.globals["form_token"] = lambda who: forms.field(who.form_secret)

STATIC = Path(__file__).parent / "static"
VERSION = hashlib.blake2b(
    b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()) if file.is_file()), digest_size=4
).hexdigest()
"""A hash of the style, the script and the icons. It changes with them and stands in their addresses."""

ICON = "data:image/svg+xml," + quote((STATIC / "icon.svg").read_text("utf-8").strip())
"""The icon as a `data:` address, so that a browser needs no request to show it."""

Here = Annotated[Door, Depends(door)]
OF_SCOPES = (
    ("talent:ask", "talent", N_("Talent"), "/talent"),
    ("audit:read", "audit", N_("Audit"), "/talent/audit"),
)
"""Pages of the menu that only people with a scope see: scope, code, label, address."""

LABELS = {
    **wording.FILTERS,
    "q": N_("Question"),
    "size": N_("How many"),
    "units": N_("Unit"),
    "topic": N_("Topic"),
    "skills": N_("Skill"),
}
"""Field of a form -> its label, which messages about a wrong value begin with."""
_WRONG = {
    "int_parsing": N_("write a whole number"),
    "bool_parsing": N_("write true or false"),
    "literal_error": N_("choose one of the list"),
    "string_too_short": N_("write something"),
}
"""What pydantic calls an error -> what to do about it."""

REFUSALS = (
    N_("the question is empty: say in a few words what somebody should know; a filter alone asks nothing"),
    N_("nothing has been indexed yet; run `expertfinder ingest` or `expertfinder index`"),
    N_("one index after the other is being published: ask again"),
)
"""Refusals of the finder, here so that the catalogues of translations have them: a page says each in its language."""


class Links:
    """Addresses within the pages. In the demonstration mode each keeps `as`: whose eyes one looks through."""

    def __init__(self, who: Caller) -> None:
        self._scopes = who.scopes
        self._as = {"as": who.viewer.person} if who.is_demo and who.viewer.person else {}

    def icon(self) -> str:
        """The icon of the pages as a `data:` address."""
        return ICON

    def static(self, name: str) -> str:
        """A file of the pages, with `VERSION` in its address: a browser keeps the file until its content changes."""
        return f"/static/{name}?v={VERSION}"

    def sections(self) -> list[tuple[str, str, str]]:
        """The pages of the menu: code, label, address."""
        return [
            ("people", gettext("Find people"), self.home()),
            ("topics", gettext("Topics"), self.topics()),
            ("communities", gettext("Communities"), self.communities()),
            ("champions", gettext("Champions"), self.champions()),
            ("team", gettext("Teams"), self.team()),
            ("questions", gettext("Questions"), self.questions()),
            ("insights", gettext("Insights"), self.insights()),
            *((code, gettext(label), at) for scope, code, label, at in OF_SCOPES if allows(self._scopes, scope)),
        ]

    def topics(self, **parameters: str) -> str:
        """What people here know about, with demand and risk."""
        return self._with("/topics", parameters)

    def topic(self, label: str, **parameters: str) -> str:
        """The page of a topic."""
        return self._with(f"/topics/{quote(label, safe='')}", parameters)

    def meet(self) -> str:
        """People and communities that the viewer may want to meet."""
        return self._with("/meet", {})

    def team(self) -> str:
        """Who covers several skills together."""
        return self._with("/team", {})

    def questions(self, **parameters: str) -> str:
        """Questions, or one that is about to be put: to a person (`to`), a community, or who is found."""
        return self._with("/questions", parameters)

    def insights(self, part: str = "") -> str:
        """The figures for people who care for communities; `part`: the code of one of them, as CSV."""
        return self._with(f"/insights/{part}.csv" if part else "/insights", {})

    def table(self, same: str) -> str:
        """An answer as CSV; `same`: its question as a query string."""
        return self._again("/answer.csv", same)

    def answer(self, same: str) -> str:
        """An answer again; `same`: its question as a query string."""
        return self._again("/", same)

    def why(self, person_id: str, same: str) -> str:
        """Why a person is in an answer."""
        return self._again("/why", f"{same}&{urlencode({'person': person_id})}")

    def ask(self, person_id: str, same: str) -> str:
        """An answer's question, about to be put to a person."""
        return self._again("/questions", f"{same}&{urlencode({'to': person_id})}")

    def json(self, same: str) -> str:
        """The answer that the API gives; `same`: its question as a query string."""
        return self._again("/v1/experts", same)

    def _again(self, path: str, same: str) -> str:
        return f"{path}?{same}&{urlencode(self._as)}" if self._as else f"{path}?{same}"

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
        """The page of a suggested person or community; for a topic or a unit, the search for its label."""
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

    def follow(self, follows: str, subject: str) -> str:
        """My page, about to follow something."""
        return f"{self._with('/me', {'follows': follows, 'subject': subject})}#follow"

    def of_me(self, file: str) -> str:
        """A file of my page, or the page itself."""
        return self._with(f"/me/{file}" if file else "/me", {})

    def _with(self, path: str, parameters: dict[str, str]) -> str:
        query = urlencode({**{name: value for name, value in parameters.items() if value}, **self._as})
        return f"{path}?{query}" if query else path


def render(template: str, who: Caller, context: dict[str, object], *, status: int = 200) -> Response:
    """A page, or a part of one. `{{ form_token(who) }}` gives a form the token that `Poster` needs (`signin.forms`)."""
    body = TEMPLATES.get_template(template).render(links=Links(who), who=who, viewer=who.viewer, **context)
    return HTMLResponse(body, status_code=status)


def problem_page(request: Request, error: ExpertFinderError) -> Response:
    """The page about an error. It is the same for everybody, because it may not be known who asked."""
    return _problem(request, error, NOBODY_YET)


def _problem(request: Request, error: ExpertFinderError, who: Caller) -> Response:
    title, detail = gettext(error.title), gettext(error.detail)
    if isinstance(error, NotFound):
        title, detail = gettext("Page not found"), gettext("It does not exist, or you don’t have access")
    elif isinstance(error, Forbidden):
        title = gettext("Not for this account")
    AT.set("/")  # the page does not repeat its address: absent and not for this viewer look the same
    later = again_after(error)  # what is refused for a moment is asked for again: another page is refused as well
    context: dict[str, object] = {"title": title, "detail": detail, "id": request_id(request.scope)}
    context["again"] = bool(later) and request.method == "GET"
    response = render("problem.html", who, context, status=error.status)
    response.headers.update(later)
    response.headers["Content-Encoding"] = "identity"  # zipped, its length would vary with the id of the request
    return response


async def page(request: Request, here: Door, who: Caller, work: Callable[[], Response]) -> Response:
    """Run the work of a page in a thread of the core. An `ExpertFinderError` becomes a page about the error."""

    def guarded() -> Response:
        try:
            return work()
        except ExpertFinderError as error:
            return _problem(request, error, who)

    return await here.call(guarded)


# --- forms -----------------------------------------------------------------------------------------------------------


def asked_of(parameters: QueryParams, shape: type[Q]) -> Q:
    """The parameters of a form in a shape, without empty fields. Raises `InvalidQuestion` for a wrong value."""
    given: dict[str, str | list[str]] = {}
    for name, field in shape.model_fields.items():
        values = [value for value in parameters.getlist(name) if value.strip()]
        if values:
            given[name] = values if get_origin(field.annotation) is list else values[-1]
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise InvalidQuestion(_refused(error)) from error


def _refused(error: ValidationError) -> str:
    """What is wrong with the first wrong field of a form, in words; they never repeat the value that was sent."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    context = first.get("ctx", {})
    kind = first["type"]
    if kind == "string_too_long":
        said = phrase("write at most {count} characters", count=context.get("max_length"))
    elif kind == "greater_than_equal":
        said = phrase("write at least {bound}", bound=context.get("ge"))
    elif kind == "less_than_equal":
        said = phrase("write at most {bound}", bound=context.get("le"))
    elif kind == "too_long":
        said = phrase("choose at most {count}", count=context.get("max_length"))
    elif "date" in kind:
        said = gettext("write a day, as 2026-01-31")
    else:
        said = gettext(_WRONG.get(kind, N_("write it in another form")))
    return phrase("{field}: {said}", field=gettext(LABELS[name]) if name in LABELS else wording.part(name), said=said)
