"""Image files of every kind give the same picture of a digit; whatever is no digit gives one sentence."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from digits.drawing import ink
from digits.images.decoding import MIN_SIDE, READ_SIDE, decode
from digits.images.one_digit import find_one_digit
from digits.models import loading
from digits.sheets.reading import read
from digits.system.files import UserError

FIVE = [  # in units of its height, the bar detached
    np.array([[0.62, 0.02], [0.18, 0.04]]),
    np.array([[0.17, 0.14], [0.14, 0.45], [0.4, 0.4], [0.62, 0.58], [0.6, 0.82], [0.35, 1.0], [0.08, 0.9]]),
]
ZERO = [np.array([[0.3 + 0.3 * np.sin(a), 0.5 - 0.5 * np.cos(a)] for a in np.linspace(0, 2 * np.pi, 40)])]
SIDE = 200  # pixels, of most of the images drawn here
ALIKE = 0.06  # of full ink: the mean difference between pictures that show the same; other digits differ by 0.15
FIVE_PICTURE = ink.normalize(FIVE)
CLASSIFIER = loading.load()


def read_picture(path: Path) -> np.ndarray:
    """The picture of the one digit in a file."""
    (digit,) = read(path, str(path), CLASSIFIER).digits
    return digit.picture


def normalize_picture(grey: np.ndarray) -> np.ndarray:
    """The picture of the one digit in greys; all 0 where there is none."""
    found = find_one_digit(grey)
    return np.zeros((28, 28), np.uint8) if found is None else found.picture


def drawn(side: int = SIDE, height: float = 120, left: float = 60, top: float = 40, pen: float = 1.0) -> np.ndarray:
    """The ink of a five, 0 to 1; a pen of 1 is the one that MNIST's digits have."""
    width = pen * height * ink.PEN_WIDTH / (ink.DIGIT_SIDE - ink.PEN_WIDTH)
    return ink.rasterize([stroke * height + (left, top) for stroke in FIVE], width, (side, side)) / 255.0


def written(share: np.ndarray, paper: float = 235, pen: float = 30) -> np.ndarray:
    """The greys of ink on paper."""
    return np.round(paper + (pen - paper) * share).astype(np.uint8)


def difference(picture: np.ndarray, other: np.ndarray = FIVE_PICTURE) -> float:
    """The mean difference of two pictures, as a share of full ink, moved by a pixel at most to where it is least."""
    assert picture.shape == (28, 28)
    assert picture.dtype == np.uint8
    shifted = [np.roll(other, (y, x), (0, 1)).astype(float) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return min(np.abs(picture - s).mean() for s in shifted) / 255


def colored(share: np.ndarray, pen: tuple, paper: tuple) -> Image.Image:
    pixels = np.array(paper) + (np.array(pen) - np.array(paper)) * share[..., None]
    return Image.fromarray(np.round(pixels).astype(np.uint8))


def with_alpha(grey: int) -> Image.Image:
    alpha = Image.fromarray((drawn() * 255).astype(np.uint8))
    return Image.merge("LA", [Image.new("L", alpha.size, grey), alpha])


def palette_with_transparency() -> Image.Image:
    image = Image.fromarray((drawn() > 0.5).astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 40, 40, 40])
    image.info["transparency"] = 0
    return image


def grey_with_transparent_grey(mode: str) -> Image.Image:
    """Ink of 31 on a transparent paper of 30."""
    image = Image.fromarray(np.where(drawn() > 0.5, 31, 30).astype(np.uint8)).convert(mode)
    image.info["transparency"] = 30 if mode == "L" else (30, 30, 30)
    return image


def with_holes() -> Image.Image:
    values = (drawn() - 2).astype(np.float32)
    values[0, :3], values[-1, :3] = np.nan, -np.inf
    return Image.fromarray(values)


def card() -> Image.Image:
    """A white card with a black digit, on transparent ground."""
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    rgba[10:-10, 10:-10] = 255
    rgba[..., :3] = np.minimum(rgba[..., :3], written(drawn(), 255, 0)[..., None])
    return Image.fromarray(rgba)


