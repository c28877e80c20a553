"""The map of what stands out, and its parts, by arrays alone."""

from __future__ import annotations

import numpy as np
from discs import GRID, disc

from pickmatte.interactive.masks.auto.standing_out import STANDS_OUT, apart, coarse_map, parts
from pickmatte.models.protocols import RGB, Alpha


def test_parts_are_connected_and_large_enough() -> None:
    seen = np.zeros((GRID, GRID), np.float32)
    seen[disc(15, 15, 8)] = 0.9
    seen[disc(45, 40, 14)] = 0.7
    seen[2, 60] = 1.0  # a speck
    large, small = parts(seen)
    assert (large == disc(45, 40, 14)).all()
    assert (small == disc(15, 15, 8)).all()
    assert parts(np.zeros((GRID, GRID), np.float32)) == []
    for part, wanted in zip(parts(seen), apart(seen), strict=True):
        assert (wanted[part] == seen[part]).all()
        assert (wanted[~part] <= STANDS_OUT).all()


class LeftHanded:
    """Sure of what is bright and lies left, not at all of the right; in the middle half sure."""

    name, fine, side = "left-handed", False, 320

    def saliency(self, rgb: RGB) -> Alpha:
        across = np.linspace(1, 0, rgb.shape[1], dtype=np.float32)
        return np.where(rgb[..., 0] > 128, across, np.float32(0))


def test_what_one_of_two_looks_is_sure_of_stands_out() -> None:
    rgb = np.zeros((40, 100, 3), np.uint8)
    rgb[10:30, 4:20] = 255  # seen from one side
    rgb[10:30, 80:96] = 255  # and from the other
    seen = coarse_map(rgb, LeftHanded())
    assert (seen[10:30, 4:20] > STANDS_OUT).all()
    assert (seen[10:30, 80:96] > STANDS_OUT).all()
    assert (seen[rgb[..., 0] == 0] == 0).all()
    assert np.abs(seen - seen[:, ::-1]).max() < 1e-6
