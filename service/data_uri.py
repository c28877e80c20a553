"""Small pictures as data URIs, so that nothing a visitor looks at lies on a shared disk."""

from __future__ import annotations

import base64
import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def data_uri(
    pixels: NDArray[np.uint8], kind: Literal["png", "jpeg", "webp"], quality: int = 88
) -> str:
    """uint8 H×W, H×W×3 or H×W×4 as a URI that carries the file itself."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if kind == "png":
        image.save(buffer, "PNG", compress_level=4)
    elif kind == "jpeg":
        image.save(buffer, "JPEG", quality=quality)
    else:
        image.save(buffer, "WEBP", quality=quality, method=1)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
