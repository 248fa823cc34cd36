"""The server itself speaks TLS where it is given a certificate; what is wrong with that is told at once."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.web.serving import run, served
from trunkline.access.links import Links, Purpose
from trunkline.access.roles import Role
from trunkline.access.users import Users
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import open_store


def write_pair(folder: Path, name: str, locked: bytes = b"") -> tuple[str, str]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trunkline.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    lock = serialization.BestAvailableEncryption(locked) if locked else serialization.NoEncryption()
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(pem))
    files[1].write_bytes(key.private_bytes(pem, form, lock))
    return str(files[0]), str(files[1])


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_it_answers_https_and_cookies_are_secure(workers: str, tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, "own")
    home = tmp_path / "home"
    store = open_store(load_settings(home, {}))
    owner = Users(store, SystemClock()).add("ann@example.com", "Ann", Role.OWNER)
    link = Links(store, SystemClock()).make(Purpose.DEMO, owner)
    store.close()
    flags = ("--tls-cert", certificate, "--tls-key", key, "--workers", workers)
    context = ssl.create_default_context(cafile=certificate)
    env = {"TRUNKLINE_FROZEN_CLOCK": ""}
    async with served(home, *flags, **env) as address, httpx.AsyncClient(verify=context) as client:
        assert address.startswith("https://127.0.0.1:")
        assert (await client.get(f"{address}/healthz")).status_code == 200
        signed_in = await client.get(f"{address}/sign-in/once", params={"link": link})
        assert "Secure" in signed_in.headers["set-cookie"]
        assert "Ann" in (await client.get(f"{address}/profile")).text
        with pytest.raises(httpx.HTTPError):
            await client.get(address.replace("https", "http"))


async def test_wrong_files_are_told_before_anything_begins(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, "own")
    _, other = write_pair(tmp_path, "other")
    _, locked = write_pair(tmp_path, "locked", b"secret")
    cases = {
        (certificate, other): "does not belong to the certificate",
        (certificate, locked): "locked by a password",
        (key, certificate): "are no certificate and key",
        (str(tmp_path / "missing.pem"), key): "missing.pem cannot be read: No such file",
    }
    home = tmp_path / "home"
    for (first, second), words in cases.items():
        code, _, err = await run(home, "serve", "--tls-cert", first, "--tls-key", second)
        assert code == 1
        assert words in err
        assert "What to do" in err
        assert not (home / "store.sqlite3").exists()
    code, _, err = await run(home, "serve", "--tls-key", key)
    assert code == 2
    assert "go together" in err