GREY = Image.fromarray(written(drawn()))
MODES = {
    "grey": GREY,
    "white on black": Image.fromarray(written(drawn(), 0, 255)),
    "faint pencil": Image.fromarray(written(drawn(), 240, 205)),
    "1 bit": GREY.convert("1", dither=Image.Dither.NONE),
    "palette": GREY.convert("P"),
    "palette with transparency": palette_with_transparency(),
    "color": GREY.convert("RGB"),
    "CMYK": GREY.convert("CMYK"),
    "16 bit": Image.fromarray(written(drawn()).astype(np.uint16) * 257),
    "12 of 16 bit": Image.fromarray(written(drawn()).astype(np.uint16) * 16),
    "32 bit": Image.fromarray(written(drawn()).astype(np.int32) * 1000),
    "float": Image.fromarray((drawn() - 0.5).astype(np.float32)),
    "float, all below 0, some not a number": with_holes(),
    "yellow on white": colored(drawn(), (255, 255, 0), (255, 255, 255)),
    "red on a green as bright": colored(drawn(), (200, 0, 0), (0, 102, 0)),
    "black on transparent": with_alpha(2),
    "white on transparent": with_alpha(253),
    "black on transparent, color": with_alpha(2).convert("RGBA"),
    "a transparent grey": grey_with_transparent_grey("L"),
    "a transparent color": grey_with_transparent_grey("RGB"),
    "card on transparent": card(),
}


@pytest.mark.parametrize("name", MODES)
def test_every_mode_gives_the_same_picture(name, tmp_path):
    image = MODES[name]
    path = tmp_path / ("image.tiff" if image.mode in ("CMYK", "I", "F") else "image.png")
    image.save(path)
    assert difference(read_picture(path)) < ALIKE


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tiff", "pgm", "JPEG"])
def test_every_format_gives_the_same_picture(suffix, tmp_path):
    path = tmp_path / f"image.{suffix}"
    GREY.save(path)
    assert difference(read_picture(path)) < ALIKE


def test_the_name_does_not_matter(tmp_path):
    GREY.save(tmp_path / "image.jpg", "PNG")
    assert difference(read_picture(tmp_path / "image.jpg")) < ALIKE


@pytest.mark.parametrize("suffix", ["gif", "webp", "tiff", "png"])
def test_the_first_frame_is_read(suffix, tmp_path):
    path = tmp_path / f"many.{suffix}"
    GREY.save(path, save_all=True, append_images=[Image.new("L", GREY.size, 255), GREY.rotate(90)])
    assert getattr(Image.open(path), "n_frames") == 3  # noqa: B009
    assert difference(read_picture(path)) < ALIKE


