"""A git repository answers who knows what: commits, trailers, the mailmap, and nobody by name alone."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from expertfinder.errors import SourceError
from expertfinder.ingest import How, ingest
from expertfinder.model import Interaction, Person, Post
from expertfinder.sources import GitReader, declared
from expertfinder.sources.paths import path_topics, path_words
from expertfinder.store.sqlite.store import SQLiteStore

FIRM = declared("firm", audience="organisation")
ANN = ("Ann Aalto", "ann@firm.example")
BOB = ("Bob", "bob@firm.example")


class Repository:
    """A real repository, written with git itself and with dates of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.seconds = 1_700_000_000
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, by: tuple[str, str] = ANN, **variables: str) -> str:
        self.seconds += 60
        name, email = by
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_AUTHOR_DATE": f"{self.seconds} +0200",
            "GIT_COMMITTER_NAME": "Committer",
            "GIT_COMMITTER_EMAIL": "committer@firm.example",
            "GIT_COMMITTER_DATE": f"{self.seconds} +0200",
            **variables,
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()

    def commit(self, message: str, *paths: str, by: tuple[str, str] = ANN, **variables: str) -> str:
        for path in paths:
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{self.seconds}\n")
            self.git("add", "--", path)
        self.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", message, by=by, **variables)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def read(repository: Repository, since: str = "", limit: int | None = None) -> GitReader:
    return GitReader(repository.path, source=FIRM, since=since, limit=limit)


def posts(reader: GitReader) -> list[Post]:
    return [fact for fact in reader.facts() if isinstance(fact, Post)]


def people(reader: GitReader) -> dict[str, str]:
    return {fact.id: fact.name for fact in reader.facts() if isinstance(fact, Person)}


def acts(reader: GitReader) -> list[tuple[str, str]]:
    return [(fact.actor, fact.verb) for fact in reader.facts() if isinstance(fact, Interaction)]


def test_a_commit_is_a_post_of_its_author(repository: Repository) -> None:
    hash = repository.commit("Stop the pump\n\nIt leaked\nin the cold.", "src/pumpHouse/valve_control.c", "README.md")
    (post,) = posts(read(repository))
    assert post.id == f"firm:{hash}"
    assert post.kind == "commit"
    assert post.authors == ("firm:ann@firm.example",)
    assert post.title == "Stop the pump"
    assert post.text == "It leaked\nin the cold.\n\nreadme md src pump house valve control"
    assert post.tags == ("pump-house", "valve-control")
    assert post.created_at is not None
    assert post.created_at.isoformat().endswith("+00:00")
    assert post.audience == FIRM.audience


def test_people_are_their_addresses_and_come_before_what_names_them(repository: Repository) -> None:
    repository.commit("One", by=("Ann", "Ann@Firm.example"))
    facts = list(read(repository).facts())
    assert [type(fact) for fact in facts] == [Person, Post]
    assert facts[0] == Person(
        id="firm:ann@firm.example",
        source="firm",
        name="Ann",
        accounts=("email:ann@firm.example",),
        audience=FIRM.audience,
    )


def test_two_people_with_one_name_stay_two_and_one_person_with_two_names_stays_one(repository: Repository) -> None:
    repository.commit("One", by=("Ann", "ann@firm.example"))
    repository.commit("Two", by=("Ann", "other@firm.example"))
    repository.commit("Three", by=("Ann Aalto-Berg", "ann@firm.example"))
    assert people(read(repository)) == {
        "firm:ann@firm.example": "Ann Aalto-Berg",
        "firm:other@firm.example": "Ann",
    }


def test_the_mailmap_joins_authors_and_those_in_trailers(repository: Repository) -> None:
    (repository.path / ".mailmap").write_text("Bob Berg <bob@firm.example> <bobby@home.example>\n")
    repository.git("add", ".mailmap")
    repository.commit("One", by=("bobby", "bobby@home.example"))
    repository.commit("Two\n\nReviewed-by: Bobby <bobby@home.example>", by=ANN)
    reader = read(repository)
    assert people(reader) == {"firm:bob@firm.example": "Bob Berg", "firm:ann@firm.example": "Ann Aalto"}
    assert acts(reader) == [("firm:bob@firm.example", "review")]


