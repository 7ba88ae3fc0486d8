"""What the trainer's command line does besides training: measure this machine, export a model, report on one."""

from collections.abc import Callable
from typing import Any

from digits.models import loading
from digits.models.reports import report
from digits.system.installed import check_tensorflow
from digits.training import mnist, speed
from digits.training.command_line import Options
from digits.training.progress import print_line


def run(options: Options, build: Callable[..., Any], compile_model: Callable[..., None]) -> bool:
    """Do what is asked for that is no training, and tell whether there was any; raises UserError.

    build, compile_model: of `handwriting.py`.
    """
    if options.measure:
        check_tensorflow("Training")
        speed.write(options.measure, build, compile_model)
    elif options.export and options.model:
        print_line(f"Wrote {loading.export(options.model, options.export)}.")
    elif options.report and options.model:
        digits = mnist.load(options.data)
        print_line(f"Wrote {report.write(options.model, digits.test_images, digits.test_labels)}.")
    else:
        return False
    return True
