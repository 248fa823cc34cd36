"""The line that puts the button of a block into a web page."""

import html
from collections.abc import Mapping

SCRIPT = "/clickto.js"


def snippet_of(server: str, block_id: int, ref: str = "", words: Mapping[str, str] | None = None) -> str:
    """`server`: the address at which browsers reach this one. `words`: texts of the button by their names."""
    own = {
        "src": f"{server.rstrip('/')}{SCRIPT}",
        "data-block": str(block_id),
        "data-ref": ref,
        **{f"data-text-{name}": text for name, text in (words or {}).items()},
    }
    attributes = " ".join(f'{name}="{html.escape(value)}"' for name, value in own.items() if value)
    return f"<script {attributes} defer></script>"
