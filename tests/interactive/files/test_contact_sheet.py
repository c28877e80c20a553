from __future__ import annotations

import numpy as np
import pytest

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.files.contact_sheet import checkerboard, contact_sheet, over


@pytest.mark.parametrize("size", [(60, 90), (1, 1), (700, 1400), (2000, 10)])
def test_a_sheet_holds_eight_panels_of_any_picture(size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), 90, np.uint8)
    mask = np.zeros(size, bool)
    mask[: size[0] // 2 + 1] = True
    trimap = np.where(mask, np.uint8(255), np.uint8(0))
    alpha = mask.astype(np.float32)
    cutout = np.dstack([rgb, trimap])
    prompts = [Click(0, 0), Click(size[1] - 1, size[0] - 1, keep=False), Box(0, 0, 1, 1)]
    sheet = contact_sheet(rgb, prompts, mask, trimap, alpha, cutout)
    assert sheet.dtype == np.uint8
    assert sheet.ndim == 3
    assert sheet.shape[1] > 4 * min(512, size[1])
    assert (rgb == 90).all()  # the clicks are drawn on a copy


def test_a_cut_out_lies_over_its_ground_by_its_alpha() -> None:
    cutout = np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 51]]], np.uint8)
    assert over(cutout, (0, 0, 100)).tolist() == [[[200, 100, 0], [0, 0, 100], [40, 20, 80]]]
    ground = checkerboard((1, 3))
    assert (over(cutout, ground)[0, 1] == ground[0, 1]).all()
