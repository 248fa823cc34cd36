"""What a statement would read and call on PostgreSQL, by the server's own plan of it.

A warehouse may lie in a database beside other tables, and rights cannot tell them apart: whoever owns all
of them may read all of them. So a statement from a page is looked at before it is run.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.errors import SettingsError
from trunkline.warehouse.target import DATASETS

NO_OTHER = "Queries of pages read datasets alone."
_CALLS = re.compile(
    r"\b(\w+_to_xml(?:schema|_and_xmlschema)?|ts_stat|dblink\w*|set_config"
    r"|pg_(?:try_)?advisory_\w+|pg_(?:cancel|terminate)_backend|pg_stat_get_activity|pg_notify"
    r"|pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_logical_\w+|lo_\w+|loread|lowrite)\b\"?\s*(?:\(|$)"
)
"""Functions that run SQL of their own, or reach what is no table."""


def check_plan(plan: Any) -> None:
    """Raises SettingsError where it reads another table than a dataset's, or calls what it may not."""
    for node in _nodes(plan):
        schema, relation = node.get("Schema"), node.get("Relation Name")
        if relation and schema != DATASETS:
            raise SettingsError(f"{schema}.{relation} is no dataset.", todo=NO_OTHER)
    for text in _texts(plan):
        if found := _CALLS.search(text):
            raise SettingsError(f"{found[1]} may not be called here.", todo=NO_OTHER)


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
