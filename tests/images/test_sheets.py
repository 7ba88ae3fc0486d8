"""Every digit of a picture is found, boxed, answered and put in order; a picture of one digit is read as ever."""

from io import BytesIO

import numpy as np
import pytest
from PIL import ExifTags, Image
from scipy import ndimage

from benchmarks.images import hostile_files, image_files, sheet_files, sheets
from benchmarks.images.sheet_files import Style
from benchmarks.support import pen_strokes, template_digits
from digits.drawing import ink
from digits.images import annotation, reading_order, single_digit
from digits.images.background import measure_contrast, measure_strokes
from digits.images.resampling import shrink
from digits.images.ruled_lines import find_lines, without_ruling
from digits.images.sheets import MOST_BYTES, PREVIEW_SIDE, boxed, read_sheet
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.system.files import UserError

PAPER, INK = 235, 40  # grey
DIGIT_HEIGHT = 48  # pixels
FIVE = [[(8, 1), (3, 1)], [(2, 4), (2, 8), (6, 7), (9, 10), (8, 14), (5, 16), (0, 14)]]  # its bar is detached
FOUR = [[(1, 0), (0, 9), (6, 9)], [(9, 3), (8, 16)]]  # an angle and a stem that do not touch
EIGHT = [[(5 + 3 * np.sin(a), 3 - 3 * np.cos(a)) for a in np.linspace(0, 6.3, 20)]]
EIGHT += [[(5 + 4 * np.sin(a), 11.6 - 4 * np.cos(a)) for a in np.linspace(0, 6.3, 20)]]


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


class Unsure:
    """A classifier that is never sure."""

    def classify(self, picture: np.ndarray) -> Answer:
        return Answer(3, 0.2, (0.1,) * 10, False)


def page(text: str, pen: float = 5, spaced: float = 12, parts: dict | None = None, margin: int = 40) -> np.ndarray:
    """The greys of lines of digits; a space is as broad as a digit. `parts` are other strokes for some digits."""
    placed, x, y, widest = [], margin, margin, 0
    for line in text.splitlines():
        x = margin
        for character in line:
            if character != " ":
                digit = (parts or {}).get(character) or template_digits.strokes(int(character))
                digit = [np.array(stroke, float) * DIGIT_HEIGHT / 16 for stroke in digit]
                left = min(stroke[:, 0].min() for stroke in digit)
                placed += [stroke - (left, 0) + (x, y) for stroke in digit]
                x += max(stroke[:, 0].max() for stroke in digit) - left
            else:
                x += DIGIT_HEIGHT
            x += spaced
        widest, y = max(widest, x), y + 2 * DIGIT_HEIGHT
    shape = (int(y - DIGIT_HEIGHT + margin), int(widest - spaced + margin))
    share = ink.rasterize(placed, pen, shape) / 255
    return np.round(PAPER + (INK - PAPER) * share).astype(np.uint8)


def png(pixels: np.ndarray | Image.Image, form: str = "PNG", **options) -> bytes:
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return image_files.encoded(picture, form, **options)


def ruled(grey: np.ndarray, distance: int = 24, width: int = 2, shade: float = 0.3, degrees: float = 0) -> np.ndarray:
    """Greys on squared paper, whose lines take a share of the light."""
    y, x = np.indices(grey.shape)
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    on_line = ((y * cos - x * sin) % distance < width) | ((x * cos + y * sin) % distance < width)
    return np.minimum(grey, np.where(on_line, PAPER * (1 - shade), 255)).astype(np.uint8)


@pytest.mark.parametrize("name", sheets.VARIANTS)
def test_a_sheet_is_read(name, classifier):
    collection = pen_strokes.made_up(40, seed=1)
    written = sheet_files.photograph(collection.digits, sheets.VARIANTS[name], np.random.default_rng(3))
    found, right, extra, in_order = sheets.score(
        read_sheet(written.content, "sheet.jpg", classifier), written, collection.labels
    )
    assert found == 1
    assert right >= 0.95
    assert extra == 0
    assert in_order


