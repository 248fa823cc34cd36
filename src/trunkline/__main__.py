"""`python -m trunkline` is the command `trunkline`; both hear Ctrl-C before anything else is loaded."""

import os
import signal
from types import FrameType

STOPPED = 130


def main() -> None:
    """The command line. Until it listens for Ctrl-C itself, Ctrl-C ends the process with one word."""
    hears = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if hears:
        signal.signal(signal.SIGINT, _stop)
    from trunkline.cli import main as command_line

    command_line(_listen if hears else None)


def _stop(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"Stopped.\n")
    os._exit(STOPPED)


def _listen() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    main()
