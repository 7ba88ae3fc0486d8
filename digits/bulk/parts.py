"""Parts: what a run has answered so far, as whole Parquet files beside the output, and the output that they become.

`answers.csv` has the folder `answers.csv.parts`. In it, `job.json` says what the run answers, and `000000000-000010000`
holds the rows of the first 10,000 pictures. Each file is written completely or not at all, so that a run that is killed
leaves a table that can be read and continued.
"""

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from digits.system.files import UserError, as_cell, replacing


class Parts:
    """The parts of one output.

    job: what is answered, a JSON object; a run can only be continued if it is the same.
    """

    def __init__(self, output: Path, job: dict):
        self.output = output
        self._job = job
        self.folder = output.with_name(f"{output.name}.parts")

    def begin(self, is_resumed: bool) -> int:
        """Make the folder, or look into it; return how many pictures are answered already. Raises UserError."""
        if not self._files():
            with self._room():
                self.folder.mkdir(exist_ok=True)
                with replacing(self.folder / "job.json") as draft:
                    draft.write_text(json.dumps(self._job))
            return 0
        if not is_resumed:
            found = f"{self.folder} has the answers of a run that was interrupted"
            raise UserError(f"{found}; continue it with --resume, or remove that folder.")
        job = self.folder / "job.json"
        if job.is_file() and json.loads(job.read_text()) != self._job:
            raise UserError(f"{self.folder} belongs to a run over other pictures, or with another model; remove it.")
        return self._ends()[-1]

    def add(self, first: int, end: int, table: pa.Table) -> None:
        """Keep the rows of the pictures from `first` to before `end`; raises UserError where there is no room."""
        with self._room(), replacing(self.folder / f"{first:09d}-{end:09d}.parquet") as draft:
            pq.write_table(table, draft)

    def last_name(self) -> str | None:
        """Return the name of the last picture that is answered; None for no picture."""
        files = self._files()
        return pq.ParquetFile(files[-1]).read(["file"])["file"][-1].as_py() if files else None

    def finish(self, schema: pa.Schema) -> int:
        """Make the output of the parts and remove them; return the number of rows. Raises UserError like `add`."""
        with self._room(), replacing(self.output) as draft:
            num_rows = WRITERS[self.output.suffix](draft, self._tables(), schema)
        shutil.rmtree(self.folder)
        return num_rows

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Turn what goes wrong while something is written, such as a full disk, into a UserError."""
        try:
            yield
        except OSError as error:
            found = f"The answers cannot be written to {self.output} ({error.strerror or error})"
            raise UserError(f"{found}; make room and go on with the same command and --resume.") from error

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    def _ends(self) -> list[int]:
        return [int(file.stem.partition("-")[2]) for file in self._files()]

    def _tables(self) -> Iterator[pa.Table]:
        return (pq.ParquetFile(file).read() for file in self._files())  # `read_table` imports much for the same


def _write_parquet(path: Path, tables: Iterator[pa.Table], schema: pa.Schema) -> int:
    num_rows = 0
    with pq.ParquetWriter(path, schema) as writer:
        for table in tables:
            writer.write_table(table)
            num_rows += len(table)
    return num_rows


def _write_jsonl(path: Path, tables: Iterator[pa.Table], schema: pa.Schema) -> int:
    num_rows = 0
    with path.open("w", encoding="utf-8") as file:
        for table in tables:
            file.writelines(f"{json.dumps(row)}\n" for row in table.to_pylist())
            num_rows += len(table)
    return num_rows


def _write_csv(path: Path, tables: Iterator[pa.Table], schema: pa.Schema) -> int:
    num_rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(schema.names)
        for table in tables:
            writer.writerows([_cell(value) for value in row.values()] for row in table.to_pylist())
            num_rows += len(table)
    return num_rows


def _cell(value: object) -> object:
    """Return what stands in a cell: lists as JSON, and no text that a spreadsheet would compute."""
    return json.dumps(value) if isinstance(value, list) else as_cell(value)


WRITERS = {".parquet": _write_parquet, ".csv": _write_csv, ".jsonl": _write_jsonl}
