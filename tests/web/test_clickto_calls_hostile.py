"""Hostile requests to place calls: whatever comes, nothing dials, nothing of others is told."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote

import orjson
import pytest

from tests.clickto.calling import CELL, DESK, VISITOR
from tests.web.clickto_pages import ORIGIN, Answer, Pages, pages
from tests.web.test_clickto_hostile import ODD
from trunkline.clickto.rights import CALL, READ
from trunkline.clickto.tickets import GOOD_FOR, Tickets
from trunkline.clock import FrozenWallClock, SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import Store, open_store
from trunkline.web.clickto_operations import ROOT

REQUESTS = 1_000
PRIVATE = "+13125559999"
NUMBERS = (
    *("", "x", "0", "911", "123", "+1", "+1 900 555 0123", "+1 800 555 0199", "+44 70 1234 5678"),
    *("+882 13300655", "+1 876 555 0123", "tel:+13125550123", "+13125550123;ext=9", "+13125550123x9"),
    *(f"{VISITOR}\r\n\r\nAction: Originate\r\nChannel: PJSIP/9", f"{VISITOR}\x00", f"{VISITOR}\n1"),
    *(f"{VISITOR}@evil", f"{VISITOR}&PJSIP/9", f"{VISITOR},30,gU(x)", f"{VISITOR}|30", "PJSIP/9@line"),
    *("Local/9@default", "１３１２５５５０１２３", "(312) 555-0123 ext 5", "1-800-FLOWERS", "${EXTEN}"),
    *("9" * 40, "9" * 5_000),
)
ORIGINS = (
    *("", "null", "*", "https://evil.example", f"{ORIGIN}.evil.example", f"{ORIGIN}:444", f"{ORIGIN}/"),
    *("http://www.example.com", "https://WWW.example.com", f"https://evil.example#{ORIGIN}"),
    *("https://www.example.com@evil.example", "file://", "javascript:1", f"{ORIGIN}\t", "x" * 5_000),
    f"{ORIGIN}, {ORIGIN}",
)
REFERERS = (
    *("", "null", "https://evil.example/", f"https://evil.example/?{ORIGIN}/", f"{ORIGIN}.evil.example/"),
    *("http://www.example.com/", "https://www.example.com@evil.example/", f"{ORIGIN}:444/", "x" * 5_000),
    *(
        "https://evil.example#@www.example.com/",
        "https://evil.example\\@www.example.com/",
        "//www.example.com",
    ),
)
FORGED = (
    *("tc_", "tc_x", "tl_x", "x", "tc_" + "A" * 200, "é", "' OR 1=1", "tc_" + "=" * 50, "\t"),
    "tc_" + "A" * 9_000,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(load_settings(tmp_path_factory.mktemp("hostile") / "home", {}))
    yield opened
    opened.close()


class Attacker:
    """Holds what outsiders can have: a public key, tickets of their own, a token without the right."""

    def __init__(self, here: Pages, random: Random) -> None:
        self.here, self.random = here, random
        self.block = here.block(numbers=[DESK, PRIVATE])
        self.other = here.block(numbers=[CELL], origins=["https://shop.example.com"])
        self.key = here.key(self.block)
        self.others_key = here.key(self.other)
        self.reader = here.token(READ)["authorization"]
        self.others_call = ""

    async def prepare(self) -> None:
        who = self.here.token(CALL)
        placed = await self.here.json("POST", f"/{self.other}/calls", who, {"number": VISITOR})
        self.others_call = placed.content["id"]
        await self.here.ended(self.other, self.others_call, who)
        shop = {"origin": "https://shop.example.com"}
        given = await self.here.json("POST", f"/{self.other}/ticket", shop)
        mine = await self.here.ticket(self.block)
        stranger = Tickets(lambda: (b"k" * 32,), SystemClock()).give(self.block, ORIGIN)[0]
        self.mine = mine
        self.tickets = (given.content["ticket"], mine[:-3], mine[:9] + "AAAA" + mine[13:], stranger, *FORGED)

    async def ask(self) -> Answer:
        ways = (self._calls, self._calls, self._numbers, self._links, self._links, self._state, self._ticket)
        self.here.address = f"2001:db8:{self.random.getrandbits(16):x}:{self.random.getrandbits(16):x}::1"
        return await self.random.choice(ways)()

    def _block(self) -> str:
        odd = quote(self.random.choice(ODD).encode("utf-8", "replace")[:80], safe="")
        return self.random.choice([str(self.block), str(self.other), "0", "-1", "9" * 30, odd or "x"])

    def _headers(self) -> dict[str, str]:
        bearer = self.random.choice((*self.tickets, self.reader.removeprefix("Bearer ")))
        scheme = self.random.choice(("Bearer", "bearer", "Basic", ""))
        origin = self.random.choice((*ORIGINS, ORIGIN))
        return {"origin": origin, "authorization": f"{scheme} {bearer}"}

    async def _calls(self) -> Answer:
        """A good request with a bad ticket or token."""
        names = ("number", "page", "ref", "referrer", "ip_address", "once", "channel")
        odd = (*NUMBERS, *ODD)
        body = {"number": VISITOR}
        for _ in range(self.random.randrange(3)):
            body[self.random.choice(names)] = self.random.choice(odd)
        try:
            sent = orjson.dumps(body)
        except orjson.JSONEncodeError:
            sent = b"\xff\xfe"
        method = self.random.choice(("POST", "POST", "POST", "GET", "PUT", "DELETE"))
        return await self.here.ask(method, f"{ROOT}/{self._block()}/calls", self._headers(), sent)

    async def _numbers(self) -> Answer:
        """A good ticket, and a number that must not be called, or a body that is none."""
        number = self.random.choice((*NUMBERS, *ODD, None, 13125550123, True, [VISITOR], {"x": VISITOR}))
        sent = self.random.choice(({"number": number}, [number], {"number": VISITOR, "channel": number}))
        headers = {"origin": ORIGIN, "authorization": f"Bearer {self.mine}"}
        return await self.here.ask("POST", f"{ROOT}/{self.block}/calls", headers, orjson.dumps(sent))

    async def _links(self) -> Answer:
        """One thing wrong: the key, the origin, the number, or the block."""
        random = self.random
        params = {"key": self.key["access_key"], "click_id": str(self.block), "phone_to_call": VISITOR}
        headers = {"origin": ORIGIN}
        match random.randrange(6):
            case 0:
                params["phone_to_call"] = random.choice(NUMBERS)
            case 1:
                headers = {"referer": random.choice(REFERERS)}
            case 5:
                headers = {"origin": random.choice(ORIGINS) or "null", "referer": f"{ORIGIN}/"}
            case 2:
                params["click_id"] = random.choice((str(self.other), "0", "-1", "9" * 30, *ODD[14:]))
            case 3:
                params["key"] = random.choice((self.others_key["access_key"], *FORGED))
            case _:
                secret = {
                    "secret_access_key": random.choice(ODD) or "x",
                    "access_key": self.key["access_key"],
                }
                params = {**params, "key": "", **secret}
        params |= {random.choice(("app", "list", "id", "ref", "page")): random.choice(ODD[:12])}
        safe = {name: value.encode("utf-8", "replace").decode() for name, value in params.items()}
        return await self.here.link(safe, headers, is_post=random.random() < 0.3)

    async def _state(self) -> Answer:
        """Other people's calls, with a ticket of another page or of nobody."""
        call = self.random.choice((self.others_call, "x", "../" * 9, "%00", "9" * 400))
        return await self.here.ask("GET", f"{ROOT}/{self._block()}/calls/{quote(call)}", self._headers())

    async def _ticket(self) -> Answer:
        headers = {"origin": self.random.choice(ORIGINS)}
        method = self.random.choice(("POST", "OPTIONS"))
        return await self.here.ask(method, f"{ROOT}/{self._block()}/ticket", headers)


