"""QR codes: an address that a phone's camera opens."""

import io

import segno

SCALE = 12  # pixels of a module
BORDER = 2  # modules


def png(address: str) -> bytes:
    """Return the QR code of an address as a PNG file, dark on white in either theme: cameras expect that."""
    file = io.BytesIO()
    segno.make(address, error="m", micro=False).save(file, kind="png", scale=SCALE, border=BORDER)
    return file.getvalue()
