"""A pretend service's way of saying no."""


class Refused(Exception):
    """The request is answered with a status and a text instead of data."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(text)
