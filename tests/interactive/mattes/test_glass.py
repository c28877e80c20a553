"""See-through subjects: unknown as a whole, what is opaque in them stays known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pickmatte import PickmatteError, Session
from pickmatte.interactive.mattes.glass import see_through, vanishes
from pickmatte.interactive.mattes.trimap import make_trimap
from pickmatte.models.errors import PromptError
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN

BOTTLE = (slice(30, 170), slice(60, 140))
LABEL = (slice(90, 130), slice(75, 125))


def bottle() -> tuple[np.ndarray, np.ndarray]:
    """Half see-through on a grey ground, with a red label; and its mask."""
    rng = np.random.default_rng(2)
    rgb = rng.normal(150, 6, (200, 200, 3))
    mask = np.zeros((200, 200), bool)
    mask[BOTTLE] = True
    rgb[BOTTLE] = 0.7 * rgb[BOTTLE] + 0.3 * np.array([140, 190, 160])
    rgb[LABEL] = (220, 10, 20)
    return rgb.clip(0, 255).astype(np.uint8), mask


def test_glass_is_unknown_and_the_label_is_known() -> None:
    rgb, mask = bottle()
    trimap = make_trimap(mask)
    clear = see_through(rgb, mask, trimap)
    assert ((clear == BACKGROUND) == (trimap == BACKGROUND)).all()
    assert clear[110, 100] == FOREGROUND
    assert (clear[40:80, 70:130] == UNKNOWN).all()


def test_plain_glass_keeps_some_foreground() -> None:
    rgb, mask = bottle()
    rgb[LABEL] = rgb[:40, :50]
    clear = see_through(rgb, mask, make_trimap(mask))
    assert (clear == FOREGROUND).any()
    assert (clear[BOTTLE] == UNKNOWN).mean() > 0.9


@pytest.mark.parametrize("fill", [False, True])
def test_masks_without_two_sides_change_nothing(fill: bool) -> None:
    rgb, _ = bottle()
    mask = np.full((200, 200), fill)
    trimap = np.full((200, 200), FOREGROUND if fill else BACKGROUND, np.uint8)
    assert see_through(rgb, mask, trimap) is trimap


def test_material_is_an_edit_and_part_of_the_recipe() -> None:
    rgb, mask = bottle()
    session = Session(rgb)
    subject = session.subject("bottle")
    subject.use_mask(mask)
    solid = subject.alpha
    subject.set_material("glass")
    glass = subject.alpha
    inside = (slice(45, 80), slice(75, 125))
    assert solid[inside].min() == 1
    assert glass[inside].mean() < 0.9
    assert glass[110, 100] == 1
    assert subject.preview(100)[..., 3].shape == (100, 100)

    recipe = json.loads(json.dumps(session.recipe()))
    assert recipe["subjects"][0]["material"] == "glass"
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    again = Session.replay(file.getvalue(), recipe)
    assert (again.subjects[0].alpha == glass).all()

    session.undo()
    assert subject.material == "solid"
    assert (subject.alpha == solid).all()
    with pytest.raises(PromptError, match="solid, glass"):
        subject.set_material("wood")  # type: ignore[arg-type]
    recipe["subjects"][0]["material"] = "wood"
    with pytest.raises(PickmatteError, match="damaged"):
        Session.replay(file.getvalue(), recipe)


def test_glass_of_which_next_to_nothing_would_be_left_is_kept_opaque() -> None:
    rgb, mask = bottle()
    rng = np.random.default_rng(5)
    rgb[BOTTLE] = rng.normal(150, 6, rgb[BOTTLE].shape)  # as its surroundings
    rgb[34:166, 64] = (235, 240, 245)  # but for a thin line of light
    session = Session(rgb)
    subject = session.subject("bottle")
    subject.use_mask(mask)
    solid, preview = subject.alpha, subject.preview(100)
    assert not subject.is_see_through
    subject.set_material("glass")
    assert not subject.is_see_through
    assert np.array_equal(subject.alpha, solid)
    assert np.array_equal(subject.preview(100), preview)
    subject.lasso([(62, 90), (138, 90), (138, 168), (62, 168)], "keep")  # said to be solid
    assert subject.is_see_through
    assert subject.alpha[130, 100] == 1
    assert subject.alpha[60, 100] < 0.5


def test_glass_that_shows_is_seen_through() -> None:
    rgb, mask = bottle()
    session = Session(rgb)
    subject = session.subject("bottle")
    subject.use_mask(mask)
    subject.set_material("glass")
    assert subject.is_see_through


@pytest.mark.parametrize(("alpha", "gone"), [(0.0, True), (0.1, True), (0.3, False), (1.0, False)])
def test_what_vanishes(alpha: float, gone: bool) -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    layer = np.where(mask, np.float32(alpha), np.float32(1))  # beyond the mask does not count
    assert vanishes(layer, mask) is gone
    assert vanishes(layer, np.zeros_like(mask))
