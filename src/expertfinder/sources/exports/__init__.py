"""What readers of exports share: a folder, archive or file opened with bounds, its parts as streams, the reader."""

from __future__ import annotations

from expertfinder.sources.exports.fields import flag, listed, many, number, one, said, told
from expertfinder.sources.exports.reader import ExportReader, Made
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.exports.streams import json_document, json_items, json_lines, lines, rows, xml_elements
from expertfinder.sources.exports.tree import Tree

__all__ = [
    "ExportReader",
    "Made",
    "Spot",
    "Tree",
    "flag",
    "json_document",
    "json_items",
    "json_lines",
    "lines",
    "listed",
    "many",
    "number",
    "one",
    "rows",
    "said",
    "told",
    "xml_elements",
]
