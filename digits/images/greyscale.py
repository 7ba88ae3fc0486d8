"""Greyscale: the colours of a decoded picture, and the greys in which its ink shows best."""

import numpy as np
from PIL import Image

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as in Pillow
CLEARER_CHANNEL = 2.0  # times the span of the luma: a colour channel of that span shows the ink better


def to_colors(picture: Image.Image) -> np.ndarray:
    """Return the colours of a picture, transparency laid on a background unlike the ink: float32 (h, w, 3)."""
    if picture.mode == "F":
        values = np.nan_to_num(np.asarray(picture, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        values -= min(0.0, values.min())
        return np.repeat((values * (255 / max(values.max(), 1e-30))).astype(np.float32)[..., None], 3, axis=2)
    if picture.has_transparency_data:
        return _opaque(np.asarray(picture.convert("RGBA"), np.float32))
    return np.asarray(picture.convert("RGB"), np.float32)


def to_grey(colors: np.ndarray) -> np.ndarray:
    """Return the luma of colours (h, w, 3), or the channel that shows much more: float32 (h, w) in [0, 255]."""
    luma = colors @ LUMA
    spans = np.array([np.ptp(channel) for channel in (luma, *np.moveaxis(colors, 2, 0))])
    if spans.max() <= CLEARER_CHANNEL * spans[0]:
        return luma
    return colors[..., spans.argmax() - 1]  # yellow ink on white paper is dark in blue alone


def _opaque(rgba: np.ndarray) -> np.ndarray:
    """Lay RGBA (h, w, 4) on black or on white, whichever makes what is visible stand out: (h, w, 3)."""
    colors, alpha = rgba[..., :3], rgba[..., 3:] / 255
    luma = colors @ LUMA
    visible = luma[alpha[..., 0] > 0.5]
    is_card = len(visible) > 0.5 * luma.size and np.ptp(visible) > 64  # it brings its own paper
    background = np.median(visible) if is_card else 255.0 * (visible.sum() < 128 * len(visible))
    return colors * alpha + background * (1 - alpha)
