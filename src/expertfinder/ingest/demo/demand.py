"""Questions that people of the demo asked, so that demand can be shown. Some topics are known by few or nobody there.

Demand is counted by week and only for recent weeks, so it is planted for the weeks before the day on which the demo is
written, unlike all else in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from expertfinder.store import Store

ASKERS = (14, 12, 11, 9, 8, 7, 6, 5, 3)
"""How many people ask about each of `TOPICS` in one week. The last number is too small to be shown."""
WEEKS = 6
"""How many weeks back the questions are spread: half of the 13 weeks that demand looks back."""


TOPICS = (
    *("contract-liability", "container-hosting", "onboarding", "intrusion-response", "vibration-analysis"),
    *("weld-fatigue", "phishing", "query-tuning", "lockout"),
)
"""What is asked about, most first: the first four are held by one person each."""


def plant_demand(store: Store, people: Sequence[str], today: date, *, seed: int = 7) -> None:
    """Count questions of some of these people (ids) about `TOPICS` in the weeks before a day."""
    rng = Random(f"{seed}:demand")
    monday = today - timedelta(days=today.weekday())
    for topic, askers in zip(TOPICS, ASKERS, strict=True):
        week = monday - timedelta(weeks=rng.randrange(WEEKS))
        for person in rng.sample(list(people), askers):
            store.note_question([topic], person, week=week)
