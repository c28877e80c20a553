"""Layers of cut-outs: stacked they show what subjects share; files are whole or not there."""

from __future__ import annotations

import itertools
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import noise, smooth
from numpy.typing import NDArray

from pickmatte import Session
from pickmatte.interactive.files.layered import Layer, Layered, psd, save_layers, stack
from pickmatte.interactive.files.layered.stacking import Merged
from pickmatte.interactive.files.tiff import TiffWriter
from pickmatte.interactive.mattes.foreground import BLEED
from pickmatte.models.errors import ExportError, MaskError

SIZE = (40, 50)


def soft_disc(x: float, y: float, radius: float = 12, edge: float = 6) -> NDArray[np.float32]:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot(columns - x, rows - y)
    return np.clip((radius - distance) / edge, 0, 1).astype(np.float32)


def touching() -> list[NDArray[np.float32]]:
    """Alphas of a front and a back subject that share their border: they sum to at most one."""
    front = soft_disc(18, 20)
    return [front, soft_disc(30, 20) * (1 - front)]


def cutout(alpha: NDArray[np.float32], dtype: type = np.uint8, seed: int = 0) -> NDArray[np.uint8]:
    top = np.iinfo(dtype).max
    rgba = np.random.default_rng(seed).integers(0, top + 1, (*alpha.shape, 4), dtype=dtype)
    rgba[..., 3] = np.rint(alpha * top)
    return rgba


