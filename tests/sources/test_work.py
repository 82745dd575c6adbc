"""GitHub and GitLab: what was read is what their interfaces said, again, later, and for whom."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.sources.examples import example, reader_of
from tests.sources.truth import Told, check_again, check_leaks, check_truth

from expertfinder.errors import SourceError
from expertfinder.model import Interaction, Person
from expertfinder.sources.times import moment

Items = list[dict[str, Any]]


def edited(name: str, folder: Path, **changes: Callable[[Items], Items]) -> Path:
    """A copy of the example of a source in which files (by stem) are changed."""
    root = folder / f"{name}-edited"
    shutil.copytree(example(name), root)
    for stem, change in changes.items():
        (path,) = root.glob(f"{stem}.json")
        path.write_bytes(orjson.dumps(change(orjson.loads(path.read_bytes()))))
    return root


def items(name: str, stem: str) -> Items:
    """A file of the example of a source."""
    found: Items = orjson.loads((example(name) / f"{stem}.json").read_bytes())
    return found


def acts(name: str, path: Path | None = None) -> set[tuple[str, str, str]]:
    """Who did what to what."""
    facts = reader_of(name)(path or example(name)).facts()
    return {
        (fact.actor.removeprefix("shop:"), fact.verb, fact.object.removeprefix("shop:"))
        for fact in facts
        if isinstance(fact, Interaction)
    }


# --- GitHub ----------------------------------------------------------------------------------------------------------

PRIVATE = "works/board"


def github_told(path: Path) -> dict[str, Told]:
    """The posts of an export in the pages of the REST interface."""
    told: dict[str, Told] = {}
    read = {file.stem: orjson.loads(file.read_bytes()) for file in path.glob("*.json")}
    for one in [*read["issues"], *read["pulls"], *read["comments"], *read["review_comments"], *read["reviews"]]:
        found = re.fullmatch(r"https://[^/]+/([^/]+/[^/]+)/\w+/(\d+)(?:#(.+))?", one["html_url"])
        assert found is not None
        thread = f"{found[1]}#{found[2]}"
        if one.get("state") == "PENDING" or (not one["body"] and "title" not in one):
            continue
        above = f"{thread}/discussion_r{one['in_reply_to_id']}" if "in_reply_to_id" in one else thread
        author = one["user"]["login"].lower() if one["user"] and one["user"]["login"] != "ghost" else ""
        told[f"{thread}/{found[3]}" if found[3] else thread] = Told(
            authors=(author,) if author else (),
            parent=above if found[3] else "",
            place=found[1],
            at=moment(one.get("created_at") or one["submitted_at"]),
            groups=(f"repository/{PRIVATE}",) if found[1] == PRIVATE else None,
            words=one["body"],
        )
    return told


def test_what_is_read_of_github_is_what_its_interface_says() -> None:
    check_truth(reader_of("github")(example("github")).facts(), github_told(example("github")))


def test_reviews_and_merges_of_others_are_acts_and_those_of_ones_own_change_are_none() -> None:
    found = acts("github")
    assert {("bob", "review", "works/pumps#2"), ("cleo", "approve", "works/pumps#2")} <= found
    assert ("cleo", "merge", "works/pumps#2") in found
    assert ("ann", "reply", "works/pumps#2/discussion_r21") in found
    assert "ghost" not in {actor for actor, _, _ in found}


def test_people_of_github_are_their_logins_and_apps_are_machines() -> None:
    people = {fact.id: fact for fact in reader_of("github")(example("github")).facts() if isinstance(fact, Person)}
    assert people["shop:ann"].accounts == ("github:ann", "email:ann@works.example")
    assert people["shop:alarms[bot]"].kind == "machine"
    assert "shop:ghost" not in people
    assert people["shop:cleo"].groups == ("shop:repository/works/board",)


def test_a_newer_export_of_github_with_edits_and_deletions_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    def newer(comments: Items) -> Items:
        comments[0]["body"] = "The gasket shrinks in the cold. Take another."
        return [one for one in comments if one["id"] != 12]

    check_again(reader_of("github"), example("github"), edited("github", tmp_path, comments=newer), tmp_path)


def test_what_a_private_repository_holds_moves_nothing_for_those_outside(tmp_path: Path) -> None:
    def open_ones(found: Items) -> Items:
        return [one for one in found if PRIVATE not in one["html_url"]]

    without = edited("github", tmp_path, issues=open_ones, comments=open_ones)
    make = reader_of("github")
    words = ["not sent"]
    check_leaks(make(example("github")), make(without), outsiders=["bob"], insider="cleo", words=words)


def test_a_repository_that_turns_out_to_be_private_too_late_is_refused(tmp_path: Path) -> None:
    issues = items("github", "issues")
    pull = items("github", "pulls")[0] | {"number": 9, "html_url": "https://github.example/works/hall/pull/9"}
    issues[0]["html_url"] = "https://github.example/works/hall/issues/1"
    pull["base"] = {"repo": {"full_name": "works/hall", "private": True}}
    path = tmp_path / "all.json"
    path.write_bytes(orjson.dumps([*issues, pull]))
    with pytest.raises(SourceError, match=r"works/hall is private, and posts of it stood before this"):
        list(reader_of("github")(path).facts())


@pytest.mark.parametrize("shape", ["slurped", "lines", "archive", "gh"])
def test_github_is_read_in_every_shape_in_which_it_is_given(shape: str, tmp_path: Path) -> None:
    issue = items("github", "issues")[0]
    path = tmp_path / ("issues.jsonl" if shape == "lines" else "issues.json")
    name, number = "works/pumps", issue["number"]
    match shape:
        case "slurped":
            content = orjson.dumps([[issue], [issue | {"number": 8, "html_url": issue["html_url"][:-1] + "8"}]])
        case "lines":
            content = orjson.dumps(issue) + b"\n\n"
        case "archive":  # users and issues by their addresses
            told = {name: issue[name] for name in ("title", "body", "created_at")}
            told |= {"type": "issue", "url": issue["html_url"], "user": "https://github.example/bob"}
            content = orjson.dumps([told | {"labels": ["https://github.example/works/pumps/labels/sealing"]}])
        case _:  # gh issue list --json
            told = {"number": number, "title": issue["title"], "body": issue["body"], "url": issue["html_url"]}
            told |= {"createdAt": issue["created_at"], "author": {"login": "bob", "is_bot": False}}
            comment = {"id": "IC_x", "author": {"login": "ann"}, "body": "Cold.", "createdAt": issue["created_at"]}
            told["comments"] = [comment | {"url": issue["html_url"] + "#issuecomment-11", "isMinimized": False}]
            content = orjson.dumps([told | {"labels": [{"name": "sealing"}]}])
    path.write_bytes(content)
    posts = {fact.id: fact for fact in reader_of("github")(path).facts() if hasattr(fact, "authors")}
    post = posts[f"shop:{name}#1"]
    assert post.authors == ("shop:bob",)
    assert "sealing" in post.tags
    assert post.created_at == moment(issue["created_at"])
    assert len(posts) == {"slurped": 2, "gh": 2}.get(shape, 1)


# --- GitLab ----------------------------------------------------------------------------------------------------------

BOARD, PUMPS = "works/board", "works/pumps"


def gitlab_told(path: Path) -> dict[str, Told]:
    """The posts of an export in the pages of the REST interface."""
    read = {file.stem: orjson.loads(file.read_bytes()) for file in path.glob("*.json")}
    places, closed, told = {10: PUMPS, 20: BOARD}, set(), {}
    threads = {("Issue", one["project_id"], one["iid"]): one for one in read["issues"]}
    threads |= {("MergeRequest", one["project_id"], one["iid"]): one for one in read["merge_requests"]}

    def groups(place: str, secret: bool) -> tuple[str, ...] | None:
        return (f"{place}/reporters",) if secret else (f"{place}/members",) if place == BOARD else None

    def authors(one: dict[str, Any]) -> tuple[str, ...]:
        return () if one["author"]["username"] == "ghost" else (f"u{one['author']['id']}",)

    for (kind, project, iid), one in threads.items():
        place = places[project]
        id = f"{place}{'#' if kind == 'Issue' else '!'}{iid}"
        if one.get("confidential"):
            closed.add(id)
        at, words = moment(one["created_at"]), one["description"]
        told[id] = Told(authors(one), "", place, at, groups(place, id in closed), words)
    first = {note["id"]: talk["notes"][0]["id"] for talk in read["discussions"] for note in talk["notes"][1:]}
    for one in [*read["notes"], *(note for talk in read["discussions"] for note in talk["notes"])]:
        kind, project, iid = one["noteable_type"], one["project_id"], one["noteable_iid"]
        if one["system"] or (kind, project, iid) not in threads:
            continue
        thread = f"{places[project]}{'#' if kind == 'Issue' else '!'}{iid}"
        parent = f"{thread}/note_{first[one['id']]}" if one["id"] in first else thread
        secret = thread in closed or one.get("internal", False)
        at, who = moment(one["created_at"]), groups(places[project], secret)
        told[f"{thread}/note_{one['id']}"] = Told(authors(one), parent, places[project], at, who, one["body"])
    return told


def test_what_is_read_of_gitlab_is_what_its_interface_says() -> None:
    check_truth(reader_of("gitlab")(example("gitlab")).facts(), gitlab_told(example("gitlab")))


def test_approvals_and_notes_on_the_changes_of_others_are_reviews() -> None:
    found = acts("gitlab")
    assert {("u3", "approve", "works/pumps!1"), ("u3", "merge", "works/pumps!1")} <= found
    assert {who for who, verb, _ in found if verb == "review"} == {"u2"}


def test_people_of_gitlab_have_groups_by_their_access_and_who_is_blocked_has_left() -> None:
    people = {fact.id: fact for fact in reader_of("gitlab")(example("gitlab")).facts() if isinstance(fact, Person)}
    assert people["shop:u1"].groups == ("shop:works/pumps/members", "shop:works/pumps/reporters")
    assert people["shop:u2"].groups == ("shop:works/pumps/members",)
    assert people["shop:u1"].accounts == ("gitlab:ann", "email:ann@works.example")
    assert people["shop:u4"].left_at == moment("2023-12-01")
    assert people["shop:u5"].kind == "machine"
    assert "shop:u9" not in people


def test_a_newer_export_of_gitlab_with_edits_and_deletions_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    def newer(notes: Items) -> Items:
        notes[0]["body"] = "Edited: take another gasket."
        return [one for one in notes if one["id"] != 1003]

    def opened(issues: Items) -> Items:
        issues[1]["confidential"] = False
        return issues

    path = edited("gitlab", tmp_path, notes=newer, issues=opened)
    check_again(reader_of("gitlab"), example("gitlab"), path, tmp_path)


def test_what_is_confidential_moves_nothing_for_those_who_may_not_read_it(tmp_path: Path) -> None:
    def open_issues(found: Items) -> Items:
        return [one for one in found if not one["confidential"] and one["project_id"] == 10]

    def open_notes(found: Items) -> Items:
        return [one for one in found if one["project_id"] == 10 and one["noteable_iid"] != 2 and "internal" not in one]

    without = edited("gitlab", tmp_path, issues=open_issues, notes=open_notes)
    make = reader_of("gitlab")
    words = ["Of an issue that is not there"]
    check_leaks(make(example("gitlab")), make(without), outsiders=["u2"], insider="u3", words=words)