async def hold(store: Store, home: Path, requests: int, seed: int) -> None:
    async with pages(store, home) as here:
        attacker = Attacker(here, Random(seed))
        await attacker.prepare()
        dialled = len(here.sim.actions)
        statuses: set[int] = set()
        for _ in range(requests):
            answer = await attacker.ask()
            statuses.add(answer.status)
            assert answer.status < 500, answer
            assert "access-control-allow-origin" not in answer.headers or (
                answer.headers["access-control-allow-origin"] == ORIGIN
            ), answer
            told = answer.body.decode()
            for hidden in (PRIVATE, CELL, attacker.others_call, "Traceback", "trunk"):
                assert hidden not in told, answer
            assert b"Call Connected" not in answer.body, answer
            assert b'"ticket"' not in answer.body, answer
        assert [one for one in here.sim.actions[dialled:] if one.name != "Ping"] == []
        assert {200, 401, 403, 404, 405} <= statuses
        assert statuses <= {200, 204, 400, 401, 403, 404, 405, 429}


async def test_hostile_requests_dial_nothing(store: Store, tmp_path: Path) -> None:
    await hold(store, tmp_path, REQUESTS, 1)


@pytest.mark.soak
async def test_ten_thousand_hostile_requests_dial_nothing(store: Store, tmp_path: Path) -> None:
    await hold(store, tmp_path, 10_000, 2)


async def test_a_good_request_dials_and_tells_no_more_than_it_should(store: Store, tmp_path: Path) -> None:
    """What the attacker lacks is all that was missing: the test above can fail."""
    async with pages(store, tmp_path) as here:
        attacker = Attacker(here, Random(3))
        await attacker.prepare()
        before = len(here.sim.asked("Originate"))
        ticket = await here.ticket(attacker.block)
        placed = await here.page("POST", f"/{attacker.block}/calls", ticket, {"number": VISITOR})
        who = {"origin": ORIGIN, "authorization": f"Bearer {ticket}"}
        found = await here.ended(attacker.block, placed.content["id"], who)
        assert set(found) == {"id", "state"}
        assert len(here.sim.asked("Originate")) == before + 1
        late = FrozenWallClock(SystemClock().now() + 2 * GOOD_FOR)
    async with pages(store, tmp_path, clock=late) as here:
        assert (await here.page("POST", f"/{attacker.block}/calls", ticket, {"number": CELL})).status == 401
