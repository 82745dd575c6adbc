"""The facts in one SQLite file."""