@pytest.mark.parametrize("degrees", [-8, 0, 5])
@pytest.mark.parametrize("shade", [0.15, 0.4])
def test_lines_of_any_shade_and_turn_do_not_matter(shade, degrees, classifier):
    sheet = read_sheet(png(ruled(page("2026\n8359"), shade=shade, degrees=degrees)), "page.png", classifier)
    assert sheet.text == "2026\n8359"


@pytest.mark.parametrize("text", ["7", "42", "2026", "12 345", "1024 7\n63", "0123456789\n9876543210\n 55 "])
@pytest.mark.parametrize("inverted", [False, True])
def test_numbers_are_told_apart(text, inverted, classifier):
    grey = page(text)
    sheet = read_sheet(png(255 - grey if inverted else grey), "number.png", classifier)
    assert sheet.text == "\n".join(line.strip() for line in text.splitlines())


@pytest.mark.parametrize("strokes_of", [{"5": FIVE}, {"4": FOUR}, {"8": EIGHT}], ids=["bar", "stem", "rings"])
def test_the_pieces_of_a_digit_are_one(strokes_of, classifier):
    (digit,) = strokes_of
    sheet = read_sheet(png(page(f"0{digit}7{digit}2", parts=strokes_of)), "pieces.png", classifier)
    assert sheet.text == f"0{digit}7{digit}2"


def one_digit() -> dict[str, bytes]:
    rng = np.random.default_rng(4)
    digits = pen_strokes.made_up(10, seed=2).digits
    small = ink.normalize(template_digits.strokes(3))
    return {
        "small": png(small),
        "small, dark on light": png(255 - small),
        "enlarged": png(np.kron(small, np.ones((9, 9), np.uint8))),
        "squared paper": png(ruled(page("6", margin=90))),
        **{f"photo of {label}": image_files.KINDS["photo"].encode(digits[label], rng) for label in range(10)},
        **{f"broad {label}": image_files.KINDS["pen_width_2"].encode(digits[label], rng) for label in range(10)},
    }


@pytest.mark.parametrize("name", one_digit())
def test_one_digit_is_read_as_ever(name, classifier, tmp_path):
    content = one_digit()[name]
    path = tmp_path / "digit"
    path.write_bytes(content)
    (found,) = read_sheet(content, "digit", classifier).found
    assert np.array_equal(found.picture, single_digit.read_picture(path))
    assert found.answer == classifier.classify(found.picture)


def test_boxes_are_in_pixels_of_the_upright_image(classifier):
    grey = page("27", margin=100)
    upright = Image.fromarray(grey).resize((3000, round(3000 * grey.shape[0] / grey.shape[1])))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # lay on its side: the first row of the file is the right column
    sheet = read_sheet(png(upright.rotate(90, expand=True), "JPEG", exif=exif), "photo.jpg", classifier)
    assert sheet.text == "27"
    assert (sheet.width, sheet.height) == upright.size
    dark = np.asarray(upright) < (PAPER + INK) / 2
    for found, part in zip(sheet.found, ndimage.find_objects(ndimage.label(dark)[0]), strict=True):
        rows, columns = part
        assert found.box == pytest.approx((columns.start, rows.start, columns.stop, rows.stop), abs=12)


@pytest.mark.parametrize("table", [60, 0, 255])
def test_specks_and_what_lies_around_the_page_are_left_out(table, classifier):
    rng = np.random.default_rng(5)
    grey = page("1984\n2026")
    for y, x in rng.integers(5, np.array(grey.shape) - 5, (60, 2)):
        if (grey[y - 4 : y + 6, x - 4 : x + 6] == PAPER).all():
            grey[y : y + 2, x : x + 2] = INK
    on_table = np.pad(np.pad(grey, 30, constant_values=PAPER), ((60, 90), (120, 60)), constant_values=table)
    turned = Image.fromarray(on_table).rotate(4, Image.Resampling.BICUBIC, fillcolor=table)
    assert read_sheet(png(turned), "page.png", classifier).text == "1984\n2026"


def test_a_line_that_is_as_dark_as_the_ink_leaves_its_digits_whole(classifier):
    grey = page("3808", pen=6)
    lined = grey.copy()
    for y in range(12, grey.shape[0], 30):
        lined[y : y + 2] = INK
    sheet = read_sheet(png(lined), "lined.png", classifier)
    assert sheet.text == "3808"


