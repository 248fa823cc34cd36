"""Options that exist, but not where they were given: what has them, and what to type instead."""

from trunkline.declare import Connector, Report
from trunkline.errors import Problem, SettingsError
from trunkline.options import Kind, Option


def misplaced(connector: Connector, report: Report | None, flag: str, value: str) -> SettingsError | None:
    """The error for an option of another report, or of the account (no report: of a dataset); else None."""
    having = [r for r in connector.listed_reports if _with_flag(r.options, flag)]
    of_account = _with_flag(connector.account, flag)
    if report is None:
        return _of_a_dataset(having, flag, value) if having else None
    if having:
        return _of_other_reports(connector, report, having, flag, value)
    return _of_the_account(report, of_account) if of_account else None


def _with_flag(options: tuple[Option, ...], flag: str) -> Option | None:
    return next((o for o in options if o.flag == flag), None)


def _given(option: Option, value: str) -> str:
    """The option as it was given; a secret's value is never repeated."""
    said = f" is {value!r}" if value and option.kind is not Kind.SECRET else " was given"
    return f"{option.label} ({option.flag}){said}"


def _of_other_reports(
    connector: Connector, report: Report, having: list[Report], flag: str, value: str
) -> SettingsError:
    option = _with_flag(having[0].options, flag)
    assert option is not None, "the reports were chosen by it"
    dates = {o.name for r in having if r.dates for o in r.dates.words.options}
    is_undated = option.name in dates and report.dates is None
    lack = "is read whole and has no dates" if is_undated else "has no such option"
    return SettingsError(
        problems=[Problem(option.name, f"{_given(option, value)}, but {report.label} {lack}.")],
        todo=f"Leave it out. Reports of {connector.label} that have it: {', '.join(r.name for r in having)}.",
    )


def _of_a_dataset(having: list[Report], flag: str, value: str) -> SettingsError:
    option = _with_flag(having[0].options, flag)
    assert option is not None, "the reports were chosen by it"
    return SettingsError(
        problems=[
            Problem(option.name, f"{_given(option, value)}, which belongs to a dataset, not to an account.")
        ],
        todo="Give it to `trunkline dataset add NAME --account ACCOUNT --report REPORT`; reports that have "
        f"it: {', '.join(r.name for r in having)}.",
    )


def _of_the_account(report: Report, option: Option) -> SettingsError:
    text = f"{_given(option, '')}, which belongs to the account, not to a dataset of {report.label}."
    return SettingsError(
        problems=[Problem(option.name, text)],
        todo=f"Give it to `trunkline account edit ACCOUNT {option.flag} …`.",
    )
