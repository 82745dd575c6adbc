"""Sources: one file per format that can be read. Each is a `Reader`, found by its name (`formats`)."""

from __future__ import annotations

from expertfinder.sources.csv import CsvReader
from expertfinder.sources.exports import ExportReader
from expertfinder.sources.formats import Format
from expertfinder.sources.git import GitReader
from expertfinder.sources.native import NativeReader
from expertfinder.sources.reader import Counts, Reader, Withdrawal, declared
from expertfinder.sources.records import Records

__all__ = [
    "Counts",
    "CsvReader",
    "ExportReader",
    "Format",
    "GitReader",
    "NativeReader",
    "Reader",
    "Records",
    "Withdrawal",
    "declared",
]
