"""Whether somebody helped with a question, as whoever asked it says."""

from __future__ import annotations

from dataclasses import replace

from expertfinder.ask.finder import ExpertFinder, checked
from expertfinder.errors import Forbidden, InvalidQuestion
from expertfinder.model import Query, Viewer
from expertfinder.store import Feedback


def keep_feedback(finder: ExpertFinder, feedback: Feedback, viewer: Viewer) -> Feedback:
    """Keep whether somebody helped with a question, as kept. What did not help counts as `oneself.helped` says.

    Raises `NotFound` for who is absent or invisible, `Forbidden` for feedback in another's name, `InvalidQuestion`
    for feedback about oneself or without a question.
    """
    if viewer.person is None or feedback.person != viewer.person:
        raise Forbidden("feedback belongs to a person: use a key that does")
    subject = finder.person(feedback.subject, viewer).id
    if subject == finder.person(viewer.person, viewer).id:
        raise InvalidQuestion("nobody is asked whether they helped themselves")
    checked(Query(text=feedback.text))
    kept = replace(feedback, subject=subject)
    finder.store.state(kept)
    return kept