def test_paper_without_lines_stays_as_it_is():
    values = measure_contrast(page("1234567890").astype(np.float32), True).values
    assert without_ruling(values, True) is values


def test_printed_lines_are_found_with_their_slopes():
    blank = np.full((400, 600), PAPER, np.uint8)
    values = measure_contrast(ruled(blank, 40, degrees=-6).astype(np.float32), True).values
    lines = find_lines(values)
    assert len(lines) >= 8
    assert np.rad2deg(np.arctan([line.slope for line in lines])) == pytest.approx(-6, abs=0.6)
    assert without_ruling(values, True)[20:-20, 20:-20].max() < 0.25 * values.max()


@pytest.mark.parametrize("pen", [3, 8, 14])
def test_ink_is_told_from_paper_by_its_narrowness(pen):
    grey = page("58063", pen=pen).astype(np.float32)
    light = np.linspace(0.5, 1, grey.shape[1])
    assert measure_strokes(grey * light).are_dark
    assert not measure_strokes((255 - grey) * light).are_dark


@pytest.mark.parametrize("pen", [4, 7])
def test_ink_is_told_from_paper_on_a_page_full_of_digits(pen):
    grey = page("\n".join(["0123456789" * 3, "5863902714" * 3] * 12), pen, spaced=8).astype(np.float32)
    for small in (grey, shrink(grey, 1000)):
        assert measure_strokes(small).are_dark
        assert not measure_strokes(255 - small).are_dark


def test_strokes_are_broad_where_a_small_picture_shows_them():
    large = np.kron(page("6", pen=7, margin=20), np.ones((6, 6), np.float32))
    assert measure_strokes(large).are_broad
    assert not measure_strokes(page("2026\n8359").astype(np.float32)).are_broad


@pytest.mark.parametrize("is_ruled", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.75])
def test_a_large_digit_has_its_box_in_a_large_picture(share, is_ruled, classifier):
    large = Image.fromarray(page("5", pen=5, margin=int(24 / share))).resize((1200, 1500))
    paper = ruled(np.asarray(large), 120, 8) if is_ruled else large
    (found,) = read_sheet(png(paper), "five.png", classifier).found
    rows, columns = np.nonzero(np.asarray(large) < (PAPER + INK) / 2)
    assert found.box == pytest.approx((columns.min(), rows.min(), columns.max(), rows.max()), abs=18)
    assert found.answer.digit == 5


LINES = {
    "one": ([(10, 10)], [[0]]),
    "backwards": ([(50, 10), (30, 12), (10, 9)], [[2, 1, 0]]),
    "two lines": ([(10, 60), (40, 58), (12, 10), (41, 11)], [[2, 3], [0, 1]]),
    "a gap": ([(10, 10), (200, 12), (11, 60)], [[0, 1], [2]]),
}


@pytest.mark.parametrize("name", LINES)
def test_boxes_come_in_reading_order(name):
    corners, lines = LINES[name]
    corners = np.array(corners, float)
    assert reading_order.lines_of(np.hstack([corners, corners + np.array([15, 25])])) == lines


@pytest.mark.parametrize("degrees", [-12, -5, 0, 5, 12])
def test_a_turned_page_has_the_same_lines(degrees):
    y, x = np.divmod(np.arange(60), 10)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middles = (np.stack([x, y], 1) * 50 + np.random.default_rng(6).uniform(-6, 6, (60, 2))) @ turn
    found = np.hstack([middles - np.array([9, 14]), middles + np.array([9, 14])])
    assert reading_order.lines_of(found) == np.arange(60).reshape(6, 10).tolist()
    assert np.rad2deg(reading_order.turn_of(found)) == pytest.approx(degrees, abs=1.5)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def near(picture: Image.Image, color: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(np.asarray(picture, int) - color).max(2) < 60).nonzero()


