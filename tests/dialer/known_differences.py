"""Recorded requests of the original that the product answers otherwise on purpose, each with the reason."""

_REFUSED_PASSWORD = (
    "The log masks every password of a request; the original keeps one that it refused as it came."
)

DIFFERENT: dict[int, str] = dict.fromkeys((910, 1005, 1009), _REFUSED_PASSWORD)
