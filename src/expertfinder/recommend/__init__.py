"""Judgement: three ways to add up the same evidence, for experts, communities and champions."""
