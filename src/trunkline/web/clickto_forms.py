"""Parameters of the click-to report: query string, form or multipart; UTF-8, or what old clients send."""

import io
from typing import Any
from urllib.parse import parse_qsl

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from trunkline.asking import Receive, Scope, body_of, header, is_form

MOST_PARAMETERS = 500
MULTIPART = "multipart/form-data"


class UnreadableForm(ValueError):
    """A body that is not the form it says it is, or that has too many parameters."""


async def parameters_of(scope: Scope, receive: Receive) -> dict[str, str]:
    """Those of the query string win over those of the body; of a name given twice the last counts.

    Raises UnreadableForm, Gone or TooLarge.
    """
    body = await body_of(receive)
    kind = header(scope, b"content-type")
    found: dict[str, str] = {}
    if body and kind.partition(";")[0].strip().lower() == MULTIPART:
        found = _of_multipart(kind, body)
    elif body and is_form(scope):
        found = _of_pairs(body)
    return found | _of_pairs(scope["query_string"])


def _of_pairs(pairs: bytes) -> dict[str, str]:
    try:
        found = parse_qsl(
            pairs.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MOST_PARAMETERS,
            separator="&",
        )
    except ValueError:
        raise UnreadableForm("There are too many parameters.") from None
    return {name: _text(value.encode("latin-1")) for name, value in found}


def _of_multipart(kind: str, body: bytes) -> dict[str, str]:
    """The fields; files are left out."""
    found: dict[str, str] = {}

    def keep(field: Any) -> None:
        if len(found) >= MOST_PARAMETERS:
            raise UnreadableForm("There are too many parameters.")
        found[_text(field.field_name or b"")] = _text(field.value or b"")

    try:
        parse_form(
            {"Content-Type": kind.encode("latin-1")}, io.BytesIO(body), keep, lambda file: file.close()
        )
    except FormParserError:
        raise UnreadableForm("The body is no multipart form that can be read.") from None
    return found


def _text(value: bytes) -> str:
    """UTF-8; what is none comes from a client that writes ISO-8859-1, as the report's XML is written."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
