import os
from io import BytesIO
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import template_digits
from benchmarks.support.screens import wait_until
from digits.models import loading
from digits.page.jobs import image_jobs
from digits.recognition.classifier import Classifier
from digits.system import process_pool

ENDED = "the process that reads pictures was ended, often for lack of memory"


def picture_of(digit):
    """A PNG file of a digit, dark on light."""
    file = BytesIO()
    grey = 255 - template_digits.pictures(10, seed=digit)[0][digit]
    Image.fromarray(grey.repeat(4, axis=0).repeat(4, axis=1)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


@pytest.fixture(scope="module")
def uploads():
    """One more than a few, the fourth of which is no picture."""
    good = [(f"{place}.png", picture_of(place % 10)) for place in range(image_jobs.FEW)]
    return [*good[:3], ("_note_.png", b"no picture"), *good[3:]]


class Asked(Classifier):
    """A classifier that tells by its confidence in which process it was asked."""

    def __init__(self, classifier):
        self._other = classifier

    def classify(self, picture):
        return self._other.classify(picture)._replace(confidence=float(os.getpid()))


class Deadly(Classifier):
    """A classifier that ends the process in which it is asked, as a system does that has run out of memory."""

    def __init__(self):
        """Load nothing."""

    def classify(self, picture) -> NoReturn:
        os.kill(os.getpid(), 9)
        raise AssertionError


def sheets_of(results):
    """Return the sheets of the files that could be read."""
    return [sheet for sheets in results if not isinstance(sheets, str) for sheet in sheets]


def processes(results):
    return {found.answer.confidence for sheet in sheets_of(results) for found in sheet.digits}


def test_many_pictures_give_what_each_gives_by_itself_in_their_order(uploads, classifier):
    many = list(image_jobs.read_all(uploads, classifier))
    (sentence,) = [sheet for sheet in many if isinstance(sheet, str)]
    assert many[3] is sentence
    assert "_note_.png" in sentence
    for upload, sheet in zip([*uploads[:3], *uploads[4:]], sheets_of([*many[:3], *many[4:]]), strict=True):
        (alone,) = sheets_of(image_jobs.read_all([upload], classifier))
        (one,), (other,) = sheet.digits, alone.digits
        assert (sheet.preview, one.box, one.answer) == (alone.preview, other.box, other.answer)
        np.testing.assert_array_equal(one.picture, other.picture)


def test_a_few_pictures_are_read_here_and_many_elsewhere(uploads, classifier):
    here = float(os.getpid())
    assert processes(image_jobs.read_all(uploads[: image_jobs.FEW], Asked(classifier))) == {here}
    elsewhere = processes(image_jobs.read_all(uploads, Asked(classifier)))
    assert elsewhere
    assert here not in elsewhere


def test_the_processes_are_there_before_the_pictures(uploads, classifier):
    image_jobs.get_ready()
    ready = {float(pid) for pid in process_pool.pool()._processes}
    assert len(ready) == process_pool.CORES
    assert processes(image_jobs.read_all(uploads, Asked(classifier))) <= ready


def test_a_process_that_was_ended_between_two_readings_is_not_missed(uploads, classifier):
    image_jobs.get_ready()
    pool = process_pool.pool()
    os.kill(next(iter(pool._processes)), 9)
    wait_until(lambda: pool._flags.broken)
    assert len(sheets_of(image_jobs.read_all(uploads, classifier))) == image_jobs.FEW


def test_a_reading_that_is_given_up_leaves_the_next_one_alone(uploads, classifier):
    given_up = image_jobs.read_all(uploads * 3, classifier)
    (first,), (again,) = sheets_of([next(given_up)]), sheets_of([next(image_jobs.read_all(uploads, classifier))])
    assert first.text == again.text
    del given_up
    assert len(sheets_of(image_jobs.read_all(uploads, classifier))) == image_jobs.FEW


def test_pictures_whose_process_was_ended_get_a_sentence_and_the_next_ones_are_read(uploads, classifier):
    good = [*uploads[:3], *uploads[4:], uploads[0]]
    said = list(image_jobs.read_all(good, Deadly()))
    assert said == [
        f"The image {name} was not read: {ENDED}; upload fewer or smaller ones at once." for name, _ in good
    ]
    assert len(sheets_of(image_jobs.read_all(uploads, classifier))) == image_jobs.FEW
