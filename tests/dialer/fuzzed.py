"""Requests as nobody should send them: recorded ones with parameters changed at random, and garbage."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from hypothesis import strategies as st

from tests.dialer.replay import all_vectors
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.commands import ALL
from trunkline.dialer.wire import parameters

KNOWN: dict[str, tuple[str, ...]] = {
    "callback": ("Y", "REMOVE"),
    "callback_datetime": ("NOW", "2017-09-29 12:00:01", "2017-99-99 99:99:99"),
    "date": ("2017-06-14", "2017-02-30"),
    "DB": ("1",),
    "duplicate_check": ("DUPLIST-DUPCAMP-DUPSYS-90DAY", "DUPNAMEPHONESYS", "DUPTITLEALTPHONESYS"),
    "entry_list_id": ("101", "999", "107"),
    "favorite_color": ("blue", 'a;b"c+d', "--BLANK--"),
    "force_entry_list_id": ("101", "999", "54321"),
    "list_id": ("101", "107", "999", "8107", "999888999777", "54321"),
    "multi_alt_phones": ("7275551212_1_work!7275551213!_2_x!", "!!!!!!!!"),
    "phone_code": ("1", "44", "61", "65536"),
    "search_method": ("LEAD_ID", "PHONE_NUMBER", "LEAD_ID_VENDOR_LEAD_CODE_PHONE_NUMBER"),
    "stage": ("csv", "tab", "pipe", "date", "size", "name", "MONITOR", "BARGE", "REFRESH"),
    "tz_method": ("POSTAL", "TZCODE", "NANPA", "AREACODEPOSTALTZCODENANPA"),
}
"""Values that lead deep into a function, by parameter; those of recorded requests do so too."""
WHOLE_DAY = {"datetime_start": "2017-06-14 00:00:00", "datetime_end": "2017-06-14 23:59:59"}
"""For the one export that has no recorded requests which went well."""
FIXED = ("source", "user", "pass", "function")

INJECTIONS = (
    *(
        "' OR '1'='1",
        "1 OR 1=1",
        "x'; DROP TABLE dialer360_list; --",
        "' UNION SELECT pass FROM dialer360_users --",
    ),
    *(
        '" OR ""="',
        "\\",
        "\\'",
        "%",
        "_",
        "`",
        "0x31",
        "1;SELECT pg_sleep(9)",
        "{u}",
        "{0.__class__}",
        "$1",
        ":x",
        "?",
    ),
    *("<script>alert(1)</script>", "../../etc/passwd", "a\r\nAction: Originate", "%s%n", "$(id)", "`id`"),
)
WORDS = (
    *("", "Y", "N", "REMOVE", "AREACODE", "--BLANK--", "0", "1", "-1", "99", "NULL", "None", "NOW"),
    *INJECTIONS,
    *(
        "\x00",
        "a\x00b",
        "\r\n",
        "a\nb",
        "\ufeff",
        "\u202eabc",
        "é" * 300,
        "😀",
        "ß",
        "İ",
        "٣٤٥",
        "½",
        "１２３",
    ),
    *("9" * 19, "9" * 400, "-" * 50, "1e309", "nan", "0x10", "1_000", "+5", " 5", "|" * 20, "!_!_!_!"),
    *(
        "0000-00-00",
        "2017-02-30",
        "9999-12-31 23:59:59",
        "0001-01-01",
        "a" * 5_000,
        "é" * 70_000,
        "7" * 100_000,
    ),
)
CHOICES = {param.name: param.choices for command in ALL for param in command.params}
NAMES = sorted({*CHOICES, *KNOWN, "value", "comments"})
LOGINS = (("6666", "1234"),) * 8 + (("8002", "8002pw"), ("7000", "7000pw"), ("", ""), ("6666", "wrong"))
SETTINGS: tuple[dict[str, Any], ...] = (
    *({},) * 4,
    {"use_non_latin": "1"},
    {"custom_fields_enabled": "0"},
    {"pass_hash_enabled": "1", "pass_key": "abcdefghijklmnop", "pass_cost": 4},
    {"allow_ip_lists": "1", "system_ip_blacklist": "NONE"},
)
GARBAGE = (
    b"%",
    b"%z",
    b"%zz",
    b"%00",
    b"%ff%fe",
    b"%c3",
    b"%ed%a0%80",
    b"%u0041",
    b"\xff\xfe",
    b"\xc3(",
    b"\x00",
    b";",
    b"+",
)
"""Parts of a query that no encoding makes, or none that is UTF-8."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
KINDS = (FORM,) * 6 + (
    *("", f"{FORM}; charset=latin-1", "multipart/form-data; boundary=x", "text/plain", "application/xml"),
    *(JSON, "\x00", "a" * 300),
)
ARRAYS = ("[]", "[0]", "[a][b]", ".0", "%5B%5D")

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """A request as it comes: method, query string, body and its kind, and the dialect of the path."""

    dialect: Dialect
    function: str
    user: str
    method: str
    query: bytes
    kind: str
    body: bytes

    def __repr__(self) -> str:
        return (
            f"{self.dialect} {self.function!r} for {self.user!r}: {self.method} ?{self.query[:2_000]!r} "
            f"{self.kind[:40]!r} {self.body[:2_000]!r}"
        )

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))

    @property
    def given(self) -> str:
        """All that the request says, as far as it can be read."""
        text = (self.query + b"&" + self.body).decode("utf-8", "replace")
        return f"{text} {unquote_plus(text)}"


