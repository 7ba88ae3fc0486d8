"""Readers: uploaded pictures are read, a few of them here, many by the workers; the page goes on answering."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from digits.recognition.classifier import Recognizer
from digits.sheets import reading
from digits.sheets.reading import Sheet
from digits.system import process_pool
from digits.system.files import UserError, shorten

FEW = 20  # pictures that are read sooner here than processes are started
READING = ThreadPoolExecutor(
    process_pool.CORES, "reading"
)  # more would wait for each other; each keeps memory of its own
BYTES_TOGETHER = 4_000_000  # of pictures, about, that are handed over at once
TURNS = 4  # of each process, at least, so that all are done at about the same time

Upload = tuple[str, bytes]  # a file's name and its content


def read_all(uploads: Sequence[Upload], classifier: Recognizer) -> Iterator[list[Sheet] | str]:
    """Yield what is on the pages of each file, in their order, or the sentence on why one cannot be read."""
    if len(uploads) <= FEW:
        return (READING.submit(read, classifier, upload).result() for upload in uploads)
    return _read_in_processes(uploads, classifier)


def get_ready() -> None:
    """Start the processes, unless they run, while somebody still chooses the pictures."""
    pool = process_pool.pool()
    for _ in range(process_pool.CORES):  # each takes one: whoever has begun is busy
        pool.submit(_begin)


def read(classifier: Recognizer, upload: Upload) -> list[Sheet] | str:
    """Return what is on the pages of a file, or the sentence on why it cannot be read."""
    name, content = upload
    try:
        return reading.read_pages(content, name, classifier)
    except UserError as error:
        return str(error)


def _read_in_processes(uploads: Sequence[Upload], classifier: Recognizer) -> Iterator[list[Sheet] | str]:
    from loky import BrokenProcessPool

    largest = max(len(content) for _, content in uploads)
    together = max(1, min(BYTES_TOGETHER // (largest + 1), len(uploads) // (TURNS * process_pool.CORES)))
    num_read = 0
    try:
        for result in process_pool.pool().map(partial(read, classifier), uploads, chunksize=together):
            yield result
            num_read += 1
    except BrokenProcessPool:
        for name, _ in uploads[num_read:]:
            ended = "the process that reads pictures was ended, often for lack of memory"
            yield f"The image {shorten(name)} was not read: {ended}; upload fewer or smaller ones at once."


def _begin() -> None:
    """Do nothing: a process that has got as far as this has imported all that it needs."""
