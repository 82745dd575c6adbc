"""What an import did, in words and for `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from expertfinder.cli.app import out
from expertfinder.identity import Join

if TYPE_CHECKING:
    from expertfinder.ingest import Report

JOINS_TOLD = 5
"""How many joins, records of one join and machine accounts the report names; `identity list` shows every join."""
UNREAD_TOLD = 20
"""How many records that cannot be read the report names; with `--json` it names 200."""


def summary(report: Report) -> dict[str, Any]:
    """The report of an import for `--json`."""
    return {
        "source": report.source.id,
        "default_audience": report.source.audience.scope,
        "kinds": report.kinds,
        "unknown_fields": dict(report.counts.unknown_fields),
        "unknown_verbs": dict(report.counts.unknown_verbs),
        "unattributed": report.counts.unattributed,
        "private_by_default": report.counts.private_by_default,
        "unknown_audiences": report.counts.unknown_audiences,
        "skipped": dict(report.counts.skipped),
        "unreadable": report.counts.unread,
        "notes": dict(report.counts.notes),
        "remarks": report.counts.remarks,
        "machines": [
            {"who": who, "kind": kind, "why": why, "often": often}
            for (who, kind, why), often in report.counts.nobodies.most_common()
        ],
        "dry_run": report.dry_run,
        "withdrawn": dict(report.withdrawn),
        "missing": dict(report.missing),
        "expired": dict(report.expired),
        "keep_days": report.keep_days,
        "kept_away": report.kept_away,
        "repeated": report.repeated,
        "unknown_people": report.unknown_people,
        "ambiguous_names": report.ambiguous_names,
        "directory": report.source.directory,
        "joins": report.joins,
        "sequence": report.sequence,
    }


def tell(report: Report, *, seconds: float) -> None:
    """Print the report of an import in words. `seconds`: how long the import took."""
    for kind, tally in report.kinds.items():
        if tally.read:
            parts = [
                f"{getattr(tally, name):,} {name}"
                for name in ("added", "changed", "unchanged", "refused")
                if getattr(tally, name)
            ]
            out.print(f"{kind:<12} {tally.read:>9,} read: {', '.join(parts)}", markup=False)
    counts = report.counts
    for what, gone in (
        ("taken back by the source", report.withdrawn),
        ("no longer in the source, withdrawn", report.missing),
        (f"older than the {report.keep_days:,} days that its source keeps them, withdrawn", report.expired),
    ):
        if gone:
            out.print(f"{what}: {', '.join(f'{number:,} of kind {kind}' for kind, number in gone.items())}")
    if report.kept_away:
        out.print(f"{report.kept_away:,} were withdrawn earlier and are the same as then: they stay away")
    if counts.unattributed:
        out.print(f"{counts.unattributed:,} acts of nobody known were left out")
    if counts.unknown_verbs:
        out.print(
            f"verbs that weigh nothing: {', '.join(f'{n} ({c:,})' for n, c in counts.unknown_verbs.most_common(8))}",
            markup=False,
        )
    if counts.unknown_fields:
        out.print(
            f"fields that are not used: {', '.join(f'{n} ({c:,})' for n, c in counts.unknown_fields.most_common(8))}",
            markup=False,
        )
    for reason, number in counts.skipped.items():
        out.print(f"left out: {number:,} {reason}", markup=False)
    if counts.unreadable:
        out.print(f"left out: {counts.unreadable:,} records that cannot be read")
    for line in counts.unread[:UNREAD_TOLD]:
        out.print(f"  {line}", markup=False, soft_wrap=True)
    for what, number in counts.notes.items():
        out.print(f"{number:,} {what}", markup=False)
    for remark in counts.remarks:
        out.print(remark, markup=False, soft_wrap=True)
    for line in _nobodies_in_words(counts.nobodies):
        out.print(line, markup=False, soft_wrap=True)
    if counts.unknown_audiences:
        out.print(f"{counts.unknown_audiences:,} records have an audience that is not understood: nobody may read them")
    if report.unknown_people:
        out.print(
            f"{report.unknown_people:,} authors or actors are in nobody's record: nobody is credited for them yet; "
            "`expertfinder identity list` names them, `expertfinder identity join AUTHOR RECORD` says who they are"
        )
    for line in joins_in_words(report.joins):
        out.print(line, markup=False)
    if report.ambiguous_names:
        out.print(
            f"{report.ambiguous_names:,} names belong to several people without a common key: they stay several people"
        )
    if counts.private_by_default:
        out.print(
            f"{counts.private_by_default:,} posts are their authors' only, because the source says nothing else; "
            "if the whole organisation may read them, import again with --audience organisation --change-audience"
        )
    out.print(f"done in {seconds:.1f} s")


def _nobodies_in_words(found: Counter[tuple[str, str, str]]) -> list[str]:
    """Accounts that are no people, a line each with the reason, and how to say that one is a person after all."""
    if not found:
        return []
    lines = [f"{len(found):,} accounts are machines or shared: they are never named and earn no credit"]
    for (who, kind, why), often in found.most_common(JOINS_TOLD):
        times = f", {often:,} times" if often > 1 else ""
        lines.append(f"  {who}: {kind}, because {why}{times}")
    lines.append(
        "  a person among them? say `kind: person` in the record, or list the name under `people` in the file of "
        "EXPERTFINDER_MACHINES"
    )
    return lines


def joins_in_words(joins: Sequence[Join]) -> list[str]:
    """Joins of differently named records, a line each: what a person should look at."""
    if not joins:
        return []
    lines = [f"{len(joins):,} account keys join records of different names; `expertfinder identity list` shows all:"]
    for join in joins[:JOINS_TOLD]:
        sure = "one human" if join.proven else "evidence alone"
        lines.append(f"  {join.key or 'decided by hand'}: {', '.join(join.records[:JOINS_TOLD])} ({sure})")
    return lines
