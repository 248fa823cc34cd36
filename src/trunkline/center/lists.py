"""Long lists of datasets, a page at a time, and the tags that they are found by."""

import re
from collections.abc import Mapping, Sequence

from trunkline.center import list_queries as queries
from trunkline.center.datasets import Dataset, from_row
from trunkline.center.room import Center
from trunkline.errors import Problem, SettingsError

MOST_TAGS, LONGEST_TAG = 20, 40
_TAG = re.compile(r"[\w-]{1,40}\Z", re.ASCII)


def datasets_after(
    center: Center,
    after: int,
    limit: int,
    *,
    account: str = "",
    report: str = "",
    text: str = "",
    tag: str = "",
) -> list[Dataset]:
    """Datasets in the order they were made, those after a number; `text` is a part of the name."""
    if tag and not _TAG.match(tag):
        return []
    with center.store.read() as tx:
        rows = queries.datasets_after(tx, after, limit, account=account, report=report, text=text, tag=tag)
    return [from_row(row) for row in rows]


def tags_of(center: Center, some: Sequence[Dataset]) -> Mapping[int, list[str]]:
    """By the ids of the datasets."""
    with center.store.read() as tx:
        return queries.tags_of(tx, [one.id for one in some])


def checked_tags(tags: Sequence[str]) -> list[str]:
    """Tags in their order, each once. Raises SettingsError for one that is no plain word, or too many."""
    found = list(dict.fromkeys(tags))
    wrong = [tag for tag in found if not _TAG.match(tag)]
    if wrong:
        text = f"The tag {wrong[0][:60]!r} will not do: use letters, digits, - and _, at most {LONGEST_TAG}."
        raise SettingsError(problems=[Problem("tags", text)])
    if len(found) > MOST_TAGS:
        raise SettingsError(problems=[Problem("tags", f"A dataset has at most {MOST_TAGS} tags.")])
    return found


def set_tags(center: Center, dataset: Dataset, tags: Sequence[str]) -> None:
    checked = checked_tags(tags)
    with center.store.begin() as tx:
        queries.set_tags(tx, dataset.id, checked or None)
