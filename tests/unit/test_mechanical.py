"""Commits that somebody made and did not write weigh little, and squashed ones name all who wrote them."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.unit.test_git import BOB, Repository, posts, read

from expertfinder.configuration.titles import takes_back
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.index.posts.documents import document
from expertfinder.sources.git import MECHANICAL
from expertfinder.sources.mechanical import (
    IGNORED_ELSEWHERE,
    MANY_PATHS,
    Change,
    is_vendored,
    others_by,
    why_mechanical,
)

LISTED = "commits that .git-blame-ignore-revs lists"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def kinds(repository: Repository) -> dict[str, str]:
    return {post.title: post.kind for post in posts(read(repository))}


def test_a_mechanical_commit_weighs_little_and_so_does_what_is_done_to_it() -> None:
    assert 0 < vocabulary().authorship(MECHANICAL) <= 0.05
    assert 0 < vocabulary().acts[MECHANICAL] <= 0.05


def test_a_move_writes_nothing_and_a_move_with_an_edit_does(repository: Repository) -> None:
    repository.commit("Bill", "src/billing/a.py", "src/billing/b.py")
    repository.git("mv", "src/billing", "src/invoicing")
    repository.commit("Move billing")
    repository.git("mv", "src/invoicing/a.py", "src/a.py")
    repository.commit("Move and mend", "src/a.py")
    repository.git("update-index", "--chmod=+x", "src/a.py")
    repository.commit("Make it run")
    repository.git("rm", "--quiet", "--force", "src/a.py")
    repository.commit("Drop the old bill")
    reader = read(repository)
    assert {post.title: post.kind for post in posts(reader)} == {
        "Bill": "commit",
        "Move billing": MECHANICAL,
        "Move and mend": "commit",
        "Make it run": MECHANICAL,
        "Drop the old bill": "commit",
    }
    assert reader.counts.notes == {"commits that only move files, which count little": 2}


def test_the_repository_itself_lists_whom_not_to_ask(repository: Repository) -> None:
    first = repository.commit("Change every quote", "src/a.py")
    repository.commit("Mend the valve", "src/a.py")
    (repository.path / ".git-blame-ignore-revs").write_text(f"# quotes\n{first}\n\n#{'0' * 40}\n")
    repository.git("add", ".git-blame-ignore-revs")
    repository.commit("List it")
    assert kinds(repository) == {"Change every quote": MECHANICAL, "Mend the valve": "commit", "List it": "commit"}
    reader = read(repository)
    list(reader.facts())
    assert reader.counts.notes == {f"{LISTED}, which count little": 1}


VENDORED = (
    "vendor/github.com/acme/x.go", "third_party/zlib/inflate.c", "third-party/a.c", "3rdparty/a.c",
    "web/node_modules/a/i.js", "src/vendored/a.py", "pip/_vendor/a.py", "Godeps/a.go", "Pods/A/a.m",
    "externals/a.h", "static/jquery.min.js",
    "package-lock.json", "ui/yarn.lock", "Cargo.lock", "go.sum",
)  # fmt: skip


@pytest.mark.parametrize("path", VENDORED)
def test_somebody_elses_code_is_told_by_its_folder(path: str) -> None:
    assert is_vendored(path)
    assert not is_vendored(f"src/{path.rpartition('/')[2].split('.')[0]}_{'x'}.py")


@pytest.mark.parametrize(
    "path", ["src/vendors.py", "src/vendoring/a.py", "docs/external.md", "lock.py", "src/lockfile.rs"]
)
def test_a_file_that_is_only_named_alike_is_ones_own(path: str) -> None:
    assert not is_vendored(path)


def test_checking_in_others_code_is_mechanical_and_its_paths_are_no_words(repository: Repository) -> None:
    repository.commit("Vendor dependencies", *(f"vendor/acme/invoice/file{n}.go" for n in range(12)), by=BOB)
    repository.commit("Round the bill", "vendor/acme/ledger/a.go", "src/rounding/half.go")
    found = {post.title: post for post in posts(read(repository))}
    assert found["Vendor dependencies"].kind == MECHANICAL
    assert "invoice" not in found["Vendor dependencies"].text
    assert found["Vendor dependencies"].tags == ()
    assert found["Round the bill"].kind == "commit"
    assert "ledger" not in found["Round the bill"].text
    assert "rounding" in found["Round the bill"].text


def test_a_commit_over_the_whole_tree_and_a_merge_with_changes_are_mechanical(repository: Repository) -> None:
    repository.commit("Rename the licence", *(f"src/p{n}/a.c" for n in range(MANY_PATHS + 1)))
    repository.commit("Mend", "a.c")
    repository.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    repository.commit("Other", "a.c")
    repository.git("checkout", "--quiet", "main")
    try:
        repository.git("merge", "--quiet", "side")
    except subprocess.CalledProcessError:  # the conflict is wanted
        (repository.path / "a.c").write_text("both\n")
    repository.git("add", "a.c")
    repository.commit("Merge branch 'side'")
    found = kinds(repository)
    assert found["Rename the licence"] == MECHANICAL
    assert found["Merge branch 'side'"] == MECHANICAL
    assert found["Mend"] == found["Other"] == "commit"


@pytest.mark.parametrize("seed", range(40))
def test_a_title_says_that_a_formatter_ran(seed: int) -> None:
    draw = random.Random(seed)
    tool = draw.choice(["black", "prettier", "clang-format", "gofmt", "rustfmt", "cargo fmt", "ruff format", "isort"])
    title = draw.choice(
        [
            f"Format billing and invoice with {tool}", f"Reformat using {tool}", f"Run {tool} on the tree",
            f"Apply {tool}", f"style: run {tool}", f"{tool}", "Reformat all files",
            "Fix trailing whitespace", "Whitespace fixes",
            "Remove trailing white space (#12)", "Fix indentation", "formatting", "Auto-format",
            "chore: fix lint errors", "Update copyright years", "Reformat src/billing/invoice.py",
            f"[billing] Format code with {tool}.", "billing invoice: run the formatter", "billing: CRLF to LF",
            "Add license headers to billing invoice", "Code formatting in billing", "Codeformatierung: billing",
            "Lint billing invoice", "format: billing", "Update copyright year in billing",
            "Strip trailing whitespace in billing, invoice and ledger", "Code formatiert: Rechnung und Mahnung",
            "gofmt billing, invoice and ledger", "billing: isort the imports of invoices", "cargo fmt for billing",
        ]
    )  # fmt: skip
    assert why_mechanical(title, _one(), parents=1) == "commits that only format", title


@pytest.mark.parametrize(
    "title",
    [
        "Format dates in invoices by country", "Run the pump in reverse", "Reformat the telephone numbers at import",
        "Fix the indentation of nested lists in the parser", "Black box recorder", "Style the login page",
        "Add a formatter for SQL", "Explain how to run black", "Merge billing into invoicing",
        "Lint rules for SQL", "lint: warn about changed ids", "fmt: support the width of runes",
        "make lint work on Darwin", "rustfmt crashes on macros", "isort config for tests", "black screen on a start",
        "Strip whitespace in prompt strings", "Formatierung der Rechnungsnummern", "ruff format check in the workflow",
        "pumps: make format work on trees", "Style of the pump", "Formatting of dates in invoices",
    ],
)  # fmt: skip
def test_a_title_about_formats_is_a_change_like_others(title: str) -> None:
    assert why_mechanical(title, _one(), parents=1) == ""


@pytest.mark.parametrize(
    "said",
    [
        "{title}\n\n(cherry picked from commit {name})", "[release-1.2] {title}\n\n(cherry picked from commit {name})",
        "{title}\n\ncommit {name} upstream.", "{title}\n\n[ Upstream commit {name} ]", "Backport: {title} (#4)",
        "[Backport 1.x] {title} (#12)", "{title}\n\nBackport of {name}",
    ],
)  # fmt: skip
def test_a_commit_that_brings_another_one_of_the_history_to_a_release_is_mechanical(
    repository: Repository, said: str
) -> None:
    title = "Sample spans"
    (repository.path / "a.c").write_text("1\n")
    repository.git("add", "a.c")
    repository.commit(title)
    name = repository.git("rev-parse", "HEAD").strip()
    for number, commit in enumerate((name, "0" * 40)):
        (repository.path / "a.c").write_text(f"{number}{number}\n")
        repository.git("add", "a.c")
        repository.commit(said.format(title=title, name=commit).replace(title, f"{title} {number}"))
    found = kinds(repository)
    assert found[title] == "commit"
    copies = {found[each] == MECHANICAL for each in found if f"{title} 0" in each}
    assert copies == {True}
    others = {found[each] == MECHANICAL for each in found if f"{title} 1" in each}
    assert others == {said.startswith(("Backport:", "[Backport"))}, (
        "a copy of what is not in the history is all there is of it"
    )


def test_a_list_of_formatting_commits_is_known_by_other_names(repository: Repository) -> None:
    (repository.path / "a.c").write_text("1\n")
    repository.git("add", "a.c")
    repository.commit("Tidy")
    (repository.path / IGNORED_ELSEWHERE[0]).write_text(repository.git("rev-parse", "HEAD"))
    repository.git("add", ".")
    repository.commit("List it")
    assert kinds(repository)["Tidy"] == MECHANICAL


PATTERNS = (
    "*.x", "docs/**", "**/made/*", "/top.c", "src/[ab].c", "src/[!ab].c", "lib/*.c", "a?.c", "src/**/deep.c",
    "gen/**/*.h", "made.c", "b/c/*", "[a-m]*.c", "lib/[z-a].c", "src[!ab]made/*", "[!z-a].c", "[z-ab].c",
)  # fmt: skip
VALUES = ("{}", "{}", "{}=true", "-{}", "{}=false", "!{}", "text {}", "{} -diff")


def test_the_repository_itself_says_what_is_others_code_or_generated(repository: Repository) -> None:
    draw = random.Random(5)
    names = ("a.c", "b.c", "ab.c", "made.c", "top.c", "deep.c", "q.x", "a.h")
    folders = ("", "src/", "docs/", "docs/deep/", "made/", "src/made/", "lib/", "lib/b/c/", "gen/", "gen/x/y/", "b/c/")
    paths = [f"{folder}{name}" for folder in folders for name in names]
    for _ in range(40):
        lines = ["# who wrote what", ""]
        for _ in range(draw.randrange(1, 7)):
            name = draw.choice(["linguist-vendored", "linguist-generated", "linguist-documentation"])
            lines.append(f"{draw.choice(PATTERNS)} {draw.choice(VALUES).format(name)}")
        (repository.path / ".gitattributes").write_text("\n".join(lines))
        said = repository.git("check-attr", "linguist-vendored", "linguist-generated", "--", *paths).splitlines()
        others = {path for path, _, value in (line.split(": ") for line in said) if value in ("set", "true")}
        pattern = others_by("\n".join(lines))
        assert {path for path in paths if pattern.match(path)} == others, lines


def test_paths_that_the_repository_calls_generated_are_no_words(repository: Repository) -> None:
    (repository.path / ".gitattributes").write_text("api/** linguist-generated\napi/hand/** -linguist-generated\n")
    repository.git("add", ".gitattributes")
    repository.commit("Say what is generated")
    repository.commit("Make the client again", "api/turbine.c")
    repository.commit("Mend the client", "api/hand/turbine.c")
    found = {post.title: post for post in posts(read(repository))}
    assert (found["Make the client again"].kind, found["Mend the client"].kind) == (MECHANICAL, "commit")
    assert "turbine" not in found["Make the client again"].text
    assert "turbine" in found["Mend the client"].text


MOVING = (
    "Move {} to {}",
    "refactor: rename {} to {}",
    "Renamed {} -> {}",
    "[core] Relocate {} into {}",
    "Moving {}, {}",
)


@pytest.mark.parametrize("seed", range(5))
def test_files_that_are_moved_and_follow_their_folder_inside_are_only_moved(repository: Repository, seed: int) -> None:
    draw = random.Random(seed)
    old, new, title = *draw.sample(["billing", "ledger", "tariff", "audit"], 2), draw.choice(MOVING)
    files = draw.sample(["a.py", "b.py", "half.py", "rounding.py"], draw.randrange(2, 5))

    def write(folder: str, *, more: str = "") -> None:
        for name in files:
            (repository.path / folder).mkdir(exist_ok=True)
            (repository.path / folder / name).write_text(f"package {folder}{more}\n{name}\n")
        repository.git("add", "--all")

    def moved(title: str, to: str, *, more: str = "") -> None:
        for folder in repository.path.iterdir():
            if folder.is_dir() and folder.name != ".git":
                shutil.rmtree(folder)
        write(to, more=more)
        repository.commit(title)

    write(old)
    repository.commit("Begin")
    moved(title.format(old, new), new)
    moved(f"Write {new} anew", f"{old}2")  # the same change, and no word of a move
    files = files[:1]
    moved("Drop some", f"{old}2")
    moved(f"Move {old}2 to last", "last", more=" and mend it")  # one file, which was worked on
    assert kinds(repository) == {
        "Begin": "commit",
        title.format(old, new): MECHANICAL,
        f"Write {new} anew": "commit",
        "Drop some": "commit",
        f"Move {old}2 to last": "commit",
    }


def test_a_move_that_brings_a_file_of_another_name_is_work() -> None:
    come = [Change(f"new/{name}", "A", ("0" * 40,), name * 40) for name in "ab"]
    go = [Change(f"old/{name}.c", "D", (name.upper() * 40,), "0" * 40) for name in "ab"]
    more = Change("new/solver.c", "A", ("0" * 40,), "c" * 40)
    assert why_mechanical("Move old to new", [*come, *go], parents=1) == "commits that only move files"
    assert why_mechanical("Move old to new", [*come, more, *go], parents=1) == ""
    assert why_mechanical("Split old", [*come, *go], parents=1) == ""


def _one() -> list:  # type: ignore[type-arg]
    from expertfinder.sources.mechanical import Change

    return [Change("src/a.py", "M", ("1" * 40,), "2" * 40)]


def test_who_takes_a_change_back_has_none_of_its_words(repository: Repository) -> None:
    first = repository.commit("Sample spans in the tracing exporter", "src/tracing/exporter.rs")
    said = f"This reverts commit {first}."
    repository.commit(f'Revert "Sample spans in the tracing exporter"\n\n{said}', "src/tracing/exporter.rs", by=BOB)
    why = (
        "The collector drops every batch above four megabytes because its proxy buffers whole requests in memory first."
    )
    repository.commit(f'Revert "Sample spans"\n\n{said}\n\n{why}', "src/tracing/exporter.rs", by=BOB)
    assert takes_back(said)
    explained, bare, own = posts(read(repository))
    assert document(bare, None).share == 0
    assert bare.tags == ()
    assert document(explained, None).share == 1.0
    assert document(own, None).share == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_a_squashed_commit_names_its_co_authors_wherever_the_line_stands(repository: Repository, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"p{n}" for n in range(draw.randint(1, 5))]
    lines = ["* Add a chain", "Keeps answers for a day.", "", "---------", "* Tidy", "", "- second", "Signed-off-by: x"]
    for name in names:
        head = draw.choice(["Co-authored-by", "Co-Authored-By", "co-authored-by"])
        line = f"{draw.choice(['', '  '])}{head}: {name.title()} <{name}@firm.example>"
        lines.insert(draw.randint(0, len(lines)), line)
    repository.commit("Geocoder cache (#42)" + draw.choice(["\n", "\n\n"]) + "\n".join(lines), "a.py")
    (post,) = posts(read(repository))
    assert set(post.authors) == {"firm:ann@firm.example", *(f"firm:{name}@firm.example" for name in names)}
    assert "firm.example" not in post.text + post.title
    assert "Keeps answers for a day." in post.text + post.title
