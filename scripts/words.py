"""Bring the catalogues of the languages up to date with the words of the code and the templates.

    .venv/bin/python scripts/words.py            # writes src/expertfinder/configuration/languages/*.po
    .venv/bin/python scripts/words.py --check    # writes nothing; says what is missing or no longer said

A new text stands in the catalogue without a translation, and one that is no longer said is gone: write the translations
and the test that compares the two is green again.
"""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from expertfinder.configuration.languages import ENGLISH, FOLDER, LANGUAGES

SOURCE = Path(__file__).parents[1] / "src" / "expertfinder"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "phrase": None,
    "N_": None,
    "Sentence": None,
    "ngettext": (1, 2),
    "phrases": (1, 2),
}
"""Functions whose texts are words for people; those of two texts have one for one thing and one for several."""
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}


def extracted() -> Catalog:
    """Every text that is marked, without translations."""
    found = Catalog()
    for file, _, text, _, context in extract_from_dir(
        SOURCE, METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
    ):
        if text and text != ("", ""):
            found.add(text, None, [(file, 0)], context=context)
    return found


def read(code: str) -> Catalog:
    """The catalogue of a language as it is; an empty one where there is none yet."""
    file = FOLDER / f"{code}.po"
    if not file.exists():
        return Catalog(locale=code)
    with file.open("rb") as lines:
        return read_po(lines, locale=code)


HEADER = """msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
"""What stands first in a catalogue: no date and no names, so that it changes when its texts do."""


def written(catalogue: Catalog, code: str) -> bytes:
    """A catalogue as its file has it: sorted by text, without lines of the source, so that merges are easy."""
    packed = BytesIO()
    write_po(packed, catalogue, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=0)
    return HEADER.format(code=code, forms=catalogue.plural_forms).encode() + packed.getvalue()


def brought_up_to_date(code: str, texts: Catalog) -> Catalog:
    """The catalogue of a language with the texts that are said now; nothing is guessed from texts that are alike."""
    before = read(code)
    after = Catalog(locale=code, fuzzy=False)
    for text in texts:
        if text.id:
            known = before.get(text.id, context=text.context)
            after.add(text.id, known.string if known is not None else None, context=text.context)
    return after


def is_translated(text: Message) -> bool:
    """Whether every form of a text is there."""
    return bool(text.string) and (isinstance(text.string, str) or all(text.string))


def main() -> int:
    """Write the catalogues, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="Write nothing.")
    only_looks = parser.parse_args().check
    texts, wrong = extracted(), 0
    for code in LANGUAGES:
        if code == ENGLISH:
            continue
        file, after = FOLDER / f"{code}.po", brought_up_to_date(code, texts)
        missing = [text.id for text in after if text.id and not is_translated(text)]
        gone = [text.id for text in read(code) if text.id and texts.get(text.id, context=text.context) is None]
        print(f"{code}: {len(after)} texts, {len(missing)} without a translation, {len(gone)} no longer said")
        for text in missing:
            print(f"  missing: {text!r}")
        for text in gone:
            print(f"  gone: {text!r}")
        wrong += len(missing) + len(gone)
        if not only_looks:
            file.write_bytes(written(after, code))
    return 1 if wrong and only_looks else 0


if __name__ == "__main__":
    sys.exit(main())
