"""What became of a leg of a call, in the words of Asterisk's DIALSTATUS."""

from enum import StrEnum


class Result(StrEnum):
    """How a leg came out."""

    ANSWER = "ANSWER"
    BUSY = "BUSY"
    NOANSWER = "NOANSWER"
    CANCEL = "CANCEL"
    CONGESTION = "CONGESTION"
    CHANUNAVAIL = "CHANUNAVAIL"


_BY_CAUSE = {
    **dict.fromkeys((1, 2, 3, 20, 22, 27, 28, 66), Result.CHANUNAVAIL),
    17: Result.BUSY,
    **dict.fromkeys((34, 38, 41, 42, 44), Result.CONGESTION),
}
"""By the cause of a hang-up (Q.850) of a leg that was not answered."""

_BY_REASON = {
    0: (Result.CHANUNAVAIL, "there is no such number, or its channel is not available"),
    1: (Result.NOANSWER, "it was not answered"),
    3: (Result.NOANSWER, "it rang and was not answered in time"),
    5: (Result.BUSY, "it is busy"),
    8: (Result.CONGESTION, "the lines are congested, or it is not available"),
}
"""By the header Reason of OriginateResponse."""

_BY_DIAL_STATUS = {"ABORT": Result.CANCEL, **{result.value: result for result in Result}}


def of_cause(cause: int | None) -> Result | None:
    """The result that a hang-up's cause tells; None where there is none."""
    if not cause:
        return None
    return _BY_CAUSE.get(cause, Result.NOANSWER)


def of_reason(reason: str) -> tuple[Result, str]:
    """The result of a call that was not answered, and why in words."""
    number = int(reason) if reason.isascii() and reason.isdigit() else -1
    return _BY_REASON.get(number, (Result.NOANSWER, f"Asterisk gives the reason {reason[:20]!r}"))


def of_dial_status(status: str) -> Result | None:
    """The result that the end of a Dial tells; None for words that tell none, such as CONTINUE."""
    return _BY_DIAL_STATUS.get(status.upper())