def test_trailers_say_who_wrote_it_and_who_stood_by_it(repository: Repository) -> None:
    hash = repository.commit(
        "Seal the joint\n\nSilicone holds.\n\n"
        "Co-authored-by: Bob <bob@firm.example>\n"
        "Reviewed-by: Cem <cem@firm.example>\n"
        "[cem: changed the glue]\n"
        "Acked-by: Dan <dan@firm.example> # for the pumps\n\n"
        "tested-by: Eve <eve@firm.example>\n"
        "Signed-off-by: Ann Aalto <ann@firm.example>\n"
        "Signed-off-by: Fay <fay@firm.example>\n"
        "Reported-by: Gus <gus@firm.example>"
    )
    reader = read(repository)
    (post,) = posts(reader)
    assert post.authors == ("firm:ann@firm.example", "firm:bob@firm.example")
    assert post.text == "Silicone holds."
    assert sorted(acts(reader)) == [
        ("firm:cem@firm.example", "review"),
        ("firm:dan@firm.example", "approve"),
        ("firm:eve@firm.example", "review"),
        ("firm:fay@firm.example", "merge"),
    ]
    acted = [fact for fact in reader.facts() if isinstance(fact, Interaction)]
    assert {fact.object for fact in acted} == {f"firm:{hash}"}
    assert len({fact.id for fact in acted}) == 4


def test_authors_do_not_review_themselves_and_a_trailer_said_twice_counts_once(repository: Repository) -> None:
    reviewers = ("Ann <ann@firm.example>", "Bob <bob@firm.example>", "B <BOB@firm.example>")
    repository.commit("One\n\n" + "\n".join(f"Reviewed-by: {reviewer}" for reviewer in reviewers))
    assert acts(read(repository)) == [("firm:bob@firm.example", "review")]


def test_what_only_looks_like_a_trailer_stays_text(repository: Repository) -> None:
    repository.commit("One\n\nReviewed-by: Cem <cem@firm.example> said once.\nBut this is prose.\n\nNote: it holds")
    reader = read(repository)
    (post,) = posts(reader)
    assert acts(reader) == []
    assert post.text.endswith("But this is prose.\n\nNote: it holds")


def test_machines_are_left_out_and_named(repository: Repository) -> None:
    repository.commit("Bump", by=("robot[bot]", "7+robot[bot]@firm.example"))
    repository.commit("Work\n\nCo-authored-by: helper[bot] <helper@firm.example>", by=ANN)
    repository.commit("Both\n\nCo-authored-by: Bob <bob@firm.example>", by=("robot[bot]", "r@firm.example"))
    reader = read(repository)
    assert [post.authors for post in posts(reader)] == [("firm:bob@firm.example",), ("firm:ann@firm.example",)]
    assert reader.counts.skipped == {"commits by machines": 1}
    assert {who: often for (who, _, _), often in reader.counts.nobodies.items()} == {
        "robot[bot] <r@firm.example>": 1,
        "helper[bot] <helper@firm.example>": 1,
        "robot[bot] <7+robot[bot]@firm.example>": 1,
    }
    assert set(people(reader)) == {"firm:ann@firm.example", "firm:bob@firm.example"}


@pytest.mark.parametrize("email", ["noreply@firm.example", "root@pump", "ann@localhost"])
def test_a_commit_from_an_address_that_is_nobodys_own_has_no_author(repository: Repository, email: str) -> None:
    repository.commit("One", by=("Ann", email))
    reader = read(repository)
    assert [post.authors for post in posts(reader)] == [()]
    assert people(reader) == {}
    assert reader.counts.without_author == 1


@pytest.mark.parametrize("email", ["noreply@firm.example", "root@pump", "cleo@(none)"])
def test_who_commits_from_such_an_address_is_known_by_a_full_name(repository: Repository, email: str) -> None:
    repository.commit("One", by=("Cleo Dun", email))
    repository.commit("Two\n\nCo-authored-by: Arne Bo <root@localhost>", by=("Arne Bo", email))
    reader = read(repository)
    assert people(reader) == {"firm:arne bo": "Arne Bo", "firm:cleo dun": "Cleo Dun"}
    assert [post.authors for post in posts(reader)] == [("firm:arne bo",), ("firm:cleo dun",)]
    assert not any(fact.accounts for fact in reader.facts() if isinstance(fact, Person)), "it is joined with nobody"


def test_a_login_in_the_newest_commit_gives_way_to_the_full_name_of_an_older_one(repository: Repository) -> None:
    for name in ("Ann M. Aalto", "Ann Aalto", "aalto"):
        repository.commit(f"By {name}", by=(name, "ann@firm.example"))
    repository.commit("By another", by=("bob", "bob@firm.example"))
    assert people(read(repository)) == {"firm:ann@firm.example": "Ann Aalto", "firm:bob@firm.example": "bob"}
    assert people(read(repository, limit=2)) == {"firm:ann@firm.example": "aalto", "firm:bob@firm.example": "bob"}


