"""Parameters as they come: query string and form body; a name in both is that of the query string."""

from urllib.parse import unquote

MOST_PARAMETERS = 500


def parameters(query: str, body: str = "") -> dict[str, str]:
    """The parameters of a request; those of the query string win over those of the body.

    Of a name given twice the last counts, as in the original. Raises ValueError for too many.
    """
    found = _pairs(body) if body else {}
    found.update(_pairs(query))
    return found


def _pairs(text: str) -> dict[str, str]:
    """What `urllib.parse.parse_qsl` finds; that takes longer than all the rest of a short request."""
    if text.count("&") >= MOST_PARAMETERS:
        raise ValueError("Max number of fields exceeded")
    found = {}
    is_plain = "%" not in text and "+" not in text
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if is_plain:
                found[name] = value
            else:
                found[_plain(name)] = _plain(value)
    return found


def _plain(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote(text, errors="replace") if "%" in text else text
