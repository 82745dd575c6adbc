"""scipy's sparse matrices by their own names, loaded when the first one is made.

A question about people needs none, and loading scipy would take it a quarter of a second. Modules that such a question
imports take sparse matrices from here; those that only the network and the evaluation import take them from scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scipy.sparse import coo_matrix as coo_matrix
    from scipy.sparse import csc_matrix as csc_matrix
    from scipy.sparse import csr_matrix as csr_matrix
else:

    def __getattr__(name: str) -> object:
        """A name of `scipy.sparse` (PEP 562); kept here, so that it is looked up once."""
        import scipy.sparse  # noqa: PLC0415  (this is what the module is for)

        found = getattr(scipy.sparse, name)
        globals()[name] = found
        return found
