"""What proves to a provider who asks: a key that stays, or a sign-in whose tokens come and go."""

from collections.abc import Callable, Mapping
from typing import Protocol

from trunkline.declare import Connector
from trunkline.errors import Problem, SettingsError
from trunkline.options import Values

Headers = Mapping[str, str]


class Credentials(Protocol):
    """Headers for requests, and the secrets in them, which no text may show."""

    @property
    def secrets(self) -> tuple[str, ...]: ...

    async def headers(self, refused: Headers | None = None) -> Headers:
        """The headers to send now: others than `refused`, which got a 401, if there are any.

        Raises KeyRefused where only a person can help, RetryLater where the same will do later.
        """
        ...


class Grant(Protocol):
    """A person's sign-in, from which access tokens come for as long as the provider lets it."""

    @property
    def seen(self) -> tuple[str, ...]:
        """Every token that passed through this process."""
        ...

    async def token(self, refused: str | None = None) -> str:
        """An access token that is good for a while yet, and not the one that got a 401.

        Raises KeyRefused when the sign-in has ended, RetryLater while the provider cannot be asked.
        """
        ...


class KeyCredentials:
    """A key: the same headers every time."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()  # the key is one of the account's own

    async def headers(self, refused: Headers | None = None) -> Headers:
        return self._headers


class GrantCredentials:
    """A sign-in: headers made of whichever token is good now."""

    def __init__(self, grant: Grant, headers_with: Callable[[str], Headers]) -> None:
        self._grant = grant
        self._headers_with = headers_with

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._grant.seen

    async def headers(self, refused: Headers | None = None) -> Headers:
        token = None
        if refused is not None:
            token = next((t for t in self._grant.seen if self._headers_with(t) == refused), None)
        return self._headers_with(await self._grant.token(token))


def check_way_in(connector: Connector, values: Values, name: str = "", *, is_saved: bool = False) -> None:
    """That there is a key, or else what signing in needs; a saved account must have signed in too.

    Raises SettingsError that names both ways.
    """
    oauth, key = connector.oauth, connector.credentials_option
    if oauth is None or key in values:
        return
    connect = f"`trunkline account connect {connector.name} {name or 'NAME'}`"
    has_client = oauth.client_id in values and oauth.client_secret in values
    if has_client and is_saved:
        raise SettingsError(f"{_which(name)} has not been connected to {connector.label} yet.", todo=connect)
    if not has_client:
        option = next(o for o in connector.account if o.name == key)
        raise SettingsError(
            problems=[Problem(key, f"{_which(name)} has neither an {option.label} nor a sign-in.")],
            todo=f"Give the {option.label} ({option.flag}), or sign in: {connect}",
        )


def _which(name: str) -> str:
    return f"Account '{name}'" if name else "The account"
