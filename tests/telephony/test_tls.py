"""TLS: a certificate that is trusted and good for the host, or no connection."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.telephony.lines import QUICK, SECRET, access_to
from trunkline.clock import SystemClock
from trunkline.errors import RetryLater
from trunkline.sims.ami import AmiSim, AmiSimOptions
from trunkline.telephony.asterisk import Asterisk


def certificate(folder: Path, *names: x509.GeneralName) -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate of its own, and that certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pretend")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "both.pem").write_bytes(pem + key.private_bytes(encoding, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context, pem.decode()


@asynccontextmanager
async def tls_before(sim: AmiSim, context: ssl.SSLContext) -> AsyncIterator[int]:
    """The port of a server that speaks TLS and passes everything on to the pretend manager."""
    passing: set[asyncio.Task[None]] = set()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                writer.write(data)
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", sim.port)
        for task in (passed(reader, inner_writer), passed(inner_reader, writer)):
            passing.add(asyncio.create_task(task))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*passing, return_exceptions=True)


async def test_a_trusted_certificate_that_fits_is_good(tmp_path: Path) -> None:
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    context, pem = certificate(tmp_path, address)
    async with AmiSim(AmiSimOptions(secret=SECRET)) as sim, tls_before(sim, context) as port:
        access = replace(access_to(sim), port=port, tls=True, ca=pem)
        asterisk = Asterisk(access, SystemClock(), QUICK)
        assert (await asterisk.ping()).version == "9.0.0"
        await asterisk.close()


@pytest.mark.parametrize(("name", "is_trusted"), [("pbx.example", True), ("127.0.0.1", False)])
async def test_any_other_certificate_is_refused(tmp_path: Path, name: str, is_trusted: bool) -> None:
    is_address = name[0].isdigit()
    kind = x509.IPAddress(ipaddress.ip_address(name)) if is_address else x509.DNSName(name)
    context, pem = certificate(tmp_path, kind)
    async with AmiSim(AmiSimOptions(secret=SECRET)) as sim, tls_before(sim, context) as port:
        access = replace(access_to(sim), port=port, tls=True, ca=pem if is_trusted else "")
        with pytest.raises(RetryLater, match="TLS failed"):
            await Asterisk(access, SystemClock(), QUICK).ping()
        assert sim.actions == []


async def test_tls_to_a_manager_without_it_is_told(tmp_path: Path) -> None:
    async with AmiSim(AmiSimOptions(secret=SECRET)) as sim:
        access = replace(access_to(sim), tls=True)
        with pytest.raises(RetryLater, match="TLS failed"):
            await Asterisk(access, SystemClock(), QUICK).ping()
