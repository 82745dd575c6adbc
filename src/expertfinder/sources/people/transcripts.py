"""Transcripts of talks: WebVTT and SRT files beside a list of videos.

| in the folder | becomes |
|---|---|
| a row of the list (`videos.csv`) | a post of kind `video` by the speakers of the row: title, description, transcript |
| what one voice says (`<v Ann Example>`) | a post of kind `talk`, a reply to the video, by that speaker |
| a transcript without a row | a video of its own, named as the file is |

A transcript belongs to the row that names its file (`Transcript`), or whose `ID` is the name of the file without its
endings (`4711.en.vtt`). A voice is a speaker of the row where the names agree; a name alone joins nobody with anybody.
A cue that begins `Ann Example:`, `(Ann Example)` or `[Ann Example]` is hers if she is a speaker of the row. Of several
languages the one of the row is read, else the first in order of their codes. Columns may be called as in `COLUMNS`;
others are counted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from webvtt import srt, vtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, rows
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.formats import Format
from expertfinder.sources.lines import LINE_LIMIT, as_text
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

ENDINGS: Final = (".vtt", ".srt")
"""Endings of transcripts."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "video id", "videoid", "guid"),
    "title": ("title", "name", "titel"),
    "description": ("description", "summary", "beschreibung"),
    "speakers": ("speaker", "speakers", "presenter", "presenters", "author", "authors", "owner", "email", "sprecher"),
    "created_at": ("date", "published", "created", "recorded", "datum"),
    "url": ("url", "link", "video url"),
    "tags": ("tags", "topics", "keywords"),
    "language": ("language", "lang", "sprache"),
    "community": ("channel", "series", "community", "playlist"),
    "groups": ("visible to", "groups", "audience"),
    "transcript": ("transcript", "file", "captions", "subtitle"),
}
"""Field -> what its column may be called, in small letters."""
KNOWN: Final = frozenset(name for names in COLUMNS.values() for name in names)
"""All of these names."""
TRANSLATIONS: Final = "transcripts of other languages of the same video"
CLOSED: Final = "parts of transcripts that cannot be read as cues"
_SPEAKER: Final = re.compile(r"\s*([^<>]*?)\s*<([^<>@\s]+@[^<>\s]+)>\s*|\s*([^<>@\s]+@[^<>\s]+)\s*")
_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>([^<]*(?:<(?!v[. \t]|/v>)[^<]*)*)(?:</v>)?")
_TAG: Final = re.compile(r"<[^>]*>")
_SAID_BY: Final = re.compile(r"\s*(?:([^:<>()\[\]]{2,60}):|[(\[]([^()\[\]]{2,60})[)\]]:?)\s+(.*)", re.DOTALL)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


class Speaker(NamedTuple):
    """Who speaks: the id that posts name, and the name."""

    id: str
    name: str


