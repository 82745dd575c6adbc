"""Did it help, over HTTP: in whose name, about whom, and where the question's text is and is not."""

from __future__ import annotations

import pytest
from tests.http.client import Client
from tests.http.conftest import bearer, two_days_later
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app
from expertfinder.store import Feedback

TEXT = "a flabbergasting question"


def say(finder: ExpertFinder, who: str | None, **more: object):  # type: ignore[no-untyped-def]
    """The answer to feedback with a new key of `who`."""
    client = Client(create_app(finder, finder.store, Options(now=two_days_later)))
    key = bearer(issue_key(finder.store, scopes=["experts:read"], person=who)[1])
    return client.post("/v1/feedback", headers=key, json={"text": TEXT, "subject": "acme:ada", "helpful": True, **more})


def test_it_is_kept_in_the_name_of_the_key_and_the_last_word_counts(own_finder: ExpertFinder) -> None:
    assert say(own_finder, "acme:dana").json() == {"subject": "acme:ada", "helpful": True}
    assert say(own_finder, "acme:dana", helpful=False).status_code == 200
    (kept,) = own_finder.store.statements(Feedback)
    assert (kept.person, kept.subject, kept.text, kept.helpful) == ("acme:dana", "acme:ada", TEXT, False)
    assert "flabbergasting" not in repr(own_finder.store.audit())


def test_without_a_recorded_ask_it_moves_no_answer_and_no_version(own_finder: ExpertFinder) -> None:
    viewer = own_finder.viewer("acme:dana")
    before = own_finder.version(viewer)
    say(own_finder, "acme:dana", helpful=False)
    own_finder.refresh()
    assert own_finder.version(viewer) == before


@pytest.mark.parametrize("subject", ["acme:hana", "acme:ivo", "acme:nobody"])
def test_nothing_is_said_of_whom_one_may_not_find(own_finder: ExpertFinder, subject: str) -> None:
    assert_problem(say(own_finder, "acme:finn", subject=subject), 404, "not-found")
    assert own_finder.store.statements(Feedback) == []


def test_nobody_praises_themselves_and_nobody_speaks_for_nobody(own_finder: ExpertFinder) -> None:
    assert_problem(say(own_finder, "acme:ada"), 400, "invalid-question")
    assert_problem(say(own_finder, None), 403, "forbidden")
    assert_problem(say(own_finder, "acme:dana", text="  "), 400, "invalid-question")
    assert_problem(say(own_finder, "acme:dana", person="acme:ben"), 422, "invalid-request")
    assert own_finder.store.statements(Feedback) == []
