"""The second factor: codes of an app that change every 30 seconds, and codes for when it is lost."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

import pyotp

from trunkline.access import user_queries as queries
from trunkline.access.users import User
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault

STEP_SECONDS = 30
STEPS_BESIDE = (0, -1, 1)
"""Codes taken: that of now, and its neighbours for clocks that are not quite right."""
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4
ISSUER = "Trunkline"


@dataclass(frozen=True)
class Offer:
    """A secret that an authenticator app may take up; nothing is kept of it yet."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    """What the picture for the app's camera says."""


class SecondFactors:
    """The second factors of an installation."""

    def __init__(self, store: Store, clock: Clock, vault: Vault) -> None:
        self._store, self._clock, self._vault = store, clock, vault

    def offer(self, user: User, secret: str = "") -> Offer:
        """A new secret, or the one offered before."""
        secret = secret if _is_secret(secret) else pyotp.random_base32()
        return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER))

    def turn_on(self, user: User, secret: str, code: str) -> list[str]:
        """The recovery codes, which are kept nowhere as texts. Raises SettingsError for a wrong code."""
        step = self._step(secret, code) if _is_secret(secret) else None
        if step is None:
            text = "This is not the code of now. Is the clock of your phone right?"
            raise SettingsError(problems=[Problem("code", text)])
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        values: dict[str, Any] = {
            "second_factor": self._vault.encrypt({"secret": secret}),
            "second_factor_step": step,
            "recovery_codes": [_digest(code) for code in codes],
        }
        with self._store.begin() as tx:
            row = queries.locked_user(tx, user.id)
            if row is None or row.second_factor:
                raise SettingsError("A second factor is on already.", todo="Turn it off first.")
            queries.change_user(tx, user.id, values)
        return codes

    def turn_off(self, user: User) -> None:
        values: dict[str, Any] = {"second_factor": "", "second_factor_step": None, "recovery_codes": []}
        with self._store.begin() as tx:
            queries.change_user(tx, user.id, values)

    def is_good(self, user: User, code: str) -> bool:
        """Whether it is a code of the app, or one for when it is lost. Each is taken once."""
        plain = _plain(code)
        if plain.isdigit() and len(plain) == 6:
            return self._take_code(user, plain)
        return self._take_recovery(user, plain)

    def left(self, user: User) -> int:
        """How many recovery codes were not used yet."""
        with self._store.read() as tx:
            row = queries.user_of_id(tx, user.id)
        return len(row.recovery_codes) if row is not None else 0

    def _take_code(self, user: User, code: str) -> bool:
        with self._store.read() as tx:
            row = queries.user_of_id(tx, user.id)
        opened = self._vault.decrypt(row.second_factor, "A second factor") if row is not None else {}
        step = self._step(opened["secret"], code) if opened else None
        if step is None:
            return False
        with self._store.begin() as tx:
            return queries.take_step(tx, user.id, step)

    def _take_recovery(self, user: User, code: str) -> bool:
        digest = _digest(code)
        with self._store.begin() as tx:
            row = queries.locked_user(tx, user.id)
            if row is None or digest not in row.recovery_codes:
                return False
            left = [one for one in row.recovery_codes if one != digest]
            queries.change_user(tx, user.id, {"recovery_codes": left})
        return True

    def _step(self, secret: str, code: str) -> int | None:
        """Of which 30 seconds the code is, if they are near enough."""
        totp, now = pyotp.TOTP(secret), int(self._clock.now().timestamp()) // STEP_SECONDS
        given = _plain(code).encode("utf-8", "replace")
        right = [beside for beside in STEPS_BESIDE if hmac.compare_digest(_at(totp, now + beside), given)]
        return now + right[0] if right else None


def _at(totp: pyotp.TOTP, step: int) -> bytes:
    return totp.generate_otp(step).encode()


def _is_secret(text: str) -> bool:
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def _new_code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").casefold()


def _digest(code: str) -> str:
    """Of 79 random bits a plain hash is enough."""
    return hashlib.sha256(_plain(code).encode("utf-8", "replace")).hexdigest()
