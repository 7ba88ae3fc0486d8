"""Photos as phones store them, and files of several pages: HEIC, PDF and TIFF."""

import json
import subprocess
import sys

import numpy as np
import pillow_heif
import pytest
from PIL import Image

import recognition
from benchmarks.support import template_digits
from digits.drawing import ink
from digits.images import decoding, pdf_pages
from digits.models import loading
from digits.page.jobs import image_jobs
from digits.page.tabs import images
from digits.sheets.reading import read, read_pages
from digits.system.files import UserError


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


def page(*digits: int) -> Image.Image:
    """White paper with the digits in one row; without any, blank."""
    paper = np.full((300, 700), 255, np.uint8)
    for place, digit in enumerate(digits):
        drawn = ink.rasterize([stroke * 9 + 20 for stroke in template_digits.strokes(digit)], 8, (200, 140))
        paper[50:250, 60 + 200 * place : 200 + 200 * place] -= drawn
    return Image.fromarray(paper).convert("RGB")


SAVERS = {
    "pdf": lambda path, pages: pages[0].save(path, save_all=True, append_images=pages[1:]),
    "tiff": lambda path, pages: pages[0].save(path, save_all=True, append_images=pages[1:]),
}


@pytest.mark.parametrize("suffix", SAVERS)
@pytest.mark.parametrize("given", ["path", "content"])
def test_each_page_of_a_file_is_read_and_a_blank_one_left_out(suffix, given, tmp_path, classifier):
    path = tmp_path / f"form.{suffix}"
    SAVERS[suffix](path, [page(3, 5), page(), page(7)])
    sheets = read_pages(path if given == "path" else path.read_bytes(), "form", classifier)
    assert [(sheet.page, sheet.number.replace(" ", "")) for sheet in sheets] == [(1, "35"), (3, "7")]
    assert read(path, "form", classifier).page == 1


@pytest.mark.parametrize("suffix", SAVERS)
def test_a_file_of_blank_pages_gives_one_sentence(suffix, tmp_path, classifier):
    path = tmp_path / f"form.{suffix}"
    SAVERS[suffix](path, [page(), page()])
    with pytest.raises(UserError, match="No digit was found in the form"):
        read_pages(path, "the form", classifier)


def test_pages_beyond_the_limit_are_not_read(tmp_path, classifier, monkeypatch):
    monkeypatch.setattr(decoding, "MAX_PAGES", 2)
    SAVERS["tiff"](path := tmp_path / "form.tiff", [page(3), page(5), page(7)])
    assert [sheet.number for sheet in read_pages(path, "form", classifier)] == ["3", "5"]


def test_a_later_page_that_is_damaged_does_not_cost_the_first(tmp_path, classifier):
    SAVERS["tiff"](path := tmp_path / "form.tiff", [page(3), page(5)])
    content = path.read_bytes()
    assert [sheet.number for sheet in read_pages(content[: len(content) * 3 // 4], "form", classifier)] == ["3"]


def test_a_heic_photo_is_read_upright(tmp_path, classifier):
    path = tmp_path / "photo.heic"
    exif = Image.Exif()
    exif[274] = 6  # the camera was held on its side
    turned = page(2, 4).transpose(Image.Transpose.ROTATE_90)
    pillow_heif.from_pillow(turned).save(path, exif=exif.tobytes())
    sheet = read(path, "photo", classifier)
    assert (sheet.width, sheet.height, sheet.number.replace(" ", "")) == (700, 300, "24")


def test_a_heic_photo_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, classifier, monkeypatch):
    pillow_heif.from_pillow(page(2)).save(path := tmp_path / "photo.heic")
    monkeypatch.setattr(decoding, "MAX_PIXELS", 10_000)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UserError, match="scale it down"):
        read(path, "photo", classifier)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", b"%PDF-"])
def test_a_damaged_pdf_gives_one_sentence(content, classifier):
    with pytest.raises(UserError, match=r"^The PDF form cannot be read: it is damaged or no PDF; export .*PNG\.$"):
        read_pages(content, "form", classifier)


def test_a_pdf_that_takes_too_long_is_given_up(classifier, monkeypatch):
    def never(command, cwd, timeout):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(pdf_pages.child_processes, "run", never)
    with pytest.raises(UserError, match="takes more than 20 s"):
        read_pages(b"%PDF-1.7", "form", classifier)


def test_a_pdf_that_cannot_be_kept_gives_one_sentence(classifier, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pdf_pages, "TemporaryFolder", full)
    with pytest.raises(UserError, match=r"temporary files \(No space left on device\); make room and try again\.$"):
        read_pages(b"%PDF-1.7", "form", classifier)


def test_a_pdf_is_rendered_by_a_process_of_its_own(tmp_path, classifier, monkeypatch):
    monkeypatch.delitem(sys.modules, "pypdfium2", raising=False)
    SAVERS["pdf"](path := tmp_path / "form.pdf", [page(3)])
    read(path, "form", classifier)
    assert "pypdfium2" not in sys.modules


def test_the_command_line_names_the_pages(tmp_path, capsys):
    SAVERS["pdf"](path := tmp_path / "form.pdf", [page(3), page(7)])
    assert recognition.main(["--classify", str(path)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(answer["page"], answer["digit"]) for answer in answers] == [(1, 3), (2, 7)]


def test_the_page_names_the_pages(tmp_path, classifier):
    SAVERS["tiff"](path := tmp_path / "form.tiff", [page(3), page(7)])
    (sheets,) = image_jobs.read_all([("form.tiff", path.read_bytes())], classifier)
    assert [name for name, _ in images.named("form.tiff", sheets)] == ["form.tiff, page 1", "form.tiff, page 2"]
    assert images.named("form.tiff", "It is damaged.") == []
