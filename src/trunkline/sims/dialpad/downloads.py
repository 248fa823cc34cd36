"""Finished exports as files: an address nobody can guess, for a time."""

from datetime import datetime

from aiohttp import web

from trunkline.sims.chance import hex_of
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.stats import StatsDesk
from trunkline.sims.refusals import Refused

_ROOT = "/stats-export/"


def is_download(path: str) -> bool:
    return path.startswith(_ROOT)


class Downloads:
    """The files of a desk's requests, by signature."""

    def __init__(self, desk: StatsDesk, options: DialpadSimOptions) -> None:
        self._desk, self._options = desk, options
        self._requests: dict[str, str] = {}

    def path_of(self, request_id: str) -> str:
        """Where the file of a request lies; valid as long as the request."""
        signature = hex_of(self._options.seed, "signature", request_id, digits=64)
        self._requests[signature] = request_id
        return f"{_ROOT}{signature}.csv"

    async def file_of(self, path: str, had_key: bool, now: datetime) -> list[bytes]:
        """The file at a path; raises Refused when there is none any more, or a key came with the request."""
        if had_key and self._options.refuse_key_on_download:
            raise Refused(400, "Only one auth mechanism allowed; the signature in the address is enough.")
        request_id = self._requests.get(path.removeprefix(_ROOT).removesuffix(".csv"))
        if request_id is None:
            raise Refused(404, f"Requested URL {path} not found")
        return await self._desk.known(request_id, now).finish()

    async def send(self, request: web.Request, chunks: list[bytes]) -> web.StreamResponse:
        """Send a file piece by piece, however large it is."""
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Length": str(sum(map(len, chunks))),
            "Content-Disposition": 'attachment; filename="stats.csv"',
        }
        response = web.StreamResponse(status=200, headers=headers)
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
        return response
