"""sounds_list, moh_list, vm_list: what there is to choose from, for the fields of other pages."""

from collections.abc import AsyncIterator
from datetime import datetime
from html import escape
from urllib.parse import quote

from sqlalchemy import ClauseElement, select

from trunkline.dialer.audio_store import Sound, sorted_sounds, sounds_in, store_directory
from trunkline.dialer.chooser_page import Choice, chooser_page
from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Dialect, Param, Plain, error
from trunkline.dialer.database import Row
from trunkline.dialer.render import value_text
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

LEVEL = 7

NOT_ACTIVE = error(
    "sound_control_not_active",
    "{function} CENTRAL SOUND CONTROL IS NOT ACTIVE",
    "",
    ": |{u}|0|",
    log="0",
    status=409,
    named=False,
)
MOH_NOT_ACTIVE = error(
    "sound_control_not_active",
    "{function} CENTRAL SOUND CONTROL IS NOT ACTIVE",
    "",
    ": |{u}|0|",
    original_text="sounds_list CENTRAL SOUND CONTROL IS NOT ACTIVE",
    log="0",
    status=409,
    named=False,
)
VM_NOT_ACTIVE = error(
    "sound_control_not_active", "CENTRAL SOUND CONTROL IS NOT ACTIVE", "", log="0", status=409
)
NO_DIRECTORY = error(
    "audio_store_missing",
    "audio store web directory does not exist",
    ": |{u}|sounds_list|{directory}|",
    status=409,
    named=False,
)


def classes_of_music(t: Tables) -> ClauseElement:
    music = t["music_on_hold"]
    return select(*music.c).where(music.c.active == "Y").order_by(music.c.moh_id)


def files_of_music(t: Tables) -> ClauseElement:
    files = t["music_on_hold_files"]
    return select(files.c.moh_id, files.c.filename).order_by(files.c.moh_id, files.c.rank, files.c.filename)


def voicemail_boxes(t: Tables) -> ClauseElement:
    boxes = t["voicemail"]
    return (
        select(boxes.c.voicemail_id, boxes.c.fullname, boxes.c.email, boxes.c.user_group)
        .where(boxes.c.active == "Y")
        .order_by(boxes.c.voicemail_id)
    )


def phones_with_voicemail(t: Tables) -> ClauseElement:
    phones = t["phones"]
    return (
        select(
            phones.c.voicemail_id,
            phones.c.extension,
            phones.c.fullname,
            phones.c.email,
            phones.c.user_group,
        )
        .where(phones.c.active == "Y")
        .order_by(phones.c.extension)
    )


async def sounds_list(call: Call) -> AsyncIterator[Answer]:
    if not _is_active(call):
        yield NOT_ACTIVE()
        return
    name = str(call.settings.get("sounds_web_directory") or "")
    directory = store_directory(call.web_root, name)
    if directory is None:
        yield NO_DIRECTORY(directory=call.web_root / name)
        return
    sounds = sorted_sounds(sounds_in(directory), call.arg("stage"))
    form = call.arg("format").casefold()
    shown = [(sound, _local(call, sound.epoch)) for sound in sounds]
    fields = {"sounds": [{"name": s.name, "date": at, "size": s.size, "epoch": s.epoch} for s, at in shown]}
    if "tab" in form:
        yield Plain("".join(_tab_line(n, *one) for n, one in enumerate(shown)), fields=fields)
    elif "link" in form:
        yield Plain("".join(_link(call, name, sound) for sound in sounds), fields=fields, is_html=True)
    elif "selectframe" in form:
        choices = [Choice(sound.choice, (at, str(sound.size))) for sound, at in shown]
        header = ("Sound", "Date", "Size")
        text = chooser_page("Audio files", call.arg("comments"), header, choices)
        yield Plain(text, fields=fields, is_html=True)
    else:
        yield Plain("", fields=fields)


def _is_active(call: Call) -> bool:
    return call.settings.get("sounds_central_control_active") == "1"


def _local(call: Call, epoch: int) -> str:
    return datetime.fromtimestamp(epoch, call.zone).strftime("%Y-%m-%d %H:%M:%S")


def _tab_line(number: int, sound: Sound, at: str) -> str:
    """The dot after the time belongs to the form."""
    return f"{number}\t{sound.name}\t{at}.\t{sound.size}\t{sound.epoch}\n"


def _link(call: Call, directory: str, sound: Sound) -> str:
    server = value_text(call.settings.get("sounds_web_server"))
    address = f"http://{server}/{quote(directory)}/{quote(sound.name)}"
    return f'<a href="{escape(address)}">{escape(sound.name)}</a><br>\n'


