"""Who looks inside now: each visit has a key, under which its browser asks the network of that visit.

A key is known to the visit alone, and the latest `MOST_VIEWERS` are: a question under another is not answered.
"""

import secrets
import threading
from collections import OrderedDict

from digits.models.inside.network import Network
from digits.models.inside.other_network import OtherNetwork
from digits.page.visitor_limits import MOST_VISITORS

AnyNetwork = Network | OtherNetwork


class Viewers:
    """The networks that are looked into, by key; callable from any thread."""

    def __init__(self, most: int = MOST_VISITORS):
        self._most = most
        self._networks: OrderedDict[str, AnyNetwork] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, key: str | None, network: AnyNetwork) -> str:
        """Have a key stand for this network, a new key where none is given; return it."""
        key = key or secrets.token_urlsafe(16)
        with self._lock:
            self._networks[key] = network
            self._networks.move_to_end(key)
            while len(self._networks) > self._most:
                self._networks.popitem(last=False)
        return key

    def network_of(self, key: str) -> AnyNetwork | None:
        """Return the network that a key stands for; None for one that is not known (any more)."""
        with self._lock:
            return self._networks.get(key)


VIEWERS = Viewers()  # of this server
