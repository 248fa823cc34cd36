"""`trunkline user` and tokens of people, as they are typed."""

import re

from tests.cli.conftest import Terminal


async def test_the_life_of_a_user(terminal: Terminal) -> None:
    none = await terminal.type("user", "list")
    assert "user setup" in none.out
    first = await terminal.type("user", "setup")
    assert re.match(r"http://127\.0\.0\.1:8360/set-up\?link=[\w-]{43}\n", first.out)
    added = await terminal.type(
        "user", "add", "Ann@Example.com", "--name", "Ann", "--role", "owner", "--json"
    )
    assert added.json["email"] == "ann@example.com"
    assert added.json["purpose"] == "invitation"
    assert "/set-password?link=" in added.json["link"]
    again = await terminal.type("user", "add", "ann@example.com")
    assert (again.code, "is a user already" in again.err) == (1, True)
    refused = await terminal.type("user", "setup")
    assert (refused.code, "There is a user already" in refused.err) == (1, True)
    assert (await terminal.type("user", "role", "ann@example.com", "king")).code == 2
    changed = await terminal.type("user", "role", "ann@example.com", "analyst")
    assert changed.out == "ann@example.com is analyst now.\n"
    assert "may not sign in" in (await terminal.type("user", "disable", "ann@example.com")).out
    shut = await terminal.type("user", "reset", "ann@example.com")
    assert (shut.code, "may not sign in" in shut.err) == (1, True)
    await terminal.type("user", "enable", "ann@example.com")
    assert "/set-password?link=" in (await terminal.type("user", "reset", "ann@example.com")).out
    assert (await terminal.type("user", "second-factor-off", "ann@example.com")).code == 0
    (listed,) = (await terminal.type("user", "list", "--json")).json
    assert (listed["role"], listed["is_active"]) == ("analyst", True)
    unsure = await terminal.type("user", "remove", "ann@example.com", stdin="n\n")
    assert unsure.code == 1
    await terminal.type("user", "remove", "ann@example.com", "--yes")
    assert (await terminal.type("user", "list", "--json")).json == []


async def test_a_token_of_a_person(terminal: Terminal) -> None:
    await terminal.type("user", "add", "ann@example.com")
    made = await terminal.type(
        *("token", "add", "laptop", "--for", "ann@example.com", "--scopes", "data.read,runs.write"),
        *("--days", "90", "--json"),
    )
    assert made.json["scopes"] == ["data.read", "runs.write"]
    assert made.json["token"].startswith("tl_")
    wrong = await terminal.type("token", "add", "x", "--for", "ann@example.com", "--scopes", "users.write")
    assert "is none of ann@example.com's rights" in wrong.err
    both = await terminal.type("token", "add", "x", "--for", "ann@example.com", "--user", "6666")
    assert "not both" in both.err
    assert "goes with --for" in (await terminal.type("token", "add", "x", "--scopes", "data.read")).err
    assert "ann@example.com laptop" in (await terminal.type("token", "list")).out
    assert (await terminal.type("token", "remove", "ann@example.com laptop", "--yes")).code == 0
