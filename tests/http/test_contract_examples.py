"""Every example of the contract is taken, or given, by the product: on the organisation of `expertfinder demo`.

An example of what goes in is asked, and answered with something in it. An example of what comes out has come out, in
the place where the contract shows it. So no example names a part, a role, a verb, an id or an error that is not there.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from tests.http.client import Client
from tests.http.test_contract import EXAMPLES, ROOT, examples

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import ExpertFinderError
from expertfinder.http import Options, create_app, new_key
from expertfinder.http.badges import Signing
from expertfinder.model import Audience, Community
from expertfinder.store import Nomination, PostState, PutQuestion, Routed, Subscription
from expertfinder.store.statements import CHAMPIONS

DOCUMENT: dict[str, Any] = json.loads((ROOT / "api" / "openapi.json").read_text("utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
BODIES = ("AssessQuestion", "ChampionsSearch", "ExpertsSearch", "FeedbackIn", "TeamQuestion", "AskIn", "SlateQuestion")
OF_ONESELF = (
    *("AnswerIn", "NominationIn", "RegulatedIn", "StateIn"),
    *("AnsweredIn", "CapacityIn", "EvidenceIn", "KeptIn", "QuestionIn", "SubscriptionIn", "TopicIn", "VisibilityIn"),
)
"""Bodies in which somebody says something of themselves, or of what they ask and follow."""
RECORDS = {"PersonIn": "people", "PostIn": "posts", "InteractionIn": "interactions"}
PATTERNS = {
    ("Problem", "instance"): r"urn:uuid:[0-9a-f-]{36}",
    ("CitationOut", "link"): r"/v1/posts/demo:p\d{5}",
    ("EvidenceOut", "link"): r"/v1/posts/demo:p\d{5}",
}
"""Examples of which each answer has another one."""
DRAWN = "n2Vb0sJxYk4T"
"""The example of an id or a key that is drawn at random."""
PEOPLE_LOOKED_AT = 40
NOTHING = 204
"""The status of an answer without a body."""


class Demo:
    """The demo organisation behind an app, and everything that has come out of it."""

    def __init__(self, home: Path) -> None:
        self.finder = ExpertFinder.open(home)
        self.store = self.finder.store
        new_key(home / "badges.json")
        signing = Signing(home / "badges.json", "https://find.example")
        self.client = Client(
            create_app(self.finder, self.store, Options(talent_purposes=("staffing",), signing=signing))
        )
        scopes = (
            *("experts:read", "experts:assess", "people:read", "me:read", "me:write", "ingest:write:wiki"),
            *("talent:ask", "audit:read", "content:endorse", "operator"),
        )
        self.keys = {
            person: issue_key(self.store, scopes=scopes, person=person)[1]
            for person in (None, "demo:m046", "demo:m001")
        }
        self.seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        """(schema, field) -> the values that came out, as JSON."""

    def ask(self, method: str, path: str, *, person: str | None = None, **more: Any) -> httpx.Response:
        """Send a request, and take down what comes back by the shapes that the contract has for it."""
        response = self.client.request(
            method, path, headers={"Authorization": f"Bearer {self.keys[person]}", **more.pop("headers", {})}, **more
        )
        if response.status_code == NOTHING or "json" not in response.headers["content-type"]:
            return response
        shape = "Problem" if response.status_code >= 400 else _answer_of(method, urlsplit(path).path)
        self._take(SCHEMAS[shape], response.json(), shape)
        return response

    def draw(self, *, mine: bool) -> None:
        """Keep what the drawn id names: a question of demo:m001, or one that they took on, a feed and weekly mails."""
        now = self.finder.now()
        asker, other = ("demo:m001", "demo:m046") if mine else ("demo:m046", "demo:m001")
        put = PutQuestion(
            question=DRAWN, person=asker, text="wireless coverage", community="", anonymous=False,
            asked_at=now.isoformat(), answered=False, answer="", at=now,
        )  # fmt: skip
        day = now.date().isoformat()
        self.store.state(put)
        self.store.state(
            Routed(question=DRAWN, person=asker, subject=other, day=day, went="asked" if mine else "claimed", at=now)
        )
        feed = Subscription(
            subscription="feed", person="demo:m001", follows="topic", subject="wireless coverage", via="feed",
            digest=sha256(DRAWN.encode()).hexdigest(), url="", secret="", sent=now.isoformat(), at=now,
        )  # fmt: skip
        self.store.state(feed)
        self.store.state(replace(feed, subscription=DRAWN, via="mail", digest="", secret=DRAWN))
        self.store.state(PostState(post="demo:p00001", entry="e", state="draft", until="", by="", why="", at=now))
        named = Nomination(
            person="demo:m046", subject="demo:m001", role="expert", of="wireless coverage", label="wireless coverage",
            why="Knows it.", until="", day="2026-01-11", stands="asked", at=now,
        )  # fmt: skip
        agreed = {"role": "champion", "of": "demo:builders", "label": "", "stands": "agreed"}
        self.store.state(named)
        self.store.state(replace(named, person="demo:m001", subject="demo:m046", **agreed))  # type: ignore[arg-type]
        if mine:
            only = Audience("private", people=(asker,))
            kept = Community(id=f"{CHAMPIONS}:{DRAWN}", source=CHAMPIONS, leads=(asker,), audience=only)
            self.store.apply([kept])
            self.finder.refresh()

    def _take(self, shape: dict[str, Any], value: Any, name: str = "") -> None:
        if "$ref" in shape:
            name = shape["$ref"].rpartition("/")[2]
            shape = SCHEMAS[name]
        for one in shape.get("anyOf", ()):
            if "$ref" in one and isinstance(value, dict):
                self._take(one, value)
        if isinstance(value, list):
            for one in value:
                self._take(shape.get("items", {}), one)
        elif isinstance(value, dict):
            for field, of in shape.get("properties", {}).items():
                self.seen[name, field].add(json.dumps(value[field], sort_keys=True))
                self._take(of, value[field])


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(demo_home, home)
    made = Demo(home)
    yield made
    made.finder.close()


def _answer_of(method: str, path: str) -> str:
    """The name of the shape of a good answer."""
    for template, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) and method.lower() in methods:
            good = next(one for status, one in methods[method.lower()]["responses"].items() if status < "300")
            return str(good["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])
    raise AssertionError((method, path))


def _says_something(body: Any) -> bool:
    """Whether an answer has more in it than that there is nothing: of the lists that could be filled, one is."""
    if not isinstance(body, dict):
        return True
    lists = [value for key, value in body.items() if isinstance(value, list) and key not in ("notes", "ignored")]
    return not body.get("abstained") and (not lists or any(lists))


def parameters() -> list[tuple[str, str, dict[str, Any]]]:
    """(path, method, parameter) of each that has an example."""
    return [
        (path, method, parameter)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", ())
        if "examples" in parameter["schema"]
    ]


def _address(path: str, method: str, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path with its ids and the query, of the examples: what is required, the question, and what is `asked`."""
    declared = {one["name"]: one for one in DOCUMENT["paths"][path][method].get("parameters", ())}
    query = {}
    for name, one in declared.items():
        given = asked.get(name, one["schema"].get("examples", [None])[0])
        if one["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(str(given), safe=":"))
        elif name in asked or one.get("required") or (name == "q" and "person" not in asked and "topic" not in asked):
            query[name] = given
    return path, query


@pytest.mark.parametrize(("path", "method", "parameter"), parameters())
def test_an_example_of_a_parameter_is_answered(demo: Demo, path: str, method: str, parameter: dict[str, Any]) -> None:
    for example in parameter["schema"]["examples"]:
        address, query = _address(path, method, {parameter["name"]: example})
        more: dict[str, Any] = {"params": query}
        if "requestBody" in DOCUMENT["paths"][path][method]:
            (media, shape), *_ = DOCUMENT["paths"][path][method]["requestBody"]["content"].items()
            more |= {"headers": {"Content-Type": media}, "content": shape.get("example") or _body_of(shape["schema"])}
        demo.draw(mine=method == "delete")
        own = re.search(r"/me/|/questions/\{", path)
        response = demo.ask(method.upper(), address, person="demo:m001" if own else None, **more)
        if method == "delete" or "/unsubscribe/" in path:  # whether there was anything tells the answer to nobody
            assert (response.status_code, response.content) == (NOTHING, b"")
            continue
        assert response.status_code in (200, 201, 207), response.text
        if response.headers["content-type"].startswith("application/atom+xml"):
            assert b"<entry>" in response.content
            continue
        # Of a question that is declined, that it waits no more is the answer.
        assert path.endswith("/decline") or _says_something(response.json()), (address, query, response.text[:500])


def _body_of(shape: dict[str, Any]) -> str:
    return json.dumps(_least(shape["$ref"].rpartition("/")[2]))


def _least(name: str) -> dict[str, Any]:
    """A body of the examples: the whole one, or what is required, or a text."""
    schema = SCHEMAS[name]
    if "examples" in schema:
        return dict(schema["examples"][0])
    wanted = schema.get("required") or [field for field in ("text", "topic") if field in schema["properties"]][:1]
    return {
        field: shape["examples"][0]
        if "examples" in shape
        else {"boolean": True, "string": "wireless coverage"}[shape["type"]]
        for field, shape in schema["properties"].items()
        if field in wanted
    }


def _operation(name: str) -> tuple[str, str]:
    """Where a body of this shape is sent: path, method."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if f"schemas/{name}'" in str(operation.get("requestBody")):
                return path, method
    raise AssertionError(name)


@pytest.mark.parametrize("name", [*BODIES, *OF_ONESELF, *RECORDS])
def test_an_example_of_a_body_is_taken(demo: Demo, name: str) -> None:
    path, method = _operation(name)
    shape = SCHEMAS[name]
    bodies = [*shape.get("examples", ())]
    for field, of in shape["properties"].items():
        for example in of.get("examples", ()):
            # Champions are for one thing at a time.
            least = {} if field in ("community", "unwilling") else _least(name)
            bodies.append(least | {field: example})
    assert bodies
    for number, body in enumerate(bodies):
        address, _ = _address(path, method, {"id": f"example-{number}"} if name in RECORDS else {})
        demo.draw(mine=False)
        response = demo.ask(method.upper(), address, json=body, person="demo:m001")
        assert response.status_code in (200, 201), (body, response.text)
        assert name in OF_ONESELF or _says_something(response.json()), (body, response.text[:500])


def test_every_shape_that_goes_in_with_an_example_is_tried() -> None:
    sent = re.findall(
        r"schemas/(\w+)'", str([m.get("requestBody") for p in DOCUMENT["paths"].values() for m in p.values()])
    )
    assert set(sent) == {*BODIES, *OF_ONESELF, *RECORDS}


def shown() -> list[tuple[str, str, Any]]:
    """(schema, field, example) of what comes out."""
    return [
        (name, field, example)
        for name, schema in SCHEMAS.items()
        if name not in (*BODIES, *OF_ONESELF, *RECORDS)
        for field, of in schema.get("properties", {}).items()
        for example in of.get("examples", ())
    ]


@pytest.fixture(scope="module")
def seen(demo: Demo) -> dict[tuple[str, str], set[str]]:
    """What came out when every operation was asked."""
    week = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
    for asker in range(5):
        demo.store.note_question(["wireless-coverage"], f"demo:m10{asker}", week=week)
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method == "get" and "application/json" in operation["responses"]["200"]["content"]:  # and no file
                address, query = _address(path, method, {})
                demo.ask("GET", address, params=query, person="demo:m046")
    for name in BODIES:
        path, method = _operation(name)
        demo.ask(method.upper(), _address(path, method, {})[0], json=_least(name), person="demo:m001")
    for address in ("/v1/me/audit", "/v1/audit"):
        demo.ask("GET", address, person="demo:m046")
    demo.ask("GET", "/v1/experts", params={"topic": ["currency hedging", "wireless coverage"]})
    demo.ask("GET", "/v1/people/demo:nobody")
    for number in range(PEOPLE_LOOKED_AT):
        demo.ask("GET", f"/v1/people/demo:m{number:03}/network")
    return demo.seen


@pytest.mark.parametrize(("schema", "field", "example"), shown())
def test_an_example_of_an_answer_has_been_answered(
    seen: dict[tuple[str, str], set[str]], schema: str, field: str, example: Any
) -> None:
    pattern = PATTERNS.get((schema, field))
    if pattern is not None:
        assert re.fullmatch(pattern, example)
        assert all(re.fullmatch(pattern, json.loads(value)) for value in seen[schema, field])
    else:
        assert json.dumps(example) in seen[schema, field], sorted(seen[schema, field])[:20]


def test_no_example_stands_where_none_is_looked_for() -> None:
    """Examples are those of parameters, of fields of named shapes and of whole bodies, which are tried above; and two
    that are tried elsewhere: the lines of /v1/ingest and the table of a vocabulary."""

    def counted(node: Any) -> int:
        if isinstance(node, dict):
            own = len(node["examples"]) if isinstance(node.get("examples"), list) else int("example" in node)
            return own + sum(counted(value) for key, value in node.items() if key not in ("examples", "example"))
        return sum(map(counted, node)) if isinstance(node, list) else 0

    of_parameters = sum(len(parameter["schema"]["examples"]) for _, _, parameter in parameters())
    of_bodies = sum(
        len(SCHEMAS[name].get("examples", ()))
        + sum(len(of.get("examples", ())) for of in SCHEMAS[name]["properties"].values())
        for name in (*BODIES, *OF_ONESELF, *RECORDS)
    )
    assert counted(DOCUMENT) == of_parameters + of_bodies + len(shown()) + 2, "of lines and of a table"


# --- the words of the runnable examples -------------------------------------------------------------------------------


def _words(body: Any) -> Iterator[tuple[str, str]]:
    """(field, text) of a body, at any depth."""
    if isinstance(body, dict):
        for key, value in body.items():
            if isinstance(value, str):
                yield key, value
            yield from _words(value)
    elif isinstance(body, list):
        for value in body:
            yield from _words(value)


def test_runnable_examples_use_verbs_kinds_and_fields_that_there_are(demo: Demo) -> None:
    kinds = {post.kind for post in demo.store.all("post") if post.source == "demo"}
    verbs = 0
    for file in EXAMPLES:
        for example in examples(file):
            bodies = [json.loads(line) for line in example.body.splitlines() if line.startswith("{")]  # no table
            for field, word in [pair for body in bodies for pair in _words(body)]:
                if field == "verb":
                    assert vocabulary().verb(word), (example.title, word)
                    verbs += 1
                if field == "kind":
                    assert word in kinds, (example.title, word)
            path, _, query = example.path.partition("?")
            for name, value in parse_qsl(query):
                if name == "kind":
                    assert value in (*kinds, "declared", "detected"), (example.title, value, path)
    verb = SCHEMAS["InteractionIn"]["examples"][0]["verb"]
    assert vocabulary().verb(verb)
    assert verbs


def test_the_example_of_an_error_is_an_error_type() -> None:
    def types(error: type[ExpertFinderError]) -> set[str]:
        return {error.type}.union(*(types(child) for child in error.__subclasses__()))

    for example in SCHEMAS["Problem"]["properties"]["type"]["examples"]:
        page, _, name = example.partition("#")
        assert page == "/problems.md"
        assert name in types(ExpertFinderError)
        assert f"## {name}" in (ROOT / "api" / "problems.md").read_text("utf-8")
