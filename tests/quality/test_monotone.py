"""Q6: more independent endorsements never lower a score, and older evidence never counts more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.quality.scene import FACTS, LAST, QUERY, act, opened, post, rebuild, scores
from tests.sizes import size

from expertfinder.model import SHARED

EXAMPLES = size("Q6")


@pytest.mark.parametrize("verb", ["endorse", "accept", "thank"])
def test_more_people_who_endorse_a_post_never_lower_its_author(verb: str) -> None:
    with opened(FACTS) as finder:
        for target in ("q1", "q7", "q22"):
            author = finder.store.get("post", [f"a:{target}"])[0].authors[0]
            before = scores(finder)[author]
            for giver in [f"p{i}" for i in range(12) if f"a:p{i}" != author][:6]:
                finder.store.apply([act(f"{verb}-{target}-{giver}", giver, verb, target)])
                finder.refresh()
                now = scores(finder)[author]
                assert now >= before - 1e-9
                before = now


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(days=st.lists(st.integers(0, 2000), min_size=2, max_size=2, unique=True), words=st.integers(1, 3))
def test_older_evidence_never_counts_more(days: list[int], words: int) -> None:
    text = " ".join(("kubernetes", "proxy", "timeout")[:words]) + " router"
    younger, older = sorted(days)
    with opened(FACTS) as finder:
        found = []
        for age in (younger, older):
            finder.store.apply([post("new", "p5", text, at=LAST - timedelta(days=age))])
            finder.refresh()
            found.append(scores(finder)["a:p5"])
        assert found[1] <= found[0] + 1e-9


def test_one_more_post_about_it_never_lowers_its_author() -> None:
    with opened(FACTS) as finder:
        for name in ("p0", "p1", "p6"):
            before = scores(finder)[f"a:{name}"]
            finder.store.apply([post(f"more-{name}", name, "kubernetes proxy timeout alloy")])
            rebuild(finder)
            assert scores(finder)[f"a:{name}"] > before


def test_who_has_the_same_evidence_but_older_is_not_ranked_above() -> None:
    twins = [
        post("young", "p3", "osprey kubernetes proxy"),
        post("old", "p4", "osprey kubernetes proxy", at=LAST - timedelta(days=900)),
    ]
    with opened(
        [fact for fact in FACTS if getattr(fact, "authors", ("",))[0] not in ("a:p3", "a:p4")] + twins
    ) as finder:
        ranked = [one.subject for one in finder.find(QUERY, SHARED).recommendations]
        assert ranked.index("a:p3") < ranked.index("a:p4") if "a:p4" in ranked else "a:p3" in ranked
