"""Hosting: whether the page serves strangers, so that nobody who comes to it is taken for this computer's user."""

import ipaddress
import os
from collections.abc import Mapping

from digits.system.files import UserError

VARIABLE = "HANDWRITING_MODE"
MODES = ("hosted", "local")


def is_hosted(address: str | None, has_screen: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the server serves strangers: HANDWRITING_MODE says so, or it has no screen and a public address.

    address: that the server listens on; None for all of this machine's. Raises UserError for an unknown mode.
    """
    mode = named_mode(environ)
    return mode == "hosted" if mode else not has_screen and not _is_loopback(address)


def named_mode(environ: Mapping[str, str] = os.environ) -> str:
    """Return what HANDWRITING_MODE says, one of MODES, or nothing; raises UserError for anything else."""
    mode = environ.get(VARIABLE, "")
    if mode not in ("", *MODES):
        raise UserError(f"{VARIABLE} is {mode[:80]!r}; expected one of {', '.join(MODES)}, or nothing.")
    return mode


def _is_loopback(address: str | None) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
