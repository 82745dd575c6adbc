"""A snapshot that was built into files, put into a server (decision 0012)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import orjson

from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.published import MANIFEST, checksums, sealed, unsealed
from expertfinder.index.server.packing import packed, packed_words, posts_by_person
from expertfinder.index.snapshot import Progress, open_snapshot
from expertfinder.store.index_server import TIERS, IndexServer, Publication

AT_ONCE = 5_000
"""Posts, or words, that are made into records at once."""
FILES = ("served.json", "frequency.npy")
"""What is published beside the files of a snapshot."""


def publish_to(server: IndexServer, folder: Path, *, encode: Encoder, progress: Progress) -> str:
    """Put the snapshot that is published in `folder` into the server. Its name.

    Posts, words and people become nodes; the files go along as they are, for who asks about the whole graph.
    """
    snapshot = open_snapshot(folder, encode=encode)
    name = snapshot.manifest.name
    slot = server.begin()
    segments = snapshot.tiers.segments[:2]
    total = sum(map(len, segments))
    done = 0
    for tier, segment in zip(TIERS, segments, strict=True):
        for start in range(0, len(segment), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(segment)))
            server.write_posts(slot, tier, list(packed(segment, rows, snapshot.terms, embedded=tier == "shared")))
            done += len(rows)
            progress("publishing posts", done, total)
    terms = len(snapshot.terms)
    for start in range(0, terms, AT_ONCE):
        rows = range(start, min(start + AT_ONCE, terms))
        server.write_words(slot, list(packed_words(snapshot.profiles, snapshot.terms, rows)))
        progress("publishing words", rows.stop, terms)
    server.write_people(slot, list(posts_by_person(segments, len(snapshot.people))))
    statistics = snapshot.statistics
    head = {
        "posts": statistics.posts,
        "total_length": statistics.total_length,
        "terms": terms,
        "restricted": np.bincount(snapshot.restricted.segment.audience, minlength=len(snapshot.audiences)).tolist(),
    }
    with tempfile.TemporaryDirectory() as beside:
        (Path(beside) / FILES[0]).write_bytes(orjson.dumps(head))
        np.save(Path(beside) / FILES[1], np.stack([statistics.frequency, statistics.having]))
        made, added = folder / name, checksums(Path(beside))
        manifest = unsealed(made)
        files = [(label, Path(beside) / label) for label in added]
        files += [(label, made / label) for label in manifest["files"]]
        (Path(beside) / MANIFEST).write_bytes(sealed({**manifest, "files": {**manifest["files"], **added}}))
        files.append((MANIFEST, Path(beside) / MANIFEST))
        server.write_files(slot, ((label, path.read_bytes()) for label, path in files))
        progress("publishing tables", len(files), len(files))
    server.finish(
        Publication(slot, name),
        dimension=snapshot.manifest.dimension,
        progress=lambda part, of: progress("the server's indexes", part, of),
    )
    return name