def shown(layers: Iterator[Layer] | list[Layer], size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    merged = Merged(size)
    for layer in layers:
        merged.lay(layer)
    return merged.rgba


# --- stacking --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_subjects_that_share_a_border_leave_no_seam(dtype: type) -> None:
    cutouts = [cutout(alpha, dtype, seed) for seed, alpha in enumerate(touching())]
    total = sum(rgba[..., 3].astype(np.int64) for rgba in cutouts)
    total = np.minimum(total, np.iinfo(dtype).max)  # two halves can both round up
    layers = list(stack(zip("ab", cutouts, [True, True], strict=True)))
    assert (shown(layers)[..., 3] == total).all()
    # As they are, one over the other, they would show the background through the border.
    plain = shown([Layer("a", cutouts[0]), Layer("b", cutouts[1])])[..., 3]
    assert (total - plain).max() > 0.2 * np.iinfo(dtype).max


def test_back_over_the_true_background_gives_the_photo() -> None:
    """An editor that lays the layers over the background sees what the camera saw."""
    front, back = touching()
    colours = [np.array(colour, np.float32) for colour in ((200, 40, 30), (20, 60, 220))]
    background = smooth(*SIZE).astype(np.float32)
    left = 1 - front - back
    photo = (
        front[..., None] * colours[0] + back[..., None] * colours[1] + left[..., None] * background
    )
    cutouts = []
    for alpha, colour in zip((front, back), colours, strict=True):
        rgba = np.full((*SIZE, 4), (*colour, 0), np.uint8)
        rgba[..., 3] = np.rint(alpha * 255)
        cutouts.append(rgba)
    seen = background
    for layer in reversed(list(stack(zip("ab", cutouts, [True, True], strict=True)))):
        alpha = np.zeros((*SIZE, 1), np.float32)
        colour = np.zeros((*SIZE, 3), np.float32)
        alpha[layer.where], colour[layer.where] = layer.rgba[..., 3:] / 255, layer.rgba[..., :3]
        seen = seen * (1 - alpha) + colour * alpha
    assert np.abs(seen - photo).max() <= 2


@settings(max_examples=60, deadline=None)
@given(
    alphas=st.lists(st.integers(0, 255), min_size=1, max_size=5),
    visible=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_any_alphas_stack_to_their_sum_at_most_one(alphas: list[int], visible: list[bool]) -> None:
    cutouts = [np.full((1, 1, 4), alpha, np.uint8) for alpha in alphas]
    merged = shown(stack(zip("abcde", cutouts, visible, strict=False)), (1, 1))
    total = sum(alpha for alpha, seen in zip(alphas, visible, strict=False) if seen)
    assert merged[0, 0, 3] == min(255, total)


def test_one_alone_is_what_it_was() -> None:
    rgba = cutout(soft_disc(25, 20))
    (layer,) = stack([("a", rgba, True)])
    assert (layer.rgba == rgba[layer.where]).all()
    assert rgba[..., 3].sum(dtype=int) == layer.rgba[..., 3].sum(dtype=int)


def test_a_hidden_one_in_front_takes_nothing_away() -> None:
    front, back = (cutout(alpha) for alpha in touching())
    _, layer = stack([("a", front, False), ("b", back, True)])
    assert (layer.rgba == back[layer.where]).all()


def test_layers_are_cut_to_what_they_show() -> None:
    alpha = np.zeros(SIZE, np.float32)
    alpha[20:23, 30:34] = 1
    corner = np.zeros(SIZE, np.float32)
    corner[-1, -1] = 0.5
    empty = np.zeros(SIZE, np.float32)
    layers = list(
        stack((name, cutout(a), True) for name, a in (("a", alpha), ("c", corner), ("e", empty)))
    )
    assert [layer.at for layer in layers] == [
        (30 - BLEED, 20 - BLEED),
        (49 - BLEED, 39 - BLEED),
        (0, 0),
    ]
    assert layers[0].rgba.shape == (3 + 2 * BLEED, 4 + 2 * BLEED, 4)
    assert layers[1].rgba.shape == (1 + BLEED, 1 + BLEED, 4)
    assert layers[2].rgba.shape == (1, 1, 4)
    assert layers[2].rgba[0, 0, 3] == 0


def test_cutouts_are_asked_for_one_at_a_time_and_left_alone() -> None:
    asked = []

    def cutouts() -> Iterator[tuple[str, NDArray[np.uint8], bool]]:
        for number in itertools.count():
            asked.append(number)
            rgba = cutout(soft_disc(25, 20))
            rgba.flags.writeable = False
            yield str(number), rgba, True

    layers = stack(cutouts())
    next(layers)
    next(layers)
    assert asked == [0, 1]


def test_where_one_layer_shows_its_pixels_are_exact() -> None:
    cutouts = [cutout(alpha, np.uint8, seed) for seed, alpha in enumerate(touching())]
    merged = shown(stack(zip("ab", cutouts, [True, True], strict=True)))
    for mine, other in (cutouts, cutouts[::-1]):
        alone = (mine[..., 3] > 0) & (other[..., 3] == 0)
        assert alone.any()
        assert (merged[alone] == mine[alone]).all()


# --- the rest of the picture -----------------------------------------------------------------


def left_by(
    picture: NDArray[np.uint8], alphas: list[NDArray[np.float32]]
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The cut-out of what subjects with these alphas leave, at the depth of the picture."""
    session = Session(picture)
    for alpha in alphas:
        session.subject().use_alpha(alpha)
    return session.cutout(invert=True, bits=8 * picture.itemsize)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_rest_is_what_the_subjects_leave_in_its_own_colours(dtype: type) -> None:
    scale = np.iinfo(dtype).max // 255
    front, back = touching()
    red, blue = np.array([220, 30, 30], np.float32), np.array([30, 30, 220], np.float32)
    green = np.array([40, 200, 60], np.float32)
    left = 1 - front - back
    mix = front[..., None] * red + back[..., None] * blue + left[..., None] * green
    picture = (np.rint(mix) * scale).astype(dtype)
    rgba = left_by(picture, [front, back])
    assert rgba.dtype == dtype
    assert np.abs(rgba[..., 3] / np.iinfo(dtype).max - left).max() <= 0.5 / 255 + 1e-6
    mixed = (left > 0.2) & (left < 1)
    error = np.abs(rgba[mixed][:, :3] / scale - green).mean()
    assert error < 0.15 * np.abs(picture[mixed] / scale - green).mean()
    assert (rgba[left == 1] [:, :3] == picture[left == 1]).all()  # fmt: skip


def test_the_rest_of_one_subject_that_covers_all_is_nothing() -> None:
    disc = soft_disc(25, 20)
    assert (left_by(noise(*SIZE), [disc])[..., 3] == np.rint((1 - disc) * 255)).all()
    assert not left_by(noise(*SIZE), [np.ones(SIZE, np.float32)])[..., 3].any()


# --- errors, and files that are whole or not there -------------------------------------------


def layered(*layers: Layer, **more: object) -> Layered:
    return Layered(SIZE, layers, **more)


@pytest.mark.parametrize("name", ["out.png", "out.xcf", "out", "out.psb"])
def test_another_suffix_names_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"\.psd, \.ora, \.tiff or \.zip"):
        save_layers(tmp_path / name, layered(Layer("a", noise(4, 5, 4))))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".psd", ".PSD", ".tif", ".TIFF", ".ora", ".Zip"])
def test_suffixes_of_any_case(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    assert save_layers(target, layered(Layer("a", noise(4, 5, 4)))) == target
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("suffix", [".psd", ".tiff", ".ora", ".zip"])
def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    target.write_bytes(b"old")
    good = Layer("a", noise(4, 5, 4))
    for bad, message in (
        (layered(), "no layers"),
        (layered(good, Layer("b", noise(4, 5, 4, np.uint16))), "all 16 bits"),
        (layered(good, Layer("b", noise(4, 5, 4), (46, 0))), "reaches out"),
        (layered(good, Layer("b", noise(4, 5, 4), (0, -1))), "reaches out"),
        (layered(good, photo=noise(4, 5)), "The photo"),
        (layered(good, photo=noise(*SIZE, 3, np.uint16)), "The photo"),
    ):
        with pytest.raises(ExportError, match=message):
            save_layers(target, bad)
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", [".psd", ".tiff", ".ora", ".zip"])
def test_a_subject_that_fails_on_the_way_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    def layers() -> Iterator[Layer]:
        yield Layer("a", noise(4, 5, 4))
        raise MaskError("Nothing is known about 'b' yet: click on it first.")

    with pytest.raises(MaskError):
        save_layers(tmp_path / f"out{suffix}", Layered(SIZE, layers()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(0, 5, 4), (4, 5, 3), (4, 5)])
def test_pixels_that_are_no_layer(shape: tuple[int, ...]) -> None:
    with pytest.raises(ExportError, match="h×w×4"):
        Layer("a", np.zeros(shape, np.uint8))
    with pytest.raises(ExportError, match="float32"):
        Layer("a", np.zeros((4, 5, 4), np.float32))


def test_a_tiff_of_hidden_layers_only(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="hidden"):
        save_layers(tmp_path / "out.tiff", layered(Layer("a", noise(4, 5, 4), visible=False)))


def test_a_picture_too_long_for_psd(tmp_path: Path) -> None:
    layers = [Layer("a", noise(4, 5, 4))]
    with pytest.raises(ExportError, match="30000"):
        save_layers(tmp_path / "out.psd", Layered((8, 30_001), layers))
    save_layers(tmp_path / "out.zip", Layered((8, 30_001), layers))
    save_layers(tmp_path / "out.psd", Layered((8, 30_000), layers))
    header = (tmp_path / "out.psd").read_bytes()[:26]
    assert struct.unpack(">4sH6xHIIHH", header) == (b"8BPS", 1, 4, 8, 30_000, 8, 3)


def test_more_than_a_psd_can_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psd, "_BYTES", 1000)
    with pytest.raises(ExportError, match="2 GiB"):
        save_layers(tmp_path / "out.psd", layered(Layer("a", noise(*SIZE, 4))))
    assert not list(tmp_path.iterdir())


def test_more_than_a_tiff_can_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = TiffWriter.__init__

    def late(self: TiffWriter, *arguments: object) -> None:
        begin(self, *arguments)
        self._at = (1 << 32) - 10  # as if 4 GiB were written already

    monkeypatch.setattr(TiffWriter, "__init__", late)
    with pytest.raises(ExportError, match="more than a"):
        save_layers(tmp_path / "out.tiff", layered(Layer("a", noise(*SIZE, 4))))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not exist"):
        save_layers(tmp_path / "no" / "out.zip", layered(Layer("a", noise(4, 5, 4))))


def test_a_zip_that_was_there_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    for name in ("first", "second"):
        save_layers(target, layered(Layer(name, noise(4, 5, 4))))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["01-second.png", "manifest.json"]
