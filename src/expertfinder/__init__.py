"""Finds who knows what in an organisation: ranked people with reasons, from only what the asker may read.

    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.model import Query

Nothing is imported here, so that asking for one word of the model does not load an index engine.
"""

__version__ = "0.1.0"
