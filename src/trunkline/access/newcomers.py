"""Whom a sign-in service names, and which user that is: by what it calls them, then by their address."""

from trunkline.access import user_queries as queries
from trunkline.access.oidc import Person
from trunkline.access.roles import Role
from trunkline.access.users import LONGEST_NAME, User, Users, user_from
from trunkline.clock import Clock
from trunkline.errors import NotAllowed
from trunkline.store.connection import Store

ASK = "Ask an owner or admin of this installation."


def user_named(store: Store, clock: Clock, person: Person, role: str) -> tuple[User, bool]:
    """The user, and whether they are new. `role`: that of people nobody invited; empty: they stay out.

    Raises NotAllowed for who may not enter.
    """
    users = Users(store, clock)
    if users.is_empty():
        raise NotAllowed(
            "Nobody is here yet.", todo="The first user is made with the link that the server printed."
        )
    found = _linked(store, person)
    if found is None and not role:
        raise NotAllowed(f"Nobody has invited {person.email}.", todo=ASK)
    if found is None:
        name = person.name.strip()[:LONGEST_NAME]
        name = name if name.isprintable() and name else person.email.partition("@")[0]
        return users.add(person.email, name, Role(role), subject=person.subject), True
    if not found.is_active:
        raise NotAllowed("You may not sign in here.", todo=ASK)
    return found, False


def _linked(store: Store, person: Person) -> User | None:
    """Who signed in that way before; else who has the address, who is linked from now on."""
    with store.begin() as tx:
        row = queries.user_of_subject(tx, person.subject)
        if row is None:
            row = queries.user_of_email(tx, person.email)
            if row is None:
                return None
            if not queries.link_subject(tx, row.id, person.subject):
                raise NotAllowed(f"{person.email} is somebody else at the sign-in service.", todo=ASK)
            queries.remove_links(tx, row.id)  # whoever was invited is in now
    return user_from(row)
