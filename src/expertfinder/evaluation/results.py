"""Results that are kept, and what changed since: the regression kit of rankings.

A file of results holds every measure of every query, ours and the baselines', so that a later version is compared with
it query by query. `Results.write` writes one set; `written` reads one back, also out of a file with several sets.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from expertfinder import __version__
from expertfinder.errors import FormatNotSupported, SourceError
from expertfinder.evaluation.figures import MEASURES, OURS, Figure, Values, paired
from expertfinder.evaluation.ranking import Evaluation
from expertfinder.index.encoders.encoder import encoder

FORMAT = 1
"""The version of the file that `--save` writes; it is raised when the shape of the file changes."""
WORST = -0.01
"""MAP. A ranking has become worse when the lower bound of the paired 95 % interval is below it: a loss of more than a
hundredth cannot be ruled out. On few queries the interval of a harmless change may be wider than that."""
DIGITS = 5
"""Decimal places of a value that is kept; smaller differences say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One set, measured by one version."""

    set: str
    digest: str
    """Of the questions and judgements."""
    code: dict[str, Any]
    """`version` of the package; `commit`, and whether files were `changed` since, where it runs from a checkout."""
    encoder: dict[str, Any]
    """`name`, `dimension`, `digest`, `max_tokens`."""
    settings: dict[str, Any]
    figures: dict[str, dict[str, dict[str, float]]]
    """Method -> measure -> mean, low, high."""
    groups: dict[str, list[str]]
    """Kind of query -> its queries; empty where there is one kind."""
    exposure: dict[str, float]
    values: dict[str, Values]
    """Method -> measure -> query -> value."""

    def write(self, path: Path) -> None:
        """One JSON document. Values stand in the order of `queries`."""
        path.write_bytes(orjson.dumps(packed(self), option=orjson.OPT_APPEND_NEWLINE))


def results(found: Evaluation) -> Results:
    """What is to be kept of an evaluation."""
    encode = encoder(found.how.encoder)
    return Results(
        set=found.folder,
        digest=found.digest,
        code=code_version(),
        encoder={name: getattr(encode, name) for name in ("name", "dimension", "digest", "max_tokens")},
        settings={"depth": found.how.depth},
        figures={
            method: {label: _rounded(asdict(of)) for label, of in table.items()}
            for method, table in found.figures.items()
        },
        groups=found.members,
        exposure=_rounded(asdict(found.exposure)),
        values=found.values,
    )


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: round(value, DIGITS) for key, value in values.items()}


def packed(kept: Results) -> dict[str, Any]:
    """The JSON form of one set: the ids of the queries once, values as lists in their order."""
    queries = list(next(iter(next(iter(kept.values.values())).values())))
    values = {
        method: {label: [round(of[name], DIGITS) for name in queries] for label, of in table.items()}
        for method, table in kept.values.items()
    }
    return {"format": FORMAT, **asdict(kept), "queries": queries, "values": values}


def unpacked(raw: Mapping[str, Any]) -> Results:
    """One set from its JSON form. Raises `FormatNotSupported` for another format."""
    if raw.get("format") != FORMAT:
        raise FormatNotSupported(f"these results have format {raw.get('format')!r}, this is {FORMAT}; measure anew")
    values = {
        method: {label: dict(zip(raw["queries"], column, strict=True)) for label, column in table.items()}
        for method, table in raw["values"].items()
    }
    fields = {name: raw[name] for name in Results.__dataclass_fields__ if name != "values"}
    return Results(**fields, values=values)


def written(path: Path, *, name: str, digest: str) -> Results:
    """The results of one set in a file of one set or of several.

    Raises `SourceError` where the file cannot be read, or holds another set or other questions than `digest`.
    """
    try:
        raw = orjson.loads(path.read_bytes())
        several = [unpacked(entry) for entry in raw["sets"].values()] if "sets" in raw else [unpacked(raw)]
    except OSError as error:
        raise SourceError(f"these results cannot be read: {error.strerror}", file=str(path)) from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError("this is no file of results; `evaluate --save` writes one", file=str(path)) from error
    for entry in several:
        if entry.digest == digest:
            return entry
    there = ", ".join(sorted(entry.set for entry in several))
    why = "its questions or judgements are others now" if name in {entry.set for entry in several} else "another set"
    raise SourceError(f"these results are of {there}, and not of {name} as it is: {why}", file=str(path))


def code_version() -> dict[str, Any]:
    """The version of the package; with the commit, where it runs from a checkout of its own repository."""
    here = Path(__file__).resolve()
    found: dict[str, Any] = {"version": __version__}
    try:
        if _git("ls-files", "--error-unmatch", here.name, folder=here.parent) is None:
            return found
        commit = _git("rev-parse", "--short=12", "HEAD", folder=here.parent)
        changed = _git("status", "--porcelain", "--", str(here.parents[2]), folder=here.parent)
    except FileNotFoundError:  # no git on this machine
        return found
    if commit is None:
        return found
    return {**found, "commit": commit, "changed": bool(changed)}


def _git(*words: str, folder: Path) -> str | None:
    """What git prints, or `None` where it fails."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip() if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours now minus ours then, over the same queries."""

    differences: dict[str, Figure]
    """Measure -> mean difference with its paired interval."""
    groups: dict[str, Figure]
    """Kind of query -> the same of MAP."""

    @property
    def worse(self) -> bool:
        """Whether the lower bound of the interval of MAP is below `WORST`."""
        return self.differences["MAP"].low < WORST


def compare(now: Results, then: Results) -> Comparison:
    """How our ranking changed. Both must be of the same questions (`written` sees to it)."""
    ours, before = now.values[OURS], then.values[OURS]
    return Comparison(
        {label: paired(ours[label], before[label]) for label in MEASURES if label in before},
        {
            group: paired({name: ours["MAP"][name] for name in names}, before["MAP"])
            for group, names in now.groups.items()
        },
    )