def test_a_merge_is_left_out_unless_something_was_written_while_merging(repository: Repository) -> None:
    repository.commit("Base", "pump.txt")
    for side in ("left", "right"):
        repository.git("checkout", "--quiet", "-b", side, "main")
        repository.commit(f"On the {side}", f"{side}.txt")
    repository.git("merge", "--quiet", "--no-edit", "left")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--no-commit", "right")
    (repository.path / "pump.txt").write_text("mended while merging\n")
    repository.git("commit", "--quiet", "-a", "-m", "Merge and mend")
    reader = read(repository)
    assert sorted(post.title for post in posts(reader)) == ["Base", "Merge and mend", "On the left", "On the right"]
    assert reader.counts.skipped == {"merge commits that change nothing themselves": 1}


def test_a_long_history_can_be_cut(repository: Repository) -> None:
    for number in range(3):
        repository.commit(f"Commit {number}")
    repository.seconds += 100_000
    repository.commit("Latest")
    assert [post.title for post in posts(read(repository, limit=2))] == ["Latest", "Commit 2"]
    assert [post.title for post in posts(read(repository, since="2023-11-15T12:00:00Z"))] == ["Latest"]
    assert read(repository, limit=2).total == 2
    assert read(repository).total == 4


def test_odd_messages_and_paths_are_read_as_they_are(repository: Repository) -> None:
    strange = "new\nline/ü \x1f.c"
    repository.commit("Ünïcode\u202e \x07title\n\nbody \x1e\x1f here", strange, by=("J\u00fcrgen", "j@firm.example"))
    repository.commit("")
    empty, odd = posts(read(repository))
    assert (empty.title, empty.text) == ("", "")
    assert odd.title == "Ünïcode title"
    assert odd.text.startswith("body  here")
    assert "ü" in odd.tags or "new-line" in odd.tags


def test_a_clock_that_cannot_be_right_is_no_date(repository: Repository) -> None:
    repository.commit("One")
    for wrong in ("99999999999999999 +0000", "253402300800 -2400", "x +0000"):
        broken = re.sub(r"(author .*>) .*", rf"\1 {wrong}", repository.git("cat-file", "commit", "HEAD"))
        (repository.path / "broken").write_text(broken + "\n")
        hash = repository.git("hash-object", "-t", "commit", "-w", "--literally", "broken")
        repository.git("update-ref", "refs/heads/main", hash)
        (post,) = posts(read(repository))
        assert post.title == "One"
        assert post.created_at is None, wrong


def test_a_repository_runs_nothing_of_its_own(repository: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n")
    program.chmod(0o755)
    repository.commit("One", "a.txt")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"
    signed = repository.git("cat-file", "commit", "HEAD").replace("\n\n", f"\n{signature}\n", 1)
    (repository.path / "signed").write_text(signed + "\n")
    hash = repository.git("hash-object", "-t", "commit", "-w", "signed")
    repository.git("update-ref", "refs/heads/main", hash)
    for setting in (
        "gpg.program",
        "core.pager",
        "core.fsmonitor",
        "diff.external",
        "diff.x.textconv",
        "core.sshCommand",
    ):
        repository.git("config", setting, str(program))
    repository.git("config", "log.showSignature", "true")
    (repository.path / ".gitattributes").write_text("*.txt diff=x\n")
    assert len(posts(read(repository))) == 1
    assert not trap.exists()


def test_a_subject_cannot_pass_for_an_option_and_a_path_is_never_one(repository: Repository, tmp_path: Path) -> None:
    repository.commit("--all", "--output=x")
    assert [post.title for post in posts(read(repository))] == ["--all"]
    assert not (repository.path / "x").exists()


def test_reading_twice_gives_the_same_and_half_a_reading_leaves_nothing_running(repository: Repository) -> None:
    for number in range(5):
        repository.commit(f"{number}\n\nReviewed-by: Bob <bob@firm.example>")
    reader = read(repository)
    first = list(reader.facts())
    half = reader.facts()
    next(half)
    half.close()
    assert list(reader.facts()) == first


def test_what_is_no_repository_or_has_no_commits_is_refused_with_the_reason(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="no commits"):
        list(read(repository).facts())
    (file := tmp_path / "notes.txt").write_text("Pumps\n")
    absent, is_file = "no such folder", "this is a file, not the folder of a repository"
    for path, said in ((tmp_path / "absent", absent), (tmp_path, "no git repository"), (file, is_file)):
        with pytest.raises(SourceError, match=said) as error:
            list(GitReader(path, source=FIRM).facts())
        assert error.value.extras == {"file": str(path)}


def test_without_git_the_error_says_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit("One")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SourceError, match="git is not installed"):
        list(read(repository).facts())


