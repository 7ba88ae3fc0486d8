"""The child that renders the pages of a PDF: how many, how large, under which limits, and what it says of others."""

import io

import pytest
from PIL import Image

from digits.images import pdf_pages

LOCKED = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<AAAA>/U<BBBB>>>endobj
trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>
""".replace(b"AAAA", b"41" * 32).replace(b"BBBB", b"42" * 32)


@pytest.fixture
def limits(monkeypatch):
    """The memory limits that were set: one of the test's own process would outlast the test."""
    resource = pytest.importorskip("resource")
    set_to = {}
    monkeypatch.setattr(resource, "setrlimit", set_to.__setitem__)
    return set_to


@pytest.fixture
def render(tmp_path, limits):
    """Render a PDF, given by its bytes; returns the exit code and the pages by their file names."""

    def run(content):
        (tmp_path / "file.pdf").write_bytes(content)
        (folder := tmp_path / "pages").mkdir()
        code = pdf_pages.main([str(tmp_path / "file.pdf"), str(folder)])
        return code, {path.name: Image.open(path) for path in folder.iterdir()}

    return run


def pdf(*sizes, inches_per_pixel=1 / 72):
    """A PDF with a black page of each size in pixels."""
    pages = [Image.new("L", size) for size in sizes]
    pages[0].save(file := io.BytesIO(), "pdf", save_all=True, append_images=pages[1:], resolution=1 / inches_per_pixel)
    return file.getvalue()


def test_a_page_of_paper_is_rendered_at_200_pixels_an_inch(render):
    code, pages = render(pdf((144, 72)))
    assert code == 0
    assert {name: page.size for name, page in pages.items()} == {"1.png": (400, 200)}
    assert pages["1.png"].convert("L").getextrema()[1] < 5


def test_a_large_page_is_rendered_no_larger_than_it_is_read(render):
    _, pages = render(pdf((7200, 3600)))
    width, height = pages["1.png"].size
    assert pdf_pages.READ_SIDE - 2 <= width <= pdf_pages.READ_SIDE
    assert abs(width - 2 * height) <= 2


def test_the_first_pages_are_rendered_and_no_more(render, monkeypatch):
    monkeypatch.setattr(pdf_pages, "MAX_PAGES", 2)
    _, pages = render(pdf((72, 72), (144, 72), (72, 72)))
    assert {name: page.size for name, page in pages.items()} == {"1.png": (200, 200), "2.png": (400, 200)}


def test_memory_and_time_are_limited_before_the_file_is_opened(render, limits):
    import resource

    render(b"")
    memory, seconds = pdf_pages.MAX_MEMORY, pdf_pages.SECONDS
    assert limits == {resource.RLIMIT_AS: (memory, memory), resource.RLIMIT_CPU: (seconds, seconds)}


@pytest.mark.parametrize(
    ("content", "sentence"), [(LOCKED, "it asks for a password"), (b"%PDF-1.7", "it is damaged or no PDF")]
)
def test_what_cannot_be_opened_is_named_in_one_sentence(content, sentence, render, capsys):
    assert render(content) == (2, {})
    assert capsys.readouterr().err == f"{sentence}\n"


def test_it_ends_with_its_parent_where_it_is_told_to(render, tmp_path, limits, monkeypatch):
    ends = []
    monkeypatch.setattr(pdf_pages.child_processes, "end_with_parent", ends.append)
    monkeypatch.setattr(pdf_pages.os, "_exit", ends.append)
    render(pdf((72, 72)))
    assert ends == []
    pdf_pages.main([str(tmp_path / "file.pdf"), str(tmp_path / "pages"), "--parent-pipe"])
    ends.pop()()
    assert ends == [1]
