"""Nothing that is sent can be read as more than it was: names, values, variables."""

import asyncio
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunkline.errors import SettingsError
from trunkline.sims.ami.wire import Reader
from trunkline.telephony.access import ManagerAccess
from trunkline.telephony.headers import LONGEST, LONGEST_LINE, action, is_clean, variables

CONTROLS = [chr(n) for n in (*range(32), *range(127, 160))] + ["\u2028", "\u2029", "\ud800"]
PLAIN = string.ascii_letters + string.digits + " .:-,;=\"'\\()[]{}<>@/é中"
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(CONTROLS), st.sampled_from(PLAIN)), max_size=60)


def read(name: str, headers: dict[str, str | list[str]]) -> list[list[tuple[str, str]]]:
    """What Asterisk makes of it, by the reader of the pretend manager."""

    async def written() -> bytes:
        return str(action(name, headers)).encode()

    return [asked.headers for asked in Reader().actions(asyncio.run(written()))]


@given(TEXTS, TEXTS)
@example("x\r\n\r\nAction: Originate\r\nChannel: PJSIP/911", "y")
@example("x\nAction: Originate", "y\r")
@example("x", "\x00")
def test_a_value_stays_one_value_or_is_refused(first: str, second: str) -> None:
    given_headers: dict[str, str | list[str]] = {"Channel": first, "Data": second, "ActionID": "1"}
    has_control = any(c in CONTROLS for c in first + second)
    if has_control:
        with pytest.raises(SettingsError, match="control characters must not be sent"):
            read("Originate", given_headers)
        return
    wanted = {"Action": "Originate", "ActionID": "1"} | {"Channel": first, "Data": second}
    (headers,) = read("Originate", given_headers)
    assert dict(headers) == {name: value.lstrip(" ") for name, value in wanted.items()}


@pytest.mark.parametrize("control", CONTROLS)
def test_every_control_character_is_refused_everywhere(control: str) -> None:
    assert not is_clean(f"a{control}b")
    for name, headers in (
        ("Ping", {"Channel": f"a{control}"}),
        ("Ping", {"Variable": ["a=1", f"b={control}"]}),
        ("Ping", {f"Chan{control}nel": "a"}),
        (f"Ping{control}", {}),
    ):
        with pytest.raises(SettingsError):
            action(name, headers)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True), st.text(alphabet=PLAIN, max_size=30), max_size=4
    )
)
def test_variables_arrive_as_they_were_given(wanted: dict[str, str]) -> None:
    headers = read("Originate", {"Variable": variables(wanted)}) if wanted else []
    found = {}
    for asked in Reader().actions(_bytes(headers)):
        found = asked.variables()
    assert found == wanted


def _bytes(headers: list[list[tuple[str, str]]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for one in headers for name, value in one).encode() + b"\r\n"


@pytest.mark.parametrize("name", ["", "1X", "A B", "A=B", "A,B", "X\n", "FUNC(a,b)", "___X"])
def test_what_is_no_name_of_a_variable_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="is no name of a variable"):
        variables({name: "x"})


@pytest.mark.parametrize("name", ["", "A: B", "A B", "-A", "Ä"])
def test_what_is_no_name_of_a_header_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="is no name of a header"):
        action("Ping", {name: "x"})


@pytest.mark.parametrize(("name", "most"), [*LONGEST.items(), ("Data", LONGEST_LINE - len("Data"))])
async def test_what_asterisk_would_cut_is_refused(name: str, most: int) -> None:
    assert str(action("Originate", {name: "x" * most}))
    for value in ("x" * (most + 1), "é" * (most // 2 + 1)):
        with pytest.raises(SettingsError, match=f"Asterisk takes {most}"):
            action("Originate", {name: value})


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(SettingsError) as refused:
        action("Login", {"Secret": "geheim\n"})
    assert "geheim" not in f"{refused.value} {refused.value.todo}"
    assert "U+000A" in str(refused.value)


@pytest.mark.parametrize(
    ("host", "tls", "is_unprotected"),
    [
        *(("127.0.0.1", False, False), ("localhost", False, False), ("::1", False, False)),
        *(("10.0.0.1", False, True), ("pbx.example", False, True), ("pbx.example", True, False)),
    ],
)
def test_plain_text_to_another_machine_is_unprotected(host: str, tls: bool, is_unprotected: bool) -> None:
    access = ManagerAccess(host, "u", "geheim", tls=tls)
    assert access.is_unprotected is is_unprotected
    assert "geheim" not in f"{access!r}{access.words}"
