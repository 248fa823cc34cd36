"""Parameters as they come: query string and form body; a name in both is that of the query string."""

from urllib.parse import parse_qsl

MOST_PARAMETERS = 500


def parameters(query: str, body: str = "") -> dict[str, str]:
    """The parameters of a request; those of the query string win over those of the body.

    Of a name given twice the last counts, as in the original. Raises ValueError for too many.
    """
    found = dict(_pairs(body)) if body else {}
    found.update(_pairs(query))
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(
        text,
        keep_blank_values=True,
        encoding="utf-8",
        errors="replace",
        max_num_fields=MOST_PARAMETERS,
        separator="&",
    )
