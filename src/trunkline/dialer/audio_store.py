"""The audio store: files of sounds in one directory below the web root."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ENDINGS = (".wav", ".gsm")
SETTLED_SECONDS = 1
"""A file that was written to so lately may still grow, and is left out."""


@dataclass(frozen=True)
class Sound:
    """One audio file."""

    name: str
    size: int
    epoch: int

    @property
    def choice(self) -> str:
        """The name that other settings know it by: without its ending."""
        return self.name.rpartition(".")[0]


def store_directory(web_root: Path, name: str) -> Path | None:
    """The directory of that name, if there is one below the web root and not elsewhere.

    None also where it cannot be read, and where no web root is set.
    """
    if not name or web_root == Path():
        return None
    try:
        root, found = web_root.resolve(), (web_root / name).resolve()
        is_below = found.is_relative_to(root) and found != root
        return found if is_below and found.is_dir() and os.access(found, os.R_OK | os.X_OK) else None
    except (OSError, RuntimeError, ValueError):
        # No right to look, a circle of links, a name that none can have.
        return None


def sounds_in(directory: Path) -> list[Sound]:
    """The sounds that are complete."""
    now = time.time()
    found = []
    for path in directory.iterdir():
        with suppress(FileNotFoundError):  # it may go away meanwhile
            if path.name.endswith(ENDINGS) and path.is_file():
                stat = path.stat()
                if abs(now - stat.st_mtime) >= SETTLED_SECONDS:
                    found.append(Sound(path.name, stat.st_size, int(stat.st_mtime)))
    return found


def sorted_sounds(sounds: list[Sound], stage: str) -> list[Sound]:
    """Newest first, largest first or by name; none for another word."""
    by_name = sorted(sounds, key=lambda sound: sound.name)
    match stage:
        case "date":
            return sorted(by_name, key=lambda sound: -sound.epoch)
        case "size":
            return sorted(by_name, key=lambda sound: -sound.size)
        case "name":
            return by_name
    return []
