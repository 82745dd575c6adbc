"""Where the files lie that are not Python: the two contracts, and the shipped model.

`graph/` and `api/` stand at the root of the repository, so that people read and edit them without Python; the wheel
carries them inside the package as `_graph` and `_api`. Only this module knows both places.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def graph_folder() -> Path:
    """The folder with `vocabulary.toml` and the migrations. `FileNotFoundError` where an installation lacks it."""
    return _contract("graph")


def api_folder() -> Path:
    """The folder with `openapi.json` and the JSON Schemas. `FileNotFoundError` where an installation lacks it."""
    return _contract("api")


def models_folder() -> Path:
    """The folder with the shipped encoder. Raises `FileNotFoundError` where an installation lacks it."""
    return _existing(_PACKAGE / "configuration" / "models")


def _contract(name: str) -> Path:
    """The wheel's copy where there is one, else the folder of the checkout (the package lies in its `src/`)."""
    shipped = _PACKAGE / f"_{name}"
    return shipped if shipped.is_dir() else _existing(_PACKAGE.parents[1] / name)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise FileNotFoundError(f"this installation of expertfinder is incomplete: {folder} is missing")
    return folder
