"""Saved accounts: the list, one with its tests, budget, people and datasets, adding, changing, connecting."""
