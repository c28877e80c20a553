"""Pictures with transparent parts: the colours that are hidden there are never seen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from making import deep_file, noise, saved
from numpy.typing import NDArray
from photographed import CAT, HEIGHT, WIDTH, disc
from PIL import Image

from pickmatte import Picture, Session
from pickmatte.interactive.pictures.picture import open_picture, picture_from_array
from pickmatte.interactive.pictures.transparency import grey_apart, shares, without_hidden
from pickmatte.models.errors import MaskError, NothingFound, PictureError, PromptError
from pickmatte.models.protocols import RGB, Alpha

CENTRE = (150, 150)


def round_thing(
    colour: tuple[int, int, int] = (0, 0, 0), *, soft: bool = False
) -> NDArray[np.uint8]:
    """A disc of radius 90 on transparent black, 300×400; its edge hard, or soft as drawn ones."""
    fine = 8 if soft else 1
    layer = np.zeros((300 * fine, 400 * fine), np.uint8)
    cv2.circle(layer, (CENTRE[0] * fine, CENTRE[1] * fine), 90 * fine, 255, -1)
    alpha = cv2.resize(layer, (400, 300), interpolation=cv2.INTER_AREA)
    rgba = np.zeros((300, 400, 4), np.uint8)
    rgba[alpha > 0, :3] = colour
    rgba[..., 3] = alpha
    return rgba


def with_others() -> NDArray[np.uint8]:
    """The black disc in a hole of hidden black, all around it red."""
    rgba = round_thing()
    framed = np.zeros((300, 400), bool)
    framed[48:252, 48:252] = True
    rgba[~framed] = (190, 40, 30, 255)
    return rgba


@pytest.mark.parametrize("picture", [round_thing(), with_others()], ids=["alone", "among others"])
def test_a_click_takes_what_is_seen(picture: NDArray[np.uint8]) -> None:
    wanted = round_thing()[..., 3]
    session = Session(picture)
    subject = session.subject()
    subject.click(*CENTRE)
    rgba = session.cutout()
    assert (rgba[..., 3] > 0).sum() == (wanted > 0).sum()
    np.testing.assert_array_equal(rgba[..., 3], wanted)
    assert abs(int(subject.mask.sum()) - int((wanted > 0).sum())) < 0.03 * (wanted > 0).sum()
    preview = subject.preview()
    assert np.abs(preview[..., 3].astype(int) - wanted).mean() < 1


def test_a_box_and_auto_take_what_is_seen() -> None:
    wanted = round_thing()[..., 3]
    boxed = Session(with_others())
    boxed.subject().box(55, 55, 245, 245)
    np.testing.assert_array_equal(boxed.cutout()[..., 3], wanted)
    found = Session(round_thing())
    (subject,) = found.auto()
    assert abs(int(subject.mask.sum()) - int((wanted > 0).sum())) < 0.03 * (wanted > 0).sum()
    np.testing.assert_array_equal(found.cutout()[..., 3] > 0, wanted > 0)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_soft_edge_keeps_its_colour_and_is_not_softened_again(bits: int) -> None:
    thing = round_thing((200, 30, 30), soft=True)
    session = Session(thing.astype(np.uint16) * 257 if bits == 16 else thing)
    subject = session.subject()
    subject.click(*CENTRE)
    rgba = (session.cutout(bits=bits) // (257 if bits == 16 else 1)).astype(int)
    seen = rgba[..., 3] > 0
    assert np.abs(rgba[seen][:, :3] - (200, 30, 30)).max() <= 1
    assert np.abs(rgba[..., 3] - thing[..., 3]).max() <= 16
    assert np.abs(rgba[..., 3] - thing[..., 3]).sum() < 0.0005 * thing[..., 3].sum(dtype=int)


def test_what_is_left_without_the_subject_has_no_rim_of_it() -> None:
    thing = round_thing((200, 30, 30), soft=True)
    thing[100:200, 300:380] = (20, 90, 180, 255)
    session = Session(thing)
    session.subject().click(*CENTRE)
    rest = session.cutout(invert=True)
    assert (rest[100:200, 300:380] == (20, 90, 180, 255)).all()
    assert rest[:, :280, 3].max() <= 16


def test_a_half_transparent_thing_stays_half_transparent(chelsea: RGB) -> None:
    session = Session(np.dstack([chelsea, np.full((HEIGHT, WIDTH), 128, np.uint8)]))
    session.subject().use_mask(disc())
    rgba = session.cutout()
    np.testing.assert_array_equal(rgba[90:110, 140:160, 3], 128)
    np.testing.assert_array_equal(rgba[90:110, 140:160, :3], chelsea[90:110, 140:160])


def test_two_things_that_touch_in_a_picture_with_transparency() -> None:
    rgba = np.zeros((200, 300, 4), np.uint8)
    rgba[50:150, 50:150] = (200, 30, 30, 255)
    rgba[50:150, 150:250] = (30, 60, 200, 255)
    session = Session(rgba)
    left, right = session.subject(), session.subject()
    left.click(100, 100)
    right.click(200, 100)
    both = session.cutout()
    np.testing.assert_array_equal(both[..., 3], rgba[..., 3])
    for subject, colour in ((left, (200, 30, 30)), (right, (30, 60, 200))):
        alone = session.cutout([subject]).astype(int)
        sure = alone[..., 3] == 255
        assert sure.sum() > 9500
        assert np.abs(alone[sure][:, :3] - colour).max() <= 2


# What is seen


def every_kind() -> dict[str, bytes]:
    """A black square on transparent black as files of every kind, 40×60."""
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[10:30, 20:40, 3] = 255
    grey = Image.fromarray(np.ascontiguousarray(rgba[..., [0, 3]]), "LA")
    index = Image.fromarray((rgba[..., 3] > 0).astype(np.uint8), "P")
    index.putpalette(bytes(6))
    return {
        "PNG": saved(rgba, "PNG"),
        "WebP": saved(rgba, "WEBP", lossless=True, exact=True),
        "TIFF": saved(rgba, "TIFF"),
        "16 bit PNG": deep_file(rgba.astype(np.uint16) * 257, ".png"),
        "16 bit TIFF": deep_file(rgba.astype(np.uint16) * 257, ".tiff"),
        "grey": saved(grey, "PNG"),
        "palette": saved(index, "PNG", transparency=0),
        "GIF": saved(index, "GIF", transparency=0),
        "AVIF": saved(rgba, "AVIF", quality=100),
    }


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_of_transparency_is_laid_over_grey(kind: str) -> None:
    picture = open_picture(every_kind()[kind])
    assert not picture.rgb.any()  # the file's colours are kept
    assert (picture.seen[:8] == 128).all()
    assert (picture.seen[14:26, 24:36] == 0).all()


def test_an_opaque_picture_is_seen_as_it_is_without_a_copy() -> None:
    for array in (noise(5, 6), np.dstack([noise(5, 6), np.full((5, 6), 255, np.uint8)])):
        picture = picture_from_array(array)
        assert picture.seen is picture.rgb
        assert not picture.seen.flags.writeable


def test_hidden_colours_make_no_difference() -> None:
    one, other = round_thing(), round_thing()
    other[other[..., 3] == 0, :3] = (90, 160, 20)
    pictures = picture_from_array(one), picture_from_array(other)
    assert pictures[0].digest == pictures[1].digest
    np.testing.assert_array_equal(pictures[0].seen, pictures[1].seen)
    assert pictures[0].digest != picture_from_array(one[..., :3]).digest


@pytest.mark.parametrize(
    "colours",
    [
        [(0, 0, 0)],
        [(128, 128, 128)],
        [(255, 255, 255)],
        [(0, 0, 0), (255, 255, 255)],
        [(128, 120, 130), (250, 255, 255)],
    ],
)
def test_the_grey_is_told_from_all_that_is_visible(colours: list[tuple[int, int, int]]) -> None:
    rgb = np.zeros((2, len(colours) + 1, 3), np.uint8)
    rgb[:, :-1] = colours
    alpha = np.ones(rgb.shape[:2], np.float32)
    alpha[:, -1] = 0
    grey = grey_apart(rgb, alpha)
    assert min(abs(grey - level) for colour in colours for level in colour) > 48


def test_shares() -> None:
    alpha = np.array([[0, 0.5, 0.5, 1, 1, 0.2]], np.float32)
    own = np.array([[1, 1, 0.5, 0.5, 0, 0.4]], np.float32)
    np.testing.assert_allclose(shares(alpha, own), [[0, 0.5, 1, 1, 0, 0.5]])


def test_hidden_pixels_take_the_nearest_visible_colour() -> None:
    colours = np.array([[[1, 2, 3], [9, 9, 9], [8, 8, 8], [4, 5, 6]]], np.uint16)
    own = np.array([[1, 0, 0, 0.1]], np.float32)
    filled = without_hidden(colours, own)
    assert filled[0, :, 0].tolist() == [1, 1, 4, 4]
    assert (without_hidden(colours, np.zeros((1, 4), np.float32)) == colours).all()


# Nothing to be seen


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_picture_with_nothing_visible_is_refused(dtype: type, tmp_path: Path) -> None:
    rgba = noise(20, 30, 4, dtype)
    rgba[..., 3] = 0 if dtype is np.uint8 else 127  # rounds to 0 of 255
    with pytest.raises(PictureError, match="The picture is transparent everywhere"):
        Session(rgba)
    path = tmp_path / "ghost.png"
    path.write_bytes(saved(rgba, "PNG") if dtype is np.uint8 else deep_file(rgba, ".png"))
    with pytest.raises(PictureError, match=r"'ghost\.png' is transparent everywhere"):
        Session.open(path)


def test_prompts_where_nothing_is_to_be_seen_are_refused() -> None:
    session = Session(round_thing())
    subject = session.subject()
    for said in (
        lambda: subject.click(380, 20),
        lambda: subject.box(300, 10, 390, 290),
        lambda: subject.stroke([(380, 20), (390, 60)]),
    ):
        with pytest.raises(PromptError, match="transparent"):
            said()
    nowhere = np.zeros((300, 400), bool)
    nowhere[:, 300:] = True
    with pytest.raises(MaskError, match="transparent wherever the mask"):
        subject.use_mask(nowhere)
    assert subject.prompts == ()
    subject.click(CENTRE[0] + 91, CENTRE[1])  # a pixel beside it
    subject.click(380, 20, keep=False)
    assert (session.cutout()[..., 3] > 0).sum() > 25_000


def test_auto_finds_nothing_in_what_is_hidden(chelsea: RGB) -> None:
    """The cat is there, but transparent: all that shows is a plain strip."""
    rgba = np.dstack([chelsea, np.zeros((HEIGHT, WIDTH), np.uint8)])
    rgba[:, -12:] = (120, 120, 120, 255)
    session = Session(rgba)
    try:
        subjects = session.auto()
    except NothingFound:
        return
    assert all((subject.mask & (rgba[..., 3] > 0)).any() for subject in subjects)
    assert session.cutout()[..., 3].any()


def test_a_picture_made_by_hand_is_seen_over_grey_too() -> None:
    alpha: Alpha = np.zeros((4, 4), np.float32)
    alpha[:2] = 1
    picture = Picture(np.zeros((4, 4, 3), np.uint8), alpha=alpha)
    assert picture.seen[:, 0, 0].tolist() == [0, 0, 128, 128]


def test_what_is_found_is_what_is_visible(chelsea: RGB) -> None:
    """The cat on transparent black, cut out before: opened again it comes out the same."""
    first = Session(chelsea)
    first.subject().click(*CAT)
    cut = first.cutout()
    second = Session(cut)
    second.subject().click(*CAT)
    again = second.cutout()
    off = np.abs(again[..., 3].astype(int) - cut[..., 3])
    assert off.sum() < 0.01 * cut[..., 3].sum(dtype=int)
    seen = again[..., 3] > 30
    assert np.abs(again[seen][:, :3].astype(int) - cut[seen][:, :3]).mean() < 0.5
