"""Pictures that a program holds as PIL images."""

from __future__ import annotations

import io

from PIL import Image

from pickmatte.models.errors import PictureError

from .metadata.from_pillow import tiff_exif
from .pillow_reader import Reader
from .pixels import Decoded, check_size


def read_image(image: Image.Image, label: str, limit: int, managed: bool) -> Decoded:
    """Decode a PIL image, which stays as it is, turned upright where its EXIF block asks for it.

    Its pixels are taken as Pillow holds them: of a file with 16 bit colours that is 8 bits, so
    open such files by their path. Raises `PictureError`.
    """
    check_size(image.size, limit, label)
    try:
        image.load()
    except MemoryError as error:
        raise PictureError(f"There is not enough memory to open {label}.") from error
    except Exception as error:  # of a file that is read only now
        raise PictureError(f"{label} cannot be read as a PIL image: {error}.") from error
    held = image._new(image.im)  # the same pixels under a head of its own, which gets closed
    if "exif" not in held.info:
        held.info["exif"] = tiff_exif(image)  # of a TIFF, which Pillow has turned already
    return Reader(io.BytesIO(), "PIL", b"", label, limit, managed).decode(held)
