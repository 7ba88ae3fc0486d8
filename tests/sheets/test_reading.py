"""Every digit of a picture is found, boxed, answered and put in order; a picture of one digit is read as ever."""

from io import BytesIO

import numpy as np
import pytest
from PIL import ExifTags, Image
from scipy import ndimage

from benchmarks.images import hostile_files, image_files, sheet_files, sheets
from benchmarks.images.clean_pages import (
    DETACHED_FIVE,
    INK,
    OPEN_FOUR,
    PAPER,
    RINGS,
    add_squares,
    draw_page,
    encoded,
)
from benchmarks.images.sheet_files import Style
from benchmarks.support import pen_strokes, template_digits
from digits.drawing import ink
from digits.images.background import measure_contrast, measure_polarity
from digits.images.decoding import decode
from digits.images.filters import downsample, label_components
from digits.images.greyscale import to_colors, to_grey
from digits.images.one_digit import find_one_digit
from digits.images.ruled_lines import find_lines, remove_ruled_lines
from digits.models import loading
from digits.recognition.classifier import Answer, Classifier
from digits.sheets import annotation
from digits.sheets.annotation import annotate
from digits.sheets.reading import MAX_BYTES, PREVIEW_SIDE, read
from digits.system.files import UserError


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


class Unsure(Classifier):
    """A classifier that is never sure."""

    def __init__(self):
        pass

    def classify(self, picture: np.ndarray) -> Answer:
        return Answer(3, 0.2, (0.1,) * 10, False)


@pytest.mark.parametrize("name", sheets.VARIANTS)
def test_a_sheet_is_read(name, classifier):
    collection = pen_strokes.made_up(40, seed=1)
    written = sheet_files.photograph(collection.digits, sheets.VARIANTS[name], np.random.default_rng(3))
    found, right, extra, in_order = sheets.score(
        read(written.content, "sheet.jpg", classifier), written, collection.labels
    )
    assert found == 1
    assert right >= 0.95
    assert extra == 0
    assert in_order


@pytest.mark.parametrize("degrees", [-8, 0, 5])
@pytest.mark.parametrize("shade", [0.15, 0.4])
def test_lines_of_any_shade_and_turn_do_not_matter(shade, degrees, classifier):
    sheet = read(encoded(add_squares(draw_page("2026\n8359"), shade=shade, degrees=degrees)), "page.png", classifier)
    assert sheet.text == "2026\n8359"


@pytest.mark.parametrize("text", ["7", "42", "2026", "12 345", "1024 7\n63", "0123456789\n9876543210\n 55 "])
@pytest.mark.parametrize("inverted", [False, True])
def test_numbers_are_told_apart(text, inverted, classifier):
    grey = draw_page(text)
    sheet = read(encoded(255 - grey if inverted else grey), "number.png", classifier)
    assert sheet.text == "\n".join(line.strip() for line in text.splitlines())


def test_a_number_that_is_cut_out_closely_is_read(classifier):
    assert read(encoded(draw_page("98", pen=6, margin=2)), "cut_out.png", classifier).text == "98"


@pytest.mark.parametrize(
    "strokes_of", [{"5": DETACHED_FIVE}, {"4": OPEN_FOUR}, {"8": RINGS}], ids=["bar", "stem", "rings"]
)
def test_the_components_of_a_digit_are_one(strokes_of, classifier):
    (digit,) = strokes_of
    sheet = read(encoded(draw_page(f"0{digit}7{digit}2", parts=strokes_of)), "pieces.png", classifier)
    assert sheet.text == f"0{digit}7{digit}2"


