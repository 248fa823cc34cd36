"""Files without a name for what is downloaded; a full disk is told in a sentence."""

import tempfile
from typing import IO

from trunkline.errors import SettingsError


def temporary_file() -> IO[bytes]:
    """A file without a name for a download. Raises SettingsError where none can be made."""
    try:
        # Without a buffer a full disk shows at once, and not when the file is read or closed.
        return tempfile.TemporaryFile(prefix="trunkline-", buffering=0)
    except OSError as error:
        raise no_place(error) from None


def written(into: IO[bytes], chunk: bytes | memoryview) -> None:
    """Write all of it. Raises SettingsError where there is no room."""
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[into.write(rest) :]
    except OSError as error:
        raise no_place(error) from None


def no_place(error: OSError) -> SettingsError:
    return SettingsError(
        f"The download cannot be kept in {tempfile.gettempdir()}: {error.strerror}.",
        todo="Make room there, or name another folder in the environment variable TMPDIR.",
    )
