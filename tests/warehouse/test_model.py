"""Any sequence of windows, each loaded any number of times, equals a dictionary that was told the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.warehouse.rows import call, days, load, stored, target
from trunkline.declare import Method
from trunkline.warehouse.engine import Warehouse

Rows = list[tuple[str, int, str | None]]

LAST_DAY = 4

one_row = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, LAST_DAY), st.sampled_from(["x", "y", None]))
windows = st.tuples(
    st.integers(0, LAST_DAY), st.integers(0, 2), st.lists(one_row, max_size=8), st.integers(1, 2)
)


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(10**6))


def told(method: Method, plan: list[tuple[int, int, Rows, int]]) -> dict[str, tuple[int, str | None]]:
    """The dictionary's answer."""
    state: dict[str, tuple[int, str | None]] = {}
    for first, length, rows, _ in plan:
        came = {key: (day, note) for key, day, note in inside(first, length, rows)}
        if method is Method.APPEND:
            state = {**came, **state}
        elif method is Method.MERGE:
            state = {**state, **came}
        elif method is Method.PARTITION:
            kept = {k: v for k, v in state.items() if not first <= v[0] <= first + length}
            state = {**kept, **came}
        else:
            state = came
    return state


def inside(first: int, length: int, rows: Rows) -> Rows:
    """The rows of a window, moved into its days."""
    return [(key, first + day % (length + 1), note) for key, day, note in rows]


@pytest.mark.parametrize("method", list(Method))
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=st.lists(windows, max_size=5))
def test_loads_equal_the_model(
    warehouse: Warehouse, numbers: Iterator[int], method: Method, plan: list[tuple[int, int, Rows, int]]
) -> None:
    goal = target(method, dataset=f"calls_{next(numbers)}")
    for step, (first, length, rows, times) in enumerate(plan):
        for repeat in range(times):
            content: list[Any] = [call(k, d, note=n) for k, d, n in inside(first, length, rows)]
            load(warehouse, goal, days(first, first + length), content, run=f"{step}-{repeat}")
    expected = sorted((key, note) for key, (_, note) in told(method, plan).items()) if plan else []
    found = stored(warehouse, goal.dataset, "id", "note") if plan else []
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    warehouse.drop(goal.dataset)


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=st.lists(windows, min_size=1, max_size=5))
def test_partitions_without_a_key_equal_the_model(
    warehouse: Warehouse, numbers: Iterator[int], plan: list[tuple[int, int, Rows, int]]
) -> None:
    goal = target(Method.PARTITION, dataset=f"calls_{next(numbers)}", key=())
    state: Rows = []
    for first, length, rows, times in plan:
        came = inside(first, length, rows)
        state = [row for row in state if not first <= row[1] <= first + length] + came
        for _ in range(times):
            load(warehouse, goal, days(first, first + length), [call(k, d, note=n) for k, d, n in came])
    found = stored(warehouse, goal.dataset, "id", "note")
    assert found == sorted(((key, note) for key, _, note in state), key=repr)
    warehouse.drop(goal.dataset)
