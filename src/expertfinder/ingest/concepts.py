"""Reads a vocabulary from a file: SKOS as RDF/XML or Turtle, or a table.

Nothing else is read for it: no owl:imports, no entities of XML, no address. A table has a row a concept and the columns
`id`, `label`, `alias` (several with `|` between them), `broader` (ids or labels), `hide` (yes or no) and `half_life`;
`label_de` and `alias_de` are labels in German. The tables of ESCO are read as they are (conceptUri, preferredLabel,
altLabels).
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from expertfinder.errors import SourceError
from expertfinder.store.statements.concepts import HALF_LIVES, Concept, language_of, text_of

MOST_BYTES = 100_000_000
"""Most bytes of a file that is read. ESCO in one language has 20 million, and an RDF graph takes some fifty times the
size of its file in memory."""
LONGEST_LABEL = 300
"""Most characters of a label: a longer text is a description, and no name."""
OURS: Final = "urn:expertfinder:"
"""Prefix of the properties for which SKOS has no word: `urn:expertfinder:hide` and `urn:expertfinder:halfLife`."""
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_XL: Final = "http://www.w3.org/2008/05/skos-xl#"
_DEPRECATED: Final = "http://www.w3.org/2002/07/owl#deprecated"
_RDF: Final = {".ttl": "turtle", ".rdf": "xml", ".xml": "xml", ".owl": "xml", ".skos": "xml"}
_TABLES: Final = {".csv": "", ".tsv": "\t"}
_COLUMN = re.compile(r"(label|alias)(?:_([a-z]{2,3}(?:-[A-Za-z0-9]+)*))?|id|broader|hide|half_life")
_ESCO: Final = {"concepturi": "id", "preferredlabel": "label", "altlabels": "alias", "hiddenlabels": "alias"}
_TRUE, _FALSE = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})


def read_vocabulary(name: str, body: bytes, *, language: str = "en") -> list[Concept]:
    """The concepts of a file, ordered by id. `language`: that of labels in a table whose column names none.

    Raises `SourceError` naming the file, the line or the concept, and the field.
    """
    end = Path(name).suffix.lower()
    if len(body) > MOST_BYTES:
        raise SourceError(f"it has {len(body):,} bytes, and {MOST_BYTES:,} are read: take a part of it", file=name)
    if end in _RDF:
        found = _skos(name, body, _RDF[end])
    elif end in _TABLES:
        found = _table(name, body, _TABLES[end], language)
    else:
        raise SourceError(f"a vocabulary is SKOS ({', '.join(_RDF)}) or a table ({', '.join(_TABLES)})", file=name)
    if not found:
        raise SourceError("it has no concept: in SKOS one is a skos:Concept with a skos:prefLabel", file=name)
    for concept in found:
        _check(name, concept)
    return sorted(found, key=lambda one: one.id)


def _check(name: str, concept: Concept) -> None:
    def wrong(detail: str, field: str) -> SourceError:
        return SourceError(f"the concept {concept.id!r}: {detail}", file=name, field=field)

    if not concept.labels:
        raise wrong("it has no label", "prefLabel")
    languages = [language_of(label) for label in concept.labels]
    twice = sorted({one for one in languages if languages.count(one) > 1})
    if twice:
        raise wrong(
            f"it has several preferred labels in {twice[0] or 'no language'!r}: one is to be preferred", "prefLabel"
        )
    for label in (*concept.labels, *concept.aliases):
        if len(label) > LONGEST_LABEL or not re.search(r"\w", text_of(label)):
            raise wrong(f"{label[:40]!r} is no label: it has a word, and at most {LONGEST_LABEL} characters", "label")
    if concept.half_life not in {"", *HALF_LIVES}:
        raise wrong(f"{concept.half_life[:40]!r} is none of the classes {', '.join(HALF_LIVES)}", "half_life")


def _label(text: str, language: str) -> str:
    return f"{' '.join(text.split())}@{language.lower()}"


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(name: str, body: bytes, delimiter: str, language: str) -> list[Concept]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise SourceError("this is no UTF-8: save the table as CSV in UTF-8", file=name, line=line) from None
    head = text.partition("\n")[0]
    delimiter = delimiter or max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: dict[str, Concept] = {}
    columns: list[tuple[str, str]] = []
    try:
        for cells in rows:
            if not columns:
                columns = _columns(name, cells, language)
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(columns):
                    raise SourceError(
                        f"it has {len(cells)} cells, and there are {len(columns)} columns",
                        file=name,
                        line=rows.line_num,
                    )
                concept = _row(name, rows.line_num, zip(columns, cells, strict=False))
                if concept.id in found:
                    raise SourceError(f"{concept.id!r} is there twice", file=name, line=rows.line_num, field="id")
                found[concept.id] = concept
    except csv.Error as error:
        raise SourceError(f"this is no row of a table: {error}", file=name, line=rows.line_num) from None
    ids = {text_of(label).casefold(): concept.id for concept in found.values() for label in concept.labels}
    return [_related(name, concept, found.keys(), ids) for concept in found.values()]


def _columns(name: str, cells: list[str], language: str) -> list[tuple[str, str]]:
    """Field and language of each column; the field is empty for a column of ESCO that is not read."""
    plain = [cell.strip() for cell in cells]
    if "conceptUri" in plain:
        return [(_ESCO.get(cell.lower(), ""), language) for cell in plain]
    for cell in plain:
        if not _COLUMN.fullmatch(cell):
            known = "id, label, label_de, alias, alias_de, broader, hide, half_life"
            raise SourceError(
                f"{cell[:40]!r} is no column of a vocabulary: {known}", file=name, line=1, field=cell[:40]
            )
    if not any(cell.startswith("label") for cell in plain):
        raise SourceError("it has no column label, or label_en for labels in English", file=name, line=1, field="label")
    parts = [cell.partition("_") for cell in plain]
    return [
        (cell, language) if cell == "half_life" else (field, code or language)
        for cell, (field, _, code) in zip(plain, parts, strict=True)
    ]


def _row(name: str, line: int, cells: Iterable[tuple[tuple[str, str], str]]) -> Concept:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for (field, language), cell in cells:
        if field == "label" and cell.strip():
            said[field].append(_label(cell, language))
        elif field == "alias":
            said[field] += [_label(part, language) for part in re.split(r"[|\n]", cell) if part.strip()]
        elif field == "broader":
            said[field] += [part.strip() for part in cell.split("|") if part.strip()]
        elif field and cell.strip():
            said[field] = [cell.strip()]
    if not said["label"]:
        raise SourceError("it has no label", file=name, line=line, field="label")
    hide = (said["hide"] or [""])[0].lower()
    if hide not in _TRUE | _FALSE:
        raise SourceError(f"{hide[:40]!r} is neither yes nor no", file=name, line=line, field="hide")
    half_life = (said["half_life"] or [""])[0].lower()
    if half_life not in {"", *HALF_LIVES}:
        classes = ", ".join(HALF_LIVES)
        raise SourceError(f"{half_life[:40]!r} is none of {classes}", file=name, line=line, field="half_life")
    return Concept(
        id=(said["id"] or [text_of(said["label"][0])])[0],
        labels=tuple(said["label"]),
        aliases=tuple(dict.fromkeys(said["alias"])),
        broader=tuple(dict.fromkeys(said["broader"])),
        hidden=hide in _TRUE,
        half_life=half_life,
    )


def _related(name: str, concept: Concept, known: Iterable[str], ids: dict[str, str]) -> Concept:
    """The concept with its broader concepts as ids; a table may also name them by a label."""
    wider = tuple(one if one in known else ids.get(one.casefold(), "") for one in concept.broader)
    if "" in wider:
        missing = concept.broader[wider.index("")]
        raise SourceError(f"the concept {concept.id!r}: there is no concept {missing!r}", file=name, field="broader")
    return Concept(**{**{field: getattr(concept, field) for field in Concept.__slots__}, "broader": wider})


# --- SKOS ------------------------------------------------------------------------------------------------------------


def _skos(name: str, body: bytes, form: str) -> list[Concept]:
    graph = _graph(name, body, form)
    from rdflib import URIRef  # noqa: PLC0415 - only who reads SKOS loads it
    from rdflib.namespace import RDF  # noqa: PLC0415

    def literals(subject: Any, field: str, direct: str, through: str) -> list[str]:
        nodes = list(graph.objects(subject, URIRef(_SKOS + direct)))
        for node in graph.objects(subject, URIRef(_XL + through)):
            nodes += graph.objects(node, URIRef(_XL + "literalForm"))
        for node in nodes:
            if not hasattr(node, "language"):
                raise SourceError(
                    f"the concept {str(subject)!r}: {str(node)[:80]!r} is no text", file=name, field=field
                )
        return sorted({_label(str(node), node.language or "") for node in nodes})

    def said(subject: Any, word: str) -> str:
        return str(next(iter(graph.objects(subject, URIRef(OURS + word))), ""))

    subjects = {
        *graph.subjects(RDF.type, URIRef(_SKOS + "Concept")),
        *graph.subjects(URIRef(_SKOS + "prefLabel"), None),
    }
    schemes = set(graph.subjects(RDF.type, URIRef(_SKOS + "ConceptScheme")))
    narrower = defaultdict(set)
    for subject, below in graph.subject_objects(URIRef(_SKOS + "narrower")):
        narrower[below].add(str(subject))
    found = []
    for subject in subjects - schemes:
        if any(str(value).lower() in ("true", "1") for value in graph.objects(subject, URIRef(_DEPRECATED))):
            continue
        aliases = [
            *literals(subject, "altLabel", "altLabel", "altLabel"),
            *literals(subject, "hiddenLabel", "hiddenLabel", "hiddenLabel"),
        ]
        hide = said(subject, "hide").lower()
        if hide not in _TRUE | _FALSE:
            raise SourceError(
                f"the concept {str(subject)!r}: {hide[:40]!r} is neither true nor false", file=name, field="hide"
            )
        wider = {str(one) for one in graph.objects(subject, URIRef(_SKOS + "broader"))} | narrower[subject]
        found.append(
            Concept(
                id=str(subject),
                labels=tuple(literals(subject, "prefLabel", "prefLabel", "prefLabel")),
                aliases=tuple(dict.fromkeys(aliases)),
                broader=tuple(sorted(wider - {str(subject)})),
                hidden=hide in _TRUE,
                half_life=said(subject, "halfLife").lower(),
            )
        )
    return found


def _graph(name: str, body: bytes, form: str) -> Any:
    """The statements of a file. Raises `SourceError` for what is no RDF, and where `rdflib` is missing."""
    try:
        from rdflib import Graph  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SourceError(
            "SKOS needs rdflib: pip install 'expertfinder[vocabulary]', or give a table", file=name
        ) from None
    graph = Graph()
    read: Callable[[], object] = lambda: graph.parse(data=body, format=form, publicID="vocabulary:///")  # noqa: E731
    if form == "turtle":
        from rdflib.plugins.parsers.notation3 import BadSyntax  # noqa: PLC0415

        try:
            read()
        except BadSyntax as error:
            raise SourceError(f"this is no Turtle: {error._why}", file=name, line=error.lines + 1) from None
        except (RecursionError, UnicodeDecodeError, ValueError, AttributeError, IndexError) as error:
            raise SourceError(f"this is no Turtle: {error}", file=name) from None
        return graph
    from xml.sax import SAXException, SAXParseException  # noqa: PLC0415
    from xml.sax.handler import ContentHandler  # noqa: PLC0415

    from defusedxml import sax  # noqa: PLC0415
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    try:
        sax.parseString(body, ContentHandler(), forbid_dtd=True)
        read()
    except DefusedXmlException:
        raise SourceError("it declares entities (a DOCTYPE), which are not read: write them out", file=name) from None
    except SAXParseException as error:
        raise SourceError(f"this is no RDF/XML: {error.getMessage()}", file=name, line=error.getLineNumber()) from None
    except (SAXException, RecursionError, ValueError, AttributeError, IndexError, TypeError) as error:
        raise SourceError(f"this is no RDF/XML: {error}", file=name) from None
    return graph
