"""All operations there are: each family declares its own."""

from trunkline.rest import (
    accounts,
    alerts,
    connectors,
    datasets,
    exports,
    people,
    rows,
    runs,
    schedules,
    system,
)
from trunkline.rest.operations import Operation

FAMILIES = (connectors, accounts, datasets, rows, schedules, exports, runs, alerts, people, system)
OPERATIONS: tuple[Operation, ...] = tuple(one for family in FAMILIES for one in family.OPERATIONS)
BY_ID = {operation.id: operation for operation in OPERATIONS}
