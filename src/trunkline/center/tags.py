"""Tags of datasets: words by which people group them."""

from collections.abc import Sequence

from trunkline.errors import Problem, SettingsError

MOST_TAGS, LONGEST_TAG = 20, 40


def tags_in(text: str) -> list[str]:
    """The tags that a person has typed with commas between them."""
    return [word for part in text.split(",") if (word := " ".join(part.split()))]


def checked_tags(words: Sequence[str]) -> tuple[str, ...]:
    """The tags without repeats. Raises SettingsError for too many, or one that is too long."""
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.casefold(), word)
    tags = tuple(first.values())
    if long := next((word for word in tags if len(word) > LONGEST_TAG), None):
        raise _wrong(f"The tag {long[:LONGEST_TAG]}… is too long: use at most {LONGEST_TAG} characters.")
    if broken := next((word for word in tags if not word.isprintable() or "," in word), None):
        raise _wrong(f"The tag {broken!r} holds a comma or an invisible mark.")
    if len(tags) > MOST_TAGS:
        raise _wrong(f"There are {len(tags)} tags; use at most {MOST_TAGS}.")
    return tags


def _wrong(text: str) -> SettingsError:
    return SettingsError(problems=[Problem("tags", text)])
