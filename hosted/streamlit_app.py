"""The page in hosted mode, for hosts that run a Streamlit script and set no variables; without the API."""

import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

os.environ["HANDWRITING_MODE"] = "hosted"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
