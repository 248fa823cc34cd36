"""What the program tells of its work on standard error, as much as the setting `log_level` asks for.

Lines hold no secrets, and nothing of what leads, callers or agents said.
"""

import logging
from typing import Any

ROOT = "trunkline"
FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
TIME_FORM = "%Y-%m-%d %H:%M:%S%z"


def log_as(level: str) -> None:
    """Print lines of this level and above; a second call only changes the level."""
    logger = logging.getLogger(ROOT)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(FORM, TIME_FORM))
        logger.addHandler(handler)
    logger.setLevel(level.upper())


def log_config(level: str) -> dict[str, Any]:
    """The same for `logging.config.dictConfig`, for processes that are set up by one."""
    return {
        "formatters": {ROOT: {"format": FORM, "datefmt": TIME_FORM}},
        "handlers": {
            ROOT: {"class": "logging.StreamHandler", "formatter": ROOT, "stream": "ext://sys.stderr"}
        },
        "loggers": {ROOT: {"handlers": [ROOT], "level": level.upper()}},
    }
