"""Layers to Photoshop's PSD, its structures by psd-tools.

Every layer is opaque and holds its alpha as a layer mask: the edge stays editable, by painting on
the mask, and the colours under it stay whole. Photoshop, GIMP and Krita open such masks.
"""

from __future__ import annotations

import io
import struct
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from psd_tools.compression import compress
from psd_tools.constants import ChannelID, Compression, Resource, Tag
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResource, ImageResources
from psd_tools.psd.layer_and_mask import ChannelInfo, LayerFlags, LayerRecord, MaskData

from pickmatte.interactive.pictures.metadata import exif as exif_block
from pickmatte.models.errors import ExportError

from .stacking import Merged, strips

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from .layer import Layer, Layered

SIDE, _BYTES = 30_000, 2 << 30  # the format's own limits
_NAME, _SHORT = 255, 31  # UTF-16 units of a name; bytes of the one that old programs show
_LOCKED = 0x80000000  # everything
_COLOURS = (ChannelID.CHANNEL_0, ChannelID.CHANNEL_1, ChannelID.CHANNEL_2)


def write_psd(file: BinaryIO, layered: Layered) -> None:
    """Write the layers, and what they show together for programs that read no layers.

    Raises `ExportError` for more than 30000 pixels a side or 2 GiB, where the format ends.
    """
    if max(layered.size) > SIDE:
        raise ExportError(
            f"PSD ends at {SIDE} pixels a side; write the layers as .ora, .tiff or .zip."
        )
    merged = Merged(layered.size)
    records: list[tuple[LayerRecord, int, int]] = []
    # The file wants all records first and the bottom layer's pixels before the others'.
    with tempfile.TemporaryFile() as pixels:
        for layer in layered.front_to_back():
            start = pixels.tell()
            record = _record(layer, len(records) + 1)
            for info, plane in zip(record.channel_info, _planes(layer), strict=True):
                info.length = _write_runs(pixels, [plane], len(plane))
            records.append((record, start, pixels.tell() - start))
            merged.lay(layer)
        _write_head(file, layered, merged.rgba.itemsize * 8)
        _write_layers(file, records[::-1], pixels, merged.rgba.itemsize * 8)
    colours = (_on_white(merged.rgba, channel) for channel in range(4))
    _write_runs(file, colours, 4 * layered.size[0])
    if file.tell() > _BYTES:
        raise ExportError("PSD ends at 2 GiB; write the layers as .ora or .zip, or at 8 bits.")


def _record(layer: Layer, number: int) -> LayerRecord:
    """All that is said of a layer but the lengths of its channels."""
    (x, y), (height, width) = layer.at, layer.rgba.shape[:2]
    place = {"top": y, "left": x, "bottom": y + height, "right": x + width}
    channels = [ChannelID.TRANSPARENCY_MASK, *_COLOURS]
    if not layer.locked:
        channels.append(ChannelID.USER_LAYER_MASK)
    record = LayerRecord(
        **place,
        channel_info=[ChannelInfo(channel) for channel in channels],
        flags=LayerFlags(visible=layer.visible),
        mask_data=None if layer.locked else MaskData(**place),
        name=layer.name.encode("macroman", "replace")[:_SHORT].decode("macroman"),
    )
    name = layer.name.encode("utf-16-be")[: 2 * _NAME].decode("utf-16-be", "ignore")
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, name)
    record.tagged_blocks.set_data(Tag.LAYER_ID, number)
    if layer.locked:
        record.tagged_blocks.set_data(Tag.PROTECTED_SETTING, _LOCKED)
    return record


def _planes(layer: Layer) -> list[NDArray[Any]]:
    """The channels of a layer: transparency, colours, mask. Nobody edits what is locked."""
    colours, alpha = [layer.rgba[..., channel] for channel in range(3)], layer.rgba[..., 3]
    if layer.locked:
        return [alpha, *colours]
    return [np.full_like(alpha, np.iinfo(alpha.dtype).max), *colours, alpha]