def recorded() -> dict[str, list[dict[str, str]]]:
    """What recorded requests that went well ask of each function, besides login and source."""
    found: dict[str, list[dict[str, str]]] = {command.name: [{}] for command in ALL}
    found["agent_stats_export"] += [WHOLE_DAY, WHOLE_DAY | {"header": "YES", "stage": "csv"}]
    for vector in all_vectors():
        params = parameters(vector["query"])
        if vector["function"] in found and not vector["response"].startswith("ERROR"):
            own = {name: value for name, value in params.items() if name not in FIXED}
            found[vector["function"]].append(own)
    return found


RECORDED = recorded()


def value_for(name: str) -> st.SearchStrategy[str]:
    """Likely values of a parameter as often as any others."""
    seen = {params[name] for many in RECORDED.values() for params in many if name in params}
    likely = sorted({*KNOWN.get(name, ()), *CHOICES.get(name, ()), *seen})
    anything = st.sampled_from(WORDS) | st.text(max_size=40)
    return st.one_of(st.sampled_from(likely), anything) if likely else anything


VALUES = {name: value_for(name) for name in NAMES}


@st.composite
def changed(draw: st.DrawFn, command: Command) -> Pairs:
    """The parameters of a recorded request, a few of them changed, left out, given twice, or added."""
    pairs: Pairs = list(draw(st.sampled_from(RECORDED[command.name])).items())
    own = [param.name for param in command.params] or NAMES
    for name in draw(st.lists(st.sampled_from(own) | st.sampled_from(NAMES), max_size=4)):
        pairs = [pair for pair in pairs if pair[0] != name or not draw(st.integers(0, 3))]
        pairs.append((name, draw(VALUES[name])))
    if pairs and not draw(st.integers(0, 3)):
        pairs.remove(draw(st.sampled_from(pairs)))
    if not draw(st.integers(0, 9)):
        pairs.append((draw(st.text(max_size=8)), draw(st.text(max_size=8))))
    if pairs and not draw(st.integers(0, 9)):
        name, value = draw(st.sampled_from(pairs))
        pairs.append((name + draw(st.sampled_from(ARRAYS)), value))
    return pairs


@st.composite
def requests(draw: st.DrawFn) -> Request:
    command = draw(st.sampled_from(ALL))
    pairs = draw(changed(command))
    function = command.name if draw(st.integers(0, 19)) else draw(st.text(max_size=12))
    user, password = draw(st.sampled_from(LOGINS))
    if draw(st.integers(0, 2)):
        dialect = draw(st.sampled_from((Dialect.DOCUMENTED, Dialect.ORIGINAL)))
        login = [("source", "test"), ("user", user), ("pass", password), ("function", function)]
        return draw(classic(dialect, function, user, login, pairs))
    return draw(as_json(command, user or "6666", pairs))


@st.composite
def classic(
    draw: st.DrawFn, dialect: Dialect, function: str, user: str, login: Pairs, pairs: Pairs
) -> Request:
    in_body = draw(st.booleans())
    query = draw(noisy(encoded(login if in_body else login + pairs)))
    body = draw(noisy(encoded(pairs))) if in_body else b""
    kind = draw(st.sampled_from(KINDS)) if in_body else ""
    return Request(dialect, function, user, "POST" if in_body else "GET", query, kind, body)


@st.composite
def as_json(draw: st.DrawFn, command: Command, user: str, pairs: Pairs) -> Request:
    method = "POST" if command.writes or draw(st.booleans()) else "GET"
    if draw(st.integers(0, 2)):
        query, kind, body = b"", JSON, draw(json_body(pairs))
    elif draw(st.booleans()):
        query, kind, body = b"", draw(st.sampled_from(KINDS)), draw(noisy(encoded(pairs)))
    else:
        query, kind, body = draw(noisy(encoded(pairs))), "", b""
    return Request(Dialect.JSON, command.name, user, method, query, kind, body)


def encoded(pairs: Pairs) -> bytes:
    """Values that UTF-8 cannot hold are sent as the bytes of other encodings."""
    return "&".join(
        f"{quote_plus(name, safe='[].%', errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    ).encode()


@st.composite
def noisy(draw: st.DrawFn, text: bytes) -> bytes:
    """Now and then with garbage somewhere in it."""
    if draw(st.integers(0, 7)):
        return text
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(GARBAGE) | st.binary(max_size=12)) + text[at:]


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
JSON_GARBAGE = (
    *(b"", b"null", b"[]", b'"x"', b"1", b"{", b"{}", b'{"list_id": NaN}', b'{"list_id": Infinity}'),
    *(b'{"list_id": 1e400}', b'{"list_id": ' + b"9" * 500 + b"}", b'{"a": "\\ud800"}', b'{"\xff": 1}'),
    *(b"[" * 5_000, b'{"a":' * 2_000, b'{"list_id": 101, "list_id": 999}', b"\xef\xbb\xbf{}", b"{'a': 1}"),
)


@st.composite
def json_body(draw: st.DrawFn, pairs: Pairs) -> bytes:
    """An object with these parameters, some of them numbers; now and then something else."""
    if not draw(st.integers(0, 7)):
        return draw(st.sampled_from(JSON_GARBAGE) | st.binary(max_size=30))
    content: dict[str, Any] = {}
    for name, value in pairs:
        is_number = value.isascii() and value.isdigit() and len(value) < 1_000
        content[name] = int(value) if is_number and draw(st.booleans()) else value
    if not draw(st.integers(0, 5)):
        content[draw(st.sampled_from(NAMES))] = draw(JSON_VALUES)
    return json.dumps(content, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