def one_digit() -> dict[str, bytes]:
    rng = np.random.default_rng(4)
    digits = pen_strokes.made_up(10, seed=2).digits
    small = ink.normalize(template_digits.strokes(3))
    return {
        "small": encoded(small),
        "small, dark on light": encoded(255 - small),
        "enlarged": encoded(np.kron(small, np.ones((9, 9), np.uint8))),
        "squared paper": encoded(add_squares(draw_page("6", margin=90))),
        "large, squared paper": encoded(add_squares(np.kron(draw_page("6"), np.ones((9, 9), np.uint8)), 150, 8)),
        **{f"photo of {label}": image_files.KINDS["photo"].encode(digits[label], rng) for label in range(10)},
        **{f"broad {label}": image_files.KINDS["pen_width_2"].encode(digits[label], rng) for label in range(10)},
    }


@pytest.mark.parametrize("name", one_digit())
def test_one_digit_is_read_from_the_full_picture_without_its_lines(name, classifier, tmp_path):
    content = one_digit()[name]
    (found,) = read(content, "digit", classifier).digits
    grey = to_grey(to_colors(decode(content, name).picture))
    contrast = measure_contrast(grey, measure_polarity(grey).is_dark_ink)
    values = remove_ruled_lines(contrast.values, contrast.is_dark_ink)
    expected = find_one_digit(grey if values is contrast.values else contrast.to_grey(values))
    assert expected is not None
    assert np.array_equal(found.picture, expected.picture)
    assert found.answer == classifier.classify(found.picture)


def test_a_path_and_its_content_give_the_same(classifier, tmp_path):
    path = tmp_path / "year.png"
    path.write_bytes(encoded(draw_page("20\n26")))
    by_path, by_content = (read(source, "year.png", classifier) for source in (path, path.read_bytes()))
    assert by_path.text == by_content.text == by_path.number == "20\n26"
    assert [digit.box for digit in by_path.digits] == [digit.box for digit in by_content.digits]
    assert by_path.preview == by_content.preview


def test_a_number_has_its_likeliest_digits_where_the_text_is_not_sure():
    sheet = read(encoded(draw_page("20 6\n8")), "number.png", Unsure())
    assert (sheet.text, sheet.number) == ("?? ?\n?", "33 3\n3")


def test_boxes_are_in_pixels_of_the_upright_image(classifier):
    grey = draw_page("27", margin=100)
    upright = Image.fromarray(grey).resize((3000, round(3000 * grey.shape[0] / grey.shape[1])))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # lay on its side: the first row of the file is the right column
    sheet = read(encoded(upright.rotate(90, expand=True), "JPEG", exif=exif), "photo.jpg", classifier)
    assert sheet.text == "27"
    assert (sheet.width, sheet.height) == upright.size
    dark = np.asarray(upright) < (PAPER + INK) / 2
    for found, part in zip(sheet.digits, ndimage.find_objects(label_components(dark)[0]), strict=True):
        rows, columns = part
        assert found.box == pytest.approx((columns.start, rows.start, columns.stop, rows.stop), abs=12)


@pytest.mark.parametrize("table", [60, 0, 255])
def test_specks_and_what_lies_around_the_page_are_left_out(table, classifier):
    rng = np.random.default_rng(5)
    grey = draw_page("1984\n2026")
    for y, x in rng.integers(5, np.array(grey.shape) - 5, (60, 2)):
        if (grey[y - 4 : y + 6, x - 4 : x + 6] == PAPER).all():
            grey[y : y + 2, x : x + 2] = INK
    on_table = np.pad(np.pad(grey, 30, constant_values=PAPER), ((60, 90), (120, 60)), constant_values=table)
    turned = Image.fromarray(on_table).rotate(4, Image.Resampling.BICUBIC, fillcolor=table)
    assert read(encoded(turned), "page.png", classifier).text == "1984\n2026"


def test_a_line_that_is_as_dark_as_the_ink_leaves_its_digits_whole(classifier):
    grey = draw_page("3808", pen=6)
    lined = grey.copy()
    for y in range(12, grey.shape[0], 30):
        lined[y : y + 2] = INK
    sheet = read(encoded(lined), "lined.png", classifier)
    assert sheet.text == "3808"


