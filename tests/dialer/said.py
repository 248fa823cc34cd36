"""What functions say while the tests run, to find lines that are declared and never said."""

from trunkline.dialer.command import Line

SAID: set[tuple[str, Line]] = set()
"""Each line with the function that said it."""
MODULES: set[str] = set()
"""The test modules that ran."""
