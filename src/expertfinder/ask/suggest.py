"""What somebody who is typing may mean, and people by what they are called. No verdict on what anybody knows.

It is no directory to copy: a text has two letters at least, eight are suggested at most, and there is no next page. A
door limits how often one viewer may ask.
"""

from __future__ import annotations

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.languages import phrase
from expertfinder.errors import InvalidQuestion
from expertfinder.index.people.names import FEWEST_LETTERS, squeezed
from expertfinder.model import Person, Suggestions, Viewer
from expertfinder.recommend.called import did_you_mean, people_called, suggested


def suggest(finder: ExpertFinder, text: str, viewer: Viewer) -> Suggestions:
    """People, topics, communities and units that a text names or may come to name. `InvalidQuestion` for a letter."""
    _check(text)
    seen = finder.view(viewer)
    return Suggestions(
        found=tuple(suggested(seen, text)),
        did_you_mean=did_you_mean(seen, text, finder.encoder),
        version=finder.version(viewer),
    )


def find_people(finder: ExpertFinder, text: str, viewer: Viewer) -> list[Person]:
    """People by name, half a name, handle, title or unit, the nearest first. `InvalidQuestion` for a letter alone."""
    _check(text)
    seen = finder.view(viewer)
    return finder.people(viewer, ids=[seen.snapshot.people[row].id for row in people_called(seen, text)])


def _check(text: str) -> None:
    if len(squeezed(text)) < FEWEST_LETTERS:
        raise InvalidQuestion(
            phrase(
                "say {letters} letters at least: nobody is listed without a name to look for", letters=FEWEST_LETTERS
            )
        )
