"""One account: whether it works, what reads with it, what is left of its budgets, who may use it."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.access.users import User
from trunkline.center import accounts, datasets, moving, sharing
from trunkline.center.accounts import Account
from trunkline.center.sharing import account_for, usable
from trunkline.connectors import connector as connector_named
from trunkline.errors import NotAllowed, Problem, SettingsError, TrunklineError
from trunkline.pages.accounts.meters import meters_of
from trunkline.pages.accounts.reach import account_in, own_account_in
from trunkline.pages.new_dataset.provider import asked, hand_of, plain
from trunkline.pages.routing import get, post
from trunkline.pages.streams import Seen, stream
from trunkline.pages.visit import Visit

MOST_LISTED = 200
FOR_MOVING_SECONDS = 50


def show(visit: Visit) -> Response:
    return _page(visit, account_in(visit))


def _page(visit: Visit, account: Account, status: int = 200, **more: Any) -> Response:
    center, hand = visit.rooms.center, hand_of(visit)
    connector = connector_named(account.connector)
    may_change = sharing.may_change(hand, account)
    users = {user.id: user for user in visit.rooms.users.all()}
    shared = [users[one] for one in sharing.sharers(center, account) if one in users] if may_change else []
    known: dict[str, Any] = {
        "connector": connector,
        "may_change": may_change,
        "owner": users.get(account.owner_id or 0),
        "datasets": datasets.all_of(center, account.name),
        "most_listed": MOST_LISTED,
        "meters": meters_of(center, account),
        "shared": shared,
        "others": [one for one in users.values() if _could_use(one, account, shared)] if may_change else [],
        "targets": [one for one in usable(center, hand, account.connector) if one.id != account.id],
        "options": _unusual(account),
        "secrets": [o.label for o in connector.account if o.name in account.secret_names],
        "todo": "",
        "refused": {},
    }
    return visit.page("accounts/one.html", status, account=account, **{**known, **more})


def _unusual(account: Account) -> dict[str, Any]:
    """The options that say something else than their defaults, by their labels."""
    declared = {option.name: option for option in connector_named(account.connector).account}
    return {
        declared[name].label: value
        for name, value in account.values.items()
        if name in declared and value != declared[name].default
    }


def _could_use(user: User, account: Account, shared: list[User]) -> bool:
    """Whether sharing gives somebody something: who holds all accounts may use it anyway."""
    return (
        user.is_active
        and user.may(Right.ACCOUNTS_USE)
        and not user.may(Right.ACCOUNTS_WRITE)
        and user.id != account.owner_id
        and user not in shared
    )


def test(visit: Visit) -> Response:
    """Try the account now, the way that runs read."""
    account, center = account_in(visit), visit.rooms.center.impatient()
    label = connector_named(account.connector).label
    try:
        access = accounts.access(center, account.name)
        verdict = asked(label, accounts.test(access, center.surroundings()))
    except TrunklineError as error:
        verdict = accounts.Verdict(accounts.UNTESTED, error.message, plain(error).todo)
    accounts.set_verdict(center, account.name, verdict)
    if verdict.state == accounts.VALID:
        return visit.go(f"/accounts/{account.name}", f"{account.name} works: {label} accepts it.")
    todo = plain(TrunklineError(verdict.message, todo=verdict.todo)).todo
    return visit.go(f"/accounts/{account.name}", f"{verdict.message} {todo}".strip(), is_bad=True)


def events(visit: Visit) -> Response:
    """The budgets, sent whenever they change."""
    account = account_in(visit)

    def look() -> Seen:
        found = meters_of(visit.rooms.center, account)
        return Seen(visit.drawing.draw("accounts/budgets.html", visit, {"meters": found}))

    return stream(look)


def share(visit: Visit) -> Response:
    """Let somebody make datasets with the account; they never see its secrets."""
    account, path = own_account_in(visit), f"/accounts/{visit.part('name')}"
    chosen = next((u for u in visit.rooms.users.all() if str(u.id) == visit.text("user")), None)
    if chosen is None or not chosen.may(Right.ACCOUNTS_USE):
        raise SettingsError(problems=[Problem("user", "Choose somebody who may make datasets.")])
    sharing.share(visit.rooms.center, account, chosen.id)
    return visit.go(path, f"{chosen.name} may use {account.name} now, without seeing its key.")


def revoke(visit: Visit) -> Response:
    account = own_account_in(visit)
    if visit.text("user").isdecimal():
        sharing.revoke(visit.rooms.center, account, int(visit.text("user")))
    return visit.go(f"/accounts/{account.name}", "No longer shared. Datasets made with it go on.")


def move(visit: Visit) -> Response:
    """Let all or some of its datasets read another account."""
    account = own_account_in(visit)
    if not visit.user.may(Right.DATASETS_WRITE):
        raise NotAllowed("Your role does not allow to change datasets.")
    center = visit.rooms.center.impatient()
    target = account_for(center, hand_of(visit), visit.text("to"))
    chosen = [str(one) for one in visit.form.getlist("dataset")]
    if visit.text("go") == "all":
        chosen = [one.name for one in datasets.all_of(center, account.name)]
    if not chosen:
        return visit.go(f"/accounts/{account.name}", "Choose the datasets to be moved.", is_bad=True)
    moving_all = moving.move(center, account.name, target.name, chosen)
    moved = asked(connector_named(account.connector).label, moving_all, FOR_MOVING_SECONDS)
    told = f"Moved to {target.name}: {', '.join(moved.names) or 'none'}."
    if not moved.refused:
        return visit.go(f"/accounts/{account.name}", told)
    refused = {name: plain(error) for name, error in moved.refused.items()}
    return _page(visit, accounts.get(center, account.name), 422, refused=refused, todo=told)


def remove(visit: Visit) -> Response:
    """Forget the account and end its sign-in; refused while datasets use it, with the way out."""
    account = own_account_in(visit)
    if account.used_by:
        told = "Move its datasets to another account, or remove them, first."
        return visit.go(f"/accounts/{account.name}", f"{account.name} is in use. {told}", is_bad=True)
    note = accounts.remove(visit.rooms.center, account.name)
    return visit.go("/accounts", f"{account.name} is removed. {note}".strip())


USE = Right.ACCOUNTS_USE
PAGES = (
    get("/accounts/{name}/events", events, USE),
    post("/accounts/{name}/test", test, USE, "account.tested"),
    post("/accounts/{name}/share", share, USE, "account.shared"),
    post("/accounts/{name}/revoke", revoke, USE, "account.unshared"),
    post("/accounts/{name}/move", move, USE, "account.moved"),
    post("/accounts/{name}/remove", remove, USE, "account.removed"),
    get("/accounts/{name}", show, USE),
)
