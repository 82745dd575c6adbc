"""The languages of the pages and of mails: which there are, which one is wanted, and words and dates in it.

The English texts stand in the code and in the templates. A catalogue beside this file (`de.po`, `fr.po`) has the same
texts in another language. It is read when it is first needed, and not compiled, so it cannot lag behind. The API and
the prompt speak English. `scripts/words.py` brings the catalogues up to date, and CONTRIBUTING.md says how words
are marked. A sentence that no catalogue has is said in English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français"}
"""Code -> what the language calls itself, in the order in which they are offered."""
MOST_WANTED = 20
"""Languages of a header that are looked at; browsers send a handful."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)
_read: dict[str, NullTranslations] = {}


def language() -> str:
    """The code of the language that is spoken in this context."""
    return _spoken.get()


def speak(code: str) -> None:
    """Set the language of this context from here on; for an unknown code it is English."""
    _spoken.set(code if code in LANGUAGES else ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Set the language within this block; for an unknown code it is English."""
    before = _spoken.set(code if code in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(before)


def wanted(header: str) -> str:
    """The language of ours that a header `Accept-Language` prefers (RFC 9110, 12.5.4); empty where it names none."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:MOST_WANTED]):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().lower().removeprefix("q=") or 1)
        except ValueError:
            continue
        if code in LANGUAGES and 0 < quality <= 1:
            found.append((-quality, place, code))
    return min(found)[2] if found else ""


def catalogue() -> NullTranslations:
    """The words of the language that is spoken."""
    code = _spoken.get()
    if code not in _read:
        _read[code] = NullTranslations() if code == ENGLISH else _catalogue_of(FOLDER / f"{code}.po")
    return _read[code]


def _catalogue_of(file: Path) -> NullTranslations:
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # loaded by who reads another language
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.support import Translations  # noqa: PLC0415

    with file.open("rb") as lines:
        packed = BytesIO()
        write_mo(packed, read_po(lines, locale=file.stem))
    packed.seek(0)
    return Translations(packed)


def gettext(text: str) -> str:
    """A text in the language that is spoken."""
    return catalogue().gettext(text) if text else ""  # the empty text names the catalogue itself


def ngettext(one: str, several: str, count: int) -> str:
    """The form of a text for `count` things, in the language that is spoken."""
    return catalogue().ngettext(one, several, count)


def phrase(text: str, **facts: object) -> str:
    """A sentence with its slots in braces filled in."""
    return gettext(text).format(**facts)


def phrases(one: str, several: str, count: int, **facts: object) -> str:
    """A sentence about so many things, with its slots filled in: `{count}` and others."""
    return ngettext(one, several, count).format(count=count, **facts)


def N_(text: str) -> str:  # noqa: N802  # the name that extraction tools know
    """Mark a text for the catalogues and return it as it is; it is translated where it is shown."""
    return text


# --- dates, numbers and lists, as the language writes them -----------------------------------------------------------


def day(at: datetime | date) -> str:
    """A day as the language writes it, such as `3 May 2026`."""
    if language() == ENGLISH:
        return f"{at.day} {at:%B %Y}"
    from babel.dates import format_date  # noqa: PLC0415

    return format_date(at, "long", locale=language())


def month(at: datetime) -> str:
    """A month as the language writes it, with a short name, such as `Sep 2026`."""
    if language() == ENGLISH:
        return f"{at:%b %Y}"
    from babel.dates import format_skeleton  # noqa: PLC0415

    return format_skeleton("yMMM", at, locale=language())


def decimal(value: float, places: int) -> str:
    """A number with `places` decimals and the decimal sign of the language, without a negative zero."""
    text = f"{value:.{places}f}"
    if not float(text):
        text = text.removeprefix("-")
    if language() == ENGLISH:
        return text
    from babel.numbers import get_decimal_symbol  # noqa: PLC0415

    return text.replace(".", get_decimal_symbol(language()))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    if language() == ENGLISH or len(names) < 2:
        return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    from babel.lists import format_list  # noqa: PLC0415

    return format_list(names, locale=language())
