"""A cluster: chunks of pictures are tasks of Ray, which gives those of a node that has died to another one.

This machine alone reads pictures and writes answers: a chunk travels with the content of its files, and the model once
to each worker. So the nodes need no folder in common, only this package and the same versions of Ray and Python. Order
and parts of the output are those of a run on one machine: either continues the other's. When the head node dies, Ray
ends this process after a minute, with exit code 1; what is answered is kept.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from digits.bulk import answers
from digits.bulk.sources import Item, with_content
from digits.bulk.workers import WorkerEndedError, Workers
from digits.models import loading
from digits.models.loading import LoadedModel
from digits.system.files import UserError

CLIENT = "ray://"  # begins an address for a machine that is no node
CONNECT_SECONDS = 3.0  # after which an address is given up; Ray itself would try for more than a minute
RETRIES = 3  # of a chunk whose worker or node has died, before its pictures are tried each by itself
ADDRESSES = "an address is HOST:6379, or ray://HOST:10001 on a machine that is no node"


@contextmanager
def open_cluster(address: str, model: Path, of_sheets: bool) -> Iterator[Workers]:
    """Yield the cores of a Ray cluster, which stops working for this process in the end.

    Raises UserError for a file that is no model and for an address that is no cluster.
    """
    ray = _ray()
    classifier = loading.load(model)
    _check_answers(address)
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")  # of chunks under way when the run ends
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (Exception, SystemExit) as error:
        raise UserError(f"The Ray cluster at {address} refused ({_one_line(error)}); {ADDRESSES}.") from error
    try:
        yield Cluster(ray, classifier, of_sheets)
    except ConnectionError as error:
        found = f"The connection to the Ray cluster at {address} was lost ({_one_line(error)})"
        raise UserError(f"{found}; what is answered is kept: go on with the same command and --resume.") from error
    finally:
        ray.shutdown()


class Cluster:
    """The cores of the cluster to which a process is connected."""

    def __init__(self, ray: Any, classifier: LoadedModel, of_sheets: bool):
        self._ray = ray
        model = [ray.put(classifier)]  # in a list, since Ray would load a bare one anew for every chunk
        self._answer = partial(ray.remote(max_retries=RETRIES)(_answer_all).remote, model, of_sheets)

    def num_cores(self) -> int:
        """Return how many cores the nodes have that are alive now; 1 before the first has come."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 0)))

    def prepare(self, item: Item) -> Item:
        """Return a picture with its content, since a node may not have the file."""
        return with_content(item)

    def submit(self, chunk: Sequence[Item]) -> Callable[[], pa.Table]:
        """Have a chunk answered."""
        return partial(self._result, self._answer(chunk))

    def _result(self, reference: Any) -> pa.Table:
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:  # what a picture raises is a row: the worker could not even begin
            found = f"A node of the cluster cannot answer ({_one_line(error)})"
            raise UserError(f"{found}; install this version of the project there, with its extra: bulk.") from error
        except errors.RayError as error:
            raise WorkerEndedError from error


def _answer_all(model: Sequence[Any], of_sheets: bool, chunk: Sequence[Item]) -> pa.Table:
    return answers.answer_all(_load(model[0]), of_sheets, chunk)


@lru_cache(maxsize=1)
def _load(reference: Any) -> LoadedModel:
    return _ray().get(reference)


def _ray() -> Any:
    try:
        import ray  # pyright: ignore[reportMissingImports]  # an extra
    except ModuleNotFoundError as error:
        found = "--cluster needs Ray, which is not installed here"
        raise UserError(f"{found}; install it with: python -m pip install 'ray[client]'") from error
    return ray


def _check_answers(address: str) -> None:
    """Raise UserError unless something speaks gRPC at an address, as all of Ray does."""
    import grpc

    with grpc.insecure_channel(address.removeprefix(CLIENT)) as channel:
        try:
            grpc.channel_ready_future(channel).result(CONNECT_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise UserError(f"No Ray cluster answers at {address}; {ADDRESSES}.") from error


def _one_line(error: BaseException) -> str:
    """Return the last line that an error says, where Ray has the reason."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:200]
