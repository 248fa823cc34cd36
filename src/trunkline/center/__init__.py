"""The Data Center: accounts, datasets, runs and their history."""
