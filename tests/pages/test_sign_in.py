from tests.pages.conftest import ORIGIN, PASSWORD, Visitor
from trunkline.access.links import Links, Purpose
from trunkline.access.roles import Role
from trunkline.pages.rooms import WRONG_PASSWORDS, Rooms
from trunkline.pages.visit import SESSION

ANN = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}


def links(rooms: Rooms) -> Links:
    return Links(rooms.store, rooms.clock)


async def test_the_first_user_is_made_by_the_link_once(rooms: Rooms, visitor: Visitor) -> None:
    text = links(rooms).make(Purpose.SETUP)
    client = visitor(None)
    assert (await client.get("/set-up?link=guessed")).status_code == 403
    assert "You are the first" in (await client.get(f"/set-up?link={text}")).text
    short = await client.post("/set-up", data={**ANN, "link": text, "password": "short"})
    assert "5 characters is too short" in short.text
    made = await client.post("/set-up", data={**ANN, "link": text})
    assert made.status_code == 303
    assert (await client.get("/profile")).status_code == 200
    assert [(user.email, user.role) for user in rooms.users.all()] == [("ann@example.com", Role.OWNER)]
    again = await visitor(None).post("/set-up", data={**ANN, "email": "eve@example.com", "link": text})
    assert "used already" in again.text


async def test_signing_in_and_out(rooms: Rooms, visitor: Visitor) -> None:
    rooms.users.add(ANN["email"], "Ann", Role.ANALYST, PASSWORD)
    client = visitor(None)
    wrong = await client.post("/sign-in", data={**ANN, "password": "wrong"})
    assert wrong.status_code == 403
    assert "is wrong" in wrong.text
    assert PASSWORD not in wrong.text
    good = await client.post("/sign-in", data={**ANN, "email": "ANN@example.com", "next": "/profile"})
    assert good.headers["location"] == "/profile"
    cookie = good.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = await client.get("/profile")
    assert "Ann" in page.text
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    await client.post("/sign-out", data={"form_token": token})
    assert (await client.get("/profile")).status_code == 303


async def test_only_paths_of_ours_are_gone_to(rooms: Rooms, visitor: Visitor) -> None:
    rooms.users.add(ANN["email"], "Ann", Role.ANALYST, PASSWORD)
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await visitor(None).post("/sign-in", data={**ANN, "next": wanted})
        assert answer.headers["location"] == "/"


async def test_who_guesses_a_password_waits(rooms: Rooms, visitor: Visitor) -> None:
    rooms.users.add(ANN["email"], "Ann", Role.ANALYST, PASSWORD)
    client = visitor(None)
    for _ in range(WRONG_PASSWORDS):
        assert (await client.post("/sign-in", data={**ANN, "password": "wrong"})).status_code == 403
    answer = await client.post("/sign-in", data=ANN)
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.text


async def test_a_form_from_another_site_signs_nobody_in(rooms: Rooms, visitor: Visitor) -> None:
    rooms.users.add(ANN["email"], "Ann", Role.ANALYST, PASSWORD)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await visitor(None).post("/sign-in", data=ANN, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert (await visitor(None).post("/sign-in", data=ANN, headers={"origin": ORIGIN})).status_code == 303


async def test_signing_out_everywhere_else(rooms: Rooms, visitor: Visitor) -> None:
    here, there = visitor(Role.OWNER), visitor(Role.OWNER)
    assert (await there.get("/profile")).status_code == 200
    await here.post("/profile/sign-out-elsewhere")
    assert (await there.get("/profile")).status_code == 303
    assert (await here.get("/profile")).status_code == 200


async def test_who_may_not_sign_in_any_more_is_out_at_once(rooms: Rooms, visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    assert (await client.get("/profile")).status_code == 200
    rooms.users.change(rooms.users.named("analyst@example.com"), is_active=False)
    assert (await client.get("/profile")).status_code == 303


async def test_the_demos_address_signs_in_once_and_only_its_user(visitor: Visitor, rooms: Rooms) -> None:
    text = links(rooms).make(Purpose.DEMO, rooms.users.add("you@demo.example", "You", Role.OWNER))
    for wrong in ("", "x", links(rooms).make(Purpose.SETUP)):
        answer = await visitor(None).get("/sign-in/once", params={"link": wrong})
        assert answer.status_code == 422
        assert SESSION not in answer.cookies
    client = visitor(None)
    assert (await client.get("/sign-in/once", params={"link": text})).headers["location"] == "/"
    assert "You" in (await client.get("/profile")).text
    assert (await client.get("/sign-in/once", params={"link": text})).headers["location"] == "/"
    assert (await visitor(None).get("/sign-in/once", params={"link": text})).status_code == 422
