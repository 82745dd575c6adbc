"""GitHub, GitLab, Jira and pages: what was read is what they said, again, later, and for whom."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.sources.examples import example, reader_of
from tests.sources.truth import Told, check_again, check_leaks, check_truth, read_facts

from expertfinder.errors import SourceError
from expertfinder.model import Interaction, Person, Post
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


@pytest.mark.parametrize("shape", ["rest", "gh", "timeline", "archive"])
def test_a_review_is_an_approval_only_where_github_says_that_it_approved(shape: str, tmp_path: Path) -> None:
    states = ("COMMENTED", "CHANGES_REQUESTED", "APPROVED", "DISMISSED", "PENDING")
    page, at = "https://github.example/works/pumps/pull/2", "2024-02-02T11:00:00Z"
    pull: dict[str, Any] = {"number": 2, "title": "Take it", "body": "", "html_url": page, "created_at": at}
    pull |= {"user": {"login": "ann"}, "pull_request": {}}
    reviews: Items = []
    for number, state in enumerate(states):
        words = "not sent" if state == "PENDING" else ""
        who, review = {"login": f"r{number}"}, {"id": number + 1, "body": words, "submitted_at": at}
        match shape:
            case "rest":
                reviews.append(
                    review | {"user": who, "state": state, "html_url": f"{page}#pullrequestreview-{number + 1}"}
                )
            case "gh":
                reviews.append(review | {"author": who, "state": state})
            case "timeline":
                reviews.append(review | {"event": "reviewed", "user": who, "state": state.lower()})
            case _:
                of = {"type": "pull_request_review", "url": f"{page}/files#pullrequestreview-{number + 1}"}
                user = f"https://github.example/r{number}"
                code = {"COMMENTED": 1, "CHANGES_REQUESTED": 30, "APPROVED": 40, "DISMISSED": 50, "PENDING": 0}[state]
                reviews.append(review | of | {"user": user, "pull_request": page, "state": code})
    # A comment of the review that approved, which comes before it or after it.
    comment = {"id": 9, "body": "So?", "path": "a.txt", "created_at": at, "user": {"login": "r2"}}
    comment |= {"html_url": f"{page}#discussion_r9", "pull_request_review_id": 3}
    inside = {"gh": "reviews", "timeline": "timeline"}.get(shape)
    if inside:
        pull[inside] = reviews
    (tmp_path / "pulls.json").write_bytes(orjson.dumps([pull]))
    (tmp_path / "a_comments.json").write_bytes(orjson.dumps([comment]))
    if not inside:
        (tmp_path / "reviews.json").write_bytes(orjson.dumps(reviews))
    facts = read_facts(reader_of("github")(tmp_path))
    told = [act for act in facts if isinstance(act, Interaction) and act.verb in ("approve", "review")]
    assert "not sent" not in repr(facts)
    assert {(act.actor.removeprefix("shop:"), act.verb) for act in told} == {
        ("r0", "review"),
        ("r1", "review"),
        ("r2", "approve"),
        ("r3", "review"),
    }


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

    def left(found: Items) -> Items:  # Bob is no collaborator any more
        return [
            *found,
            found[-1] | {"id": 19, "user": {"login": "bob"}, "body": "I leave the turbine to you."} | _at(19),
        ]

    def sent(found: Items) -> Items:
        return [one for one in found if one["state"] != "PENDING"]

    without = edited("github", tmp_path, issues=open_ones, comments=open_ones, reviews=sent)
    full = edited("github", tmp_path / "full", comments=left)
    people = full / "works" / "board" / "collaborators.json"
    people.write_bytes(orjson.dumps([*orjson.loads(people.read_bytes()), {"login": "gerd", "name": "Gerd Guest"}]))
    make = reader_of("github")
    words = ["not sent"]
    check_leaks(make(full), make(without), outsiders=["bob"], insider="cleo", words=words)


def _at(number: int) -> dict[str, str]:
    return {"html_url": f"https://github.example/{PRIVATE}/issues/1#issuecomment-{number}"}


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

    def left(found: Items) -> Items:  # Bob is no member of the board any more, and reports on the pumps no more
        bob = {"author": {"id": 2, "username": "bob", "name": "Bob Baker"}, "body": "I leave the turbine to you."}
        board = next(one for one in found if one["project_id"] == 20)
        secret = next(one for one in found if one["noteable_iid"] == 2)
        return [*found, board | bob | {"id": 1091}, secret | bob | {"id": 1092}]

    without = edited("gitlab", tmp_path, issues=open_issues, notes=open_notes)
    full = edited("gitlab", tmp_path / "full", notes=left)
    members = full / "works" / "board" / "members.json"
    gerd = {"id": 7, "username": "gerd", "name": "Gerd Guest", "access_level": 30}
    hugo = {"id": 6, "username": "hugo", "name": "Hugo Held", "access_level": 0}  # whose membership was ended
    members.write_bytes(orjson.dumps([*orjson.loads(members.read_bytes()), gerd, hugo]))
    make = reader_of("gitlab")
    words = ["Of an issue that is not there"]
    check_leaks(make(full), make(without), outsiders=["u2"], insider="u3", words=words)


# --- Jira ------------------------------------------------------------------------------------------------------------

ROLE = "PUMP/role/Developers"


def jira_told() -> dict[str, Told]:
    """The posts of the example, of which the issue in XML is written out by hand."""

    def names(*users: dict[str, Any] | None) -> tuple[str, ...]:
        known = (user for user in users if user and user.get("accountType") != "customer")
        return tuple(user.get("accountId") or user["name"] for user in known if user["displayName"] != "Former user")

    told = {}
    for issue in orjson.loads((example("jira") / "search.json").read_bytes())["issues"]:
        about, key = issue["fields"], issue["key"]
        closed = ("PUMP/security/Board",) if "security" in about else None
        who = names(about["reporter"], about.get("assignee"))
        told[key] = Told(who, "", "PUMP", moment(about["created"]), closed, about["summary"])
        for one in about["comment"]["comments"]:
            limited = (ROLE,) if "visibility" in one else ("PUMP/agents",) if one.get("jsdPublic") is False else None
            if not (limited and closed):
                at, groups = moment(one["created"]), limited or closed
                told[f"{key}/comment-{one['id']}"] = Told(names(one["author"]), key, "PUMP", at, groups, one["body"])
    told["HALL-1"] = Told(("bob",), "", "HALL", moment("2024-02-05T08:00Z"), words="The heating stays cold.")
    told["HALL-1/comment-51"] = Told(("ann",), "HALL-1", "HALL", moment("2024-02-05T09:00Z"), words="Bleed it first.")
    at = moment("2024-02-05T10:00Z")
    told["HALL-1/comment-52"] = Told(("cleo",), "HALL-1", "HALL", at, ("group/board",), "The boiler is sold.")
    return told


def test_what_is_read_of_jira_is_what_its_pages_and_its_xml_say() -> None:
    check_truth(reader_of("jira")(example("jira")).facts(), jira_told())


def test_a_document_of_version_three_has_its_lines_its_code_and_its_quotations() -> None:
    posts = {fact.id: fact for fact in reader_of("jira")(example("jira")).facts() if isinstance(fact, Post)}
    lines = posts["shop:PUMP-5"].text.split("\n")
    assert lines == ["> somebody else's words", "The valve sticks", "in the cold.", "open()", "close()"]
    assert posts["shop:PUMP-1"].tags == ("sealing", "Hall")


def test_people_of_jira_have_groups_and_roles_and_customers_and_former_users_are_nobody() -> None:
    people = {fact.id: fact for fact in reader_of("jira")(example("jira")).facts() if isinstance(fact, Person)}
    assert people["shop:cleo"].groups == (f"shop:{ROLE}", "shop:group/board")
    assert people["shop:ann"].accounts == ("jira:ann", "email:ann@works.example")
    assert people["shop:app:1"].kind == "machine"
    assert not {name for name in people if "jirauser" in name or "qm:" in name}
    assert ("ann", "answer", "PUMP-1") in acts("jira")


def test_a_project_that_the_import_calls_restricted_is_for_its_members() -> None:
    facts = reader_of("jira", restricted="hall")(example("jira")).facts()
    posts = {fact.id: fact.audience.groups for fact in facts if isinstance(fact, Post)}
    assert posts["shop:HALL-1"] == posts["shop:HALL-1/comment-51"] == ("shop:HALL/members",)
    assert posts["shop:PUMP-1"] == ()


def jira_edited(folder: Path, change: Callable[[Items], Items]) -> Path:
    root = folder / "jira-edited"
    shutil.copytree(example("jira"), root)
    page = orjson.loads((root / "search.json").read_bytes())
    page["issues"] = change(page["issues"])
    (root / "search.json").write_bytes(orjson.dumps(page))
    return root


def test_a_newer_export_of_jira_with_edits_and_deletions_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    def newer(issues: Items) -> Items:
        issues[0]["fields"]["summary"] = "North pump leaks in every weather"
        del issues[0]["fields"]["comment"]["comments"][1]
        del issues[1]["fields"]["security"]
        return [one for one in issues if one["key"] != "PUMP-4"]

    check_again(reader_of("jira"), example("jira"), jira_edited(tmp_path, newer), tmp_path)


def test_what_jira_shows_to_a_few_moves_nothing_for_others(tmp_path: Path) -> None:
    def open_ones(issues: Items) -> Items:
        for one in issues:
            block = one["fields"]["comment"]
            block["comments"] = [each for each in block["comments"] if not {"visibility", "jsdPublic"} & each.keys()]
        return [one for one in issues if "security" not in one["fields"]]

    without = jira_edited(tmp_path, open_ones)
    text = (without / "issues.xml").read_text()
    (without / "issues.xml").write_text(re.sub(r'<comment id="52".*?</comment>', "", text))

    def left(issues: Items) -> Items:  # Bob had a part in the secret issue, and has none any more
        secret = next(one for one in issues if "security" in one["fields"])
        said = secret["fields"]["comment"]["comments"]
        said.append(
            said[0] | {"id": "29", "author": issues[0]["fields"]["reporter"], "body": "I leave the sticker to you"}
        )
        return issues

    make = reader_of("jira")
    words = ["For developers only, and secret"]
    full = jira_edited(tmp_path / "full", left)
    check_leaks(make(full), make(without), outsiders=["bob"], insider="cleo", words=words)


def test_a_comment_for_a_group_on_an_issue_of_a_closed_project_is_nobodys() -> None:
    facts = reader_of("jira", restricted="HALL")(example("jira")).facts()
    posts = {fact.id.removeprefix("shop:"): fact for fact in facts if isinstance(fact, Post)}
    assert "HALL-1/comment-52" not in posts, "the group may hold people who may not open the project"
    assert posts["HALL-1/comment-51"].audience.groups == ("shop:HALL/members",)


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    """The example outside of any repository."""
    root = tmp_path / "wiki"
    shutil.copytree(example("pages"), root)
    return root


def test_what_is_read_of_pages_is_what_they_say(wiki: Path) -> None:
    told = {
        "README.md": Told(words="Works wiki"),
        "pumps/north-pump.md": Told(
            ("ann@works.example", "Bob Baker"), place="pumps", at=moment("2024-02-03"), words="The north pump"
        ),
        "board/budget.md": Told(("Cleo Cook",), place="board", at=moment("2024-02-07"), words="turbine figures"),
        "board/noise.md": Told(("Zita Zimmer",), place="board", at=moment("2024-02-08"), words="too loud"),
        "space/Seals_4711.html": Told(("Ann Archer",), place="Works", at=moment("2024-01-04"), words="Seals\nSilicone"),
        "space/Seals_4711.html/comment-81": Told(
            ("cleo",), "space/Seals_4711.html", "Works", moment("2024-01-05T10:12"), words="Take rubber, too."
        ),
        "space/Seals_4711.html/comment-82": Told(
            ("Ann Archer",), "space/Seals_4711.html", "Works", moment("2024-01-06T08:00"), words="It hardens."
        ),
    }
    facts = list(reader_of("pages")(wiki).facts())
    check_truth(facts, told)
    posts = {fact.id: fact for fact in facts if isinstance(fact, Post)}
    assert posts["shop:space/Seals_4711.html"].text == "Silicone stays soft.\n> said the supplier"
    assert posts["shop:pumps/north-pump.md"].tags == ("sealing", "winter")
    assert acts("pages", wiki) == {
        ("Cleo Cook", "edit", "pumps/north-pump.md"),
        ("Bob Baker", "edit", "space/Seals_4711.html"),
        ("cleo", "reply", "space/Seals_4711.html"),
        ("Ann Archer", "reply", "space/Seals_4711.html"),
    }


def test_pages_without_authors_are_of_those_who_wrote_them_in_git(wiki: Path) -> None:
    def git(*words: str, who: str = "Ann Archer <ann@works.example>") -> None:
        name, _, email = who.removesuffix(">").partition(" <")
        said = ["-c", f"user.name={name}", "-c", f"user.email={email}", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(wiki), *said, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all of it")
    (wiki / "README.md").rename(wiki / "Home.md")
    git("add", ".")
    git("commit", "-qm", "moved", who="Cleo Cook <cleo@works.example>")
    (wiki / "Home.md").write_text((wiki / "Home.md").read_text() + "".join(f"Line {n}.\n" for n in range(9)))
    git("add", ".")
    git("commit", "-qm", "more", who="Bob Baker <bob@works.example>")
    posts = {fact.id: fact for fact in reader_of("pages")(wiki).facts() if isinstance(fact, Post)}
    assert posts["shop:Home.md"].authors == ("shop:bob@works.example", "shop:ann@works.example")
    assert posts["shop:Home.md"].created_at is not None
    assert ("cleo@works.example", "edit", "Home.md") in acts("pages", wiki)
    assert posts["shop:board/budget.md"].authors == ("shop:Cleo Cook",)


def test_a_newer_wiki_with_edits_and_deletions_is_as_if_it_had_come_first(wiki: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(wiki, newer)
    (newer / "board" / "budget.md").unlink()
    page = newer / "pumps" / "north-pump.md"
    page.write_text(page.read_text().replace("gasket", "seal").replace("last_modified_by: Cleo Cook\n", ""))
    check_again(reader_of("pages"), wiki, newer, tmp_path)


def test_pages_of_a_restricted_folder_move_nothing_for_those_outside(wiki: Path, tmp_path: Path) -> None:
    without = tmp_path / "without"
    shutil.copytree(wiki, without)
    shutil.rmtree(without / "board")
    for root in (wiki, without):
        (root / "people.md").write_text("---\nauthor: Cleo Cook\n---\nWho is who.\n")
    make = reader_of("pages", restricted="board")
    with_secrets, bare = read_facts(make(wiki)), read_facts(make(without))
    closed = {fact.id for fact in with_secrets if fact.audience.groups == ("shop:folder/board",)}
    assert closed == {"shop:board/budget.md", "shop:board/noise.md", "shop:Zita Zimmer"}
    assert [fact for fact in with_secrets if fact.id not in closed] == bare
    # Cleo wrote one of the pages, and is not in the group any more.
    ann = ("ann@works.example", "folder/board")
    check_leaks(make(wiki), make(without), outsiders=["Cleo Cook"], insider=ann)