async def moh_list(call: Call) -> AsyncIterator[Answer]:
    if not _is_active(call):
        yield MOH_NOT_ACTIVE()
        return
    files: dict[str, list[str]] = {}
    for row in await call.work.all(files_of_music):
        files.setdefault(str(row["moh_id"]), []).append(str(row["filename"]))
    found = await _in_sight(call, await call.work.all(classes_of_music))
    choices = [
        Choice(
            row["moh_id"],
            (value_text(row["moh_name"]), value_text(row["random"]), " ".join(files.get(row["moh_id"], []))),
        )
        for row in found
    ]
    fields = {
        "classes": [
            {n: row[n] for n in ("moh_id", "moh_name", "random")} | {"files": files.get(row["moh_id"], [])}
            for row in found
        ]
    }
    header = ("Class", "Name", "Random", "Files")
    text = chooser_page("Music on hold", call.arg("comments"), header, choices)
    yield Plain(text, fields=fields, is_html=True)


async def vm_list(call: Call) -> AsyncIterator[Answer]:
    if call.dialect is not Dialect.ORIGINAL and not _is_active(call):
        yield VM_NOT_ACTIVE()
        return
    boxes = [
        (row["voicemail_id"], value_text(row["fullname"]), value_text(row["email"]))
        for row in await _in_sight(call, await call.work.all(voicemail_boxes))
    ] + [
        (row["voicemail_id"], f"{row['extension']} - {value_text(row['fullname'])}", value_text(row["email"]))
        for row in await _in_sight(call, await call.work.all(phones_with_voicemail))
    ]
    choices = [Choice(value_text(number), (name, email)) for number, name, email in boxes]
    fields = {"boxes": [{"voicemail_id": box[0], "name": box[1], "email": box[2]} for box in boxes]}
    header = ("Voicemail box", "Name", "Email")
    text = chooser_page("Voicemail boxes", call.arg("comments"), header, choices)
    yield Plain(text, fields=fields, is_html=True)


async def _in_sight(call: Call, rows: list[Row]) -> list[Row]:
    sight = await sight_of(call)
    return [row for row in rows if sight.sees_group(value_text(row["user_group"]))]


SOUNDS = Column(
    "sounds",
    "The audio files, in the order of stage.",
    Holds.LIST,
    (
        Column("name", "The file's name."),
        Column("date", "When it was written.", Holds.TIME),
        Column("size", "Its bytes.", Holds.INTEGER),
        Column("epoch", "When it was written, as seconds since 1970.", Holds.INTEGER),
    ),
)
CLASSES = Column(
    "classes",
    "The classes of music on hold.",
    Holds.LIST,
    (
        Column("moh_id", "The class."),
        Column("moh_name", "Its name."),
        Column("random", "Y: its files are played in no order."),
        Column("files", "The names of its files.", Holds.LIST),
    ),
)
BOXES = Column(
    "boxes",
    "The voicemail boxes, then those of phones.",
    Holds.LIST,
    (
        Column("voicemail_id", "The box."),
        Column("name", "Its name; of a phone its extension and name."),
        Column("email", "Where its messages are sent."),
    ),
)
FIELD = Param("comments", "The id of the form field that a chosen value goes to.")
FRAME = Param("format", "The form of the answer; there is only selectframe.", choices=("selectframe",))

COMMANDS = (
    Command(
        "sounds_list",
        "Lists the audio files of the audio store.",
        sounds_list,
        "USER DOES NOT HAVE PERMISSION TO VIEW SOUNDS LIST",
        level=LEVEL,
        denied_documented="",
        is_chooser=True,
        params=(
            Param("format", "The form of the answer.", choices=("tab", "link", "selectframe")),
            Param(
                "stage",
                "The order: newest first, largest first or by name; without it no file is listed.",
                choices=("date", "size", "name"),
            ),
            FIELD,
        ),
        lines=(NOT_ACTIVE, NO_DIRECTORY),
        fields=(SOUNDS,),
    ),
    Command(
        "moh_list",
        "Lists the classes of music on hold with their files.",
        moh_list,
        "USER DOES NOT HAVE PERMISSION TO VIEW SOUNDS LIST",
        level=LEVEL,
        denied_documented="",
        is_chooser=True,
        params=(FRAME, FIELD),
        lines=(MOH_NOT_ACTIVE,),
        fields=(CLASSES,),
        tables=("music_on_hold", "music_on_hold_files"),
    ),
    Command(
        "vm_list",
        "Lists the voicemail boxes, those of phones too.",
        vm_list,
        "USER DOES NOT HAVE PERMISSION TO VIEW VOICEMAIL BOXES LIST",
        level=LEVEL,
        denied_documented="",
        is_chooser=True,
        params=(FRAME, FIELD),
        lines=(VM_NOT_ACTIVE,),
        fields=(BOXES,),
        tables=("phones", "voicemail"),
    ),
)
