"""People, profiles, second steps, tokens and the audit, over the pages."""

import asyncio
import re
from pathlib import Path

import httpx
import pyotp
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import insert, select

from tests.pages.conftest import NOW, PASSWORD, Visitor
from trunkline.access.roles import Role
from trunkline.access.users import User
from trunkline.center.tables import accounts, datasets
from trunkline.pages.application import Pages
from trunkline.pages.rooms import WRONG_PASSWORDS, Rooms, rooms_of
from trunkline.pages.visit import SESSION
from trunkline.settings import load_settings

EMAIL = "ann@example.com"
SIGN_IN = {"email": EMAIL, "password": PASSWORD}
HERE = ("127.0.0.1", "a test")


def ann_of(rooms: Rooms, role: Role = Role.ANALYST) -> User:
    return rooms.users.add(EMAIL, "Ann", role, PASSWORD)


def with_second_factor(rooms: Rooms, user: User) -> tuple[str, list[str]]:
    """The secret, and the recovery codes. The code of now is used up."""
    secret = rooms.second_factors.offer(user).secret
    return secret, rooms.second_factors.turn_on(user, secret, pyotp.TOTP(secret).at(NOW))


def link_in(answer: httpx.Response) -> str:
    found = re.search(r"/set-password\?link=([\w-]+)", answer.text)
    assert found, answer.text
    return found[1]


async def test_an_invitation_is_accepted_once(rooms: Rooms, visitor: Visitor) -> None:
    owner, stranger = visitor(Role.OWNER), visitor(None)
    wrong = await owner.post("/users/invite", data={"email": "ann", "name": "", "role": "king"})
    assert wrong.status_code == 422
    assert "Choose a role" in wrong.text
    made = await owner.post("/users/invite", data={"email": EMAIL, "name": "Ann", "role": "analyst"})
    text = link_in(made)
    assert "Welcome, Ann" in (await stranger.get(f"/set-password?link={text}")).text
    short = await stranger.post("/set-password", data={"link": text, "password": "short"})
    assert "too short" in short.text
    good = await stranger.post("/set-password", data={"link": text, "password": PASSWORD})
    assert good.status_code == 303
    assert (await stranger.get("/profile")).status_code == 200
    again = await visitor(None).post("/set-password", data={"link": text, "password": PASSWORD})
    assert again.status_code == 403
    assert [entry.action for entry in rooms.audit.page()][:3] == [
        "sign_in.done",
        "invitation.accepted",
        "user.invited",
    ]


async def test_a_password_alone_is_not_enough(rooms: Rooms, visitor: Visitor) -> None:
    ann, client = ann_of(rooms), visitor(None)
    secret, recovery = with_second_factor(rooms, ann)
    assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in"
    half = await client.post("/sign-in", data={**SIGN_IN, "next": "/profile?a=1&b=2"})
    assert half.headers["location"] == "/sign-in/code?next=/profile%3Fa%3D1%26b%3D2"
    assert SESSION not in client.cookies
    assert (await client.get("/profile")).status_code == 303
    wrong = await client.post("/sign-in/code", data={"code": pyotp.TOTP(secret).at(NOW)})
    assert wrong.status_code == 403
    kept = client.cookies["trunkline_half"]
    good = await client.post("/sign-in/code", data={"code": recovery[0], "next": "/profile"})
    assert good.headers["location"] == "/profile"
    assert (await client.get("/profile")).status_code == 200
    thief = visitor(None)
    thief.cookies.set("trunkline_half", kept)
    answer = await thief.post("/sign-in/code", data={"code": recovery[1]})
    assert answer.headers["location"] == "/sign-in", "each half of a sign-in is good once"