def test_the_boxed_picture_shows_a_box_around_every_digit(classifier):
    grey = page("2026", margin=60)
    sheet = read_sheet(png(grey), "number.png", classifier)
    picture = opened(boxed(sheet))
    scale = picture.width / sheet.width
    rows, columns = near(picture, annotation.SURE)
    for left, top, right, bottom in (np.multiply(found.box, scale) for found in sheet.found):
        for x in (left, right):
            assert ((np.abs(columns - x) < 9) & (rows > top) & (rows < bottom)).sum() > 0.8 * (bottom - top)
    assert not len(near(picture, annotation.DOUBTFUL)[0])


def test_an_answer_that_is_not_sure_is_marked():
    sheet = read_sheet(png(page("2026", margin=60)), "number.png", Unsure())
    assert sheet.text == "????"
    picture = opened(boxed(sheet))
    assert len(near(picture, annotation.DOUBTFUL)[0]) > 500
    assert not len(near(picture, annotation.SURE)[0])


@pytest.mark.parametrize("size", [(28, 28), (300, 200), (4000, 1000)])
def test_the_boxed_picture_has_a_size_to_look_at(size, classifier):
    sheet = read_sheet(png(hostile_files.seven(size=size)), "seven.png", classifier)
    assert 600 <= max(opened(boxed(sheet)).size) <= PREVIEW_SIDE
    assert max(opened(sheet.preview).size) == min(max(size), PREVIEW_SIDE)


@pytest.mark.parametrize("size", [(200, 120), (121, 200)])
def test_labels_stay_within_the_picture(size):
    width, height = size
    picture = Image.new("RGB", size, "white")
    corners = [(2, 2), (width - 32, 2), (2, height - 42), (width - 32, height - 42)]
    annotation.draw_boxes(picture, [annotation.Labelled((x, y, x + 30, y + 40), "8", True) for x, y in corners])
    blue = np.zeros((height, width), bool)
    blue[near(picture, annotation.SURE)] = True
    labels = ndimage.binary_opening(blue, np.ones((4, 4)))  # boxes' lines are thinner
    assert ndimage.label(ndimage.binary_closing(np.pad(labels, 9), np.ones((9, 9))))[1] == 4


BAD = {
    "nothing": (b"", "is empty"),
    "blank": (png(np.full((90, 90), 200, np.uint8)), "No digit was found"),
    "script": (hostile_files.SVG, "is not an image"),
    "many bytes": (bytes(MOST_BYTES + 1), "more than 100,000,000 bytes"),
    "many marks": (png(page("\n".join(["0123456789" * 4, "5863902714" * 4] * 14))), "more than 1000 marks"),
    "layers": (hostile_files.scans((1000, 1000), 700), "takes too long to decode"),
    "large WebP": (png(Image.new("L", (4100, 4100)), "WEBP", lossless=True), "more than 16,000,000 in all"),
    "large tile": (hostile_files.FILES["tile.tiff"].make(), "takes too long to decode"),
    "Python's work": (b"P3 2000 2000 255\n" + b"0 " * 12_000_000, "takes too long to decode"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sheet_is_refused_in_one_sentence(name, classifier):
    content, part = BAD[name]
    with pytest.raises(UserError, match=part) as caught:
        read_sheet(content, "some\nfile.png", classifier)
    sentence = str(caught.value)
    assert "some file.png" in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence


def test_a_long_name_is_shortened(classifier):
    with pytest.raises(UserError) as caught:
        read_sheet(b"text", "a" * 4000 + ".png", classifier)
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
    assert read_sheet(hostile_files.FILES[name].make(), name, classifier).text == "7"


def test_a_large_photo_is_decoded_at_a_fraction_of_its_size(classifier, monkeypatch):
    sizes = []
    load = Image.Image.getexif

    def seen(image: Image.Image):
        sizes.append(image.size)
        return load(image)

    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.getexif", seen, raising=False)
    sheet = read_sheet(png(hostile_files.seven(size=(6000, 4000)), "JPEG"), "photo.jpg", classifier)
    assert (sheet.text, sheet.width, sheet.height) == ("7", 6000, 4000)
    assert max(sizes[-1]) < 6000


def test_styles_of_the_table_of_variants_differ():
    assert len(set(sheets.VARIANTS.values())) == len(sheets.VARIANTS)
    assert sheets.VARIANTS["squared"] == Style("squared", 5)
