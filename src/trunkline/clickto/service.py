"""Requests of the report answered: key, parameters, what the key may see, and the report itself."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, replace

from trunkline.clickto.account import Account
from trunkline.clickto.asked import Refused, WrongKey, asked_of, check_action
from trunkline.clickto.formats import CsvWriter, Writer, writer_for
from trunkline.clickto.keys import Key, Keys
from trunkline.clickto.report import report_pieces
from trunkline.clickto.selection import Selection
from trunkline.clock import Clock
from trunkline.store.connection import Store
from trunkline.store.places import DatabaseKind

Take = Callable[[bytes], Awaitable[None]]
"""Takes a piece of a report, and returns when it can take the next."""


@dataclass(frozen=True)
class Granted:
    """A report that may be given: who asked, of what, in which format."""

    key: Key
    selection: Selection
    writer: Writer


class ReportService:
    """The report of an installation. It waits for the database: call it where that disturbs nobody."""

    def __init__(self, store: Store, clock: Clock, account: Account, charset: str) -> None:
        self._store, self._account, self._charset = store, account, charset
        self._keys = Keys(store, clock)

    def granted(self, params: Mapping[str, str]) -> Granted:
        """Raises Refused, and WrongKey for what looks like a guess."""
        check_action(params)
        key = self._key(params)
        asked = asked_of(params)
        selection = _seen(key, asked.selection)
        self._keys.used(key)
        return Granted(key, selection, writer_for(asked.form, self._charset))

    def pieces(self, granted: Granted) -> Generator[bytes]:
        """The report piece by piece; see `report_pieces`."""
        return report_pieces(self._store, granted.selection, self._account.unit, granted.writer)

    def is_copied(self, granted: Granted) -> bool:
        """Whether `copy_to` can give the report; else `pieces` does."""
        return self._store.dialect is DatabaseKind.POSTGRESQL and isinstance(granted.writer, CsvWriter)

    async def copy_to(self, granted: Granted, take: Take) -> None:
        """Hand a report that PostgreSQL writes itself to `take`, piece by piece. For the event loop."""
        from trunkline.clickto.copying import copy_report

        assert isinstance(granted.writer, CsvWriter), "is_copied was asked"
        await copy_report(self._store.place, granted.selection, self._account.unit, granted.writer, take)

    def _key(self, params: Mapping[str, str]) -> Key:
        access, secret = params.get("access_key", ""), params.get("secret_access_key", "")
        alone = params.get("api_key", "")
        if not access and not secret and alone:
            key = self._keys.proven_alone(alone)
        else:
            missing = [name for name in ("access_key", "secret_access_key") if not params.get(name)]
            if missing:
                are = "are" if len(missing) > 1 else "is"
                raise Refused(401, f"{' and '.join(missing)} {are} missing.")
            key = self._keys.proven(access, secret)
        if key is None:
            raise WrongKey
        return key


def _seen(key: Key, selection: Selection) -> Selection:
    """What of a selection the key may see. A block that it may not, and one that is not there, are alike."""
    if key.blocks is None:
        return selection
    if selection.block_ids is None:
        return replace(selection, block_ids=key.blocks)
    if not set(selection.block_ids) <= set(key.blocks):
        raise Refused(403, f"click_id {selection.block_ids[0]}: this key may not read that block.")
    return selection
