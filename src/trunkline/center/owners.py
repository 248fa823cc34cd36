"""Whose accounts, datasets and saved queries are: what remains when a person goes."""

from trunkline.center import owner_queries as queries
from trunkline.store.connection import Store


def forget_owner(store: Store, user_id: int) -> None:
    """What a user made stays, and is nobody's."""
    with store.begin() as tx:
        queries.forget_owner(tx, user_id)
