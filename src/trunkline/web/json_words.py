"""What all answers of the server's JSON have in common."""

from typing import Any

import orjson

from trunkline.dialer.command import Result


def encoded(content: Any) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)


def problem(code: str, message: str) -> dict[str, Any]:
    """An answer that no function has given."""
    return {"result": Result.ERROR, "code": code, "message": message}
