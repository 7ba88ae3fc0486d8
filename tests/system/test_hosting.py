"""Hosting: a setting, or a server without a screen on a public address."""

import pytest

from digits.system.files import UserError
from digits.system.hosting import is_hosted


@pytest.mark.parametrize(
    ("mode", "address", "has_screen", "expected"),
    [
        ("", "localhost", True, False),
        ("", "localhost", False, False),
        ("", "127.0.0.1", False, False),
        ("", "::1", False, False),
        ("", "0.0.0.0", True, False),
        ("", "0.0.0.0", False, True),
        ("", "192.0.2.7", False, True),
        ("", "page.example", False, True),
        ("", None, False, True),
        ("local", None, False, False),
        ("hosted", "localhost", True, True),
    ],
)
def test_a_page_is_hosted(mode, address, has_screen, expected):
    assert is_hosted(address, has_screen, {"HANDWRITING_MODE": mode} if mode else {}) is expected


def test_an_unknown_mode_is_no_mode():
    with pytest.raises(UserError, match=r"HANDWRITING_MODE is 'open'; expected one of hosted, local"):
        is_hosted(None, True, {"HANDWRITING_MODE": "open"})
