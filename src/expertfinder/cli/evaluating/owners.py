"""`evaluate owners`: what the product is worth on a repository that says who owns what."""

from __future__ import annotations

from pathlib import Path

from expertfinder.cli.app import bar, emit, out
from expertfinder.cli.evaluating.experts import plain, show
from expertfinder.configuration.settings import settings
from expertfinder.evaluation import How
from expertfinder.evaluation.owners import ALL_TIME, RECENT, evaluate_owners


def show_owners(repository: Path, *, depth: int, as_json: bool) -> None:
    """Ask a repository who owns each of its areas, and print the figures."""
    with bar() as advance:
        found, owned = evaluate_owners(repository, how=How(depth=depth, encoder=settings().encoder), progress=advance)
    if as_json:
        emit({**plain(found), "file": owned.file, "areas": len(owned.sections), "left_out": owned.left_out})
        return
    out.print(
        f"{owned.file} names owners of {len(owned.sections)} areas; {owned.left_out} more are left out, because nobody "
        "named for them has a commit here. Commits that touch the file are no evidence.",
        markup=False,
    )
    show(found)
    ours, *peers = (found.figures[method]["MAP"].mean for method in ("expertfinder", ALL_TIME, RECENT))
    best = max(peers)
    words = "above" if ours > best else "below"
    out.print(
        f"asked in the words of each area, it finds the owner at MAP {ours:.3f}, {words} counting commits on the very "
        f"paths ({best:.3f})",
        markup=False,
    )
