"""The date menus of the connector pages: their options, and the days that a choice means.

Words and order follow the pages (`Duration`, `Report Date`, `Select Specific Date`, `Days Back`, …).
One difference between them is kept: a number of days back is the n past days and today on the one
page, and that single day on the other.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from trunkline.dates import DaySpan, days_back, parse_day
from trunkline.errors import Problem, SettingsError
from trunkline.options import Kind, Option, Values, choices

SPECIFIC_OR_RELATIVE = choices(specific="Specific Date", relative="Relative Date")


@dataclass(frozen=True)
class DateWords:
    """The names and labels that one provider's page gives to its date menus.

    Where one menu makes both ends of a range specific or relative, it stands for both kinds.
    """

    duration: Option
    report_date: Option
    specific_date: Option
    days_back: Option
    start_kind: Option
    end_kind: Option
    start_date: Option
    end_date: Option
    days_back_start: Option
    days_back_end: Option
    days_back_is_span: bool
    today_only: Option | None = None
    """The menu that asks for the current day alone, where the page has one."""

    @property
    def options(self) -> tuple[Option, ...]:
        menus = (
            self.today_only,
            self.duration,
            self.report_date,
            self.specific_date,
            self.days_back,
            self.start_kind,
            self.end_kind,
            self.start_date,
            self.end_date,
            self.days_back_start,
            self.days_back_end,
        )
        return tuple({menu.name: menu for menu in menus if menu}.values())


@dataclass(frozen=True)
class ChosenDays:
    """The days a choice means. An open end follows today; an open start goes back as far as is kept."""

    first: date | None
    last: date
    ends_today: bool
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.first is None:
            return f"everything the provider keeps, up to {DaySpan(self.last, self.last)}"
        return str(DaySpan(self.first, self.last))


def chosen_days(
    words: DateWords, values: Values, today: date, days_unless_chosen: int | None = None
) -> ChosenDays:
    """The days that the chosen menus mean on the day `today` of the dataset's zone.

    Nothing chosen means everything, or so many past days and today. Raises SettingsError where the
    start lies after the end, or lies in the future.
    """
    if words.today_only and values.get(words.today_only.name) == "yes":
        return ChosenDays(today, today, ends_today=True)
    duration = values.get(words.duration.name)
    if duration is None:
        past = days_unless_chosen
        return ChosenDays(None if past is None else today - timedelta(days=past), today, ends_today=True)
    if duration == "single_date":
        return _single(words, values, today)
    return _range(words, values, today)


def _single(words: DateWords, values: Values, today: date) -> ChosenDays:
    if values.get(words.report_date.name) == "specific":
        day = _day(words.specific_date, values, today)
        if day is None:
            raise _missing(words.specific_date)
        return _checked(words.specific_date, ChosenDays(day, day, ends_today=False), today)
    if words.days_back.name not in values:
        raise _missing(words.days_back)
    back = days_back(str(values[words.days_back.name]))
    first = today - timedelta(days=back)
    last = today if words.days_back_is_span else first
    return ChosenDays(first, last, ends_today=last == today)


def _range(words: DateWords, values: Values, today: date) -> ChosenDays:
    start = _edge(words.start_kind, words.start_date, words.days_back_start, values, today)
    end = _edge(words.end_kind, words.end_date, words.days_back_end, values, today)
    both_relative = values.get(words.start_kind.name) == values.get(words.end_kind.name) == "relative"
    if start and end and start > end and both_relative:
        note = (
            f"{words.days_back_start.label} is the farther day: {values[words.days_back_start.name]} and "
            f"{values[words.days_back_end.name]} were read the other way round."
        )
        return ChosenDays(end, start, ends_today=start == today, warnings=(note,))
    follows = end is None or (end == today and values.get(words.end_kind.name) == "relative")
    chosen = ChosenDays(start, end or today, ends_today=follows)
    return _checked(words.start_date, chosen, today)


def _edge(kind: Option, specific: Option, relative: Option, values: Values, today: date) -> date | None:
    if values.get(kind.name) == "relative":
        if relative.name not in values:
            raise _missing(relative)
        return today - timedelta(days=days_back(str(values[relative.name])))
    return _day(specific, values, today)


def _day(option: Option, values: Values, today: date) -> date | None:
    return parse_day(str(values[option.name]), today) if option.name in values else None


def _missing(option: Option) -> SettingsError:
    return SettingsError(problems=[Problem(option.name, f"{option.label} ({option.flag}) is missing.")])


def _checked(option: Option, chosen: ChosenDays, today: date) -> ChosenDays:
    if chosen.first and chosen.first > today:
        text = f"{option.label} ({option.flag}) is {chosen.first}, which lies after today ({today})."
        raise SettingsError(problems=[Problem(option.name, text)], todo="Choose a day that has begun.")
    if chosen.first and chosen.first > chosen.last:
        text = f"The start {chosen.first} lies after the end {chosen.last}."
        raise SettingsError(problems=[Problem(option.name, text)], todo="Swap the two dates.")
    return chosen


def _kind(name: str, label: str, help_text: str, **when: tuple[str, ...]) -> Option:
    return Option(name, label, Kind.CHOICE, help_text, choices=SPECIFIC_OR_RELATIVE, when=when)


def reread_days(days: int) -> Option:
    """The option beside the menus: how far back each run reads again."""
    return Option(
        "reread_days",
        "Re-read Days",
        Kind.INT,
        "How many days before the last run are read again, since records change after the fact.",
        default=days,
        minimum=0,
        advanced=True,
    )


CALLRAIL_DATES = DateWords(
    duration=Option(
        "duration",
        "Duration",
        Kind.CHOICE,
        "A single date or a date range. Left out: everything the provider keeps.",
        choices=choices(single_date="Single Date", date_range="Date Range"),
    ),
    report_date=_kind(
        "report_date",
        "Report Date",
        "A specific date, or a number of days back from today.",
        duration=("single_date",),
    ),
    specific_date=Option(
        "specific_date",
        "Select Specific Date",
        Kind.DATE,
        "The date of the report.",
        when={"report_date": ("specific",)},
    ),
    days_back=Option(
        "days_back",
        "Days Back",
        Kind.DAYS_BACK,
        "The number of past days to report, and today: 7 is the seven past days and today.",
        when={"report_date": ("relative",)},
    ),
    start_kind=_kind(
        "start_date_kind",
        "Start Date",
        "Whether the first date is specific or relative.",
        duration=("date_range",),
    ),
    end_kind=_kind(
        "end_date_kind",
        "End Date",
        "Whether the last date is specific or relative. Left out: today.",
        duration=("date_range",),
    ),
    start_date=Option(
        "start_date",
        "Select Specific Start Date",
        Kind.DATE,
        "The first date of the range.",
        when={"start_date_kind": ("specific",)},
    ),
    end_date=Option(
        "end_date",
        "Select Specific End Date",
        Kind.DATE,
        "The last date of the range.",
        when={"end_date_kind": ("specific",)},
    ),
    days_back_start=Option(
        "days_back_start",
        "Days Back to Start From",
        Kind.DAYS_BACK,
        "The farthest day back: 10, with 5 as Days Back to End At, reports 10 days ago up until 5 days ago.",
        when={"start_date_kind": ("relative",)},
    ),
    days_back_end=Option(
        "days_back_end",
        "Days Back to End At",
        Kind.DAYS_BACK,
        "The most recent day back.",
        when={"end_date_kind": ("relative",)},
    ),
    days_back_is_span=True,
)

DIALPAD_DATES = DateWords(
    today_only=Option(
        "todays_data",
        "Today's Data",
        Kind.CHOICE,
        "Yes reads the current day alone, No shows the menus of past days.",
        default="no",
        choices=choices(yes="Yes", no="No"),
    ),
    duration=Option(
        "date_selection",
        "Date Selection",
        Kind.CHOICE,
        "A single date or a date range.",
        choices=choices(single_date="Single Date", date_range="Date Range"),
        when={"todays_data": ("no",)},
    ),
    report_date=_kind(
        "single_date",
        "Single Date",
        "A specific date, or a number of days back from today.",
        date_selection=("single_date",),
    ),
    specific_date=Option(
        "specific_date",
        "Specific Date",
        Kind.DATE,
        "The date of the report.",
        when={"single_date": ("specific",)},
    ),
    days_back=Option(
        "relative_date",
        "Relative Date",
        Kind.DAYS_BACK,
        "The one day so many days back: today or 0, yesterday or 1, today-7 or 7.",
        when={"single_date": ("relative",)},
    ),
    start_kind=(
        _range_kind := _kind(
            "date_range",
            "Date Range",
            "Whether the first and last date are specific or relative.",
            date_selection=("date_range",),
        )
    ),
    end_kind=_range_kind,
    start_date=Option(
        "start_date",
        "Start Date - Specific",
        Kind.DATE,
        "The first date of the range.",
        when={"date_range": ("specific",)},
    ),
    end_date=Option(
        "end_date",
        "End Date - Specific",
        Kind.DATE,
        "The last date of the range. Left out: today.",
        when={"date_range": ("specific",)},
    ),
    days_back_start=Option(
        "days_back_start",
        "Start Date - Relative",
        Kind.DAYS_BACK,
        "The farthest day back: 10, with 5 as End Date, reports 10 days ago up until 5 days ago.",
        when={"date_range": ("relative",)},
    ),
    days_back_end=Option(
        "days_back_end",
        "End Date - Relative",
        Kind.DAYS_BACK,
        "The most recent day back. Left out: today.",
        default="0",
        when={"date_range": ("relative",)},
    ),
    days_back_is_span=False,
)