UNTURNED = {  # what a camera that sets the EXIF orientation saw
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.rotate(180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("orientation", UNTURNED)
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff"])
def test_photos_are_turned_upright(orientation, suffix, tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    UNTURNED[orientation](GREY).save(tmp_path / f"image.{suffix}", exif=exif)
    assert difference(read_picture(tmp_path / f"image.{suffix}")) < ALIKE


@pytest.mark.parametrize(
    ("side", "height", "left", "top"),
    [
        (28, 17, 7, 5),
        (64, 50, 10, 6),
        (500, 60, 20, 30),
        (500, 60, 400, 420),
        (2000, 40, 500, 700),  # a fiftieth of the width
        (500, 440, 70, 30),
        (200, 183, 60, 8),  # touches two sides
    ],
)
@pytest.mark.parametrize(("paper", "pen"), [(255, 0), (0, 255)])
def test_size_and_place_do_not_matter(side, height, left, top, paper, pen):
    assert difference(normalize_picture(written(drawn(side, height, left, top), paper, pen))) < ALIKE


@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("enlarged", [1, 10])
def test_a_picture_laid_out_as_mnist_comes_out_as_it_was(paper, enlarged):
    picture = normalize_picture(written(drawn()))
    image = np.kron(picture, np.ones((enlarged, enlarged), np.uint8)) ^ np.uint8(paper)
    again = normalize_picture(image)
    assert np.abs(again.astype(float) - picture).mean() / 255 < 0.01


@pytest.mark.parametrize(("pen", "alike"), [(0.5, 0.09), (1.0, ALIKE), (1.5, ALIKE), (2.0, 0.08), (3.0, 0.13)])
def test_the_pen_does_not_matter_much(pen, alike):
    broad = normalize_picture(written(drawn(pen=pen)))
    assert difference(broad) < alike
    assert broad.astype(float).sum() < 1.6 * FIVE_PICTURE.astype(float).sum()


def test_a_stroke_of_uneven_width_stays_in_one_piece():
    image = np.full((SIDE, SIDE), 255, np.uint8)
    image[20:80, 60:140] = image[120:180, 60:140] = 0
    image[80:120, 96:104] = 0  # a bridge between two blocks, a tenth as wide
    picture = normalize_picture(image)
    assert (picture.max(1)[5:23] > 40).all()


@pytest.mark.parametrize(("paper", "pen"), [(235, 30), (30, 235)])
@pytest.mark.parametrize("width", [10, 20, 40])
def test_a_hole_is_not_taken_for_the_ink(width, paper, pen):
    share = ink.rasterize([stroke * 110 + 40 for stroke in ZERO], width, (SIDE, SIDE)) / 255.0
    assert difference(normalize_picture(written(share, paper, pen)), ink.normalize(ZERO)) < 0.09


@pytest.mark.parametrize(("paper", "pen"), [(255, 0), (0, 255)])
@pytest.mark.parametrize("digit", [ZERO, FIVE], ids=["zero", "five"])
def test_a_digit_cut_out_closely_is_found(digit, paper, pen):
    whole = ink.normalize(digit)
    rows, columns = np.flatnonzero(whole.max(1) > 30), np.flatnonzero(whole.max(0) > 30)
    close = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255.0
    for enlarged in (close, np.kron(close, np.ones((9, 9)))):
        assert difference(normalize_picture(written(enlarged, paper, pen)), whole) < ALIKE


def half_in_shadow(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.where(rows + 0.3 * columns > 0.6, 0.5, 1.0)


def side_in_shadow(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.where(columns > 0.75, 0.3, 1.0)


def lamp_and_shadow(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return (1 - 0.6 * columns) * np.where(rows > 0.3 + 0.5 * columns, 0.45, 1.0)


def falling_light(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return 1 - 0.35 * rows - 0.35 * columns


def lit(grey: np.ndarray, light) -> np.ndarray:
    """Greys in a light that is a function of the place, rows and columns from 0 to 1."""
    return grey * light(*np.indices(grey.shape) / grey.shape[0])


@pytest.mark.parametrize(
    ("light", "height"),
    [
        *((light, height) for light in (half_in_shadow, side_in_shadow, falling_light) for height in (60, 120, 180)),
        (lamp_and_shadow, 60),
        (lamp_and_shadow, 180),
    ],
)
def test_uneven_light_does_not_matter(light, height):
    grey = written(drawn(height=height, left=30, top=10))
    assert difference(normalize_picture(lit(grey, light))) < ALIKE


def test_photos_with_a_shadow_across_them():
    rng = np.random.default_rng(5)
    pictures = []
    for _ in range(60):
        angle, offset, pen = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8), rng.uniform(0.5, 1.5)
        left, top = rng.uniform(5, 60, 2)
        across = np.array([np.cos(angle), np.sin(angle)])
        grey = written(drawn(height=rng.uniform(50, 110), left=left, top=top, pen=pen), 200, 40)

        def light(rows, columns, across=across, offset=offset):
            along = (rows - 0.5) * across[0] + (columns - 0.5) * across[1] + 0.5
            return (1 - 0.7 * along) * np.where(along > offset, 0.4, 1.0)

        pictures.append(normalize_picture(lit(grey, light) + rng.normal(0, 8, grey.shape)))
    assert sum(difference(picture) < 0.09 for picture in pictures) >= 57


def test_noise_and_blur_do_not_matter():
    grey = written(drawn(280, 200, 40, 40))
    noisy = np.clip(grey + np.random.default_rng(1).normal(0, 60, grey.shape), 0, 255)
    soft = np.asarray(Image.fromarray(grey).resize((35, 35), Image.Resampling.BOX).resize((280, 280)))
    assert difference(normalize_picture(noisy)) < ALIKE
    assert difference(normalize_picture(soft)) < ALIKE


@pytest.mark.parametrize(
    ("rows", "columns", "grey"),
    [
        (slice(12, 18), slice(100, 106), 30),  # a speck, near
        (slice(280, 310), slice(300, 330), 30),  # a blot, far away
        (slice(180, 205), slice(60, 120), 158),  # what shows through from the back
    ],
)
def test_what_is_not_of_the_digit_is_left_out(rows, columns, grey):
    page = written(drawn(320))
    clean = normalize_picture(page)
    page[rows, columns] = grey
    assert difference(normalize_picture(page), clean) < 0.01


def test_detached_strokes_are_kept():
    picture = normalize_picture(written(drawn()))
    assert difference(picture, ink.normalize(FIVE[1:])) > 2 * difference(picture)


@pytest.mark.parametrize(
    "grey",
    [
        np.zeros((50, 50)),
        np.full((50, 50), 255),
        np.pad(np.full((20, 20), 197), 30, constant_values=200),
        lit(np.full((90, 90), 200), falling_light),
        128 + np.random.default_rng(1).normal(0, 20, (200, 200)),
    ],
    ids=["black", "white", "stain", "falling light", "noise"],
)
def test_without_ink_the_picture_is_empty(grey):
    assert not normalize_picture(grey).any()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_large_images_are_reduced(mode, tmp_path):
    large = MODES["16 bit"] if mode == "I;16" else GREY.convert(mode)
    large.resize((2400, 2400)).save(tmp_path / "large.png")
    assert max(decode(tmp_path / "large.png", "large.png").picture.size) < READ_SIDE
    assert difference(read_picture(tmp_path / "large.png")) < ALIKE


def png(width: int, height: int, bits: bytes) -> bytes:
    """A PNG of one bit a pixel with these compressed pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bits)) + chunk(b"IEND", b"")


def saved(image: Image.Image, path: Path) -> bytes:
    image.save(path)
    return path.read_bytes()


BAD = {  # name: (what makes the file's bytes, a part of the sentence)
    "empty.png": (lambda path: b"", "is empty"),
    "text.png": (lambda path: b"Dear Pillow, please draw a seven.\n" * 20, "is not an image"),
    "script.png": (lambda path: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not an image"),
    "photo.heic": (lambda path: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "is not an image"),
    "film.mp4": (lambda path: b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", "AVIF picture or a film"),
    "cut.png": (lambda path: saved(GREY, path)[:1500], "damaged, cut off"),
    "cut.jpg": (lambda path: saved(GREY, path)[:1500], "damaged, cut off"),
    "cut.gif": (lambda path: saved(GREY, path)[:1500], "damaged, cut off"),
    "cut.webp": (lambda path: saved(GREY, path)[:300], "cut off|not an image"),
    "cut.tiff": (lambda path: saved(GREY, path)[:20000], "damaged, cut off|not an image"),
    "header.png": (lambda path: saved(GREY, path)[:20], "damaged, cut off|not an image"),
    "dot.png": (lambda path: saved(Image.new("L", (1, 1)), path), "1 x 1 pixels, too small"),
    "small.png": (lambda path: saved(Image.new("L", (MIN_SIDE - 1, 3)), path), "too small"),
    "bomb.png": (lambda path: png(20_000, 20_000, b""), "more than 50,000,000 in all; scale it down"),
    "large.png": (lambda path: png(8_000, 8_000, b""), "8,000 x 8,000 pixels, more than 50,000,000 in all"),
    "larger.png": (lambda path: png(10_000, 10_000, b""), "more than 50,000,000 in all"),
    "white.png": (lambda path: saved(Image.new("RGB", (90, 60), "white"), path), "No digit was found"),
    "clear.png": (lambda path: saved(Image.new("RGBA", (90, 60)), path), "No digit was found"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", BAD)
def test_bad_files_give_one_sentence(name, tmp_path):
    path = tmp_path / name
    make, part = BAD[name]
    path.write_bytes(make(path))
    with pytest.raises(UserError, match=part) as caught:
        read_picture(path)
    assert_one_sentence(caught.value, path)


def test_folders_and_missing_files_give_one_sentence(tmp_path):
    for path, part in ((tmp_path, "is a folder"), (tmp_path / "missing.png", "There is no image file")):
        with pytest.raises(UserError, match=part) as caught:
            read_picture(path)
        assert_one_sentence(caught.value, path)


def test_a_file_that_may_not_be_read_gives_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "private.png"
    GREY.save(path)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # chmod does not keep root out
    with pytest.raises(UserError, match="Permission denied") as caught:
        read_picture(path)
    assert_one_sentence(caught.value, path)


def assert_one_sentence(error: UserError, path: Path) -> None:
    sentence = str(error).replace(str(path), "it")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ". " not in sentence


@pytest.mark.parametrize("side", [8_000, 20_000])
def test_nothing_of_a_too_large_image_is_decoded(side, tmp_path, monkeypatch):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side, bytes((side // 8 + 1) * side)))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UserError, match="scale it down"):
        read_picture(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tiff", "ppm"])
def test_damaged_files_give_a_picture_or_a_sentence(suffix, tmp_path):
    path = tmp_path / f"image.{suffix}"
    whole = np.frombuffer(saved(GREY.resize((40, 40)).convert("RGB"), path), np.uint8)
    rng = np.random.default_rng(7)
    for _ in range(60):
        damaged = whole.copy()
        places = rng.integers(0, min(len(whole), 400), rng.integers(1, 8))
        damaged[places] = rng.integers(0, 256, len(places))
        path.write_bytes(damaged[: rng.integers(1, len(whole) + 1)].tobytes())
        try:
            read_picture(path)
        except UserError as error:
            assert_one_sentence(error, path)
