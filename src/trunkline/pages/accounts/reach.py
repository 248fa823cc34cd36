"""The account of an address, for those who may see or change it, and the test of what was typed."""

from trunkline.center import accounts
from trunkline.center.accounts import Account, Verdict
from trunkline.center.sharing import account_for, account_to_change
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.source import Access
from trunkline.pages.new_dataset.provider import asked, hand_of
from trunkline.pages.visit import Visit

UNTESTED_SAVE = "untested"
"""The button that saves without asking the provider."""


def account_in(visit: Visit) -> Account:
    """The account of the path. Raises SettingsError where it is not there for this one."""
    return account_for(visit.rooms.center, hand_of(visit), visit.part("name"))


def own_account_in(visit: Visit) -> Account:
    """The same, to change it. Raises NotAllowed for one that is only shared."""
    return account_to_change(visit.rooms.center, hand_of(visit), visit.part("name"))


def verdict_on(visit: Visit, access: Access) -> Verdict:
    """What the provider says of an account as it is to be saved. Raises SettingsError unless it is good."""
    if visit.text("go") == UNTESTED_SAVE:
        return Verdict(accounts.UNTESTED)
    center, connector = visit.rooms.center.impatient(), access.connector
    verdict = asked(connector.label, accounts.test(access, center.surroundings()))
    if verdict.state == accounts.VALID:
        return verdict
    todo = verdict.todo
    if verdict.lacks_rights:
        todo = f"{todo} Or save it without a test: it works for the reports that it may read.".strip()
    problems = []
    if verdict.state == accounts.INVALID:  # of refused credentials alone it is known which field is wrong
        problems = [Problem(connector.credentials_option, f"{verdict.message} {todo}".strip())]
    raise SettingsError(f"{verdict.message} Nothing was saved.", todo=todo, problems=problems)
