"""Finds who knows what in an organisation: ranked people with reasons, from only what the asker may read.

    from expertfinder import SHARED, Client, ExpertFinder, Home, Query, Viewer, encoder

These are the public names (`docs/python.md`). Each is loaded when it is first asked for (PEP 562), so that importing
the package, or one word of the model, loads no engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["SHARED", "Client", "ExpertFinder", "Home", "Query", "Viewer", "encoder"]

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.ask.home import Home
    from expertfinder.client import Client
    from expertfinder.index.encoders.encoder import encoder
    from expertfinder.model import SHARED, Query, Viewer
else:
    _MODULES = {
        "SHARED": "expertfinder.model",
        "Client": "expertfinder.client",
        "ExpertFinder": "expertfinder.ask.finder",
        "Home": "expertfinder.ask.home",
        "Query": "expertfinder.model",
        "Viewer": "expertfinder.model",
        "encoder": "expertfinder.index.encoders.encoder",
    }

    def __getattr__(name):
        """A public name, from the module that defines it."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)

    def __dir__():
        """What is there and what would be loaded."""
        return sorted({*globals(), *_MODULES})
