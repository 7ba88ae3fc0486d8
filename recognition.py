"""Draw a digit in a window and have it recognised.

    python recognition.py                                 draws with the shipped model
    python recognition.py model.h5                        ... with a model of your own (.h5 or .keras)
    python recognition.py --numbers                       ... a number on a wide canvas
    python recognition.py [model.h5] --classify a.png ... answers image files, one JSON line each, without a window
    python recognition.py --hand Ada                      ... with what Ada has taught it
    python recognition.py --guest                         ... with what nobody has, and learns nothing

    python recognition.py --classify FOLDER --output answers.parquet ... any number of pictures into a table

--classify prints, for one digit, its answer with "file" and "doubt"; for several, "number" (lines parted by newlines,
numbers by spaces) and "digits", each with its box: left, top, right, bottom in pixels. With --collection or --hand it
answers with what was taught: "words" then says so, and "source" is the drawing that the answer goes by. With --output a
table is written instead, whose columns are in `digits/bulk/answers.py`, of folders and archives too, as
`digits/bulk/sources.py` says; with --cluster the nodes of a Ray cluster answer, as `digits/bulk/cluster.py` says.

With --results FILE the window creates FILE when it is on the screen and appends one JSON line per classification, and
again when the user tells what the drawing was, in the form described in `digits/recognition/records.py`. With
--parent-pipe it closes when its standard input does: the page that started it has ended. A --kiosk is watched by this
process: the window is a child of it, opened again whenever it fails, until Ctrl+Q closes it. Exit code 0, 2 with one
sentence on standard error, or 130 after Ctrl-C.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start a thread per core, which the window waits for

from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Answer, Recognizer
from digits.system import child_processes
from digits.system.files import UserError, check_writable
from digits.system.output import print_error, print_result

if TYPE_CHECKING:
    from digits.sheets.reading import Sheet


def main(argv: list[str] | None = None) -> int:
    """Parse, check and do; return the exit code."""
    arguments = parse(argv)
    try:
        if arguments.output:
            return classify_in_bulk(arguments)
        if arguments.classify:
            return classify_files(arguments)
        if arguments.kiosk and not arguments.parent_pipe:
            return keep_kiosk(sys.argv[1:] if argv is None else argv)
        return open_window(arguments)
    except UserError as error:
        print_error("recognition.py", str(error))
        return 2


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description="Draw a digit in a window and have it recognised.")
    parser.add_argument(
        "model",
        nargs="?",
        type=Path,
        default=loading.SHIPPED,
        help="a Keras .h5 or .keras file (default: the shipped one)",
    )
    parser.add_argument(
        "--classify", nargs="+", type=Path, metavar="IMAGE", help="answer image files, without a window"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="with --classify: a .parquet, .csv or .jsonl file for all answers"
    )
    parser.add_argument("--sheets", action="store_true", help="with --output: each picture shows any number of digits")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="with --output: a Ray cluster that answers, HOST:6379 or ray://HOST:10001"
    )
    parser.add_argument("--resume", action="store_true", help="with --output: continue a run that was interrupted")
    parser.add_argument("--numbers", action="store_true", help="begin with a wide canvas for numbers")
    parser.add_argument("--no-signs", action="store_true", help="read digits alone: no point, comma, minus and plus")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="default: %(default)s")
    parser.add_argument("--projector", action="store_true", help="full screen, huge digits and bars")
    parser.add_argument("--kiosk", action="store_true", help="full screen, for guests; restarts if it fails")
    parser.add_argument("--collection", type=Path, metavar="DIR", help="where taught drawings are kept")
    owner = parser.add_mutually_exclusive_group()
    owner.add_argument("--hand", metavar="NAME", help="whose hand it is (default: this computer's user)")
    owner.add_argument("--guest", action="store_true", help="use no hand, and teach none")
    parser.add_argument("--results", type=Path, metavar="FILE", help="append one JSON line per classification")
    parser.add_argument("--parent-pipe", action="store_true", help="close the window when standard input closes")
    arguments = parser.parse_args(argv)
    if arguments.output and not arguments.classify:
        parser.error("--output needs pictures: name them with --classify")
    if (arguments.sheets or arguments.resume or arguments.cluster) and not arguments.output:
        parser.error("--sheets, --resume and --cluster need a table: name it with --output")
    if arguments.no_signs and arguments.output:
        parser.error("--no-signs is for the window and for --classify without --output")
    return arguments


def classify_files(arguments: argparse.Namespace) -> int:
    """Print one JSON line per page of an image; an image that cannot be read gets a sentence and exit code 2."""
    from digits.sheets import reading  # here: the window needs neither Pillow nor SciPy

    folder = named_folder(arguments)
    classifier = loading.load(arguments.model)
    if classifier.card.warning:
        print_error("recognition.py", classifier.card.warning)
    taught = taught_hand(classifier, folder) if folder else classifier
    code = 0
    for path in arguments.classify:
        try:
            sheets = reading.read_pages(path, str(path), taught, not arguments.no_signs)
        except UserError as error:
            print_error("recognition.py", str(error))
            code = 2
        else:
            for sheet in sheets:
                page = {"page": sheet.page} if sheet.page > 1 or len(sheets) > 1 else {}
                print_result(json.dumps({"file": str(path), **page, **what_it_shows(sheet, folder)}))
    return code


def named_folder(arguments: argparse.Namespace) -> Path | None:
    """Return the folder of the hand that the command line names, None if it names none; raises UserError."""
    if arguments.guest or (arguments.collection is None and arguments.hand is None):
        return None
    from digits.recognition import collection

    return collection.hand_folder(arguments.collection or collection.default_folder(), arguments.hand)


def taught_hand(classifier: loading.LoadedModel, folder: Path) -> Recognizer:
    """Return what answers with the drawings in a folder; raises UserError."""
    from digits.recognition import hand

    if not folder.exists():
        raise UserError(f"There is nothing to go by in {folder}; correct an answer first, or name another place.")
    return hand.open_folder(classifier, folder)


def classify_in_bulk(arguments: argparse.Namespace) -> int:
    """Write a table of the answers to any number of pictures."""
    of_sheets = arguments.sheets or arguments.numbers
    try:
        if not arguments.cluster:
            from digits.system import process_pool  # here: the window does without

            process_pool.prepare("digits.bulk.workers")  # while this process imports the same
        from digits.bulk import run

        num_rows = run.run(
            arguments.model, arguments.classify, arguments.output, of_sheets, arguments.resume, arguments.cluster
        )
    except KeyboardInterrupt:
        print_error("recognition.py", "Stopped; what is answered is kept. Go on with the same command and --resume.")
        return 130
    print_result(f"Wrote {num_rows:,} rows to {arguments.output}.")
    return 0


def what_it_shows(sheet: "Sheet", folder: Path | None) -> dict:
    """Return the answer to the one digit of an image, or a number with its digits as in `records`, boxes in pixels.

    folder: of the hand with which it was answered.
    """
    if len(sheet.digits) == 1 and not sheet.digits[0].sign:
        answer = sheet.digits[0].answer
        return {**answer_to_json(answer, folder), "doubt": None if answer.is_sure else answer.doubt}
    boxes = [[round(edge, 1) for edge in digit.box] for digit in sheet.digits]
    answers = [answer_to_json(digit.answer, folder) for digit in sheet.digits]
    digits = [{**answer, "box": box} for answer, box in zip(answers, boxes, strict=True)]
    return {"number": sheet.number, "digits": digits}


def answer_to_json(answer: Answer, folder: Path | None) -> dict:
    """Return an answer, and what it goes by where that is a remembered drawing."""
    if not folder or not answer.source:
        return answer.to_json()
    return {**answer.to_json(), "words": answer.words, "source": str(folder / answer.source)}


def keep_kiosk(argv: Sequence[str]) -> int:
    """Show the window of a kiosk in a child, again after each failure, until it is closed; return the exit code."""
    from digits.window import kiosk

    try:
        return kiosk.keep_open([sys.executable, str(Path(__file__).resolve()), *argv, "--parent-pipe"])
    except KeyboardInterrupt:
        return 130


def open_window(arguments: argparse.Namespace) -> int:
    """Show the window until it is closed; return 2 if the model turned out to be unusable, else 0."""
    model_path, results, folder = arguments.model, arguments.results, named_folder(arguments)
    if results is not None:
        check_writable(results, "results")
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is no folder; name one for the collection with --collection.")
    check_container(model_path)
    # After the checks, and not for --classify: importing Pygame takes a tenth of a second.
    try:
        from digits.window import display, event_loop
    except ModuleNotFoundError as error:
        if error.name != "pygame":
            raise
        raise UserError("The window needs Pygame; install it with: python -m pip install pygame") from error
    from digits.recognition.hands import GUEST, Hands
    from digits.window.state import State

    state = State(results, f"Preparing {model_path.name} for its first use ...")
    state.has_signs = not arguments.no_signs
    hands = Hands(arguments.collection, GUEST if arguments.guest else arguments.hand)
    options = event_loop.Options(arguments.theme, arguments.numbers, arguments.projector, arguments.kiosk)
    load = partial(loading.load, model_path)
    shown = event_loop.Window(state, load, on_open(results), options, hands=None if arguments.kiosk else hands)
    if arguments.parent_pipe:
        child_processes.end_with_parent(display.close)
    shown.run()
    if state.failure:
        raise UserError(state.failure)
    return 0


def on_open(results: Path | None) -> Callable[[], None]:
    """Return what tells the parent that the window is on the screen."""
    return results.touch if results is not None else lambda: None


if __name__ == "__main__":
    raise SystemExit(main())
