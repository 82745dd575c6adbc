"""The operator's page and the privacy desk: who may, what is written down, and what the person sees of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer
from tests.http.signing import KNOWN, Desk, sign_in, signed_app
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.found import looked_at
from expertfinder.ask.keys import issue_key
from expertfinder.ask.oneself.desk import open_wishes
from expertfinder.ask.oneself.me import be_asked, be_seen_by, say_of_topic
from expertfinder.cli import app as commands
from expertfinder.errors import InvalidQuestion, NotFound
from expertfinder.http import Options, create_app
from expertfinder.model import Audience, Community, Fact, Post
from expertfinder.store import AuditEntry

PARTS = ("Privacy desk", "Audit log", "Sources", "Vocabulary", "Keys", "May be one human")


@pytest.fixture
def desks(own_finder: ExpertFinder) -> dict[str, Desk]:
    """Ada, who runs the service by a group of hers, and Ben, who does not."""
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    configured = sign_in(groups="groups", source="acme", roles={"acme:operators": ("operator",)})
    app = signed_app(own_finder, configured)
    return {
        "ada": Desk(app).signed_in_as("ada", groups=frozenset({"acme:operators"})),
        "ben": Desk(app).signed_in_as("ben"),
    }


def said(finder: ExpertFinder) -> None:
    """Ben hides, pauses and gives up a topic."""
    ben = finder.viewer("acme:ben")
    be_seen_by(finder, ben, "nobody")
    be_asked(finder, ben, None, 3)
    say_of_topic(finder, ben, "beekeeping", "moved_on", "never")


def test_it_tells_how_each_source_and_vocabulary_was_imported_last(
    desks: dict[str, Desk], own_finder: ExpertFinder, tmp_path: Path
) -> None:
    lines = tmp_path / "posts.jsonl"
    home = ["--home", str(own_finder.home.folder)]
    written = [{"id": f"n{n}", "authors": ["ada"], "text": "On beekeeping."} for n in range(3)]
    for kept in (written[:2], written):
        lines.write_text("".join(json.dumps(one) + "\n" for one in kept), encoding="utf-8")
        run = [
            "ingest",
            "native",
            str(tmp_path),
            "--source",
            "diary",
            "--audience",
            "organisation",
            "--no-index",
            *home,
        ]
        done = CliRunner().invoke(commands, run)
        assert done.exit_code == 0, done.output
    (tmp_path / "words.csv").write_text("id,label\nk1,Beekeeping\nk2,Sailing\n", encoding="utf-8")
    done = CliRunner().invoke(commands, ["vocabulary", "import", str(tmp_path / "words.csv"), "--no-index", *home])
    assert done.exit_code == 0, done.output
    page = desks["ada"].get("/operator").text
    assert "1 new, 0 changed, 0 taken back" in page
    assert "concepts: 2 · by prompt" in page


def test_only_who_has_the_scope_sees_it_and_each_look_is_written_down(
    desks: dict[str, Desk], own_finder: ExpertFinder
) -> None:
    own_finder.store.write_audit(AuditEntry(at=own_finder.now(), actor="acme:ben", event="hide", subject="acme:dana"))
    issue_key(own_finder.store, scopes=["people:read"], person="acme:ben", note="for a script of Ben's")
    page = desks["ada"].get("/operator")
    assert page.status_code == 200
    for part in (
        *(f"<h2>{one}</h2>" for one in PARTS),
        "<strong>acme:ben</strong> hid somebody: acme:dana",
        "none was changed",
        "for a script of Ben",
    ):
        assert part in page.text, part
    assert desks["ben"].get("/operator").status_code == 403
    assert "/operator" in desks["ada"].get("/me").text
    assert "/operator" not in desks["ben"].get("/me").text
    (look,) = own_finder.store.audit(limit=1)
    assert (look.actor, look.event) == ("acme:ada", "operate")
    demo = Client(create_app(own_finder, own_finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    assert demo.get("/operator").status_code == 401
    key = bearer(issue_key(own_finder.store, scopes=["admin"], person="acme:ada")[1])
    assert Client(signed_app(own_finder)).get("/operator", headers=key).status_code in (303, 401), "a page takes no key"


def test_of_what_the_operator_may_not_read_the_page_has_counts_and_days_alone(
    desks: dict[str, Desk], own_finder: ExpertFinder
) -> None:
    secret, board = "zephyrstone", Audience("groups", groups=("acme:board",))
    told = {"audience": board, "source": "acme"}
    ada = own_finder.person("acme:ada", own_finder.viewer("acme:ada"))
    facts: list[Fact] = [
        Post(id="acme:s1", authors=("acme:ben",), title=secret, text=secret, tags=(secret,), **told),
        Community(id="acme:s2", name=secret, description=secret, members=("acme:ada", "acme:ben"), **told),
        # Called as somebody whom all may find: such a pair is proposed as one human only where all may find both.
        replace(ada, id="acme:s3", accounts=(), bio=secret, skills=(secret,), audience=board),
        replace(ada, id="acme:s4", name=secret, accounts=(), hidden=True),
    ]
    before = _masked(desks["ada"].get("/operator").text)
    counted = desks["ada"].get("/operator").text
    own_finder.store.apply(facts)
    own_finder.refresh()
    after = desks["ada"].get("/operator").text
    assert _masked(after) == before
    assert re.findall(r"people: (\d+)", after) != re.findall(r"people: (\d+)", counted), "counts are told"
    own_finder.store.apply([replace(facts[2], audience=Audience("organisation"))])  # type: ignore[type-var]
    assert "acme:ada and acme:s3" in desks["ada"].get("/operator").text


def _masked(page: str) -> str:
    """The page without numbers, tokens of forms and the lines of its log, which has one for each look."""
    log = page.index("<h2>Audit log</h2>")
    kept = re.sub(r'name="form_token" value="[^"]*"', "", page[:log] + page[page.index("<h2>Sources</h2>") :])
    return re.sub(r"\d+", "0", kept)


def test_the_privacy_desk_opens_one_persons_wishes_and_the_person_sees_it(
    desks: dict[str, Desk], own_finder: ExpertFinder
) -> None:
    said(own_finder)
    assert "beekeeping" not in desks["ada"].get("/operator").text, "there is no list of who wishes anything"
    form = {"person": "acme:ben", "reason": "he came to the desk, 2 June"}
    assert desks["ben"].post("/operator/wishes", form, of="/me").status_code == 403
    assert desks["ada"].post("/operator/wishes", {"person": "acme:ben"}, of="/operator").status_code == 400
    assert desks["ada"].post("/operator/wishes", {**form, "person": "acme:nobody"}, of="/operator").status_code == 404
    opened = desks["ada"].post("/operator/wishes", form, of="/operator")
    for part in ("Nobody else may find me", "beekeeping", "at most 3"):
        assert part in opened.text, part
    lines = [one for one in own_finder.store.audit() if one.event == "privacy"]
    assert [(one.actor, one.subject, one.detail) for one in lines] == [
        ("acme:ada", "acme:ben", "he came to the desk, 2 June")
    ]
    assert "opened what is kept about you, as you asked" in desks["ben"].get("/me").text


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_nothing_is_opened_without_a_reason(own_finder: ExpertFinder, reason: str) -> None:
    said(own_finder)
    with pytest.raises(InvalidQuestion):
        open_wishes(own_finder, "acme:ben", actor="prompt", reason=reason)
    with pytest.raises(NotFound):
        open_wishes(own_finder, "acme:nobody", actor="prompt", reason="asked")
    assert own_finder.store.audit() == []


def test_at_the_prompt_one_persons_wishes_are_opened_and_told(own_finder: ExpertFinder) -> None:
    said(own_finder)
    home = str(own_finder.home.folder)
    refused = CliRunner().invoke(commands, ["wishes", "acme:ben", "--home", home])
    assert refused.exit_code == 2
    found = CliRunner().invoke(
        commands, ["wishes", "acme:ben", "--reason", "by telephone, 2 June", "--by", "the privacy desk", "--home", home]
    )
    assert found.exit_code == 0, found.output
    assert "topic beekeeping: moved_on, never" in found.output
    ben = own_finder.viewer("acme:ben")
    (line,) = looked_at(own_finder, ben)
    assert (line.event, line.detail) == ("privacy", "by telephone, 2 June")


def test_the_reason_for_which_the_desk_opened_something_goes_with_the_person(own_finder: ExpertFinder) -> None:
    said(own_finder)
    open_wishes(own_finder, "acme:ben", actor="prompt", reason="acme:ben asked for it")
    own_finder.store.erase("acme:ben")
    (line,) = own_finder.store.audit()
    assert "acme:ben" not in repr(line)
