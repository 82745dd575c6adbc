"""The privacy desk: what one person wishes, opened at that person's request; written down, and told to them.

Nobody can list who wishes anything: one opens what one person said, and says why.
"""

from __future__ import annotations

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.found import told_as
from expertfinder.ask.oneself.erasing import belongings_of
from expertfinder.ask.oneself.me import Said, said_of
from expertfinder.configuration.languages import phrase
from expertfinder.errors import InvalidQuestion
from expertfinder.store import AuditEntry

OPENED = "privacy"
"""The event of the audit log, as the person sees it, too."""
LONGEST_REASON = 500
"""A reason has at most so many characters: enough to say who asked for it, when and how."""


def open_wishes(finder: ExpertFinder, person: str, *, actor: str, reason: str) -> Said:
    """What a person, named by one of their records, said of themselves. `actor`: who opens it, `reason`: why.

    It is written down before it is given. Raises `NotFound`, and `InvalidQuestion` without a reason.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidQuestion(
            phrase("say in up to {reason} characters who asked for it, when and how", reason=LONGEST_REASON)
        )
    records = belongings_of(finder.store, person).records
    finder.note(
        AuditEntry(at=finder.now(), actor=actor, event=OPENED, subject=told_as(finder, person), detail=reason.strip())
    )
    return said_of(finder.store, records)
