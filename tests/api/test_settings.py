"""What the environment says of the API."""

import pytest

from digits.api.settings import Settings
from digits.system.files import UserError


def test_settings_are_taken_from_the_environment():
    assert Settings.from_environment({}) == Settings()
    environ = {"HANDWRITING_API_KEY": "key", "HANDWRITING_API_RATE": "5"}
    assert Settings.from_environment(environ) == Settings("key", 5)
    for rate in ("-1", "many", "1.5", ""):
        with pytest.raises(UserError, match="HANDWRITING_API_RATE"):
            Settings.from_environment({"HANDWRITING_API_RATE": rate})
