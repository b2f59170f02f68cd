"""Says where a browser was signed in from: its network, which is all we keep and can know."""

from ipaddress import ip_network

from flask_babel import gettext as _


def network_name(network: str) -> str:
    """Return a network in words; which town or building that is, no address says honestly."""
    try:
        found = ip_network(network)
    except ValueError:
        return "–"
    if found.is_loopback:
        return str(_("this machine"))
    if found.is_private:
        return str(_("internal network %(start)s", start=_start(network)))
    return _start(network)


def _start(network: str) -> str:
    address, _slash, length = network.partition("/")
    # 203.0.113.0/24 is what everybody writes 203.0.113.x.
    return f"{address.rpartition('.')[0]}.x" if length == "24" else network
