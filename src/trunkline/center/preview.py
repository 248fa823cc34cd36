"""A look at real rows before anything is loaded."""

from trunkline.center import accounts, datasets
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.declare import Row
from trunkline.fetch.source import open_source


async def first_rows(center: Center, dataset: Dataset, count: int) -> list[Row]:
    """The first rows the provider sends for the dataset's choices."""
    asked = datasets.asked(center, dataset)
    access = accounts.access(center, dataset.account)
    values = {**dataset.options, "time_zone": datasets.zone_of(center, dataset.options)}
    found: list[Row] = []
    async with open_source(access, dataset.report, values, center.surroundings()) as source:
        async for rows in source.rows(asked.span if asked else None):
            found += rows
            if len(found) >= count:
                break
    return found[:count]
