"""Resolution, XMP, IPTC and text go from every kind of file into every kind that has a place."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from making import exif_block, noise, saved, smooth, with_png_chunk
from PIL import Image, PngImagePlugin
from psd_tools import PSDImage
from psd_tools.constants import Resource

from pickmatte.interactive.files.export import encode_cutout
from pickmatte.interactive.files.layered import Layer, Layered, save_layers
from pickmatte.interactive.pictures.metadata import exif, iptc, xmp
from pickmatte.interactive.pictures.metadata.record import Metadata
from pickmatte.interactive.pictures.picture import Picture, open_picture
from pickmatte.models.errors import ExportError

PIXELS = smooth(12, 16)
PACKET = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 tiff:Orientation="6" e:GPSLatitude="48,8.1N" photoshop:City="Heidelberg" xmp:Rating="4">
<e:GPSLongitude>11,35.1E</e:GPSLongitude><dc:format>image/jpeg</dc:format>
<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li>Neckar</rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>
<xmp:Thumbnails><rdf:Alt><rdf:li>R0lGODdh</rdf:li></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
PLACES = (b"48,8.1", b"11,35.1", b"Heidelberg", b"Neckar")


def record(number: int, data: bytes) -> bytes:
    return b"\x1c\x02" + bytes((number,)) + struct.pack(">H", len(data)) + data


CAPTION = record(120, b"A dog on a bench")
IPTC = record(5, b"Dog") + record(90, b"Heidelberg") + record(101, b"Germany") + CAPTION


def app(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def jpeg(*segments: bytes, **options: Any) -> bytes:
    plain = saved(PIXELS, "JPEG", **options)
    return plain[:2] + b"".join(segments) + plain[2:]


def photoshop_segment(records: bytes) -> bytes:
    block = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(records)) + records
    return app(0xED, b"Photoshop 3.0\0" + block + bytes(len(records) % 2))


def xmp_segment(packet: bytes) -> bytes:
    return app(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def exif_with_gps() -> bytes:
    told = Image.Exif()
    told[271], told[305] = "Pickmatte", "Maker of cameras"
    told[0x8769] = {33434: 1 / 250, 37500: b"maker's own notes"}
    told[0x8825] = {1: "N", 2: (48.0, 8.0, 6.25), 29: "2024:05:17"}
    return (
        b"Exif\0\0" + told.tobytes() if not told.tobytes().startswith(b"Exif") else told.tobytes()
    )


def cut(picture: Picture, format: str, metadata: Metadata | None = None) -> bytes:
    rgba = np.dstack([picture.rgb, np.full(picture.size, 200, np.uint8)])
    told = picture.metadata if metadata is None else metadata
    return encode_cutout(rgba, format, icc=picture.icc, metadata=told)


# --- resolution ------------------------------------------------------------------------------


def resolution_block(across: int, down: int, unit: int) -> bytes:
    fields = b"".join(
        (
            struct.pack("<HHII", 282, 5, 1, 50),
            struct.pack("<HHII", 283, 5, 1, 58),
            struct.pack("<HHIHH", 296, 3, 1, unit, 0),
        )
    )
    values = struct.pack("<IIII", across, 1, down, 1)
    return b"Exif\0\0II*\0\x08\0\0\0\x03\0" + fields + bytes(4) + values


FILES = {
    "JFIF": lambda: saved(PIXELS, "JPEG", dpi=(300, 300)),
    "JFIF a centimetre": lambda: jpeg()[:13] + b"\2\0\x76\0\x76" + jpeg()[18:],
    "EXIF of a JPEG": lambda: jpeg(app(0xE1, resolution_block(300, 300, 2))),
    "PNG": lambda: saved(PIXELS, "PNG", dpi=(300, 300)),
    "EXIF of a PNG": lambda: saved(PIXELS, "PNG", exif=resolution_block(300, 300, 2)),
    "TIFF": lambda: saved(PIXELS, "TIFF", dpi=(300, 300)),
    "TIFF a centimetre": lambda: saved(PIXELS, "TIFF", resolution_unit=3, x_resolution=118.11,
                                       y_resolution=118.11),
    "EXIF of a WebP": lambda: saved(PIXELS, "WEBP", exif=resolution_block(300, 300, 2)),
    "BMP": lambda: saved(PIXELS, "BMP", dpi=(300, 300)),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_300_dpi_arrive_in_every_format(kind: str, tmp_path: Path) -> None:
    picture = open_picture(FILES[kind]())
    assert picture.metadata.resolution == pytest.approx((300, 300), rel=2e-3)
    png, tiff, webp = (Image.open(io.BytesIO(cut(picture, f))) for f in ("PNG", "TIFF", "WEBP"))
    assert png.info["dpi"] == pytest.approx((300, 300), rel=2e-3)
    assert tuple(map(float, tiff.info["dpi"])) == pytest.approx((300, 300), rel=2e-3)
    told = webp.getexif()
    scale = {2: 1, 3: 2.54}[told[296]]
    inch = [float(told[tag]) * scale for tag in (282, 283)]
    assert inch == pytest.approx([300, 300], rel=2e-3)
    path = save_layers(
        tmp_path / "out.psd",
        Layered((12, 16), [Layer("a", noise(12, 16, 4))], metadata=picture.metadata),
    )
    data = PSDImage.open(path).image_resources.get_data(Resource.RESOLUTION_INFO)
    assert data.horizontal / 65536 == pytest.approx(300, rel=2e-3)
    assert data.vertical / 65536 == pytest.approx(300, rel=2e-3)
    assert (data.horizontal_unit, data.vertical_unit) == (1, 1)


def test_resolution_turns_with_the_picture() -> None:
    told = Image.Exif()
    told[274] = 6
    picture = open_picture(saved(PIXELS, "JPEG", dpi=(300, 150), exif=told))
    assert picture.metadata.resolution == (150, 300)
    tiff = saved(PIXELS, "TIFF", tiffinfo={274: 6, 282: 300.0, 283: 150.0, 296: 2})
    assert open_picture(tiff).metadata.resolution == (150, 300)


def test_a_file_that_is_silent_makes_no_claim() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        picture = open_picture(saved(PIXELS, kind))
        assert picture.metadata == Metadata()
        assert b"pHYs" not in cut(picture, "PNG")
        assert not Image.open(io.BytesIO(cut(picture, "WEBP"))).getexif()
    for unit in (0, 1, 9):  # the shape of a pixel, not its size
        block = resolution_block(300, 300, unit)
        assert open_picture(saved(PIXELS, "PNG", exif=block)).metadata.resolution is None


def test_exif_agrees_with_a_resolution_from_elsewhere_and_stays_whole() -> None:
    block = exif_with_gps()
    picture = open_picture(saved(PIXELS, "JPEG", dpi=(240, 240), exif=block))
    for format in ("PNG", "WEBP"):
        back = open_picture(cut(picture, format))
        told = Image.Exif()
        told.load(back.exif)
        assert (told[282], told[283], told[296]) == (240, 240, 2)
        assert told[271] == "Pickmatte"
        assert told.get_ifd(0x8769)[37500] == b"maker's own notes"
        assert told.get_ifd(0x8825)[1] == "N"
        again = open_picture(cut(back, format))
        assert again.exif == back.exif  # the same every time, however often it is saved


def test_places_of_layers_count_in_the_pictures_resolution(tmp_path: Path) -> None:
    layers = [Layer("front", noise(12, 16, 4)), Layer("b", noise(3, 4, 4), (5, 7))]
    for resolution in ((300.0, 150.0), (299.72, 299.72), (0.3, 72.5), None):
        path = save_layers(
            tmp_path / "out.tiff",
            Layered((12, 16), iter(layers), metadata=Metadata(resolution=resolution)),
        )
        with tifffile.TiffFile(path) as file:
            tags = file.pages[0].tags
            for axis, at in (("X", 5), ("Y", 7)):
                place, inch = tags[f"{axis}Position"].value, tags[f"{axis}Resolution"].value
                assert place[0] * inch[0] / (place[1] * inch[1]) == pytest.approx(at)
            want = 72 if resolution is None else resolution[0]
            inch = tags["XResolution"].value
            assert inch[0] / inch[1] == pytest.approx(want, rel=1e-3)


# --- XMP, IPTC, text -------------------------------------------------------------------------


XMP_FILES = {
    "JPEG": lambda: jpeg(xmp_segment(PACKET)),
    "PNG": lambda: with_png_chunk(
        saved(PIXELS, "PNG"), b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET
    ),
    "WebP": lambda: saved(PIXELS, "WEBP", xmp=PACKET),
    "TIFF": lambda: saved(PIXELS, "TIFF", tiffinfo={700: PACKET}),
    "AVIF": lambda: saved(PIXELS, "AVIF", xmp=PACKET),
}


@pytest.mark.parametrize("kind", XMP_FILES)
def test_xmp_arrives_upright_and_without_thumbnail(kind: str, tmp_path: Path) -> None:
    picture = open_picture(XMP_FILES[kind]())
    for format in ("PNG", "WEBP", "TIFF"):
        packet = Image.open(io.BytesIO(cut(picture, format))).info["xmp"]
        packet = packet.encode() if isinstance(packet, str) else packet
        assert b'tiff:Orientation="1"' in packet
        assert b'xmp:Rating="4"' in packet
        assert all(place in packet for place in PLACES)
        assert b"R0lGODdh" not in packet
        assert packet.startswith(b"<?xpacket begin=")
        assert packet.endswith(b'<?xpacket end="w"?>')
    layered = Layered((12, 16), [Layer("a", noise(12, 16, 4))], metadata=picture.metadata)
    file = PSDImage.open(save_layers(tmp_path / "out.psd", layered))
    assert b"Heidelberg" in bytes(file.image_resources.get_data(Resource.XMP_METADATA))


def test_xmp_of_a_heic() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = pillow_heif.from_pillow(Image.fromarray(smooth(64, 64)))
    out = io.BytesIO()
    file.save(out, xmp=PACKET)
    assert b'tiff:Orientation="1"' in (open_picture(out.getvalue()).metadata.xmp or b"")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "TIFF in fours", "PNG"])
def test_iptc_arrives(kind: str, tmp_path: Path) -> None:
    if kind == "JPEG":
        file = jpeg(photoshop_segment(IPTC))
    elif kind == "PNG":
        text = f"\niptc\n{len(IPTC):8}\n{IPTC.hex()}\n"
        info = PngImagePlugin.PngInfo()
        info.add_text("Raw profile type iptc", text, zip=True)
        file = saved(PIXELS, "PNG", pnginfo=info)
    else:
        padded = IPTC + bytes(-len(IPTC) % 4)
        fours = struct.unpack(f"<{len(padded) // 4}I", padded)
        tag = (33723, 4, len(fours), fours, True) if "fours" in kind else (
            33723, 7, len(IPTC), IPTC, True
        )  # fmt: skip
        out = io.BytesIO()
        tifffile.imwrite(out, PIXELS, photometric="rgb", byteorder="<", extratags=[tag])
        file = out.getvalue()
    picture = open_picture(file)
    assert picture.metadata.iptc.rstrip(b"\0") == IPTC
    for format in ("PNG", "TIFF"):
        assert open_picture(cut(picture, format)).metadata.iptc == picture.metadata.iptc
    with tifffile.TiffFile(io.BytesIO(cut(picture, "TIFF"))) as tiff:
        assert tiff.pages[0].tags[33723].value == picture.metadata.iptc
    layered = Layered((12, 16), [Layer("a", noise(12, 16, 4))], metadata=picture.metadata)
    file = PSDImage.open(save_layers(tmp_path / "out.psd", layered))
    assert bytes(file.image_resources.get_data(Resource.IPTC_NAA)) == picture.metadata.iptc


TEXTS = {
    "Title": "A dog",
    "Author": "Søren",
    "Description": "犬 on a bench",
    "Comment": "long " * 900,
    "Keywords": "長い" * 900,
}


def test_png_text_arrives(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    for keyword, text in TEXTS.items():
        info.add_text(keyword, text, zip=len(text) > 1000)
    file = saved(PIXELS, "PNG", pnginfo=info)
    picture = open_picture(file)
    image = Image.open(io.BytesIO(cut(picture, "PNG")))
    image.load()
    assert dict(image.text) == TEXTS
    # ... also where it stands behind the pixels, and in a ZIP of layers.
    at = file.index(b"IDAT") - 4
    chunks, rest = file[33:at], file[at:]
    late = open_picture(file[:33] + rest[:-12] + chunks + rest[-12:])
    assert dict(late.metadata.text) == TEXTS
    layered = Layered((12, 16), [Layer("a", noise(12, 16, 4))], metadata=picture.metadata)
    with zipfile.ZipFile(save_layers(tmp_path / "out.zip", layered)) as archive:
        image = Image.open(io.BytesIO(archive.read("01-a.png")))
        image.load()
        assert dict(image.text) == TEXTS


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_a_second_save_says_the_same(format: str) -> None:
    told = Metadata((300.0, 300.0), exif_block(1), PACKET, CAPTION, (("Title", "A dog"),))
    first = open_picture(encode_cutout(noise(9, 9, 4), format, metadata=told.upright(1)))
    second = open_picture(cut(first, format))
    assert second.metadata == first.metadata


# --- stripping -------------------------------------------------------------------------------


def everything() -> Metadata:
    text = (("Title", "A dog"), ("exif:GPSLatitude", "48,8.1N"), ("Location", "Neckar"))
    return Metadata((300.0, 300.0), exif_with_gps(), PACKET, IPTC, text).upright(1)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_stripping_the_location_leaves_all_else(format: str) -> None:
    plain = open_picture(encode_cutout(noise(9, 9, 4), format, metadata=everything()))
    assert plain.metadata.xmp is not None
    assert all(place in plain.metadata.xmp for place in PLACES)
    data = encode_cutout(noise(9, 9, 4), format, metadata=everything().stripped("location"))
    for place in (*PLACES, b"Germany", b"2024:05:17", b"GPS"):
        assert place not in data
        assert place.hex().encode() not in data
    picture = open_picture(data)
    told = Image.Exif()
    told.load(picture.exif)
    assert told[271] == "Pickmatte"
    assert told.get_ifd(0x8769)[37500] == b"maker's own notes"
    assert not told.get_ifd(0x8825)
    assert b'xmp:Rating="4"' in (picture.metadata.xmp or b"")
    assert picture.metadata.resolution == (300, 300)
    if format != "WEBP":
        assert picture.metadata.iptc == record(5, b"Dog") + CAPTION
    if format == "PNG":
        assert picture.metadata.text == (("Title", "A dog"),)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_stripping_all_leaves_the_pixels_and_their_colours(format: str) -> None:
    told = everything().stripped("all")
    assert open_picture(encode_cutout(noise(9, 9, 4), format, metadata=told)).metadata == Metadata()


def test_other_words_are_refused() -> None:
    with pytest.raises(ExportError, match="'location' or 'all', not of 'gps'"):
        Metadata().stripped("gps")  # type: ignore[arg-type]


# --- damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"rubbish",
        PACKET[:-60],
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 2000 + b"</a>" * 2000,
        b"\xff\xfe<\0a\0",
    ],
)
def test_damaged_xmp_is_left_out_or_as_it_was(packet: bytes) -> None:
    for edit in (xmp.upright, xmp.without_location):
        assert edit(packet) in (None, packet)
    assert open_picture(jpeg(xmp_segment(packet))).rgb.shape == PIXELS.shape


@pytest.mark.parametrize("records", [b"rubbish", IPTC[:-3], b"\x1c\x02", b"\x1c\x02\x05\xff\xff"])
def test_damaged_iptc_has_no_location_to_be_told(records: bytes) -> None:
    assert iptc.without_location(records) is None
    assert open_picture(jpeg(photoshop_segment(records))).rgb.shape == PIXELS.shape


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_exif_block_stops_no_edit(data: st.DataObject) -> None:
    block = bytearray(exif_with_gps())
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(6, len(block) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(block[: data.draw(st.integers(7, len(block)))])
    exif.resolution(damaged)
    exif.without_location(damaged)
    told = exif.with_resolution(damaged, (300.0, 300.0))
    assert told == damaged or exif.resolution(told) == (300, 300)
    for format in ("PNG", "TIFF", "WEBP"):
        metadata = Metadata((300.0, 300.0), damaged)
        assert open_picture(encode_cutout(noise(4, 4, 4), format, metadata=metadata)).size == (4, 4)
