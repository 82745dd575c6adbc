"""Every setting once, typed and documented. Read from the environment with the prefix `EXPERTFINDER_`.

An unknown variable with our prefix is an error: a misspelt setting that silently does nothing is worse than a refusal.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_serializer
from pydantic_settings import BaseSettings, SettingsConfigDict

from expertfinder.errors import ExpertFinderError

PREFIX = "EXPERTFINDER_"


class InvalidSetting(ExpertFinderError):
    """A variable with our prefix that is no setting, or has a value that cannot be read."""

    type = "invalid-setting"
    title = "A setting cannot be read"


def default_home() -> Path:
    """Where everything lives when nothing is said: a folder under the user's data directory (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "expertfinder"


class Settings(BaseSettings):
    """The settings. Each is a variable `EXPERTFINDER_<NAME>`; the prompt's flags come before them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home, description="Folder for the record, the index and the exports.")
    record: str = Field(
        default="",
        description="Where the facts are: a file, or neo4j://host of a Neo4j server; empty: record.sqlite in the home.",
    )
    engine: Literal["embedded", "neo4j"] = Field(
        default="embedded",
        description="What holds the index: files in the home (embedded), or the Neo4j server that has the facts.",
    )
    neo4j_user: str = Field(default="neo4j", description="User of the Neo4j server, where its address names none.")
    neo4j_password: SecretStr = Field(
        default=SecretStr(""), description="Password of the Neo4j server, where its address has none; never shown."
    )
    encoder: str = Field(
        default="static-minilm",
        description="Text encoder of the index: static-minilm, static-multilingual, onnx:FOLDER or "
        "sentence-transformers:FOLDER-OR-NAME; another one needs `expertfinder index`.",
    )
    encoder_threads: int = Field(default=1, ge=1, description="Processor threads of an encoder that can use several.")
    models: str = Field(
        default="", description="Folders with encoders, separated by the path separator; where names are looked for."
    )
    host: str = Field(default="127.0.0.1", description="Address the service binds.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the service binds; 0 takes a free one.")
    refresh_seconds: float = Field(default=0.2, gt=0, description="How often the service looks for new facts.")
    keep_snapshots: int = Field(default=2, ge=1, description="How many published snapshots are kept on disk.")
    fold_posts: int = Field(
        default=1000, ge=1, description="New facts that may wait in the fresh tier before the service folds them in."
    )
    max_body_bytes: int = Field(default=10_000_000, ge=1, description="Largest request body, in bytes.")
    count_demand: bool = Field(
        default=True, description="Count how many different people ask about a topic in a week; shown from five on."
    )
    sets: str = Field(
        default="", description="Folders with evaluation sets, separated by the path separator; used by evaluate."
    )
    leave_nothing_out: bool = Field(
        default=False, description="In the test suite, a test that cannot run here is a failure."
    )

    @field_serializer("record")
    def _without_password(self, record: str) -> str:
        """The address as it may be shown."""
        scheme, mark, rest = record.partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def settings() -> Settings:
    """The settings of this process. Raises `InvalidSetting` for an unknown or unreadable variable."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            raise InvalidSetting(f"{name} is not a setting; the settings are {', '.join(sorted(known))}", setting=name)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise InvalidSetting(f"{name} is {first['input']!r}: {first['msg'].lower()}", setting=name) from error
