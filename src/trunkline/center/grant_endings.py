"""Sign-ins that end by themselves: those without a refresh token, which nobody but a person can make anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from trunkline.center import grant_queries
from trunkline.center.room import Center
from trunkline.errors import SettingsError

NOTICE = timedelta(days=7)


@dataclass(frozen=True)
class Ending:
    """The sign-in of an account that ends soon, or has. `ends_at` is when it is no longer used."""

    account: str
    connector: str
    ends_at: datetime

    @property
    def todo(self) -> str:
        return f"trunkline account connect {self.connector} {self.account}"


def endings(center: Center, within: timedelta = NOTICE) -> Iterator[Ending]:
    """Those that end within the time, by the name of their account; one that no key opens is left out."""
    with center.store.read() as tx:
        rows = grant_queries.grants_until(tx, center.clock.now() + within)
    for row in rows:
        try:
            pair = center.vault.decrypt(row["pair"])
        except SettingsError:
            continue  # told as what it is wherever secrets are looked at
        if not pair.get("refresh_token"):
            yield Ending(row["name"], row["connector"], row["renew_at"])