class TranscriptsReader(ExportReader):
    """Reads a folder or archive of transcripts with their list, or a single transcript (`Reader`)."""

    def begin(self) -> None:
        """Forget the people of an earlier reading."""
        self._people: dict[str, str] = {}
        self._seen = Known()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact: of the rows in their order, then of the transcripts without a row. Raises `SourceError`."""
        files = {name: None for name in tree.names if name.lower().endswith(ENDINGS)}
        lists = [name for name in tree.names if name.lower().endswith(".csv")]
        if not files and not lists:
            raise SourceError(
                "neither a list of videos (.csv) nor a transcript (.vtt, .srt) is here", file=str(self.path)
            )
        beside = _beside(files)
        for name in lists:
            for spot, row in rows(tree, name, delimiter=_delimiter(tree, name)):
                self._count_others(row)
                yield from self.facts_of(spot, lambda raw: self._video(tree, _columns(raw), beside, files), row)
        while files:
            name = next(iter(files))
            alone = {"id": _stem(name)[0], "title": PurePosixPath(_stem(name)[0]).name}
            yield from self.facts_of(Spot(tree.named(name)), lambda raw: self._video(tree, raw, beside, files), alone)
            files.pop(name, None)

    def _count_others(self, row: Mapping[str, str]) -> None:
        for column, cell in row.items():
            if cell and column.strip().lower() not in KNOWN:
                self.counts.unknown(self.counts.unknown_fields, f"column {column}")

    def _video(self, tree: Tree, row: Raw, beside: Mapping[str, Mapping[str, str]], files: dict[str, None]) -> Made:
        id = str(row.get("id") or _stem(str(row.get("transcript", "")))[0])
        if not id:
            raise SourceError(
                "a video needs an id: a column 'ID', or 'Transcript' with the name of its file", field="ID"
            )
        speakers = list(_speakers(str(row.get("speakers", ""))))
        file, language = _transcript(row, beside, files)
        for name in beside.get(_stem(file)[0], {}).values() if file else ():
            self.left_out(TRANSLATIONS, int(name != file and name in files))
            files.pop(name, None)
        words, voices = self._words(tree, file, speakers) if file else ("", {})
        groups = [text for part in re.split(r"[;|]", str(row.get("groups", ""))) if (text := part.strip())]
        for speaker in speakers:
            if "@" in speaker.id:
                told = self._seen.audience(speaker.id, {"audience": {"groups": groups}} if groups else {})
                if told is not None or self._people.get(speaker.id) != speaker.name:
                    self._people[speaker.id] = speaker.name
                    told = self._seen.again(speaker.id) if told is None else told
                    yield (
                        "person",
                        {"id": speaker.id, "name": speaker.name, "accounts": [f"email:{speaker.id}"], **told},
                    )
        shared: dict[str, object] = {
            "created_at": str(row.get("created_at", "")),
            "community": str(row.get("community", "")),
            "language": str(row.get("language", "")) or language,
            "audience": {"groups": groups} if groups else None,
        }
        described = str(row.get("description", ""))
        yield (
            "post",
            {
                **shared,
                "id": id,
                "kind": "video",
                "authors": [speaker.id for speaker in speakers],
                "title": str(row.get("title", "")),
                "text": f"{described}\n\n{words}".strip(),
                "tags": [text for part in re.split(r"[;,|]", str(row.get("tags", ""))) if (text := part.strip())],
                "url": str(row.get("url", "")),
            },
        )
        for speaker, spoken in voices.items():
            talk = {"id": f"{id}/{speaker.id}", "kind": "talk", "authors": [speaker.id], "parent": id, "text": spoken}
            yield "post", {**shared, **talk}

    def _words(self, tree: Tree, name: str, speakers: list[Speaker]) -> tuple[str, dict[Speaker, str]]:
        """The words without a known voice, and those of each voice, in the order of the cues."""
        named = {_folded(speaker.name): speaker for speaker in speakers if speaker.name}
        unnamed: list[str] = []
        voices: dict[Speaker, list[str]] = {}
        for cue in self._cues(tree, name):
            parts = _voices(cue)
            if parts is None and (found := _SAID_BY.fullmatch(_plain(cue))):
                who = found[1] or found[2]
                parts = [(who, found[3])] if _folded(who) in named else None
            for who, words in parts or [("", cue)]:
                text = _plain(words)
                if not text:
                    continue
                voice = " ".join(html.unescape(who).split())
                speaker = named.get(_folded(voice), Speaker(voice, voice))
                told = voices.setdefault(speaker, []) if voice else unnamed
                if not told or told[-1] != text:  # captions that roll say each line twice
                    told.append(text)
        return "\n".join(unnamed), {speaker: "\n".join(told) for speaker, told in voices.items()}

    def _cues(self, tree: Tree, name: str) -> Iterator[str]:
        with tree.open(name) as file:
            raw = file.read(LINE_LIMIT + 1)
        if len(raw) > LINE_LIMIT:
            raise SourceError(f"a transcript is longer than {LINE_LIMIT:,} bytes", file=tree.named(name))
        text = (
            raw.decode("utf-16")
            if raw.startswith((b"\xff\xfe", b"\xfe\xff"))
            else as_text(raw.removeprefix(b"\xef\xbb\xbf"))
        )
        told = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        try:
            if name.lower().endswith(".vtt"):
                captions = vtt.parse(told).captions
            else:
                while told and not told[0].strip():
                    told.pop(0)
                captions = srt.parse(told)
        except (MalformedFileError, MalformedCaptionError, ValueError, OverflowError) as error:
            words = (
                "a transcript begins with WEBVTT" if name.lower().endswith(".vtt") else "a transcript begins with a cue"
            )
            raise SourceError(f"this is no transcript ({error}): {words}", file=tree.named(name)) from None
        broken = sum("-->" in line for line in told) - len(captions)
        self.left_out(CLOSED, max(broken, 0))
        for caption in captions:
            yield caption.raw_text


def _columns(row: Mapping[str, object]) -> Mapping[str, object]:
    """The cells of a row by our fields (`COLUMNS`). Other columns are left out; `_count_others` counts them."""
    small = {column.strip().lower(): str(cell).strip() for column, cell in row.items()}
    found = {field: next((small[name] for name in names if small.get(name)), "") for field, names in COLUMNS.items()}
    return {field: cell for field, cell in found.items() if cell}


def _transcript(row: Raw, beside: Mapping[str, Mapping[str, str]], files: Mapping[str, None]) -> tuple[str, str]:
    """The file of a row and its language; empty where it has none."""
    named = str(row.get("transcript", "")).replace("\\", "/").lower()
    for name in files:
        if named and (name.lower() == named or name.lower().endswith(f"/{named}")):
            return name, _stem(name)[1]
    id = str(row.get("id", ""))
    found = beside.get(id) or beside.get(_stem(id)[0]) or {}
    wanted = str(row.get("language", "")).lower()
    language = next((each for each in sorted(found) if wanted and each.lower().startswith(wanted)), None)
    language = next(iter(sorted(found)), None) if language is None else language
    return (found[language], language) if language is not None else ("", "")


def _beside(files: Mapping[str, None]) -> dict[str, dict[str, str]]:
    """Name of a transcript without endings -> language -> the file."""
    found: dict[str, dict[str, str]] = {}
    for name in files:
        stem, language = _stem(name)
        for key in {stem, PurePosixPath(stem).name}:
            found.setdefault(key, {}).setdefault(language, name)
    return found


def _stem(name: str) -> tuple[str, str]:
    """A name without the endings of a transcript, and the language that it says."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in (*ENDINGS, ".mp4", ".m4a", ".mp3", ".webm", ".mov"):
        return name, ""
    path = path.with_suffix("")
    language = path.suffix.removeprefix(".")
    if _LANGUAGE.fullmatch(language):
        return str(path.with_suffix("")), language
    return str(path), ""


