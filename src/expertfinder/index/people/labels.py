"""Which labels may be said: those of topics that what everybody may read today still supports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from expertfinder.index.arrays import gather
from expertfinder.index.people.topics import Topics, narrowed, supported
from expertfinder.index.posts.lexicon import Lexicon
from expertfinder.index.posts.segment import Segment, open_people, shared_audiences
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import Audience, Person


def said_today(
    base: Snapshot, built: Tier, fresh: Segment, audiences: Sequence[Audience], people: Sequence[Person]
) -> tuple[Topics, Lexicon]:
    """The topics that what everybody may read today still supports, and the vocabulary without the labels of others.

    `built`: the shared tier; a post that was read again and says what it said is there. What came waits for the build.
    An index that a server holds has no posts here: its topics are those of the whole (`ExpertFinder.topics`).
    """
    topics, segment = base.topics, built.segment
    if len(topics.post_indptr) != len(segment) + 1:
        return topics, base.lexicon
    shared = shared_audiences(audiences)
    visible = open_people(people)
    again = {fresh.ids[row]: row for row in np.flatnonzero(shared[fresh.audience]).tolist()}
    gone = built.gone.tolist()
    now = {row: again[segment.ids[row]] for row in gone if segment.ids[row] in again}
    same = [row for row, new in now.items() if fresh.digests[new] == segment.digests[row]]
    there = built.alive.copy()
    there[same] = True
    acts = np.flatnonzero(shared[segment.act_audience] & visible[segment.act_person])
    acts = acts[built.alive[segment.posts_of(acts)]]
    of_fresh, owner = gather(fresh.act_indptr, np.array([now[row] for row in same], np.int64))
    open_too = shared[fresh.act_audience[of_fresh]] & visible[fresh.act_person[of_fresh]]
    posts = np.concatenate([segment.posts_of(acts), np.array(same, np.int64)[owner[open_too]]])
    who = np.concatenate([segment.act_person[acts], fresh.act_person[of_fresh[open_too]]]).astype(np.int64)
    kept = supported(topics, there, (posts, who))
    if there.all() and kept.all():
        return topics, base.lexicon
    chosen = [row for row, stays in enumerate(kept.tolist()) if stays]
    lexicon = replace(
        base.lexicon,
        labels=[base.lexicon.labels[row] for row in chosen],
        label_vectors=np.asarray(base.lexicon.label_vectors)[chosen],
    )
    return narrowed(topics, there, kept), lexicon
