"""What pages ask of a provider while somebody waits, and what is remembered of the answers for a while."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from trunkline.access.roles import Right
from trunkline.center import accounts
from trunkline.center.menus import live_menu
from trunkline.center.sharing import Hand, account_for
from trunkline.declare import Report
from trunkline.errors import RetryLater, SettingsError, TrunklineError
from trunkline.fetch.source import Access
from trunkline.options import Option
from trunkline.pages.remembered import Answer
from trunkline.pages.visit import Visit

T = TypeVar("T")
PATIENCE_SECONDS = 25
FOR_ROWS_SECONDS = 55
"""Exports are made ready first, and asked for again only every few seconds; browsers wait for a minute."""


def asked(label: str, question: Coroutine[Any, Any, T], seconds: int = PATIENCE_SECONDS) -> T:
    """The answer to a question of a provider. Raises RetryLater where it takes longer than people wait."""

    async def in_time() -> T:
        async with asyncio.timeout(seconds):
            return await question

    try:
        return asyncio.run(in_time())
    except TimeoutError:
        text = f"{label} has not answered within {seconds} seconds."
        raise RetryLater(text, todo="Try again, or choose less.") from None


def remembered(
    visit: Visit, access: Access, words: tuple[str, ...], question: Callable[[], Any], *, anew: bool = False
) -> Answer:
    """The answer kept under these words for this account as it is now, else a new one."""
    key = _key(access, words)
    known = None if anew else visit.rooms.remembered.find(key)
    if known is not None:
        return known
    try:
        answer = Answer(asked(access.connector.label, question()))
    except SettingsError as error:
        fields = {o.name: o.label for o in access.connector.account}
        first = next((fields.get(p.field, p.field.replace("_", " ")) for p in error.problems), "")
        answer = Answer(failure=error.message, todo=_plain(error.todo), waits_for=first)
    except TrunklineError as error:
        answer = Answer(failure=error.message, todo=_plain(error.todo))
    return visit.rooms.remembered.keep(key, answer)


def known(visit: Visit, access: Access, words: tuple[str, ...]) -> Answer | None:
    """What is remembered; nothing is asked."""
    return visit.rooms.remembered.find(_key(access, words))


def _key(access: Access, words: tuple[str, ...]) -> Hashable:
    """Hidden values are a part of it: with another key comes another answer."""
    return (access.name, hash(tuple(sorted((n, str(v)) for n, v in access.values.items()))), *words)


def menu_words(report: Report, option: Option, given: dict[str, Any]) -> tuple[str, ...]:
    """What tells one menu from others: where it is filled from, and what that depends on."""
    origin = option.menu(given)
    leading = {o.name for o in report.options if o.required or o.choices_from}
    follows = (f"{name}={given[name]}" for name in sorted(leading & given.keys() - {option.name}))
    return ("menu", str(origin), *follows)


def menu_entries(
    visit: Visit, access: Access, report: Report, option: Option, given: dict[str, Any], *, anew: bool = False
) -> Answer:
    """The live entries of a menu."""
    around = visit.rooms.center.impatient().surroundings()
    words = menu_words(report, option, given)
    return remembered(
        visit, access, words, lambda: live_menu(access, report, option.name, around, given), anew=anew
    )


def _plain(todo: str) -> str:
    """Advice without commands: whoever reads a page has none."""
    sentences = [s for s in todo.replace("` ", "`. ").split(". ") if "`" not in s]
    return ". ".join(sentences).strip()


def plain(error: TrunklineError) -> TrunklineError:
    """The same error with advice for pages."""
    error.todo = _plain(error.todo)
    return error


def hand_of(visit: Visit) -> Hand:
    return Hand(visit.user.id, holds_all=visit.user.may(Right.ACCOUNTS_WRITE))


def access_to(visit: Visit, name: str) -> Access:
    """An account that this user may use. Raises SettingsError for any other."""
    if not name:
        raise SettingsError("No account is chosen yet.", todo="Choose one first.")
    return accounts.access(visit.rooms.center, account_for(visit.rooms.center, hand_of(visit), name).name)
