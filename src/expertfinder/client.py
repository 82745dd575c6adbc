"""A service asked from Python, with answers that a notebook shows.

    from expertfinder import Client

    finder = Client("https://finder.example", key)
    finder.find("who knows kubernetes networking")

An `Answer` is the JSON of the API, which is also what `Answer.of` makes of a shape of the same process. Errors are
those of `expertfinder.errors`, whichever side of the network raised them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from html import escape
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import quote, urlsplit

import httpx

from expertfinder.errors import ExpertFinderError, FormatNotSupported, InvalidQuestion, StoreUnavailable
from expertfinder.model import Query

if TYPE_CHECKING:
    import networkx
    import pandas

SECONDS = 30.0
"""How long an answer may take: the slowest question on the largest set measured takes two."""
WORDS = {"high": "Strong evidence", "medium": "Some evidence", "low": "Little evidence"}
"""What each confidence is called where people read it."""


class Shape(Protocol):
    """What `expertfinder.ask.shapes` makes: it can be dumped as JSON."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """All of its members."""


class Answer(Mapping[str, Any]):
    """What was answered: a mapping with the members of the JSON, which a notebook shows as cards."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = dict(told)

    @classmethod
    def of(cls, shape: Shape) -> Self:
        """An answer of this process in a shape of `expertfinder.ask.shapes`, as the API would give it."""
        return cls(shape.model_dump(mode="json"))

    def __getitem__(self, name: str) -> Any:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)

    def __eq__(self, other: object) -> bool:
        return self._told == (other._told if isinstance(other, Answer) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = [str(one.get("name") or one["id"]) for one, _ in self._rows()]
        if names:
            return f"Answer({', '.join(names)})"
        return f"Answer({self._told.get('abstained') or ', '.join(self._told)})"

    def _rows(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Who or what the answer names, each with why; `people`, `communities` or oneself where nobody is ranked."""
        told = self._told
        if isinstance(told.get("people"), dict):  # whom to meet
            told = told["people"]
        ranked = [told["recommendation"]] if "recommendation" in told else told.get("recommendations", ())
        found = [(one["subject"], one) for one in ranked]
        if not found and isinstance(told.get("people"), list):
            found = [(one.get("subject", one), one) for one in told["people"]]
        if not found and isinstance(told.get("communities"), list):
            found = [(one.get("subject", one), one) for one in told["communities"]]
        named: list[tuple[dict[str, Any], dict[str, Any]]]
        named = [(one, {}) for one in told.get("named", ()) if one not in [subject for subject, _ in found]]
        return [*named, *found] or ([(told, {})] if "name" in told else [])

    def to_pandas(self) -> pandas.DataFrame:
        """A table with a row for each who is named, in order: who, score, confidence and the value of each part.

        Raises `FormatNotSupported` where pandas is not installed, with the command that installs it.
        """
        rows = []
        for subject, one in self._rows():
            more = {name: one[name] for name in ("score", "confidence", "last_seen", "adds", "alone") if name in one}
            rows.append({**subject, **more, **{reason["part"]: reason["value"] for reason in one.get("reasons", ())}})
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise FormatNotSupported(
                "a table needs pandas, which is not installed: pip install 'expertfinder[pandas]'"
            ) from error
        return pandas.DataFrame(rows)

    def to_networkx(self) -> networkx.Graph[str]:
        """Who is tied to whom, in an answer about somebody's network; else who is named for which posts.

        Ties have `strength`; an edge from a person to a post has `contribution`, what it adds to the score.
        """
        graph: networkx.Graph[str] = import_module("networkx").Graph()
        for subject, one in self._rows():
            graph.add_node(subject["id"], kind="person", name=subject.get("name", ""))
            for reason in one.get("reasons", ()):
                for cited in reason["citations"]:
                    graph.add_node(cited["post"], kind="post", name=cited["title"])
                    old = graph.get_edge_data(subject["id"], cited["post"], {}).get("contribution", 0.0)
                    graph.add_edge(subject["id"], cited["post"], contribution=old + cited["contribution"])
        for tie in self._told.get("ties", ()):
            graph.add_edge(tie["person"], tie["other"], strength=tie["strength"])
        for link in self._told.get("links", ()):
            graph.add_edge(link["one"]["id"], link["other"]["id"], to_meet=True)
        return graph

    def _repr_html_(self) -> str:
        """Cards for a notebook. Everything that somebody wrote is escaped."""
        rows = self._rows()
        told = self._told["people"] if isinstance(self._told.get("people"), dict) else self._told
        said = [told["abstained"]] if told.get("abstained") else []
        head = "".join(f"<p>{escape(str(text))}</p>" for text in [*said, *told.get("notes", ())])
        return f"<div>{head}{''.join(_card(subject, one) for subject, one in rows)}</div>"


def _card(subject: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    name = str(subject.get("name") or subject.get("id", ""))
    place = " · ".join(str(subject[part]) for part in ("title", "org_unit", "location") if subject.get(part))
    reasons = sorted((each for each in one.get("reasons", ()) if each["text"]), key=lambda each: -float(each["value"]))
    best = next((each for each in reasons if each["citations"]), reasons[0] if reasons else None)
    lines = [place, best["text"] if best else "", one.get("caveat", "")]
    shown = "".join(f'<div dir="auto">{escape(str(line))}</div>' for line in lines if line)
    cited = best["citations"][0] if best and best["citations"] else None
    if cited:
        day = f" · {escape(str(cited['at'])[:10])}" if cited["at"] else ""
        shown += f'<div dir="auto"><small>{_linked(cited)}{day}</small></div>'
    word = WORDS.get(str(one.get("confidence")), "")
    badge = f" <small>{escape(word)}</small>" if word else ""
    return f'<div style="padding:.5em 0"><strong dir="auto">{escape(name)}</strong>{badge}{shown}</div>'


def _linked(cited: Mapping[str, Any]) -> str:
    title, url = escape(str(cited["title"])), str(cited["url"])
    if urlsplit(url).scheme not in ("https", "http"):
        return title
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">{title}</a>'


class Client:
    """A service at an address, asked with a key or token of somebody. Close it, or use it in a `with`."""

    def __init__(
        self, url: str, key: str, *, seconds: float = SECONDS, transport: httpx.BaseTransport | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise InvalidQuestion(f"{url} is no https address: a key is sent in the clear to this machine only")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._web = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=seconds, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._web.close()

    def find(self, question: str | Query, *, limit: int | None = None) -> Answer:
        """Who knows this. A question of its own kind is a `Query`, whose filters the API has; it goes in a body."""
        asked = Query(text=question) if isinstance(question, str) else question
        body = {**_filters(asked), "text": asked.text, "limit": limit or asked.limit}
        return self._ask("POST", "/v1/experts:search", body=body)

    def explain(self, question: str | Query, person: str) -> Answer:
        """Why this person for this question, with all of the evidence."""
        asked = Query(text=question) if isinstance(question, str) else question
        return self._ask("GET", f"/v1/people/{_id(person)}/explanation", q=asked.text, **_filters(asked))

    def assess(self, text: str, person: str) -> Answer:
        """How well a person knows what a text is about; the person sees who asked."""
        return self._ask("POST", f"/v1/people/{_id(person)}/expertise:assess", body={"text": text})

    def person(self, person: str) -> Answer:
        """A person."""
        return self._ask("GET", f"/v1/people/{_id(person)}")

    def people(self, name: str) -> Answer:
        """People by name, title or unit."""
        return self._ask("GET", "/v1/people", q=name)

    def expertise(self, person: str, *, limit: int = 20) -> Answer:
        """What a person knows, strongest first."""
        return self._ask("GET", f"/v1/people/{_id(person)}/expertise", limit=limit)

    def network(self, person: str) -> Answer:
        """Whom a person is tied to; `to_networkx` has the ties."""
        return self._ask("GET", f"/v1/people/{_id(person)}/network")

    def communities(self, question: str = "", *, person: str = "", limit: int = 20) -> Answer:
        """Communities for a question or a person; all of them, the largest first, without either."""
        return self._ask("GET", "/v1/communities", q=question, person=person, limit=limit)

    def community(self, community: str) -> Answer:
        """A community with its people."""
        return self._ask("GET", f"/v1/communities/{_id(community)}")

    def champions(self, *, topic: str = "", community: str = "", size: int = 5) -> Answer:
        """A set of champions for a topic, of a community, or of everybody."""
        return self._ask("GET", "/v1/champions", topic=topic, community=community, size=size)

    def people_to_meet(self, person: str = "", *, topic: str = "", limit: int = 3) -> Answer:
        """Whom somebody should meet; oneself without `person`."""
        who = f"people/{_id(person)}" if person else "me"
        return self._ask("GET", f"/v1/{who}/people-to-meet", topic=topic, limit=limit)

    def say(self, question: str, person: str, *, helpful: bool) -> Answer:
        """Whether somebody who was named for a question helped."""
        return self._ask("POST", "/v1/feedback", body={"text": question, "subject": person, "helpful": helpful})

    def me(self) -> Answer:
        """Through whose eyes this client reads."""
        return self._ask("GET", "/v1/me")

    def _ask(self, method: str, path: str, *, body: dict[str, Any] | None = None, **parameters: Any) -> Answer:
        given = {name: value for name, value in parameters.items() if value not in ("", [], None)}
        try:
            told = self._web.request(method, path, params=given, json=body)
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"the service at {self._web.base_url} cannot be reached: {error}") from error
        if told.is_success:
            return Answer(told.json())
        raise _error(told)


def _id(text: str) -> str:
    return quote(text, safe=":")


def _filters(asked: Query) -> dict[str, Any]:
    """What a question adds and leaves out, by the names of the API. Raises `InvalidQuestion` for what it has not."""
    if asked.until or asked.exclude_posts or asked.question_tags:
        raise InvalidQuestion("`until`, `exclude_posts` and `question_tags` are for evaluations in the process")
    since: datetime | date | None = asked.since
    return {
        "topic": list(asked.topics),
        "tag": list(asked.tags),
        "kind": list(asked.kinds),
        "place": asked.place,
        "unit": asked.unit,
        "language": asked.language,
        "availability": asked.availability,
        "zone": asked.zone,
        **({"since": since.isoformat()} if since else {}),
    }


def _error(told: httpx.Response) -> ExpertFinderError:
    """The error of our own tree that a problem document (RFC 9457) stands for."""
    try:
        problem = dict(told.json())
    except ValueError:
        return ExpertFinderError(f"the answer was {told.status_code}, and no problem document", status=told.status_code)
    name = str(problem.pop("type", "")).rpartition("#")[2]
    detail = str(problem.pop("detail", "") or problem.get("title", ""))
    problem.pop("title", None)
    known = {kind.type: kind for kind in _kinds(ExpertFinderError)}
    extras = {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for key, value in problem.items()
        if isinstance(value, str | int | float) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
    }
    kind = known.get(name, ExpertFinderError)
    made = ExpertFinderError.__new__(kind)
    ExpertFinderError.__init__(made, detail, **extras)
    return made


def _kinds(of: type[ExpertFinderError]) -> Iterator[type[ExpertFinderError]]:
    yield of
    for kind in of.__subclasses__():
        yield from _kinds(kind)