def test_paper_without_lines_stays_as_it_is():
    values = measure_contrast(draw_page("1234567890").astype(np.float32), True).values
    assert remove_ruled_lines(values, True) is values


def test_printed_lines_are_found_with_their_slopes():
    blank = np.full((400, 600), PAPER, np.uint8)
    values = measure_contrast(add_squares(blank, 40, degrees=-6).astype(np.float32), True).values
    lines = find_lines(values)
    assert len(lines) >= 8
    assert np.rad2deg(np.arctan([line.slope for line in lines])) == pytest.approx(-6, abs=0.6)
    assert remove_ruled_lines(values, True)[20:-20, 20:-20].max() < 0.25 * values.max()


@pytest.mark.parametrize("pen", [3, 8, 14])
def test_ink_is_told_from_paper_by_its_narrowness(pen):
    grey = draw_page("58063", pen=pen).astype(np.float32)
    light = np.linspace(0.5, 1, grey.shape[1])
    assert measure_polarity(grey * light).is_dark_ink
    assert not measure_polarity((255 - grey) * light).is_dark_ink


@pytest.mark.parametrize("pen", [4, 7])
def test_ink_is_told_from_paper_on_a_page_full_of_digits(pen):
    grey = draw_page("\n".join(["0123456789" * 3, "5863902714" * 3] * 12), pen, spacing=8).astype(np.float32)
    for small in (grey, downsample(grey, 1000)):
        assert measure_polarity(small).is_dark_ink
        assert not measure_polarity(255 - small).is_dark_ink


def test_strokes_are_broad_where_a_small_picture_shows_them():
    large = np.kron(draw_page("6", pen=7, margin=20), np.ones((6, 6), np.float32))
    assert measure_polarity(large).is_broad
    assert not measure_polarity(draw_page("2026\n8359").astype(np.float32)).is_broad


@pytest.mark.parametrize("is_ruled", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.75])
def test_a_large_digit_has_its_box_in_a_large_picture(share, is_ruled, classifier):
    large = Image.fromarray(draw_page("5", pen=5, margin=int(24 / share))).resize((1200, 1500))
    paper = add_squares(np.asarray(large), 120, 8) if is_ruled else large
    (found,) = read(encoded(paper), "five.png", classifier).digits
    rows, columns = np.nonzero(np.asarray(large) < (PAPER + INK) / 2)
    assert found.box == pytest.approx((columns.min(), rows.min(), columns.max(), rows.max()), abs=18)
    assert found.answer.digit == 5


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def near(picture: Image.Image, color: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(np.asarray(picture, int) - color).max(2) < 60).nonzero()


def test_the_boxed_picture_shows_a_box_around_every_digit(classifier):
    grey = draw_page("2026", margin=60)
    sheet = read(encoded(grey), "number.png", classifier)
    picture = opened(annotate(sheet))
    scale = picture.width / sheet.width
    rows, columns = near(picture, annotation.SURE_COLOR)
    for left, top, right, bottom in (np.multiply(found.box, scale) for found in sheet.digits):
        for x in (left, right):
            assert ((np.abs(columns - x) < 9) & (rows > top) & (rows < bottom)).sum() > 0.8 * (bottom - top)
    assert not len(near(picture, annotation.UNSURE_COLOR)[0])


def test_an_answer_that_is_not_sure_is_marked():
    sheet = read(encoded(draw_page("2026", margin=60)), "number.png", Unsure())
    assert sheet.text == "????"
    picture = opened(annotate(sheet))
    assert len(near(picture, annotation.UNSURE_COLOR)[0]) > 500
    assert not len(near(picture, annotation.SURE_COLOR)[0])


@pytest.mark.parametrize("size", [(28, 28), (300, 200), (4000, 1000)])
def test_the_boxed_picture_has_a_size_to_look_at(size, classifier):
    sheet = read(encoded(hostile_files.seven(size=size)), "seven.png", classifier)
    assert 600 <= max(opened(annotate(sheet)).size) <= PREVIEW_SIDE
    assert max(opened(sheet.preview).size) == min(max(size), PREVIEW_SIDE)


