"""Settings: typed, documented, and never silently ignored."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from expertfinder.settings import PREFIX, InvalidSetting, Settings, settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_a_variable_that_is_no_setting_is_an_error_that_names_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERTFINDER_HOEM", "somewhere")
    with pytest.raises(InvalidSetting, match=r"EXPERTFINDER_HOEM is not a setting; .*EXPERTFINDER_HOME"):
        settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "abc"), ("PORT", "70000"), ("REFRESH_SECONDS", "0"), ("KEEP_SNAPSHOTS", "0"), ("LEAVE_NOTHING_OUT", "?")],
)
def test_a_value_that_cannot_be_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(InvalidSetting) as caught:
        settings()
    assert str(caught.value).startswith(f"{PREFIX}{name} is {value!r}: ")
    assert "\n" not in str(caught.value)


def test_variables_are_read_with_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERTFINDER_HOME", "somewhere/else")
    monkeypatch.setenv("EXPERTFINDER_PORT", "0")
    assert (settings().home, settings().port) == (Path("somewhere/else"), 0)


def test_without_a_variable_everything_lives_in_the_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert settings().home == Path("data/expertfinder")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "me")
    assert settings().home == Path("me/.local/share/expertfinder")


def test_every_setting_stands_on_its_page_with_its_default_and_its_words_and_nothing_else_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    documented = {name: (default, words) for name, default, words in rows}
    assert set(documented) == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default, words = documented[PREFIX + name.upper()]
        assert words == field.description, name
        if field.default_factory is None:
            assert default == (f"`{field.default}`" if str(field.default) else "empty"), name
