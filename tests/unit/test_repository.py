"""What is no repository of git is refused by what it is; the mailmap is that of the branch that is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.test_git import BOB, FIRM, Repository, acts, people, posts

from expertfinder.errors import SourceError
from expertfinder.sources import GitReader


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".hg", "one of Mercurial"), (".svn", "one of Subversion"), ("CVS", "one of CVS"), (".bzr", "one of Bazaar"),
        (".fossil", "one of Fossil"), ("_darcs", "one of Darcs"), (".pijul", "one of Pijul"), ("src", "no git"),
    ],
)  # fmt: skip
def test_a_folder_of_another_program_is_refused_by_its_name(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(SourceError, match=said):
        posts(GitReader(tmp_path, source=FIRM))


def test_what_has_a_repository_inside_is_refused_with_what_to_do(repository: Repository, tmp_path: Path) -> None:
    repository.commit("One")
    repository.git("bundle", "create", "--quiet", str(tmp_path / "all.bundle"), "HEAD")
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree" / ".git").write_text("gitdir: /nowhere/at/all\n")
    refused = {"all.bundle": "a bundle of git: `git clone` it", "worktree": "names a folder that is not there"}
    for ending in (".zip", ".tar.gz", ".tgz", ".7z", ".zst"):
        (tmp_path / f"history{ending}").write_bytes(b"PK")
        refused[f"history{ending}"] = "a packed file, .* unpack it first"
    for address in ("https://forge.example/a/b.git", "git@forge.example:a/b.git", "ssh://forge.example/a"):
        refused[address] = "an address, not a folder: `git clone` it"
    for name, said in refused.items():
        with pytest.raises(SourceError, match=said):
            posts(GitReader(Path(name) if "forge" in name else tmp_path / name, source=FIRM))


def test_the_mailmap_is_that_of_the_branch_that_is_read(repository: Repository) -> None:
    repository.commit("Bill", by=("Ann", "ann@home.example"))
    repository.git("checkout", "--quiet", "-b", "release")
    (repository.path / ".mailmap").write_text("Ann Aalto <ann@firm.example> <ann@home.example>\n")
    repository.git("add", ".mailmap")
    repository.commit("Say who is who\n\nReviewed-by: Bo <ann@home.example>", by=BOB)
    repository.git("checkout", "--quiet", "main")
    bare = repository.path.parent / "bare.git"
    repository.git("clone", "--quiet", "--bare", str(repository.path), str(bare))
    for path in (repository.path, bare):
        joined = GitReader(path, source=FIRM, branch="release")
        assert people(joined) == {"firm:bob@firm.example": "Bob", "firm:ann@firm.example": "Ann Aalto"}
        assert acts(joined) == [("firm:ann@firm.example", "review")]
        assert people(GitReader(path, source=FIRM)) == {"firm:ann@home.example": "Ann"}
