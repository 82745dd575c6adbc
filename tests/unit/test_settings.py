"""Settings: typed, documented, and never silently ignored."""

from __future__ import annotations

import os
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from expertfinder.configuration.settings import PREFIX, InvalidSetting, Settings, settings

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
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("PORT", ""),
        ("REFRESH_SECONDS", "0"),
        ("REFRESH_SECONDS", "nan"),
        ("REFRESH_SECONDS", "inf"),
        ("REFRESH_SECONDS", "soon"),
        ("KEEP_SNAPSHOTS", "0"),
        ("LEAVE_NOTHING_OUT", "?"),
        ("COUNT_DEMAND", ""),
        ("ENGINE", "another"),
        *(
            ("CORS_ORIGINS", text)
            for text in ("*", "null", "https://*.example", "http://intranet.example", "https://a.b/")
        ),
        ("CORS_ORIGINS", "https://ok.example intranet.example"),
        ("CORS_ORIGINS", "https://Intranet.example"),
        *(
            ("CHAT_LINK", link)
            for link in (
                "https://chat.example/new",
                "https://{address}",
                "http://chat.example/{address}",
                "https://chat.example/{address}?{who}",
            )
        ),
    ],
)
def test_a_value_that_cannot_be_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(InvalidSetting) as caught:
        settings()
    assert str(caught.value).startswith(f"{PREFIX}{name} is {value!r}: ")
    assert ": it should be " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOME", "somewhere/else", Path("somewhere/else")),
        ("PORT", "0", 0),
        ("PORT", "65535", 65535),
        ("FOLD_POSTS", "1", 1),
        ("REFRESH_SECONDS", "1e-3", 0.001),
        ("ENGINE", "neo4j", "neo4j"),
        ("COUNT_DEMAND", "false", False),
        ("COUNT_DEMAND", "No", False),
        ("LEAVE_NOTHING_OUT", "1", True),
        ("LEAVE_NOTHING_OUT", "TRUE", True),
        ("MODELS", "", ""),
        ("CORS_ORIGINS", " https://a.example  http://127.0.0.1:8 ", "https://a.example http://127.0.0.1:8"),
    ],
)
def test_a_variable_is_read_with_its_type(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    monkeypatch.setenv(PREFIX + name, text)
    read = getattr(settings(), name.lower())
    assert (type(read), read) == (type(value), value)


def test_every_setting_reads_its_own_default_as_doctor_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Settings().shown().items():
        monkeypatch.setenv(PREFIX + name.upper(), str(value))
    assert settings() == Settings()


def test_without_a_variable_everything_lives_in_the_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert settings().home == Path("data/expertfinder")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "me")
    assert settings().home == Path("me/.local/share/expertfinder")


def test_every_setting_stands_on_its_page_with_its_default_and_its_words_and_nothing_else_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    documented = {name: (default, words) for name, default, words in rows}
    assert set(documented) == {PREFIX + each.name.upper() for each in fields(Settings)}
    for each in fields(Settings):
        default, words = documented[PREFIX + each.name.upper()]
        assert words == each.metadata["words"], each.name
        if each.default is not MISSING:
            assert default == (f"`{each.default}`" if str(each.default) else "empty"), each.name
