"""The values of a phone: what each may be when it is added and when it is changed."""

from decimal import Decimal

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.command import Call
from trunkline.dialer.commands.user_fields import OPTIONAL
from trunkline.dialer.field_checks import YES_NO, Form, Optional, Required, digits, refused
from trunkline.dialer.tables import Tables

PROTOCOLS = ("IAX2", "SIP", "Zap", "EXTERNAL")
_EAST = "12.75 12 11 10 9.5 9 8 7 6.5 6 5.75 5.5 5 4.5 4 3.5 3 2 1 0"
_WEST = "-1 -2 -3 -3.5 -4 -5 -6 -7 -8 -9 -10 -11 -12"
ZONES = Form(amounts=tuple(Decimal(hours) for hours in f"{_EAST} {_WEST}".split()))

ADDRESS = Form(7, 15)

EXTENSION = Required("extension", "The phone's extension.", Form(2, 100))
SERVER = Required("server_ip", "The address of the phone's server.", ADDRESS)
NEW_PHONE = (
    EXTENSION,
    Required("dialplan_number", "The number that rings the phone.", Form(2, 20), Form(1, 20)),
    Required("voicemail_id", "The phone's voicemail box.", digits(1, 10)),
    Required("phone_login", "The login of the phone, no other phone's.", Form(1, 20)),
    Required("phone_pass", "The password of the phone's login.", Form(1, 20), secret=True),
    SERVER,
    Required("protocol", "How the phone speaks with its server.", Form(choices=PROTOCOLS)),
    Required("registration_password", "The password the phone registers with.", Form(1, 20), secret=True),
    Required("phone_full_name", "The phone's name.", Form(1, 50)),
    Required("local_gmt", "Hours between the phone's time and GMT, without daylight saving.", Form(1)),
    Required("outbound_cid", "The number that the phone shows.", digits(1, 20)),
)


def phone_elsewhere(t: Tables) -> ClauseElement:
    phones = t["phones"]
    return (
        select(phones.c.extension)
        .where(
            phones.c.login == bindparam("login"),
            phones.c.extension != bindparam("extension"),
            phones.c.server_ip != bindparam("server_ip"),
        )
        .limit(1)
    )


async def _login_is_free(call: Call, login: str) -> bool:
    """Whether no other phone on another server has the login."""
    found = await call.work.one(
        phone_elsewhere, login=login, extension=call.arg("extension"), server_ip=call.arg("server_ip")
    )
    return found is None


FIELDS: tuple[Optional, ...] = (
    Optional(
        "local_gmt",
        "Hours between the phone's time and GMT, without daylight saving.",
        "local_gmt",
        ZONES,
        refused("local_gmt", "YOU MUST USE A VALID TIMEZONE"),
    ),
    Optional(
        "email",
        "Where the phone's voicemail is sent.",
        "email",
        Form(4, 300),
        refused("email", "YOU MUST USE A VALID EMAIL"),
        Form(1, 100),
        blanked="",
    ),
    Optional(
        "phone_context",
        "The context of the phone's calls in the dial plan.",
        "phone_context",
        Form(2, 30),
        refused("phone_context", "YOU MUST USE A VALID PHONE CONTEXT"),
        blanked="",
    ),
    Optional(
        "phone_full_name",
        "The phone's name.",
        "fullname",
        Form(2, 30),
        refused("phone_full_name", "YOU MUST USE A VALID PHONE NAME"),
        Form(1, 50),
        blanked="",
    ),
    Optional(
        "registration_password",
        "The password the phone registers with.",
        "conf_secret",
        Form(2, 30),
        refused("registration_password", "YOU MUST USE A VALID REGISTRATION PASSWORD"),
        Form(1, 20),
        blanked="",
        secret=True,
    ),
    Optional(
        "protocol",
        "How the phone speaks with its server.",
        "protocol",
        Form(choices=PROTOCOLS),
        refused("protocol", "YOU MUST USE A VALID PROTOCOL"),
    ),
    Optional(
        "phone_pass",
        "The password of the phone's login.",
        "pass",
        Form(2, 30),
        refused("phone_pass", "YOU MUST USE A VALID PHONE PASSWORD"),
        Form(1, 20),
        secret=True,
    ),
    Optional(
        "phone_login",
        "The login of the phone, no other phone's.",
        "login",
        Form(),
        refused("phone_login", "LOGIN ALREADY EXISTS"),
        rule=_login_is_free,
    ),
    Optional(
        "voicemail_id",
        "The phone's voicemail box.",
        "voicemail_id",
        digits(2, 30),
        refused("voicemail_id", "YOU MUST USE A VALID VOICEMAIL NUMBER"),
        digits(1, 10),
    ),
    Optional(
        "dialplan_number",
        "The number that rings the phone.",
        "dialplan_number",
        Form(3, 30),
        refused("dialplan_number", "YOU MUST USE A VALID DIALPLAN NUMBER"),
        Form(1, 20),
    ),
    Optional(
        "active",
        "N switches the phone off.",
        "active",
        Form(choices=YES_NO),
        refused("active", f"ACTIVE MUST BE Y OR N{OPTIONAL}"),
    ),
    Optional(
        "outbound_cid",
        "The number that the phone shows.",
        "outbound_cid",
        digits(6, 18),
        refused("outbound_cid", f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS{OPTIONAL}"),
        digits(1, 20),
    ),
    Optional(
        "admin_user_group",
        "The user group that may see the phone.",
        "user_group",
        Form(2, 20),
        refused("admin_user_group", f"USER GROUP MUST BE FROM 2 TO 20 CHARACTERS{OPTIONAL}"),
    ),
)