async def test_who_guesses_codes_waits(rooms: Rooms, visitor: Visitor) -> None:
    ann, client = ann_of(rooms), visitor(None)
    _, recovery = with_second_factor(rooms, ann)
    await client.post("/sign-in", data=SIGN_IN)
    for _ in range(WRONG_PASSWORDS):
        assert (await client.post("/sign-in/code", data={"code": "000000"})).status_code == 403
    assert (await client.post("/sign-in/code", data={"code": recovery[0]})).status_code == 429
    assert (await client.post("/sign-in", data=SIGN_IN)).status_code == 429


async def test_guesses_at_the_same_time_count_like_those_after_each_other(
    rooms: Rooms, visitor: Visitor
) -> None:
    ann_of(rooms)
    clients = [visitor(None) for _ in range(WRONG_PASSWORDS + 6)]
    tries = [client.post("/sign-in", data={**SIGN_IN, "password": "wrong"}) for client in clients]
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert statuses.count(403) <= WRONG_PASSWORDS + 1, "one more was at work already"
    assert statuses.count(429) >= 5


async def test_a_changed_password_ends_all_sessions_but_gives_this_browser_a_new_one(
    rooms: Rooms, visitor: Visitor
) -> None:
    ann = ann_of(rooms)
    here, there = (rooms.sessions.begin(ann, *HERE) for _ in range(2))
    client = visitor(None)
    client.cookies.set(SESSION, here.text)
    form = {"form_token": here.form_token, "old": "wrong", "password": "another battery staple"}
    wrong = await client.post("/profile/password", data=form)
    assert (wrong.status_code, "not your password" in wrong.text) == (422, True)
    good = await client.post("/profile/password", data={**form, "old": PASSWORD})
    assert good.status_code == 303
    assert good.cookies[SESSION] not in (here.text, there.text)
    assert rooms.sessions.find(here.text) is None
    assert rooms.sessions.find(there.text) is None
    assert rooms.sessions.find(good.cookies[SESSION]) is not None


async def test_signing_in_again_ends_the_session_before(rooms: Rooms, visitor: Visitor) -> None:
    before = rooms.sessions.begin(ann_of(rooms), *HERE)
    client = visitor(None)
    client.cookies.set(SESSION, before.text)
    answer = await client.post("/sign-in", data={**SIGN_IN, "form_token": before.form_token})
    assert answer.status_code == 303
    assert answer.cookies[SESSION] != before.text
    assert rooms.sessions.find(before.text) is None


async def test_the_second_factor_is_turned_off_with_the_password(rooms: Rooms, visitor: Visitor) -> None:
    ann = ann_of(rooms)
    session, client = rooms.sessions.begin(ann, *HERE), visitor(None)
    client.cookies.set(SESSION, session.text)
    token = {"form_token": session.form_token}
    page = await client.get("/profile/second-factor")
    secret = re.search(r'name="secret" value="(\w+)"', page.text)
    assert secret
    assert 'style="' not in page.text
    on = await client.post(
        "/profile/second-factor", data={**token, "secret": secret[1], "code": pyotp.TOTP(secret[1]).at(NOW)}
    )
    assert len(re.findall(r"^\w{4}-\w{4}-\w{4}-\w{4}$|(?<=>)\w{4}-\w{4}-\w{4}-\w{4}", on.text, re.M)) == 10
    off = await client.post("/profile/second-factor/off", data={**token, "password": "wrong"})
    assert off.status_code == 422
    off = await client.post("/profile/second-factor/off", data={**token, "password": PASSWORD})
    assert off.headers["location"] == "/profile"
    assert not rooms.users.get(ann.id).has_second_factor


async def test_what_a_removed_person_made_stays(rooms: Rooms, visitor: Visitor) -> None:
    owner, ann = visitor(Role.OWNER), ann_of(rooms)
    made = {"created_at": NOW, "updated_at": NOW, "owner_id": ann.id}
    with rooms.store.begin() as tx:
        tx.execute(insert(accounts).values(id=1, name="CallRail", connector="callrail", **made))
        tx.execute(
            insert(datasets).values(id=1, name="Calls", account_id=1, report="calls", method="merge", **made)
        )
    assert (await owner.post(f"/users/{ann.id}/remove")).headers["location"] == "/users"
    with rooms.store.read() as tx:
        assert tx.execute(select(datasets.c.name, datasets.c.owner_id)).all() == [("Calls", None)]
        assert tx.execute(select(accounts.c.name, accounts.c.owner_id)).all() == [("CallRail", None)]


