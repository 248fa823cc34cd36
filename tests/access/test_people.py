"""Users, links, sessions and tokens on every database: what is good once, and what ends with what."""

import threading
from datetime import timedelta

import pytest

from tests.access.conftest import PASSWORD
from trunkline.access.audit import Audit
from trunkline.access.links import Links, Purpose
from trunkline.access.people import People
from trunkline.access.roles import Role
from trunkline.access.sessions import GOOD_FOR, LONGEST, Sessions
from trunkline.access.tokens import Tokens
from trunkline.access.users import User, Users
from trunkline.clock import SteppedClock
from trunkline.errors import NotAllowed, SettingsError, TrunklineError
from trunkline.store.connection import Store


def user_of(store: Store, clock: SteppedClock, name: str, role: Role, password: str = PASSWORD) -> User:
    return Users(store, clock).add(f"{name}@example.com", name.title(), role, password)


async def test_one_owner_remains_who_is_able_to_sign_in(any_store: Store, wall: SteppedClock) -> None:
    users, people = Users(any_store, wall), People(any_store, wall)
    ann = user_of(any_store, wall, "ann", Role.OWNER)
    invited, _ = people.invite("bob@example.com", "Bob", "owner")
    ends = (
        lambda: people.give_role(ann, "admin"),
        lambda: people.let_in(ann, False),
        lambda: people.remove(ann),
    )
    for end in ends:
        with pytest.raises(SettingsError, match="the only owner"):
            end()
    people.remove(invited)
    bob = user_of(any_store, wall, "bob", Role.OWNER)
    people.give_role(ann, "admin")
    assert users.get(ann.id).role is Role.ADMIN
    with pytest.raises(SettingsError, match="the only owner"):
        people.let_in(bob, False)


async def test_admins_change_no_owners_and_nobody_themselves(any_store: Store, wall: SteppedClock) -> None:
    ann, abe = (
        user_of(any_store, wall, name, role) for name, role in (("ann", Role.OWNER), ("abe", Role.ADMIN))
    )
    as_abe, as_ann = (People(any_store, wall, by, "127.0.0.1") for by in (abe, ann))
    with pytest.raises(SettingsError, match="a role that you may give: admin"):
        as_abe.invite("eve@example.com", "Eve", "owner")
    eve, _ = as_abe.invite("eve@example.com", "Eve", "employee")
    for wrong in (
        lambda: as_abe.new_link(ann),
        lambda: as_abe.remove(ann),
        lambda: as_abe.sign_out(ann),
        lambda: as_abe.give_role(eve, "owner"),
        lambda: as_ann.give_role(ann, "admin"),
        lambda: as_abe.let_in(abe, False),
    ):
        with pytest.raises(NotAllowed):
            wrong()
    as_ann.give_role(eve, "owner")
    newest = Audit(any_store, wall).page()[0]
    assert (newest.who, newest.action, newest.subject) == ("ann@example.com", "role.changed", eve.email)
    assert newest.detail == {"before": "employee", "after": "owner"}


async def test_a_link_is_good_once_also_for_two_at_a_time(any_store: Store, wall: SteppedClock) -> None:
    ann, links = user_of(any_store, wall, "ann", Role.OWNER), Links(any_store, wall)
    text = links.make(Purpose.RESET, ann)
    outcomes: list[str] = []

    def use(password: str) -> None:
        try:
            links.set_password(Purpose.RESET, text, password)
            outcomes.append(password)
        except TrunklineError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=use, args=(f"a password of {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [one for one in outcomes if one.startswith("a password of")]
    assert len(good) == 1, outcomes
    assert Users(any_store, wall).proven(ann.email, good[0]) is not None


async def test_a_new_password_ends_sessions_and_links(any_store: Store, wall: SteppedClock) -> None:
    ann, links = user_of(any_store, wall, "ann", Role.OWNER), Links(any_store, wall)
    session = Sessions(any_store, wall).begin(ann, "127.0.0.1", "a test")
    half, reset = (links.make(purpose, ann) for purpose in (Purpose.SECOND_FACTOR, Purpose.RESET))
    links.make(Purpose.SECOND_FACTOR, ann)
    assert links.is_good(Purpose.SECOND_FACTOR, half), "another browser's does not end it"
    assert links.user_of(Purpose.RESET, half) is None, "each is good for its purpose alone"
    Users(any_store, wall).set_password(ann, "another battery staple")
    assert Sessions(any_store, wall).find(session.text) is None
    assert not links.is_good(Purpose.RESET, reset)
    assert not links.is_good(Purpose.SECOND_FACTOR, half)


async def test_links_and_sessions_end_by_themselves(any_store: Store, wall: SteppedClock) -> None:
    ann, sessions = user_of(any_store, wall, "ann", Role.OWNER), Sessions(any_store, wall)
    links = Links(any_store, wall)
    text, session = links.make(Purpose.RESET, ann), sessions.begin(ann, "", "")
    await wall.sleep(3_601)
    assert not links.is_good(Purpose.RESET, text)
    days = (GOOD_FOR - timedelta(days=1)).total_seconds()
    await wall.sleep(days)
    assert sessions.find(session.text) is not None, "used now, it is good for longer"
    await wall.sleep(days)
    assert sessions.find(session.text) is not None
    await wall.sleep((LONGEST - 2 * GOOD_FOR + timedelta(days=2)).total_seconds())
    assert sessions.find(session.text) is None, "and not for ever"


async def test_a_persons_token_may_what_both_may_now(any_store: Store, wall: SteppedClock) -> None:
    tokens, people = Tokens(any_store, wall), People(any_store, wall)
    user_of(any_store, wall, "ann", Role.OWNER)
    bob = user_of(any_store, wall, "bob", Role.ANALYST)
    with pytest.raises(SettingsError, match=r"'users\.write' is none of bob"):
        tokens.add_for(bob, "laptop", ["users.write"])
    made, text = tokens.add_for(bob, "laptop", ["data.read", "runs.write", "data.read"], days=90)
    _, all_text = tokens.add_for(bob, "server", None)
    assert made.own_name == "laptop"
    assert made.scopes == ("data.read", "runs.write")
    found = tokens.find(text)
    assert found is not None
    assert found.functions == ("data.read", "runs.write")
    assert not found.allows("add_user"), "it is none of the dialer's"
    people.give_role(bob, "employee")
    assert [t.functions for t in (tokens.find(text), tokens.find(all_text)) if t] == [(), ("self",)]
    assert not tokens.find(text).allows("add_user")  # type: ignore[union-attr]
    people.let_in(bob, False)
    assert tokens.find(text) is None
    people.let_in(bob, True)
    await wall.sleep(91 * 86_400)
    assert tokens.find(text) is None
    assert tokens.find(all_text) is not None
    people.remove(Users(any_store, wall).get(bob.id))
    assert tokens.find(all_text) is None
    assert tokens.all() == []


async def test_tokens_of_two_people_may_have_one_name(any_store: Store, wall: SteppedClock) -> None:
    ann, bob = (user_of(any_store, wall, name, Role.OWNER) for name in ("ann", "bob"))
    tokens = Tokens(any_store, wall)
    mine, _ = tokens.add_for(ann, "laptop", None)
    tokens.add_for(bob, "laptop", None)
    with pytest.raises(SettingsError, match="a token named"):
        tokens.add_for(bob, "laptop", None)
    with pytest.raises(SettingsError, match="no such token"):
        tokens.remove_of(bob, mine.id)
    assert tokens.of_user(ann) == [mine]
    tokens.remove_of(ann, mine.id)
    assert tokens.of_user(ann) == []
