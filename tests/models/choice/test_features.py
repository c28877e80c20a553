from __future__ import annotations

import numpy as np
import pytest

from pickmatte.models.choice.features import KINDS, NAMES, component_at, features

SIZE = (60, 80)


def layer(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    logits = np.full(SIZE, -8, np.float32)
    logits[y0:y1, x0:x1] = 8
    return logits


def told(*layers: np.ndarray, click: tuple[float, float] = (40, 30)) -> dict[str, np.ndarray]:
    salience = np.zeros(SIZE, np.float32)
    salience[10:50, 20:60] = 0.9
    count = len(layers)
    table = features(
        np.stack(layers), np.linspace(0.9, 0.5, count), np.arange(count), click, salience
    )
    assert table.shape == (count, len(NAMES))
    assert np.isfinite(table).all()
    half = len(NAMES) // 2
    names = [name.removeprefix("mean ") for name in NAMES[half:]]
    assert list(NAMES[:half]) == [f"{name} above mean" for name in names]
    assert np.allclose(table[:, :half].mean(0), 0, atol=1e-5)
    return dict(zip(names, (table[:, :half] + table[:, half:]).T, strict=True))


WHOLE, PART, ALL = layer(20, 10, 60, 50), layer(36, 26, 46, 36), layer(0, 0, 80, 60)


def test_what_stands_out_is_told_from_its_part_and_its_surroundings() -> None:
    found = told(PART, WHOLE, ALL)
    for name in ("salience iou", "component iou"):
        assert found[name].argmax() == 1
        assert found[f"rank of {name}"].tolist() == [0, 1, 0.5]
    assert found["component iou"][1] == pytest.approx(1)
    assert found["salience inside"] == pytest.approx([0.9, 0.9, 0.9 * 1600 / 4800])
    assert found["salience in ring"][1] == 0


def test_sizes_and_sides_are_shares_of_the_picture() -> None:
    found = told(PART, WHOLE, ALL)
    assert found["area"] == pytest.approx([100 / 4800, 1600 / 4800, 1])
    assert found["least extent"] == pytest.approx([10 / 80, 0.5, 1])
    assert found["sides"].tolist() == [0, 0, 1]
    assert found["offset"] == pytest.approx([0.0187, 0, 0], abs=0.02)


def test_depths_do_not_change_with_the_size_of_the_thing() -> None:
    small = told(layer(30, 20, 50, 40), click=(40, 30))
    large = told(layer(20, 10, 60, 50), click=(40, 30))
    for name in ("click depth", "deepest", "depth ratio", "outline"):
        assert small[name][0] == pytest.approx(large[name][0], rel=0.1)


def test_crumbs_are_counted() -> None:
    crumbs = WHOLE.copy()
    crumbs[2, 2:70:4] = 8
    found = told(WHOLE, crumbs)
    assert found["log parts"] == pytest.approx([0, np.log(18)])
    assert found["largest part"][1] < found["largest part"][0] == 1


def test_each_mask_is_told_by_how_it_came_about() -> None:
    found = told(PART, WHOLE, ALL)
    for kind in range(KINDS):
        assert found[f"kind {kind}"].tolist() == [float(place == kind) for place in range(3)]


def test_an_empty_mask_and_a_single_one_are_told_without_nan() -> None:
    told(np.full(SIZE, -8, np.float32))


def test_the_component_is_the_one_under_the_click() -> None:
    salience = np.zeros(SIZE, np.float32)
    salience[5:20, 5:20] = salience[30:50, 40:70] = 0.8
    assert component_at(salience, 45, 35).sum() == 20 * 30
    assert not component_at(salience, 30, 25).any()
