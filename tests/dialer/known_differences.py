"""Recorded requests of the original that the product answers otherwise on purpose, each with the reason."""

DIFFERENT: dict[int, str] = {}