def _write_runs(file: BinaryIO, planes: Iterable[NDArray[Any]], rows: int) -> int:
    """Write channels of that many rows together in PackBits runs; return how many bytes it took.

    First come the lengths of all rows. At 16 bits deflated differences would be smaller, but
    Krita 5.1 reads them wrongly.
    """
    start = file.tell()
    file.write(struct.pack(">H", Compression.RLE.value) + bytes(2 * rows))
    lengths = []
    for plane in planes:
        for strip in strips(plane.shape):
            height, width = plane[strip].shape
            data = plane[strip].astype(plane.dtype.newbyteorder(">")).tobytes()
            runs = compress(data, Compression.RLE, width, height, 8 * plane.itemsize)
            lengths.append(runs[: 2 * height])
            file.write(runs[2 * height :])
    end = file.tell()
    file.seek(start + 2)
    file.write(b"".join(lengths))
    file.seek(end)
    return end - start


def _write_head(file: BinaryIO, layered: Layered, depth: int) -> None:
    height, width = layered.size
    FileHeader(channels=4, height=height, width=width, depth=depth).write(file)
    ColorModeData().write(file)
    resources, metadata = ImageResources.new(), layered.metadata
    block = metadata.exif_with_resolution if metadata.exif else None
    for key, data in (
        (Resource.RESOLUTION_INFO, _resolution(metadata.resolution)),
        (Resource.IPTC_NAA, metadata.iptc),
        (Resource.ICC_PROFILE, layered.icc),
        (Resource.EXIF_DATA_1, exif_block.body(block or b"")),
        (Resource.XMP_METADATA, metadata.xmp),
    ):
        if data:
            resources[key] = ImageResource(key=key, data=data)
    resources.write(file)


def _resolution(per_inch: tuple[float, float] | None) -> bytes | None:
    """Across and down in 65536ths of a pixel an inch, each to be shown in inches."""
    if per_inch is None:
        return None
    across, down = (min(round(value * 65536), 0xFFFFFFFF) for value in per_inch)
    return struct.pack(">IHHIHH", across, 1, 1, down, 1, 1)


def _write_layers(
    file: BinaryIO, records: list[tuple[LayerRecord, int, int]], pixels: BinaryIO, depth: int
) -> None:
    """Write the layer section, bottom layer first, each one's pixels from where `pixels` has them.

    At 16 bits Photoshop leaves the section's own list empty and puts it in a block behind it.
    """
    head = io.BytesIO()
    # A negative count: the merged picture's fourth channel is its transparency.
    head.write(struct.pack(">h", -len(records)))
    for record, _, _ in records:
        record.write(head)
    length = head.tell() + sum(size for _, _, size in records)
    padding = -length % 4
    length += padding
    empty = struct.pack(">I", 0)
    if depth == 8:
        before, after = struct.pack(">I", length), empty
    else:
        before, after = empty + empty + b"8BIMLr16" + struct.pack(">I", length), b""
    file.write(struct.pack(">I", len(before) + length + len(after)) + before + head.getvalue())
    for _, start, size in records:
        pixels.seek(start)
        _copy(pixels, file, size)
    file.write(b"\0" * padding + after)


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size:
        piece = source.read(min(size, 1 << 20))
        target.write(piece)
        size -= len(piece)


def _on_white(rgba: NDArray[Any], channel: int) -> NDArray[Any]:
    """A channel of the merged picture, its colours laid on white as Photoshop has them."""
    if channel == 3:
        return rgba[..., 3]
    top = np.float32(np.iinfo(rgba.dtype).max)
    plane = np.empty(rgba.shape[:2], rgba.dtype)
    for strip in strips(rgba.shape):
        alpha = rgba[strip, :, 3] / top
        plane[strip] = np.rint(rgba[strip, :, channel] * alpha + (1 - alpha) * top)
    return plane
