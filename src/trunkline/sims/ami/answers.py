"""What a pretend manager answers to each action, in Asterisk's words."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from trunkline.sims.ami.options import AmiSimOptions
from trunkline.sims.ami.playing import Channel
from trunkline.sims.ami.wire import Asked

Answer = list[tuple[str, object]]
OPEN_TO_ALL = ("challenge", "login", "logoff")


class Signing(Protocol):
    """What an answer needs of a connection."""

    challenge: str
    is_signed_in: bool
    events: str


def good(text: str, *more: tuple[str, object]) -> Answer:
    return [("Response", "Success"), *more, *([("Message", text)] if text else [])]


def bad(text: str) -> Answer:
    return [("Response", "Error"), ("Message", text)]


def challenge(session: Signing, asked: Asked, options: AmiSimOptions) -> Answer:
    if asked.get("AuthType").lower() != "md5" or not options.md5_login:
        return bad("Must specify AuthType")
    return good("", ("Challenge", session.challenge))


def login(session: Signing, asked: Asked, options: AmiSimOptions) -> Answer:
    """By the secret itself, or by the digest of challenge and secret."""
    if asked.get("AuthType").lower() == "md5":
        wanted = hashlib.md5(f"{session.challenge}{options.secret}".encode(), usedforsecurity=False)
        is_proven = asked.get("Key") == wanted.hexdigest()
    else:
        is_proven = asked.get("Secret") == options.secret
    if asked.get("Username") != options.user or not is_proven:
        return bad("Authentication failed")
    session.is_signed_in, session.events = True, asked.get("Events").lower() or "on"
    return good("Authentication accepted")


def hang_up(asked: Asked, channels: Sequence[Channel]) -> Answer:
    for channel in channels:
        if channel.name == asked.get("Channel"):
            channel.is_gone.set()
            return good("Channel Hungup")
    return bad("No such channel")


def reload(asked: Asked) -> Answer:
    module = asked.get("Module")
    is_one = not module or module.removesuffix(".so").replace("_", "").isalnum()
    return good("Module Reloaded") if is_one else bad("No such module")


def command(asked: Asked, channels: Sequence[Channel]) -> Answer:
    """The output of a console command, one header for each line."""
    line = asked.get("Command").strip()
    match line:
        case "core show version":
            lines = ["Asterisk 20.0.0-pretend built by trunkline @ localhost on a x86_64 running Linux"]
        case "core show channels":
            lines = [*(channel.name for channel in channels), f"{len(channels)} active channels"]
        case _ if line.endswith("reload"):
            lines = []
        case _:
            hint = f"No such command '{line}' (type 'core show help {line}' for other possible commands)"
            return [*bad("Command output follows"), ("Output", hint)]
    return [*good("Command output follows"), *(("Output", text) for text in lines)]
