"""What one does with others: invite them, change their roles, shut them out. Each is checked and noted.

`by`: who does it; none: a command, which may do all.
"""

from dataclasses import dataclass

from trunkline.access.audit import Audit
from trunkline.access.links import Links, Purpose
from trunkline.access.roles import Role, may_change
from trunkline.access.second_factor import SecondFactors
from trunkline.access.sessions import Sessions
from trunkline.access.users import User, Users
from trunkline.clock import Clock
from trunkline.errors import NotAllowed, Problem, SettingsError
from trunkline.store.connection import Store


@dataclass(frozen=True)
class Link:
    """A text that is good once, to be handed to its user."""

    purpose: Purpose
    text: str

    @property
    def path(self) -> str:
        return f"/set-password?link={self.text}"


class People:
    """The users of an installation, as one of them (or a command) may change them."""

    def __init__(self, store: Store, clock: Clock, by: User | None = None, address: str = "") -> None:
        self._by, self._address = by, address
        self._users, self._links = Users(store, clock), Links(store, clock)
        self._sessions, self._audit = Sessions(store, clock), Audit(store, clock)

    def may_change(self, whom: User, to: Role | None = None) -> bool:
        """Nobody changes themselves: the profile is for that, and who shuts themselves out was mistaken."""
        if self._by is None:
            return True
        return self._by.id != whom.id and may_change(self._by.role, whom.role, to)

    def roles(self) -> list[Role]:
        """Those that may be given."""
        by = self._by
        return [role for role in Role if by is None or may_change(by.role, role, role)]

    def invite(self, email: str, name: str, role: str) -> tuple[User, Link]:
        """A new user, and the link to set a password by. Raises SettingsError, a problem per field."""
        if role not in self.roles():
            named = ", ".join(self.roles())
            raise SettingsError(problems=[Problem("role", f"Choose a role that you may give: {named}.")])
        user = self._users.add(email, name, Role(role))
        self._note("user.invited", user, role=user.role)
        return user, Link(Purpose.INVITATION, self._links.make(Purpose.INVITATION, user))

    def new_link(self, user: User) -> Link:
        """For who has a password, one to set another; else the invitation anew."""
        self._check(user)
        if not user.is_active:
            raise SettingsError(f"{user.email} may not sign in.", todo="Let them sign in again first.")
        purpose = Purpose.RESET if user.has_password else Purpose.INVITATION
        self._note("link.made", user, purpose=purpose)
        return Link(purpose, self._links.make(purpose, user))

    def give_role(self, user: User, role: str) -> User:
        if role not in list(Role):
            raise SettingsError(f"{role!r} is no role.", todo=f"There are: {', '.join(Role)}.")
        self._check(user, Role(role))
        changed = self._users.change(user, role=Role(role))
        if changed.role is not user.role:
            self._note("role.changed", user, before=user.role, after=changed.role)
        return changed

    def let_in(self, user: User, is_active: bool) -> User:
        """Let a user sign in again, or no more; then the sessions end."""
        self._check(user)
        changed = self._users.change(user, is_active=is_active)
        self._note("user.enabled" if is_active else "user.disabled", user)
        return changed

    def forget_second_factor(self, user: User, factors: SecondFactors) -> None:
        """For who has lost phone and recovery codes: they sign in by the password alone."""
        self._check(user)
        factors.turn_off(user)
        self._note("second_factor.off", user)

    def sign_out(self, user: User) -> int:
        """How many sessions were ended."""
        self._check(user)
        count = self._sessions.end_all(user)
        self._note("sessions.ended", user, sessions=count)
        return count

    def remove(self, user: User) -> None:
        """With sessions and tokens. What they made stays, and who calls takes their name off it."""
        self._check(user)
        self._users.remove(user)
        self._note("user.removed", user, role=user.role)

    def _check(self, whom: User, to: Role | None = None) -> None:
        if self.may_change(whom, to):
            return
        if self._by is not None and self._by.id == whom.id:
            raise NotAllowed("This is yourself.", todo="Ask another owner or admin, or see your profile.")
        raise NotAllowed("Only an owner changes owners.", todo="Ask an owner.")

    def _note(self, action: str, user: User, **detail: object) -> None:
        self._audit.note(self._by, self._address, action, user.email, **detail)
