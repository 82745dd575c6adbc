"""What the stronger encoders share: packages that only an extra installs, folders with models, sums of files."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from expertfinder.configuration.settings import settings
from expertfinder.errors import FormatNotSupported


def extra(module: str, name: str) -> Any:
    """A module that the extra `name` installs. Raises `FormatNotSupported` with the command where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise FormatNotSupported(
            f"this encoder needs {module}, which is not installed: pip install 'expertfinder[{name}]'"
        ) from error


def model_folder(name: str) -> Path | None:
    """The folder of a model: a path, or a name in one of EXPERTFINDER_MODELS; `None` where there is none."""
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    bases = [Path(base) for base in settings().models.split(os.pathsep) if base]
    return next((base / name for base in bases if (base / name).is_dir()), None)


def digest_of(files: Iterable[Path]) -> str:
    """SHA-256, hexadecimal, over the sums of the files in their order. Their names and place do not count."""
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
