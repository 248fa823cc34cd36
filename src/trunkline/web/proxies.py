"""Proxies that may say for whom they ask: those that the settings name, and no others."""

import ipaddress
from typing import Any

from trunkline.settings import Settings, networks_in


def proxy_options(settings: Settings) -> dict[str, Any]:
    """What the server is told of them. Given even where there are none: it would believe this machine."""
    believed = [name for text in networks_in(settings.text("trusted_proxies")) for name in _names(text)]
    return {"proxy_headers": bool(believed), "forwarded_allow_ips": believed}


def _names(text: str) -> list[str]:
    """The network, and for IPv4 also as it comes in on a socket of IPv6."""
    network = ipaddress.ip_network(text)
    if network.version == 6:
        return [str(network)]
    return [str(network), f"::ffff:{network.network_address}/{96 + network.prefixlen}"]
