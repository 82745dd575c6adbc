"""scipy's sparse matrices by their own names, loaded when the first one is made.

A question about people needs none, and loading scipy would take it a quarter of a second. Modules that such a question
imports take sparse matrices from here; those that only the network and the evaluation import take them from scipy.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeGuard

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


def is_csr(value: object) -> TypeGuard[csr_matrix]:
    """Whether a value is a matrix in compressed rows. While scipy is not loaded nothing is, and it stays so."""
    loaded = sys.modules.get("scipy.sparse")
    return loaded is not None and isinstance(value, loaded.csr_matrix)
