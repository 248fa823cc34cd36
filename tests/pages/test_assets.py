import httpx
import pytest

from scripts.vendored import differences
from tests.pages.conftest import Visitor
from trunkline.pages.assets import FOR_GOOD, assets, url_of


def test_what_others_wrote_is_what_the_manifest_says() -> None:
    assert differences() == []


@pytest.mark.parametrize("name", sorted(assets()))
async def test_every_file_is_sent_for_good_and_packed_to_who_takes_it(name: str, visitor: Visitor) -> None:
    client, asset = visitor(None), assets()[name]
    plain = await client.get(url_of(name), headers={"accept-encoding": "identity"})
    packed = await client.get(url_of(name), headers={"accept-encoding": "gzip"})
    for answer in (plain, packed):
        assert answer.content == asset.body
        assert answer.headers["cache-control"] == FOR_GOOD
    assert ("content-encoding" in packed.headers) == bool(asset.packed)
    assert "content-encoding" not in plain.headers


async def test_former_files_are_not_there(visitor: Visitor) -> None:
    answer: httpx.Response = await visitor(None).get("/assets/trunkline.000000000000.css")
    assert answer.status_code == 404
