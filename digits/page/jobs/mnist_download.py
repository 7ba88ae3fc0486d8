"""The download of MNIST: a job of the server, in a thread, which whoever asked for it may follow or leave alone."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from digits.system.files import UserError
from digits.training import mnist

Download = Callable[[Callable[[int, int | None], None], str], Path]


class DownloadSnapshot(NamedTuple):
    """How far the download is: bytes received, of how many; `failure` is a sentence."""

    is_going_on: bool = False
    received: int = 0
    of: int | None = None
    failure: str = ""

    @property
    def share_done(self) -> float:
        """What has come of the whole; 0 while its size is not known."""
        return min(1.0, self.received / self.of) if self.of else 0.0


class MnistDownload:
    """Gets MNIST into Keras' cache, once at a time; callable from any thread."""

    def __init__(self, download: Download = mnist.download):
        self._download = download
        self._lock = threading.Lock()
        self._shown = DownloadSnapshot()

    def snapshot(self) -> DownloadSnapshot:
        """Return how far it is."""
        return self._shown

    def start(self) -> None:
        """Begin, unless it is going on."""
        with self._lock:
            if self._shown.is_going_on:
                return
            self._shown = DownloadSnapshot(is_going_on=True)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        failure = ""
        try:
            self._download(self._note, f"try again when you are online, or copy an mnist.npz to {mnist.cache()}")
        except UserError as error:
            failure = str(error)
        finally:
            self._shown = self._shown._replace(is_going_on=False, failure=failure)

    def _note(self, received: int, of: int | None) -> None:
        self._shown = DownloadSnapshot(True, received, of)
