"""The first question to a provider that may answer in several places: it finds the one, and checks values."""

import asyncio

from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.declare import Greeting
from trunkline.errors import Problem, RetryLater, SettingsError, TrunklineError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.http import Http
from trunkline.fetch.temporary_files import temporary_file
from trunkline.options import Values

ABOUT = "its version"


async def greet(http: Http, greeting: Greeting, values: Values) -> Problem | None:
    """Find where the provider answers, and have all further requests go there.

    What is returned does not agree with what it tells. Raises RetryLater where nobody can be asked, and
    what the first place said that was there at all, else SettingsError.
    """
    refusals: list[TrunklineError] = []
    base = http.address
    for address in greeting.addresses(base):
        http.address = address
        try:
            return await _asked(http, greeting, values)
        except RetryLater:
            raise
        except TrunklineError as error:
            refusals.append(error)
    http.address = base
    raise next((error for error in refusals if type(error) is not SettingsError), _nobody(http, greeting))


async def _asked(http: Http, greeting: Greeting, values: Values) -> Problem | None:
    today = local_day(http.clock.now(), zone_named(str(values["time_zone"])))
    with temporary_file() as file:

        async def understood(charset: str) -> Problem | None:
            span = DaySpan(today, today)
            received = Received(file, charset, span, values, http.subject, ABOUT)
            return await asyncio.to_thread(greeting.read, received)

        found: Problem | None = await http.fetch_file(
            greeting.path, {}, file, understood, asked_for=ABOUT, is_open=True
        )
        return found


def _nobody(http: Http, greeting: Greeting) -> SettingsError:
    tried = ", ".join(greeting.addresses(http.address))
    text = f"Base URL (--base-url): no {http.subject.provider} answers there. Tried: {tried}."
    return SettingsError(
        problems=[Problem("base_url", text)],
        todo="Give the address of its API, with the path if it is another.",
    )
