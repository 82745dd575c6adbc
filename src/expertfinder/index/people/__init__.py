"""Sums by person over the shared tier."""