def _speakers(cell: str) -> Iterator[Speaker]:
    """The speakers of a cell, with `;` or `|` between: `Name <address>`, an address, or a name."""
    for part in re.split(r"[;|]", cell):
        if not part.strip():
            continue
        found = _SPEAKER.fullmatch(part)
        address = ((found[2] or found[3]) if found else "").lower()
        name = (found[1] or "") if found else " ".join(part.split())
        yield Speaker(address or name, name)


def _voices(cue: str) -> list[tuple[str, str]] | None:
    """Each voice of a cue and what it says; words before the first voice have an empty name. `None`: no voice."""
    found = list(_VOICE.finditer(cue))
    if not found:
        return None
    before = cue[: found[0].start()]
    return ([("", before)] if before.strip() else []) + [(match[1], match[2]) for match in found]


def _plain(cue: str) -> str:
    """The words of a cue in one line."""
    return " ".join(html.unescape(_TAG.sub("", cue)).split())


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _delimiter(tree: Tree, name: str) -> str:
    """The delimiter that the first line has most often: comma, semicolon or tab; of equal ones the first of these."""
    with tree.open(name) as file:
        first = file.readline(10_000).decode("utf-8", "replace")
    return max(",;\t", key=first.count)


FORMAT = Format(
    name="transcripts",
    summary="Transcripts of talks (WebVTT, SRT) beside a list of videos",
    open=TranscriptsReader,
    keys=("email",),
    audiences=True,
    place="channel",
)
