"""What the program tells of its work on standard error, as much as the setting `log_level` asks for.

Lines hold no secrets, and nothing of what leads, callers or agents said. Should one come in with an error of
somebody else's, it is masked here.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

ROOT = "trunkline"
FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
TIME_FORM = "%Y-%m-%d %H:%M:%S%z"
TEXT, JSON = "text", "json"
MASK = "••••"

_NAMED = re.compile(
    r"(?i)\b((?:api[_-]?key|access[_-]?token|refresh[_-]?token|client[_-]?secret|secret[_-]?key|secret|passw(?:or)?d"
    r"|pass|token|authorization)[\"']?\s*[=:]\s*(?:bearer\s+|token\s+token=)?[\"']?)[^\s\"'&,;)}\]]+"
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{6,}")
_IN_ADDRESS = re.compile(r"(\w+://[^\s/:@]*:)[^\s/@]+@")


def masked(text: str) -> str:
    """The text without what stands where passwords, keys and tokens stand."""
    text = _IN_ADDRESS.sub(rf"\1{MASK}@", text)
    return _BEARER.sub(rf"\1{MASK}", _NAMED.sub(rf"\1{MASK}", text))


class TextLines(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__(FORM, TIME_FORM)

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: at (ISO 8601, UTC), level, logger, message, and of an error its trace."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            told["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


_FORMATTERS = {TEXT: TextLines, JSON: JsonLines}


def log_as(level: str, form: str = TEXT) -> None:
    """Print lines of this level and above; a second call only changes level and form."""
    logger = logging.getLogger(ROOT)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in logger.handlers:
        handler.setFormatter(_FORMATTERS[form]())
    logger.setLevel(level.upper())


def log_config(level: str, form: str = TEXT) -> dict[str, Any]:
    """The same for `logging.config.dictConfig`, for processes that are set up by one."""
    return {
        "formatters": {ROOT: {"()": _FORMATTERS[form]}},
        "handlers": {
            ROOT: {"class": "logging.StreamHandler", "formatter": ROOT, "stream": "ext://sys.stderr"}
        },
        "loggers": {ROOT: {"handlers": [ROOT], "level": level.upper()}},
    }
