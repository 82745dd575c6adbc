"""Ties, communities and interests, made of the shared tier alone."""