def test_tags_are_the_few_names_that_mean_something() -> None:
    assert path_topics(("src/main/java/README.md", "tests/__init__.py", ".github/workflows/ci.yml")) == ("ci",)
    assert path_topics(("net/tcp/a.c", "net/tcp/congestion.c", "net/udp.c")) == ("net", "tcp", "congestion", "udp")
    assert len(path_topics(tuple(f"part{letter}/x.c" for letter in "abcdefghijklmnop"))) == 8
    assert path_topics(("lib/test_pump_house.py", "12/34.txt", f"{'x' * 60}.c")) == ("pump-house",)


def test_the_words_of_paths_are_told_once_and_not_without_end() -> None:
    assert path_words(("src/pumpHouse/valve_control.c", "src/pumpHouse/v2/valve.h")) == (
        "src",
        "pump",
        "house",
        "valve",
        "control",
        "v2",
    )
    assert len(path_words(tuple(f"dir/word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500)))) == 100


# --- as repositories are left ----------------------------------------------------------------------------------------


def cloned(repository: Repository, name: str, *options: str) -> GitReader:
    """A clone beside the repository."""
    target = repository.path.parent / name
    repository.git("clone", "--quiet", *options, f"file://{repository.path}", str(target))
    return GitReader(target, source=FIRM)


def three(repository: Repository) -> set[str]:
    """Three commits in a repository; their titles."""
    for number in range(3):
        repository.commit(f"Commit {number}", f"src/part{number}.c")
    return {f"Commit {number}" for number in range(3)}


@pytest.mark.parametrize("options", [[], ["--bare"], ["--mirror"], ["--filter=blob:none", "--no-checkout"]])
def test_every_form_of_a_repository_has_the_same_history(repository: Repository, options: list[str]) -> None:
    (repository.path / ".mailmap").write_text("Ann Berg <ann@firm.example>\n")
    (repository.path / ".git-blame-ignore-revs").write_text("0" * 40 + "\n")
    repository.git("add", ".mailmap", ".git-blame-ignore-revs")
    titles = three(repository)
    reader = cloned(repository, "clone", *options)
    assert {post.title for post in posts(reader)} == titles
    assert people(reader) == {"firm:ann@firm.example": "Ann Berg"}
    assert reader.counts.remarks == []


def test_a_cut_a_detached_and_an_altered_history_are_said(repository: Repository) -> None:
    three(repository)
    assert len(posts(shallow := cloned(repository, "shallow", "--depth", "2"))) == 2
    assert "shallow" in shallow.counts.remarks[0]
    repository.git("checkout", "--quiet", "--detach", "HEAD~1")
    assert len(posts(detached := read(repository))) == 2
    assert "no branch is checked out" in detached.counts.remarks[0]
    repository.git("checkout", "--quiet", "main")
    repository.git("replace", "--graft", "HEAD")
    assert len(posts(grafted := read(repository))) == 1
    assert "replaced or grafted" in grafted.counts.remarks[0]
    assert shallow.total == 2


def test_a_work_tree_of_its_own_and_a_folder_inside_are_the_whole_repository(repository: Repository) -> None:
    titles = three(repository)
    other = repository.path.parent / "other"
    repository.git("worktree", "add", "--quiet", "--detach", str(other))
    assert {post.title for post in posts(GitReader(other, source=FIRM))} == titles
    inside = GitReader(repository.path / "src", source=FIRM)
    assert {post.title for post in posts(inside)} == titles
    assert "a part of the repository" in inside.counts.remarks[0]
    lies = repository.path / "build" / "deep"
    lies.mkdir(parents=True)
    with pytest.raises(SourceError, match="no git repository: it merely lies in"):
        posts(GitReader(lies, source=FIRM))


def test_a_branch_without_commits_and_one_that_is_not_there_are_told_with_those_that_are(
    repository: Repository,
) -> None:
    titles = three(repository)
    repository.git("branch", "--move", "main", "develop")
    repository.git("symbolic-ref", "HEAD", "refs/heads/main")
    with pytest.raises(SourceError, match=r"branch 'main' .* no commits yet; name another with --branch: develop"):
        posts(read(repository))
    with pytest.raises(SourceError, match="no branch or commit '--all'; branches are develop"):
        posts(GitReader(repository.path, source=FIRM, branch="--all"))
    assert {post.title for post in posts(GitReader(repository.path, source=FIRM, branch="develop"))} == titles


WRITTEN = {
    "cp1252": "Jürgen Müßig – Säure “dosiert”",
    "latin-1": "Ana Peña válvula",
    "koi8-r": "Игорь насос кислоты",
}


@pytest.mark.parametrize("encoding", WRITTEN)
def test_no_byte_of_a_commit_is_lost_that_says_nothing_of_its_encoding(repository: Repository, encoding: str) -> None:
    words = WRITTEN[encoding]
    repository.commit("One", "a.txt")
    if encoding == "koi8-r":
        repository.git("config", "i18n.commitEncoding", encoding)
    text = (
        repository.git("cat-file", "commit", "HEAD").replace("Ann Aalto", words).replace("One", f"{words}\n\n{words}.")
    )
    (repository.path / "raw").write_bytes(text.encode(encoding) + b"\n")
    hash = repository.git("hash-object", "-t", "commit", "-w", "--literally", "raw")
    repository.git("update-ref", "refs/heads/main", hash)
    reader = read(repository)
    (post,) = posts(reader)
    assert post.title == words
    assert post.text.startswith(f"{words}.")
    assert list(people(reader).values()) == [words]
    assert sum(reader.counts.notes.values()) == 1


def test_a_path_in_bytes_and_a_message_with_a_nul_do_not_stop_the_reading(repository: Repository) -> None:
    (repository.path / os.fsdecode(b"s\xe4ure.c")).write_text("x")
    repository.git("add", "--all")
    repository.commit("Acid")
    raw = repository.git("cat-file", "commit", "HEAD").replace("Acid", "Acid\0 and more")
    (repository.path / "raw").write_text(raw)
    hash = repository.git("hash-object", "-t", "commit", "-w", "--literally", "raw")
    repository.git("update-ref", "refs/heads/main", hash)
    (post,) = posts(read(repository))
    assert post.title.startswith("Acid")
    assert post.tags == ("säure",)


def test_a_commit_stands_in_the_folder_in_which_most_of_its_paths_lie(repository: Repository) -> None:
    repository.commit("One", "src/pumps/a.c", "src/pumps/deep/b.c", "docs/x.md")
    repository.commit("Two", "README.md")
    places = {post.title: post.community for post in posts(read(repository))}
    assert places == {"One": "firm:src/pumps", "Two": ""}


def test_a_contact_that_git_does_not_understand_stays_and_those_after_it_are_still_asked_for(
    repository: Repository,
) -> None:
    (repository.path / ".mailmap").write_text("Bob Berg <bob@firm.example>\n")
    repository.git("add", ".mailmap")
    repository.commit(
        "One\n\nReviewed-by: Bob <bob@firm.example>\nReviewed-by: Cem <>\nReviewed-by: B. <bob@firm.example>\n"
        "Reviewed-by: Dan <dan@firm.example>"
    )
    reader = read(repository)
    assert people(reader) == {
        "firm:ann@firm.example": "Ann Aalto",
        "firm:bob@firm.example": "Bob Berg",
        "firm:dan@firm.example": "Dan",
    }
    assert reader.counts.skipped == {"addresses that are nobody's own": 1}


def test_an_author_without_an_address_is_known_by_the_name(repository: Repository) -> None:
    tree, head = repository.git("write-tree").strip(), repository.commit("One", "src/a.c")
    who = "Nora Diehl <> 1750000000 +0200"
    raw = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\nTwo\n"
    (repository.path / "raw").write_text(raw)
    repository.git(
        "reset", "-q", "--hard", repository.git("hash-object", "-t", "commit", "-w", "--literally", "raw").strip()
    )
    assert people(read(repository)) == {"firm:ann@firm.example": "Ann Aalto", "firm:nora diehl": "Nora Diehl"}


def test_a_cut_history_is_not_complete(repository: Repository, tmp_path: Path) -> None:
    three(repository)
    store = SQLiteStore(tmp_path / "record.db")
    whole = read(repository)
    ingest(store, whole)
    with pytest.raises(SourceError, match="shallow clone: what is not in it may be there all the same"):
        ingest(store, cloned(repository, "shallow", "--depth", "1"), how=How(complete=True, many=True))
    assert store.count("post") == 3
    ingest(store, whole, how=How(complete=True))
    store.close()
