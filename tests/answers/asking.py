"""Ask one question at one door, and put down what came back as text.

A question is one line:
    $ find rust --as demo:m012                     a command; `--json` and `--home` are added
    GET /v1/experts?q=rust&as=demo:m012            the service in its demonstration mode; pages, too
    POST /v1/teams:search {"skills": ["rust"]}     the same with a body
    [experts:read demo:m012] GET /v1/me            the service as it runs in earnest, with a key: scopes and person
    [] GET /v1/topics                              the same without a key
    GET /v1/communities?after=(next)               `(next)`: what the answer before has as its `next`
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tests.answers.homes import opened
from tests.answers.prompt import typed
from tests.answers.recording import VERSIONS, Answer, Groups, Versions, answer_of
from tests.http.client import Client
from threadpoolctl import threadpool_info

from expertfinder import ExpertFinder
from expertfinder.http import Options, create_app

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
NEXT = "(next)"
_MORE = re.compile(r'"next":"([^"]+)"')
_REQUEST = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_STATIC = re.compile(r"\?v=[0-9a-f]{8}(?=\")")
_HTTP = re.compile(r"(?:\[(?P<key>[^]]*)\] )?(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<body>\{.*\}))?")
_VIEWER = re.compile(r"(?:--as |[?&]as=|^\[\S+ )([^\s&\]]+)")


class Doors:
    """The three doors of one home."""

    def __init__(self, folder: Path, finder: ExpertFinder) -> None:
        self.folder = folder
        self._finder = finder
        looking = Options(insecure_demo=True, count_demand=False, now=lambda: NOW)
        self._looking = Client(create_app(finder, finder.store, looking), base_url="http://127.0.0.1")
        self._earnest = Client(create_app(finder, finder.store, Options(count_demand=False)))
        self._keys: dict[str, str] = {}
        self._next = ""

    def ask(self, question: str) -> tuple[str, str]:
        """How it ended (an exit code, or a status and a content type), and what came back."""
        if question.startswith("$ "):
            said = typed(shlex.split(question[2:]), self.folder)
            return f"exit {said.code}", (said.out or said.err).replace(str(self.folder), "(home)")
        match = _HTTP.fullmatch(question)
        assert match, f"no question: {question}"
        answer = self._http(match)
        # The id of a request is made at random, and stands in problems and in pages that say what went wrong.
        text = _STATIC.sub("?v=(what is in it)", _REQUEST.sub("(id)", answer.text))
        return f"{answer.status_code} {answer.headers.get('content-type', '')}", text

    def _http(self, asked: re.Match[str]) -> httpx.Response:
        client, headers = self._looking, {}
        if asked["key"] is not None:
            client = self._earnest
            if asked["key"]:
                headers["Authorization"] = f"Bearer {self._key(asked['key'])}"
        if asked["body"]:
            headers["Content-Type"] = "application/json"
        path = asked["path"].replace(NEXT, self._next)
        answer = client.request(asked["method"], path, content=asked["body"], headers=headers)
        if more := _MORE.search(answer.text):
            self._next = more[1]
        return answer

    def _key(self, words: str) -> str:
        if words not in self._keys:
            scopes, _, person = words.partition(" ")
            wanted = [part for scope in scopes.split(",") for part in ("--scope", scope)]
            made = typed(["key", "create", *wanted, *(["--person", person] if person else [])], self.folder)
            self._keys[words] = json.loads(made.out)["key"]
        return self._keys[words]


@contextmanager
def doors(folder: Path) -> Iterator[Doors]:
    """The doors of a home, open."""
    with opened(folder) as finder:
        yield Doors(folder, finder)


def viewer_of(question: str) -> str:
    """Through whose eyes a question is asked: the id of a person, or `shared`."""
    found = _VIEWER.search(question)
    return found[1] if found else "shared"


def blas() -> str:
    """The kernels that multiply matrices here: others give other last digits to the vectors of the network."""
    return ", ".join(sorted({f"{each['internal_api']} {each.get('architecture', '')}" for each in threadpool_info()}))


def ask_all(homes: Path, questions: Iterable[tuple[str, str, str]]) -> Groups:
    """Every answer, by the group it is kept in. `questions`: home, group and question of each."""
    with ExitStack() as stack:
        every: dict[str, Doors] = {}
        versions = Versions()
        groups: Groups = {}
        for home, group, question in questions:
            if home not in every:
                every[home] = stack.enter_context(doors(homes / home))
            ending, body = every[home].ask(question)
            named = versions.within(body, home=home, viewer=viewer_of(question))
            held: dict[str, Answer] = groups.setdefault(f"{home}-{group}", {})
            assert question not in held, f"asked twice: {question}"
            held[question] = answer_of(ending, named)
        groups[VERSIONS] = {"versions": versions.answer(), "blas": Answer("", blas())}
        return groups