async def test_changing_others(rooms: Rooms, visitor: Visitor) -> None:
    admin, ann = visitor(Role.ADMIN), ann_of(rooms)
    visitor(Role.OWNER)
    session = rooms.sessions.begin(ann, *HERE)
    owner = rooms.users.named("owner@example.com")
    for path in ("role", "remove", "link", "disable", "sign-out"):
        answer = await admin.post(f"/users/{owner.id}/{path}", data={"role": "admin"})
        assert answer.status_code == 403, path
        assert "Only an owner changes owners" in answer.text
    assert (
        "Ann is manager now"
        in (await admin.post(f"/users/{ann.id}/role", data={"role": "manager"}, follow_redirects=True)).text
    )
    await admin.post(f"/users/{ann.id}/disable")
    assert rooms.sessions.find(session.text) is None
    assert (await visitor(None).post("/sign-in", data=SIGN_IN)).status_code == 403
    assert (await admin.post(f"/users/{ann.id}/link")).status_code == 422
    await admin.post(f"/users/{ann.id}/enable")
    assert (await visitor(None).post("/sign-in", data=SIGN_IN)).status_code == 303
    assert (await admin.get(f"/users/{'9' * 40}")).status_code == 422


async def test_a_lost_phone(rooms: Rooms, visitor: Visitor) -> None:
    ann = ann_of(rooms)
    with_second_factor(rooms, ann)
    await visitor(Role.ADMIN).post(f"/users/{ann.id}/second-factor-off")
    assert rooms.audit.page()[0].action == "second_factor.off"
    assert (await visitor(None).post("/sign-in", data=SIGN_IN)).headers["location"] == "/"


async def test_who_types_a_password_for_an_address_is_not_written_down(
    rooms: Rooms, visitor: Visitor
) -> None:
    ann_of(rooms)
    await visitor(None).post("/sign-in", data={"email": PASSWORD, "password": "x"})
    (entry,) = rooms.audit.page()
    assert (entry.action, entry.subject) == ("sign_in.failed", "")


