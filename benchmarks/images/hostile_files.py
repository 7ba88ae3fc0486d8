"""Files that are no ordinary pictures: what the careless and the malicious upload, made here and kept nowhere.

`FILES` names each file, says what is wrong with it and makes its bytes. Most are built by hand, since Pillow writes no
broken files.
"""

import gzip
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.images.image_files import encoded

SIDE = 200  # pixels, of a harmless picture
LARGE = (8000, 6200)  # pixels, of the largest that is decoded: 49.6 million
PNG = b"\x89PNG\r\n\x1a\n"  # how each begins
SCRIPT = b"<script>alert(document.cookie)</script>"


class File(NamedTuple):
    """What is wrong with a file, and what makes its bytes."""

    wrong: str
    make: Callable[[], bytes]


def seven(mode: str = "RGB", size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """Return the picture of a seven, dark on light."""
    picture = Image.new("L", size, 235)
    width, height = size
    points = [(0.3 * width, 0.2 * height), (0.7 * width, 0.2 * height), (0.45 * width, 0.85 * height)]
    ImageDraw.Draw(picture).line(points, fill=20, width=max(1, min(size) // 12), joint="curve")
    return picture.convert(mode)


def png(width: int, height: int, depth=8, color=0, extra: bytes = b"", rows: bytes | None = None) -> bytes:
    """Return a PNG with that header, chunks before the pixels, and compressed pixels (default: all black)."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    if rows is None:
        squeezer = zlib.compressobj(9)
        row = bytes(1 + (width * channels * depth + 7) // 8)
        rows = b"".join(squeezer.compress(row) for _ in range(height)) + squeezer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_exif(exif: bytes) -> bytes:
    """Return a JPEG of a seven with that EXIF block."""
    return encoded(seven(), "JPEG", exif=b"Exif\x00\x00" + exif)


def tiff(*tags: tuple[int, int, int, int], pixels: bytes = bytes(100)) -> bytes:
    """Return a TIFF of 10 x 10 grey pixels with tags (number, type, count, value) that replace the usual ones."""
    usual = {256: (3, 1, 10), 257: (3, 1, 10), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, 8)}
    usual |= {277: (3, 1, 1), 278: (3, 1, 10), 279: (4, 1, len(pixels))}
    entries = usual | {tag: tuple(rest) for tag, *rest in tags}
    directory = struct.pack("<H", len(entries))
    for tag, (kind, count, value) in sorted(entries.items()):
        directory += struct.pack("<HHII", tag, kind, count, value)
    return b"II*\x00" + struct.pack("<I", 8 + len(pixels)) + pixels + directory + bytes(4)


def scans(size: tuple[int, int], count: int) -> bytes:
    """Return a progressive JPEG whose last scan is there that many times."""
    content = encoded(Image.new("L", size, 200), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * count + b"\xff\xd9"


def changed(content: bytes, place: int, new: bytes) -> bytes:
    """Return bytes with others in their place."""
    return content[:place] + new + content[place + len(new) :]


def frames(form: str, count: int) -> bytes:
    """Return an animation of a seven whose greys grow, each by 1, and begin anew at 255."""
    rest = [seven().point([(grey + k) % 256 for grey in range(256)] * 3) for k in range(1, count)]
    return encoded(seven(), form, save_all=True, append_images=rest, duration=20)


def noise(side: int, form: str = "PNG") -> bytes:
    """Return pixels at random: as many specks as there can be."""
    values = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
    return encoded(Image.fromarray(values), form)


def pattern(side: int, cell: int) -> bytes:
    """Return a white page full of black squares, each as large as the space between them."""
    on = np.arange(side) // cell % 2 == 1
    return encoded(Image.fromarray(np.where(on[:, None] & on, 0, 255).astype(np.uint8)), "PNG")


def zipped() -> bytes:
    """Return a ZIP archive of a hundred megabytes of zeros."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100_000_000))
    return file.getvalue()


def bmp(width: int, height: int, bits: int = 24, compression: int = 0, pixels: bytes = b"") -> bytes:
    """Return a BMP with that header and those pixels."""
    palette = bytes(4 << bits) if bits <= 8 else b""
    start = 54 + len(palette)
    head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(pixels), 0, 0, 0, 0)
    return head + sizes + palette + pixels


def gif(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """Return a GIF with a screen and a frame of these sizes and next to no pixels."""
    colors = bytes(3) + b"\xff\xff\xff"
    image = b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HH", *screen) + b"\x80\x00\x00" + colors + image + b";"


def large_jpeg(**options) -> bytes:
    """Return a JPEG of LARGE."""
    return encoded(seven(size=LARGE), "JPEG", quality=80, **options)


def resized_jpeg(width: int, height: int) -> bytes:
    """Return a JPEG of a seven whose header promises other sizes."""
    content = encoded(seven(), "JPEG")
    return changed(content, content.index(b"\xff\xc0") + 5, struct.pack(">HH", height, width))


def text_bomb() -> bytes:
    """Return a PNG with a compressed comment of a hundred megabytes."""
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(100_000_000)))
    return png(SIDE, SIDE, extra=bomb)


def sixteen_bits() -> Image.Image:
    """Return a seven in 4096 of 65536 greys."""
    return Image.fromarray(np.asarray(seven("L"), np.uint16) * 16)


def palette_with_transparency() -> bytes:
    """Return a PNG whose palette has a transparent color."""
    return encoded(seven("L").quantize(4), "PNG", transparency=0)


def not_a_number() -> bytes:
    """Return a TIFF of floats, most of them not a number or without end."""
    values = np.asarray(seven("L"), np.float32).copy()
    values[::2], values[1::4] = np.nan, np.inf
    return encoded(Image.fromarray(values), "TIFF")


def many_chunks() -> bytes:
    """Return a PNG with a hundred thousand empty chunks."""
    return png(SIDE, SIDE, extra=chunk(b"teSt", b"") * 100_000)


def noise_picture() -> Image.Image:
    """Return pixels at random, which no format can squeeze."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8))


def promised_webp(width: int, height: int) -> bytes:
    """Return the beginning of a WebP with a canvas of that size."""
    sizes = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    content = encoded(seven(), "WEBP")
    start = b"RIFF" + struct.pack("<I", len(content) + 10) + b"WEBPVP8X" + struct.pack("<II", 10, 0)
    return start + sizes + content[12:]


def looping_tiff() -> bytes:
    """Return a TIFF whose next page is its first."""
    content = tiff()
    return content[:-4] + content[4:8]


def packed_tiff() -> bytes:
    """Return a TIFF of LARGE whose one strip, once decoded, takes 200 megabytes."""
    pixels = zlib.compress(bytes(LARGE[0] * LARGE[1] * 4))
    sizes = ((256, 4, 1, LARGE[0]), (257, 4, 1, LARGE[1]), (278, 4, 1, LARGE[1]))
    return tiff(*sizes, (258, 3, 1, 32), (259, 3, 1, 8), (339, 3, 1, 3), pixels=pixels)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + SCRIPT + b"</svg>"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n%%EOF"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file 99 string readstring pop ==\n"
EXIF_LOOP = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
EXIF_FAR = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 0x010E, 2, 0xFFFFFFF0, 0xFFFFFFF0, 0)
EXIF_ODD = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 99, 0)
EXIF_TAGS = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 5000) + struct.pack("<HHII", 0x0112, 3, 1, 6) * 5000

FILES: dict[str, File] = {
    "nothing.png": File("zero bytes", lambda: b""),
    "one.jpg": File("one byte", lambda: b"\xff"),
    "start.png": File("no more than a signature", lambda: PNG),
    "text.png": File("a text", lambda: b"Dear Pillow, please draw a seven.\n" * 99),
    "page.png": File("HTML with a script", lambda: b"<!doctype html>" + SCRIPT),
    "drawing.svg": File("SVG with a script", lambda: SVG),
    "drawing.png": File("SVG with a script, called PNG", lambda: SVG),
    "drawing.svgz": File("a compressed SVG of a hundred megabytes", lambda: gzip.compress(SVG + bytes(100_000_000))),
    "paper.pdf": File("PDF with a script", lambda: PDF),
    "paper.jpg": File("PDF with a script, called JPEG", lambda: PDF),
    "figure.png": File("PostScript that reads a file", lambda: EPS),
    "archive.png": File("a ZIP bomb, called PNG", zipped),
    "photo.heic": File("a photo of a kind that cannot be read", lambda: b"\x00\x00\x00\x18ftypheic" + bytes(99)),
    "film.mp4": File("a film", lambda: b"\x00\x00\x00\x18ftypisom" + bytes(99)),
    "wrong.jpg": File("a PNG, called JPEG", lambda: encoded(seven(), "PNG")),
    "wrong.gif": File("a JPEG, called GIF", lambda: encoded(seven(), "JPEG")),
    "bomb.png": File("20,000 x 20,000 pixels in 60 kB", lambda: png(20_000, 20_000, depth=1)),
    "header.png": File("2 billion x 2 billion pixels, promised", lambda: png(2**31 - 1, 2**31 - 1, rows=b"")),
    "large.png": File("49.6 million pixels, the most that is read", lambda: png(*LARGE)),
    "large_colors.png": File("49.6 million pixels with transparency", lambda: png(*LARGE, color=6)),
    "large_deep.png": File("49.6 million pixels of 16 bits", lambda: png(*LARGE, depth=16)),
    "long.png": File("8 million x 6 pixels", lambda: png(8_000_000, 6)),
    "comment.png": File("a comment of a hundred megabytes, compressed", text_bomb),
    "chunks.png": File("a hundred thousand chunks", many_chunks),
    "cut.png": File("half of a file", lambda: encoded(noise_picture(), "PNG")[:15_000]),
    "checksum.png": File("a wrong checksum", lambda: changed(encoded(seven(), "PNG"), 29, b"\0\0\0\0")),
    "colors.png": File("a palette that is missing", lambda: png(SIDE, SIDE, color=3)),
    "empty.png": File("no width", lambda: png(0, 9, rows=zlib.compress(b""))),
    "dot.png": File("one pixel", lambda: png(1, 1)),
    "deep.png": File("16 bits, of which 12 are used", lambda: encoded(sixteen_bits(), "PNG")),
    "bits.png": File("1 bit a pixel", lambda: encoded(seven("1"), "PNG")),
    "palette.png": File("a palette with transparency", palette_with_transparency),
    "animated.png": File("an animation of 100 pictures", lambda: frames("PNG", 100)),
    "blank.png": File("nothing on it", lambda: encoded(Image.new("RGB", (900, 900), "white"), "PNG")),
    "clear.png": File("nothing but transparency", lambda: encoded(Image.new("RGBA", (900, 900)), "PNG")),
    "noise.png": File("pixels at random", lambda: noise(2000)),
    "noise.jpg": File("49 million pixels at random", lambda: noise(7000, "JPEG")),
    "squares.png": File("a quarter of a million squares", lambda: pattern(2000, 2)),
    "marks.png": File("ten thousand marks of the size of digits", lambda: pattern(2000, 10)),
    "cut.jpg": File("half of a file", lambda: encoded(noise_picture(), "JPEG")[:9_000]),
    "large.jpg": File("49.6 million pixels, the most that is read", large_jpeg),
    "layers.jpg": File("49.6 million pixels in layers", lambda: large_jpeg(progressive=True)),
    "scans.jpg": File("a thousand layers", lambda: scans((4000, 4000), 1000)),
    "promise.jpg": File("65,500 x 65,500 pixels, promised", lambda: resized_jpeg(65_500, 65_500)),
    "less.jpg": File("more pixels promised than there are", lambda: resized_jpeg(SIDE, 6000)),
    "cmyk.jpg": File("printing colors", lambda: encoded(seven("CMYK"), "JPEG")),
    "exif.jpg": File("EXIF that is none", lambda: with_exif(b"II*\x00\xff\xff\xff\xff" + bytes(range(256)))),
    "exif_loop.jpg": File("EXIF that goes round in circles", lambda: with_exif(EXIF_LOOP)),
    "exif_far.jpg": File("EXIF that points beyond the end", lambda: with_exif(EXIF_FAR)),
    "exif_odd.jpg": File("an orientation that there is not", lambda: with_exif(EXIF_ODD)),
    "exif_tags.jpg": File("EXIF with five thousand orientations", lambda: with_exif(EXIF_TAGS)),
    "several.mpo": File("several pictures in one JPEG", lambda: frames("MPO", 3)),
    "animated.gif": File("an animation of 100 pictures", lambda: frames("GIF", 100)),
    "screen.gif": File("a screen of 65,535 x 65,535 pixels", lambda: gif((65_535, 65_535), (9, 9))),
    "frame.gif": File("a picture far larger than its screen", lambda: gif((9, 9), (65_535, 65_535))),
    "large.gif": File("49.6 million pixels that are not there", lambda: gif(LARGE, LARGE)),
    "cut.gif": File("half of a file", lambda: encoded(noise_picture(), "GIF")[:9_000]),
    "promise.bmp": File("30,000 x 30,000 pixels, promised", lambda: bmp(30_000, 30_000)),
    "negative.bmp": File("a negative width", lambda: bmp(-900, 900)),
    "runs.bmp": File("millions of runs of one pixel", lambda: bmp(7000, 7000, 8, 1, b"\x01\x00" * 24_000_000)),
    "runs_small.bmp": File("as many as are decoded", lambda: bmp(1200, 1000, 8, 1, b"\x01\x00" * 1_200_000)),
    "promise.webp": File("16,384 x 16,384 pixels, promised", lambda: promised_webp(16_384, 16_384)),
    "large.webp": File("15.6 million pixels, the most that is read", lambda: encoded(seven(size=(3950, 3950)), "WEBP")),
    "larger.webp": File("25 million pixels", lambda: encoded(Image.new("L", (5000, 5000)), "WEBP", lossless=True)),
    "animated.webp": File("an animation of 100 pictures", lambda: frames("WEBP", 100)),
    "cut.webp": File("half of a file", lambda: encoded(noise_picture(), "WEBP")[:9_000]),
    "deep.tiff": File("16 bits, of which 12 are used", lambda: encoded(sixteen_bits(), "TIFF")),
    "nan.tiff": File("floats that are no numbers", not_a_number),
    "cmyk.tiff": File("printing colors", lambda: encoded(seven("CMYK"), "TIFF")),
    "pages.tiff": File("200 pages", lambda: frames("TIFF", 200)),
    "loop.tiff": File("pages that go round in circles", looping_tiff),
    "tile.tiff": File("ten pixels in a tile of 4 billion", lambda: tiff((322, 4, 1, 65_536), (323, 4, 1, 65_536))),
    "promise.tiff": File("60,000 x 60,000 pixels, promised", lambda: tiff((256, 4, 1, 60_000), (257, 4, 1, 60_000))),
    "strips.tiff": File("four billion strips, promised", lambda: tiff((273, 4, 0xFFFFFFFF, 8))),
    "samples.tiff": File("65,535 colors a pixel", lambda: tiff((277, 3, 1, 65_535))),
    "packed.tiff": File("49.6 million pixels of 32 bits in one piece", packed_tiff),
    "plain.ppm": File("millions of pixels in letters", lambda: b"P3 4000 4000 255\n" + b"0 " * 48_000_000),
    "x" * 5000 + ".png": File("a name of 5,000 letters", lambda: b"no picture"),
    f"{SCRIPT.decode()}\n# **bold**.png": File("a name with a script and lines", lambda: b"no picture"),
}
