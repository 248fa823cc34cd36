"""The recorded requests of the original: answers, changed rows and log rows are the same."""

from pathlib import Path

import pytest

from tests.dialer.known_differences import DIFFERENT
from tests.dialer.replay import all_vectors, copied, patched, scenarios, sent
from trunkline.dialer.commands import COMMANDS

NOT_YET = {v["function"] for v in all_vectors()} - {*COMMANDS, "", "no_such_function", "ver;si on", "VERSION"}


@pytest.mark.parametrize("scenario", scenarios())
async def test_a_scenario_goes_as_recorded(scenario: str, start: Path, tmp_path: Path) -> None:
    steps = scenarios()[scenario]
    service = copied(start, tmp_path / "dialer.db")
    await patched(service, steps[0]["patches"])
    wrong = []
    for vector in steps:
        if vector["function"] in NOT_YET:
            continue
        replayed = await sent(service, vector)
        if vector["n"] not in DIFFERENT:
            wrong += [f"{vector['n']} {vector['query']}\n    {text}" for text in replayed.differences]
    await service.database.close()
    assert not wrong, "\n".join(wrong)


def test_every_known_difference_is_a_recorded_request() -> None:
    assert set(DIFFERENT) <= {vector["n"] for vector in all_vectors()}
