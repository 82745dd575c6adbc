"""A service while it runs: what it looks for, folds and remembers, and its worker processes."""
