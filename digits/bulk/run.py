"""A run: pictures go to the workers in chunks, and their rows into parts, in the order of the pictures."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm

from digits.bulk import answers, sources
from digits.bulk.parts import WRITERS, Parts
from digits.bulk.sources import Item
from digits.bulk.workers import WorkerEndedError, Workers, open_processes
from digits.system.files import UserError, check_writable, sha256

CHUNK = 200  # pictures that a worker is given at once ...
CHUNK_BYTES = 4_000_000  # ... or fewer, of so many bytes together
AHEAD = 3  # chunks for each worker that are under way
TRIES = 2  # of a picture by itself, after each of which its worker has died
PART_ROWS = 20_000  # of a part ...
PART_SECONDS = 10.0  # ... or what is answered within so long


def run(
    model: Path,
    paths: Sequence[Path],
    output: Path,
    of_sheets: bool,
    is_resumed: bool,
    cluster: str | None = None,
    show: bool | None = None,
) -> int:
    """Answer all pictures into a table, and return its number of rows.

    cluster: the address of a Ray cluster that answers in place of this machine's processes.
    show: the progress on standard error; None for only where that is a terminal. Raises UserError, also where nothing
    is to be done; on KeyboardInterrupt what is answered is kept.
    """
    if output.suffix not in WRITERS:
        raise UserError(f"{output} is no table; name a file that ends in one of {', '.join(WRITERS)}.")
    check_writable(output, "answers")
    with _open_workers(model, of_sheets, cluster) as workers:
        job = {"model": sha256(model), "pictures": [str(path.resolve()) for path in paths], "sheets": of_sheets}
        parts = Parts(output, job)
        if is_resumed and output.exists() and not parts.folder.exists():
            raise UserError(f"{output} is finished; there is nothing to resume.")
        num_done = parts.begin(is_resumed)
        pictures = _skip(sources.items(paths), num_done, parts)
        disable = None if show is None else not show
        bar = tqdm(total=sources.count(paths), initial=num_done, unit=" pictures", smoothing=0.05, disable=disable)
        with bar:
            _answer(map(workers.prepare, pictures), num_done, parts, workers, of_sheets, bar.update)
    return parts.finish(answers.schema(of_sheets))


def _open_workers(model: Path, of_sheets: bool, cluster: str | None) -> AbstractContextManager[Workers]:
    if cluster is None:
        return open_processes(model, of_sheets)
    from digits.bulk.cluster import open_cluster  # here: few have Ray

    return open_cluster(cluster, model, of_sheets)


def _skip(pictures: Iterator[Item], num_done: int, parts: Parts) -> Iterator[Item]:
    """Return the pictures that are left; raises UserError where those before are not the ones that were answered."""
    last = deque(islice(pictures, num_done), 1)
    if num_done and (not last or last[0].name != parts.last_name()):
        raise UserError(f"The pictures have changed since {parts.folder} was begun; remove that folder and start anew.")
    return pictures


def _answer(
    pictures: Iterator[Item],
    first: int,
    parts: Parts,
    workers: Workers,
    of_sheets: bool,
    on_progress: Callable[[int], object],
) -> None:
    """Answer the pictures from number `first` on, and keep their rows from time to time and in the end."""
    waiting: list[pa.Table] = []
    end, began = first, time.monotonic()
    try:
        for num_pictures, table in _in_order(pictures, workers, of_sheets):
            waiting.append(table)
            end += num_pictures
            on_progress(num_pictures)
            if end - first >= PART_ROWS or time.monotonic() - began > PART_SECONDS:
                parts.add(first, end, pa.concat_tables(waiting))
                waiting, first, began = [], end, time.monotonic()
    finally:
        if waiting:
            parts.add(first, end, pa.concat_tables(waiting))


def _in_order(pictures: Iterator[Item], workers: Workers, of_sheets: bool) -> Iterator[tuple[int, pa.Table]]:
    """Yield the rows of each chunk, with its number of pictures, while the workers are some chunks ahead."""
    under_way: deque[tuple[list[Item], Callable[[], pa.Table]]] = deque()
    chunks = _chunks(pictures)
    while True:
        for chunk in islice(chunks, max(0, AHEAD * workers.num_cores() - len(under_way))):
            under_way.append((chunk, workers.submit(chunk)))
        if not under_way:
            return
        chunk, result = under_way.popleft()
        yield len(chunk), _rows(chunk, result, workers, of_sheets)


def _rows(
    chunk: Sequence[Item], result: Callable[[], pa.Table], workers: Workers, of_sheets: bool, tries: int = TRIES
) -> pa.Table:
    """Return the rows of a chunk; where a worker has died, those of each picture by itself."""
    try:
        return result()
    except WorkerEndedError:  # by another picture, maybe
        if len(chunk) == 1 and tries == 1:
            sentence = "The process that read it was ended, often for lack of memory; use a smaller picture."
            return answers.failure(chunk[0], sentence, of_sheets)
    left = tries - 1 if len(chunk) == 1 else tries
    return pa.concat_tables(_rows([item], workers.submit([item]), workers, of_sheets, left) for item in chunk)


def _chunks(pictures: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the pictures in chunks of limited number and size."""
    chunk: list[Item] = []
    num_bytes = 0
    for picture in pictures:
        chunk.append(picture)
        num_bytes += len(picture.content) if isinstance(picture.content, bytes) else 0
        if len(chunk) == CHUNK or num_bytes > CHUNK_BYTES:
            yield chunk
            chunk, num_bytes = [], 0
    if chunk:
        yield chunk
