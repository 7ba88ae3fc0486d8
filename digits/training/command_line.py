"""The trainer's command line: its options, and all that can be wrong with them before anything slow begins."""

import argparse
from collections.abc import Callable
from dataclasses import Field, replace
from pathlib import Path
from typing import NamedTuple

from digits.models import model_card
from digits.models.keras_allowlist import check_config, check_container
from digits.recognition import collection
from digits.system.files import UserError, check_writable
from digits.training import mnist
from digits.training.configuration import (
    NETWORKS,
    OWN_DIGITS,
    OWN_START_SHARE,
    SETTINGS,
    Configuration,
    option_name,
    parse,
    text_of,
)
from digits.training.results import checkpoint

DATA_HELP = "mnist.npz, or: sample, for 6,000 digits that are there already (default: Keras' cache, or a download)"


class Options(NamedTuple):
    """What the command line asks for; `model` is named wherever `report` or `resume` is set."""

    configuration: Configuration
    model: Path | None = None
    data: Path | None = None
    start: Path | None = None
    start_share: float = 0.0
    progress: Path | None = None
    probes: Path | None = None
    control: Path | None = None
    measure: Path | None = None
    parent_pipe: bool = False
    report: bool = False
    resume: bool = False
    collection: Path | None = None
    hand: str | None = None

    @property
    def is_on_collection(self) -> bool:
        """Whether the training is one on a user's own drawings."""
        return self.collection is not None or self.hand is not None

    def hand_folder(self) -> Path:
        """Return where those drawings lie; raises UserError."""
        return collection.hand_folder(self.collection or collection.default_folder(), self.hand)


def read_options(argv: list[str] | None) -> Options:
    """Return what the command line asks for; ends the program with code 2 where it asks for nothing possible."""
    parser = argparse.ArgumentParser(prog="handwriting.py", description="Train a digit recogniser on MNIST with SGD.")
    parser.add_argument("model", nargs="?", type=Path, help="save to this .h5 or .keras file (default: save nothing)")
    parser.add_argument("--data", type=Path, metavar="FILE", help=DATA_HELP)
    for setting in SETTINGS.values():
        parser.add_argument(option_name(setting.name), type=_value(setting), help=_help(setting))
    parser.add_argument("--start", type=Path, metavar="MODEL", help="start with this model's weights, not random ones")
    share_help = f"of the start's weights in the saved ones, to keep what it knew (default: 0; own: {OWN_START_SHARE})"
    parser.add_argument("--start-share", type=_share, metavar="SHARE", help=share_help)
    parser.add_argument("--collection", type=Path, metavar="DIR", help="train further on your own drawings")
    parser.add_argument("--hand", metavar="NAME", help="whose drawings (default: this computer's user)")
    parser.add_argument(
        "--progress", type=Path, metavar="FILE", help="append JSON lines about the training to this file"
    )
    parser.add_argument(
        "--probes", type=Path, metavar="FILE", help="pictures (.npz) whose answers are recorded there too"
    )
    parser.add_argument("--control", type=Path, metavar="FILE", help="obey JSON lines in this file: pause, step, stop")
    parser.add_argument("--measure", type=Path, metavar="FILE", help="train nothing; write how fast this machine is")
    parser.add_argument("--parent-pipe", action="store_true", help="stop like Ctrl-C when standard input closes")
    parser.add_argument("--report", action="store_true", help="train nothing; write a page about the model, as .html")
    parser.add_argument("--resume", action="store_true", help="continue an interrupted training of this model")
    given = vars(parser.parse_args(argv))
    settings = {name: given.pop(name) for name in SETTINGS}
    is_own = given["collection"] is not None or given["hand"] is not None
    if given["start_share"] is None:
        given["start_share"] = OWN_START_SHARE if is_own else 0.0
    if settings["network"] is None and given["start"]:
        settings["network"] = _network_of(given["start"])
    named = {name: value for name, value in settings.items() if value is not None}
    options = Options(replace(OWN_DIGITS if is_own else Configuration(), **named), **given)
    for option in ("report", "resume"):
        if given[option] and options.model is None:
            parser.error(f"--{option} needs a model, such as: python handwriting.py --{option} model.h5")
    if options.is_on_collection and (not options.model or not options.start or options.resume):
        parser.error(
            "--collection trains a model further: python handwriting.py mine.h5 --start model.h5 --collection DIR"
        )
    if options.start_share and not options.start:
        parser.error("--start-share needs --start, the model whose weights are kept in part")
    if options.measure and (options.model or options.report):
        parser.error("--measure trains nothing and names no model: python handwriting.py --measure FILE")
    if options.report and (options.start or options.resume):
        parser.error("--report trains nothing; leave out --start and --resume")
    return options


def check(options: Options) -> None:
    """Raise UserError where a model cannot be used, or where the results could not be saved or would destroy a file."""
    if options.report and options.model:
        check_container(options.model)
        return
    if options.measure:
        check_writable(options.measure, "measurement")
        return
    outputs = _check_model_files(options.model) if options.model else []
    if options.progress:
        check_writable(options.progress, "progress")
        others = [path for path in (*outputs, mnist.find(options.data), options.probes, options.control) if path]
        if options.progress.resolve() in [path.resolve() for path in others]:
            raise UserError(f"{options.progress} is another file of this training; name a new one for the progress.")
    if options.start:
        check_container(options.start)
        check_config(options.start)


def _check_model_files(model_path: Path) -> list[Path]:
    """Return the files that a training of this model writes; raises UserError."""
    if model_path.suffix not in model_card.MODEL_SUFFIXES:
        raise UserError(f"{model_path} does not end in .h5 or .keras; name the model like model.h5.")
    card_path = model_card.companions(model_path).card
    outputs = [model_path, *model_card.companions(model_path), checkpoint.beside(model_path)]
    for path in outputs:
        check_writable(path, "model")
    if card_path.exists() and model_card.read_card(card_path).is_empty:
        raise UserError(f"{card_path} is no model card and would be overwritten; move it or name another model.")
    return outputs


def _network_of(model_path: Path) -> str | None:
    """Return which network a model is, by its card; None where that does not say it."""
    recipe = model_card.read_card(model_card.companions(model_path).card).entries.get("recipe")
    network = recipe.get("network") if isinstance(recipe, dict) else None
    return network if network in NETWORKS else None


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return share


def _help(setting: Field) -> str:
    about, default = setting.metadata["help"], getattr(Configuration(), setting.name)
    if default is None:
        default = "all" if setting.name == "digits" else "none"
    choices = f": {', '.join(setting.metadata['choices'])}" if "choices" in setting.metadata else ""
    return f"{about[0].lower()}{about[1:].rstrip('.')}{choices} (default: {text_of(default)})"


def _value(setting: Field) -> Callable[[str], float | str]:
    def read(text: str) -> float | str:
        try:
            return parse(setting, text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
