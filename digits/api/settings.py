"""The API's settings: what the environment says about who may ask, and how much. Light: imported at the start."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from digits.system.files import UserError

REQUESTS_A_MINUTE = 600  # of a client on another computer


class Settings(NamedTuple):
    """Who may ask, and how much."""

    key: str = ""  # that requests must bring; empty for none
    requests_a_minute: int = REQUESTS_A_MINUTE  # of each client, 0 for no limit
    is_hosted: bool = False  # a client on this computer has the same limit as all others

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Return what HANDWRITING_API_KEY and HANDWRITING_API_RATE say; raises UserError."""
        rate = environ.get("HANDWRITING_API_RATE", str(REQUESTS_A_MINUTE))
        if not rate.isascii() or not rate.isdecimal():
            found = f"HANDWRITING_API_RATE is {rate!r}"
            raise UserError(f"{found}; expected a whole number of requests a minute, 0 for no limit.")
        return cls(environ.get("HANDWRITING_API_KEY", ""), int(rate))