BAD = {
    "nothing": (b"", "is empty"),
    "blank": (encoded(np.full((90, 90), 200, np.uint8)), "No digit was found"),
    "script": (hostile_files.SVG, "is not an image"),
    "many bytes": (bytes(MAX_BYTES + 1), "more than 100,000,000 bytes"),
    "many marks": (encoded(draw_page("\n".join(["0123456789" * 4, "5863902714" * 4] * 14))), "more than 1000 marks"),
    "layers": (hostile_files.scans((1000, 1000), 700), "takes too long to decode"),
    "large WebP": (encoded(Image.new("L", (4100, 4100)), "WEBP", lossless=True), "more than 16,000,000 in all"),
    "large tile": (hostile_files.FILES["tile.tiff"].make(), "takes too long to decode"),
    "Python's work": (b"P3 2000 2000 255\n" + b"0 " * 12_000_000, "takes too long to decode"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sheet_is_refused_in_one_sentence(name, classifier):
    content, part = BAD[name]
    with pytest.raises(UserError, match=part) as caught:
        read(content, "some\nfile.png", classifier)
    sentence = str(caught.value)
    assert "some file.png" in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence


def test_a_long_name_is_shortened(classifier):
    with pytest.raises(UserError) as caught:
        read(b"text", "a" * 4000 + ".png", classifier)
    assert len(str(caught.value)) < 300


ODD = [
    "bits.png",
    "exif.jpg",
    "exif_loop.jpg",
    "exif_far.jpg",
    "exif_odd.jpg",
    "cmyk.jpg",
    "deep.png",
    "palette.png",
    "wrong.jpg",
]


@pytest.mark.parametrize(
    "name", [*ODD, "bits.png", "animated.gif", "animated.webp", "several.mpo", "deep.tiff", "cmyk.tiff"]
)
def test_what_is_odd_but_whole_is_answered(name, classifier):
    assert read(hostile_files.FILES[name].make(), name, classifier).text == "7"


def test_a_large_photo_is_decoded_at_a_fraction_of_its_size(classifier, monkeypatch):
    sizes = []
    load = Image.Image.getexif

    def seen(image: Image.Image):
        sizes.append(image.size)
        return load(image)

    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.getexif", seen, raising=False)
    sheet = read(encoded(hostile_files.seven(size=(6000, 4000)), "JPEG"), "photo.jpg", classifier)
    assert (sheet.text, sheet.width, sheet.height) == ("7", 6000, 4000)
    assert max(sizes[-1]) < 6000


def test_styles_of_the_table_of_variants_differ():
    assert len(set(sheets.VARIANTS.values())) == len(sheets.VARIANTS)
    assert sheets.VARIANTS["squared"] == Style("squared", 5)


def test_a_digit_of_a_broad_pen_is_one_digit_and_neither_its_holes_nor_its_rim(classifier):
    rng, collection = np.random.default_rng(0), pen_strokes.made_up(60)
    num_right = 0
    for digit, label in zip(collection.digits, collection.labels, strict=True):
        file = image_files.encoded(image_files.draw(digit, rng, pen=3), "PNG")
        num_right += read(file, "digit.png", classifier).number == str(label)
    assert num_right >= 58


def test_two_digits_of_a_broad_pen_stay_two(classifier):
    rng, collection = np.random.default_rng(0), pen_strokes.made_up(20)
    for two in zip(collection.digits[::2], collection.digits[1::2], strict=True):
        pair = [np.asarray(image_files.draw(digit, rng, pen=2.5).resize((240, 240))) for digit in two]
        file = image_files.encoded(Image.fromarray(np.hstack(pair)), "PNG")
        assert len(read(file, "pair.png", classifier).digits) == 2
