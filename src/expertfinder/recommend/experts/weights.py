"""Weights of the parts that an organisation's own judgements have taught: how they are kept and read."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import orjson

from expertfinder.errors import FormatNotSupported
from expertfinder.recommend.experts.parts import WEIGHTS


def read_weights(path: Path) -> dict[str, float]:
    """The weights of a file: a part that it does not name has the shipped one; one that we do not have is passed over.

    Raises `FormatNotSupported` where it is no such file, or a weight is negative or no number.
    """
    try:
        found = orjson.loads(path.read_bytes())["weights"]
        weights = {part: float(found.get(part, own)) for part, own in WEIGHTS.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatNotSupported(
            f"the weights in {path} cannot be read: remove the file, or run `expertfinder tune --publish` again"
        ) from error
    wrong = [part for part, weight in weights.items() if not math.isfinite(weight) or weight < 0]
    if wrong:
        raise FormatNotSupported(f"the weight of {wrong[0]!r} in {path} is not 0 or more: remove the file")
    return weights


def write_weights(path: Path, weights: Mapping[str, float], *, note: Mapping[str, object]) -> None:
    """Publish weights: a reader sees the old file or the new one. `note`: what they were learned from."""
    made = path.with_name(f".{path.name}-{os.getpid()}")
    with made.open("wb") as file:
        file.write(orjson.dumps({"weights": dict(weights), **note}, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    os.replace(made, path)