async def test_own_tokens(rooms: Rooms, visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    wrong = await client.post("/profile/tokens", data={"name": "", "scopes": ["users.write"], "days": "90"})
    assert wrong.status_code == 422
    assert "is none of analyst@example.com" in wrong.text
    made = await client.post("/profile/tokens", data={"name": "laptop", "scopes": ["data.read"], "days": ""})
    text = re.search(r"tl_[\w-]+", made.text)
    assert text
    found = rooms.tokens.find(text[0])
    assert found is not None
    assert found.expires_at is None
    assert text[0] not in (await client.get("/profile/tokens")).text
    assert (await visitor(Role.OWNER).post(f"/profile/tokens/{found.id}/remove")).status_code == 422
    await client.post(f"/profile/tokens/{found.id}/remove")
    assert rooms.tokens.find(text[0]) is None
    assert rooms.audit.page()[0].action == "token.removed"


async def test_the_audit_is_leafed_through(rooms: Rooms, visitor: Visitor) -> None:
    ann = ann_of(rooms)
    for number in range(60):
        rooms.audit.note(ann, "127.0.0.1", "dataset.changed", f"<Calls {number}>", rows=number)
    client = visitor(Role.OWNER)
    first = await client.get("/audit?action=dataset.changed")
    assert "&lt;Calls 59&gt;" in first.text
    assert "Calls 9&gt;" not in first.text
    older = re.search(r'href="([^"]*before=\d+)"', first.text)
    assert older
    second = await client.get(older[1].replace("&amp;", "&"))
    assert "Calls 9&gt;" in second.text
    assert "Older" not in second.text
    assert "Nothing fits" in (await client.get("/audit?who=eve@example.com&before=x")).text


async def test_cookies_are_for_encrypted_ways_alone_where_there_are(rooms: Rooms, tmp_path: Path) -> None:
    """By what a proxy of ours tells (the scheme), or by what the settings say of this host."""
    ann_of(rooms)
    settings = load_settings(tmp_path / "home", {"TRUNKLINE_PUBLIC_URL": "https://phones.example.com"})
    behind = rooms_of(settings, rooms.store, rooms.clock, rooms.wrong_logins)
    transport = httpx.ASGITransport(Pages(behind))
    for url, is_secure in (
        ("http://phones.example.com", True),
        ("https://other.example", True),
        ("http://10.0.0.9:8360", False),
    ):
        async with httpx.AsyncClient(transport=transport, base_url=url) as client:
            answer = await client.post("/sign-in", data=SIGN_IN, headers={"origin": url})
            assert ("Secure" in answer.headers["set-cookie"]) is is_secure
    async with httpx.AsyncClient(transport=transport, base_url="http://phones.example.com") as client:
        origin = {"origin": "https://phones.example.com"}
        assert (await client.post("/sign-in", data=SIGN_IN, headers=origin)).status_code == 303
        assert (await client.post("/sign-in", data=SIGN_IN, headers={"origin": "null"})).status_code == 403


async def test_large_forms_are_not_read(rooms: Rooms, visitor: Visitor) -> None:
    large = {"email": "x" * 2_100_000}
    for send in ({"data": large}, {"files": {"file": ("a.csv", b"x" * 2_100_000)}}):
        assert (await visitor(None).post("/sign-in", **send)).status_code == 413


class Inbox:
    def __init__(self) -> None:
        self.texts: list[tuple[list[str], str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        found = envelope.content.decode(), envelope.rcpt_tos  # type: ignore[attr-defined]
        self.texts.append((found[1], found[0].replace("=\r\n", "").replace("=3D", "=")))
        return "250 Taken"


async def test_a_forgotten_password_by_mail(rooms: Rooms, tmp_path: Path) -> None:
    inbox, ann = Inbox(), ann_of(rooms)
    server = Controller(inbox, hostname="127.0.0.1", port=0)
    server.port = _free_port()
    server.start()
    env = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(server.port), "MAIL_SECURITY": "none"}
    env |= {"MAIL_FROM": "trunkline@example.com", "PUBLIC_URL": "https://phones.example.com"}
    settings = load_settings(tmp_path / "home", {f"TRUNKLINE_{name}": value for name, value in env.items()})
    mailing = rooms_of(settings, rooms.store, rooms.clock, rooms.wrong_logins)
    session = rooms.sessions.begin(ann, *HERE)
    transport = httpx.ASGITransport(Pages(mailing))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
            answers = [
                (await client.post("/forgotten", data={"email": email})).text
                for email in (EMAIL.upper(), EMAIL, "nobody@example.com")
            ]
            await asyncio.gather(*mailing.errands)
            assert answers[0] == answers[1] == answers[2]
            assert [to for to, _ in inbox.texts] == [[EMAIL]], "one, however often it is asked for"
            link = re.search(r"https://phones\.example\.com/set-password\?link=([\w-]+)", inbox.texts[0][1])
            assert link
            answer = await client.post(
                "/set-password", data={"link": link[1], "password": "another battery staple"}
            )
            assert answer.status_code == 303
    finally:
        server.stop()
    assert rooms.sessions.find(session.text) is None
    assert rooms.users.proven(EMAIL, "another battery staple") is not None


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("path", ["/forgotten", "/sign-in"])
async def test_without_mail_the_page_says_who_can_help(visitor: Visitor, rooms: Rooms, path: str) -> None:
    ann_of(rooms)
    assert "orgot" in (await visitor(None).get(path)).text
    assert "sends no mail" in (await visitor(None).post("/forgotten", data={"email": EMAIL})).text
