"""Which seed, which settings: trainings side by side, on this machine and on others that share a folder.

    python -m benchmarks.training.sweep FILE --seeds 1 2 3 [--jobs 2] [-- --network small --epochs 3 --data mnist.npz]
    python -m benchmarks.training.sweep FILE --vary learning_rate 0.02 0.3 --vary batch_size 32 256 --trials 20

What follows -- is said to every training, each of which is a `handwriting.py` of its own. FILE, a journal of Optuna's,
holds all trials. The same command started again, there or on another machine that sees the FILE, takes a share of the
trials that are still to do: --seeds are trained once each, --vary until there are --trials, each setting drawn by
Optuna's sampler (a tree-structured Parzen estimator) between its bounds, rates on a logarithmic scale.
Printed: for every trial its settings, and the validation accuracy of its best epoch on plain and distorted digits, by
which settings are to be chosen; their median and range. Needs the extra `sweep`.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.support.harness import positive, report
from digits.system.files import UserError, check_writable
from digits.system.json_lines import read_records
from digits.system.paths import ROOT
from digits.training.configuration import SETTINGS, option_name, parse

if TYPE_CHECKING:
    import optuna

TRAINER = ROOT / "handwriting.py"
STUDY = "sweep"


def main(argv: list[str] | None = None) -> int:
    """Take a share of the trials, print all that are done; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.sweep", description="Trainings side by side.")
    parser.add_argument("journal", type=Path, metavar="FILE", help="holds the trials; made where it is not there")
    parser.add_argument("--seeds", type=int, nargs="+", default=[], help="train once with each")
    parser.add_argument("--vary", nargs=3, action="append", default=[], metavar=("SETTING", "LOW", "HIGH"))
    parser.add_argument("--trials", type=positive, default=20, help="with --vary, in all; default: %(default)s")
    parser.add_argument("--jobs", type=positive, default=1, help="trainings at once here; default: %(default)s")
    own, options = split(sys.argv[1:] if argv is None else argv)
    arguments = parser.parse_args(own)
    if bool(arguments.seeds) == bool(arguments.vary):
        parser.error("give either --seeds or --vary")

    def measure() -> dict:
        check_writable(arguments.journal, "sweep's journal")
        bounds = {name: read_bounds(name, low, high) for name, low, high in arguments.vary}
        study = open_study(arguments.journal)
        for seed in arguments.seeds:
            study.enqueue_trial({"seed": seed}, skip_if_exists=True)
        run_trials(study, bounds, len(arguments.seeds) or arguments.trials, arguments.jobs, options)
        return summary(study)

    return report("sweep", measure)


def split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words before and after the first "--"."""
    at = argv.index("--") if "--" in argv else len(argv)
    return list(argv[:at]), list(argv[at + 1 :])


def read_bounds(name: str, low: str, high: str) -> tuple[float, float]:
    """Return the bounds of a setting of the trainer; raises UserError."""
    if name not in SETTINGS or "least" not in SETTINGS[name].metadata:
        numbers = [each for each, setting in SETTINGS.items() if "least" in setting.metadata]
        raise UserError(f"{name} is no number that the trainer takes; expected one of {', '.join(numbers)}.")
    try:
        bounds = float(parse(SETTINGS[name], low)), float(parse(SETTINGS[name], high))
    except ValueError as error:
        raise UserError(f"{name}: {error}.") from error
    if bounds[0] >= bounds[1]:
        raise UserError(f"{name} is to vary from {low} to {high}; expected the lower bound first.")
    return bounds


def open_study(journal: Path) -> "optuna.Study":
    """Return the study in a file that several processes may share; raises UserError."""
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise UserError("A sweep needs Optuna; install it with: python -m pip install optuna") from error
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        storage = JournalStorage(JournalFileBackend(str(journal)))
        return optuna.create_study(storage=storage, study_name=STUDY, direction="maximize", load_if_exists=True)
    except (ValueError, KeyError) as error:  # JSON of something else, or none
        raise UserError(f"{journal} is no journal of a sweep; name another file.") from error


def run_trials(
    study: "optuna.Study", bounds: Mapping[str, tuple[float, float]], most: int, jobs: int, options: Sequence[str]
) -> None:
    """Run trials until there are `most`, those of other processes counted."""
    from optuna.trial import TrialState

    def train(trial: "optuna.Trial") -> float:
        return accuracy_of({name: suggest(trial, name, bounds) for name in bounds or ["seed"]}, options)

    def stop_when_done(study: "optuna.Study", _: object = None) -> None:
        taken = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING))
        if len(taken) >= most:
            study.stop()

    waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING))
    left = len(waiting) if not bounds else most - len(done)
    if left > 0:
        study.optimize(train, left, n_jobs=jobs, callbacks=[stop_when_done])


def suggest(trial: "optuna.Trial", name: str, bounds: Mapping[str, tuple[float, float]]) -> float:
    """Return the value of a setting in a trial."""
    if name == "seed":
        return trial.suggest_int("seed", 0, 2**32 - 1)
    low, high = bounds[name]
    if isinstance(SETTINGS[name].default, float):
        return trial.suggest_float(name, low, high, log=low > 0)
    return trial.suggest_int(name, int(low), int(high))


def accuracy_of(settings: Mapping[str, float], options: Sequence[str]) -> float:
    """Train in a child, with the settings and these options; return the validation accuracy of its best epoch."""
    given = [word for name, value in settings.items() for word in (option_name(name), str(value))]
    with TemporaryDirectory(prefix="sweep-") as folder:
        progress = Path(folder, "progress.jsonl")
        command = [sys.executable, str(TRAINER), *options, *given, "--progress", str(progress)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason was given"]
            raise UserError(f"A training has failed: {said[-1]}")
        epochs = [record for record in read_records(progress) if record["event"] == "epoch"]
    return max((epoch["validation_accuracy"] + epoch["distorted_accuracy"]) / 2 for epoch in epochs)


def summary(study: "optuna.Study") -> dict:
    """Return all trials that are done, and how they came out."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    rows = [{**trial.params, "validation_accuracy": round(trial.value or 0.0, 4)} for trial in trials]
    found = sorted(row["validation_accuracy"] for row in rows)
    return {"median": median(found), "range": [found[0], found[-1]], "trials": rows}


if __name__ == "__main__":
    raise SystemExit(main())
