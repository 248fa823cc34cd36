"""A sign-in that nobody can renew is told of before it ends."""

from datetime import timedelta

from sqlalchemy import insert

from trunkline.center import accounts
from trunkline.center.grant_endings import endings
from trunkline.center.room import Center
from trunkline.center.tables import grants
from trunkline.keeping.checkup import examine

VALID = accounts.Verdict(accounts.VALID)


def sign_in(center: Center, name: str, refresh: str, days: float | None, *, refused: bool = False) -> None:
    accounts.add(center, "dialpad", name, {"api_key": "k"}, VALID)
    now = center.clock.now()
    with center.store.begin() as tx:
        tx.execute(
            insert(grants).values(
                account_id=accounts.get(center, name).id,
                pair=center.vault.encrypt({"access_token": "a", "refresh_token": refresh}),
                connected_at=now,
                renew_at=None if days is None else now + timedelta(days=days),
                refused=refused,
            )
        )


def test_only_those_that_end_soon_and_cannot_be_renewed(center: Center) -> None:
    sign_in(center, "renewed", "r", 1)
    sign_in(center, "later", "", 30)
    sign_in(center, "never", "", None)
    sign_in(center, "ended", "", 1, refused=True)
    sign_in(center, "soon", "", 3)
    (ending,) = endings(center)
    assert (ending.account, ending.ends_at) == ("soon", center.clock.now() + timedelta(days=3))
    assert [e.account for e in endings(center, timedelta(days=60))] == ["later", "soon"]


def test_doctor_says_when_and_what_to_do(center: Center) -> None:
    sign_in(center, "soon", "", -1)
    (finding,) = (f for f in examine(center.settings, ask_providers=False) if f.name.startswith("sign-in"))
    assert (finding.state, finding.todo) == ("warning", "trunkline account connect dialpad soon")
