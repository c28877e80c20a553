"""MobileSAM with its real weights: our cut of the decoder against the graph as published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pickmatte import models
from pickmatte.models import weights
from pickmatte.models.errors import PromptError, UnknownModel
from pickmatte.models.protocols import Candidates, Embedding, Segmenter, content_size, upscale
from pickmatte.models.segmenters.onnx_sam import OnnxSam
from pickmatte.models.weights import catalogue

CAT, CUP = (150, 100), (130, 100)


@pytest.fixture(scope="module")
def cat(segmenter: Segmenter, chelsea: NDArray[np.uint8]) -> Embedding:
    return segmenter.encode(chelsea)


@pytest.fixture(scope="module")
def cup(segmenter: Segmenter, coffee: NDArray[np.uint8]) -> Embedding:
    return segmenter.encode(coffee)


@pytest.fixture(scope="module")
def published() -> ort.InferenceSession:
    """The decoder as it was published: it picks one mask and resizes it to the picture."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    path = weights.files("mobile-sam")["decoder.onnx"]
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ask(
    published: ort.InferenceSession,
    embedding: Embedding,
    points: list[tuple[float, float, int]],
    mask: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], float, NDArray[np.float32]]:
    """Mask at the picture's size, score and low-res mask, asked as SAM's own notebook does."""
    height, width = embedding.size
    new_height, new_width = content_size(embedding.size, 1024)
    if not any(label in (2, 3) for _, _, label in points):
        points = [*points, (0, 0, -1)]
    coords = np.float32([[x * new_width / width, y * new_height / height] for x, y, _ in points])
    masks, scores, low = published.run(
        ["masks", "iou_predictions", "low_res_masks"],
        {
            "image_embeddings": embedding.features[0],
            "point_coords": coords[None],
            "point_labels": np.float32([[label for _, _, label in points]]),
            "mask_input": np.zeros((1, 1, 256, 256), np.float32)
            if mask is None
            else mask[None, None],
            "has_mask_input": np.float32([mask is not None]),
            "orig_im_size": np.float32([height, width]),
        },
    )
    return np.asarray(masks)[0, 0], float(np.asarray(scores).ravel()[0]), np.asarray(low)[0, 0]


PROMPTS: list[dict[str, Any]] = [
    {"points": [(150, 100, 1)]},
    {"points": [(30, 30, 1)]},
    {"points": [(150, 100, 1), (20, 180, 0)]},
    {"points": [(150, 100, 1), (220, 60, 1), (5, 5, 0)]},
    {"points": [], "box": (60, 10, 260, 198)},
    {"points": [(150, 100, 1)], "box": (60, 10, 260, 198)},
    {"points": [(150, 100, 1), (20, 180, 0)], "box": (60, 10, 260, 198)},
]


@pytest.mark.parametrize("prompt", PROMPTS, ids=str)
@pytest.mark.parametrize(
    ("photo", "again"), [("cat", False), ("cup", True)], ids=["fresh", "with a mask"]
)
def test_the_cut_graph_gives_what_the_published_one_chooses_from(
    photo: str,
    prompt: dict[str, Any],
    again: bool,
    segmenter: Segmenter,
    published: ort.InferenceSession,
    request: pytest.FixtureRequest,
) -> None:
    embedding: Embedding = request.getfixturevalue(photo)
    previous = segmenter.decode(embedding, [(120, 90)], [1]).logits[2] if again else None
    points, box = prompt["points"], prompt.get("box")
    found = segmenter.decode(
        embedding, [p[:2] for p in points], [p[2] for p in points], box=box, mask=previous
    )
    corners = [] if box is None else [(*box[:2], 2), (*box[2:], 3)]
    full, score, low = ask(published, embedding, [*points, *corners], previous)
    apart = np.abs(found.logits - low).max(axis=(1, 2))
    chosen = int(apart.argmin())
    assert apart[chosen] <= 1e-4
    assert found.scores[chosen] == pytest.approx(score, abs=1e-4)
    ours = upscale(found.logits[chosen], embedding.size) > 0
    assert full.shape == embedding.size == ours.shape
    assert (ours == (full > 0)).mean() > 0.999
    np.testing.assert_array_equal(found.masks[chosen], ours)


@pytest.mark.parametrize("prompt", PROMPTS, ids=str)
def test_every_decode_gives_four_masks_with_scores(
    prompt: dict[str, Any], segmenter: Segmenter, cat: Embedding
) -> None:
    points = prompt["points"]
    found = segmenter.decode(
        cat, [p[:2] for p in points], [p[2] for p in points], box=prompt.get("box")
    )
    assert found.logits.shape == (4, 256, 256)
    assert found.logits.dtype == found.scores.dtype == np.float32
    assert found.scores.shape == (4,)
    assert len(found) == 4
    assert np.isfinite(found.logits).all()
    assert np.isfinite(found.scores).all()
    assert found.size == cat.size
    assert found.masks.shape == (4, *cat.size)


def best(found: Candidates) -> NDArray[np.bool_]:
    return found.masks[int(found.scores[1:].argmax()) + 1]


def test_a_click_finds_the_cat_and_the_cup(
    segmenter: Segmenter, cat: Embedding, cup: Embedding
) -> None:
    for embedding, (x, y) in ((cat, CAT), (cup, CUP)):
        mask = best(segmenter.decode(embedding, [(x, y)], [1]))
        assert mask[y, x]
        assert 0.02 < mask.mean() < 0.9


def test_a_box_holds_its_mask(segmenter: Segmenter, cup: Embedding) -> None:
    mask = best(segmenter.decode(cup, box=(40, 20, 230, 170)))
    assert mask[:, 40:230][20:170].sum() > 0.97 * mask.sum() > 0


def test_box_and_points_together_differ_from_either(segmenter: Segmenter, cat: Embedding) -> None:
    box = (60, 10, 260, 198)
    both = segmenter.decode(cat, [CAT], [1], box=box).logits
    assert np.abs(both - segmenter.decode(cat, [CAT], [1]).logits).max() > 0.1
    assert np.abs(both - segmenter.decode(cat, box=box).logits).max() > 0.1


def test_the_previous_mask_is_heard(segmenter: Segmenter, cat: Embedding) -> None:
    fresh = segmenter.decode(cat, [CAT], [1])
    for layer in fresh.logits:
        refined = segmenter.decode(cat, [CAT], [1], mask=layer)
        assert np.isfinite(refined.logits).all()
        assert np.abs(refined.logits - fresh.logits).max() > 0.1


def test_a_drop_takes_away(segmenter: Segmenter, cat: Embedding) -> None:
    kept = best(segmenter.decode(cat, [CAT], [1]))
    ys, xs = np.nonzero(kept)
    x, y = int(xs[ys.argmax()]), int(ys.max()) - 3  # low on the cat
    dropped = segmenter.decode(cat, [CAT, (x, y)], [1, 0])
    assert not dropped.masks[0, y, x]
    assert dropped.masks[0, CAT[1], CAT[0]]


def test_arrays_and_lists_say_the_same(segmenter: Segmenter, cat: Embedding) -> None:
    lists = segmenter.decode(cat, [[150, 100], [20, 180]], [1, 0], box=[60, 10, 260, 198])
    arrays = segmenter.decode(
        cat,
        np.float32([[150, 100], [20, 180]]),
        np.array([1, 0]),
        box=np.float64([60, 10, 260, 198]),  # type: ignore[arg-type]
    )
    np.testing.assert_array_equal(lists.logits, arrays.logits)


def test_the_same_question_has_the_same_answer(segmenter: Segmenter, cat: Embedding) -> None:
    one, two = (segmenter.decode(cat, [CAT], [1]) for _ in range(2))
    np.testing.assert_array_equal(one.logits, two.logits)
    np.testing.assert_array_equal(one.scores, two.scores)


def test_an_empty_prompt_is_refused(segmenter: Segmenter, cat: Embedding) -> None:
    with pytest.raises(PromptError, match="give a point or a box"):
        segmenter.decode(cat)
    layer = np.zeros((256, 256), np.float32)
    with pytest.raises(PromptError, match="give a point or a box"):
        segmenter.decode(cat, [], [], mask=layer)
    with pytest.raises(PromptError, match="2 points came with 1 labels"):
        segmenter.decode(cat, [(1, 2), (3, 4)], [1])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_prompt_in_the_picture_gives_finite_masks(
    segmenter: Segmenter, cat: Embedding, data: st.DataObject
) -> None:
    height, width = cat.size
    point = st.tuples(st.floats(0, width - 0.01), st.floats(0, height - 0.01))
    points = data.draw(st.lists(point, min_size=1, max_size=20))
    labels = data.draw(
        st.lists(st.sampled_from([0, 1]), min_size=len(points), max_size=len(points))
    )
    box = data.draw(st.none() | st.just((0, 0, width, height)))
    found = segmenter.decode(cat, points, labels, box=box)
    assert np.isfinite(found.logits).all()
    assert np.isfinite(found.scores).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 2000)])
def test_tiny_pictures_are_encoded_and_decoded(segmenter: Segmenter, size: tuple[int, int]) -> None:
    height, width = size
    rgb = np.full((height, width, 3), 60, np.uint8)
    rgb[:, width // 2 :] = 200
    embedding = segmenter.encode(rgb)
    assert [layer.shape for layer in embedding.features] == [(1, 256, 64, 64)]
    found = segmenter.decode(embedding, [(width - 0.5, 0.5)], [1])
    assert found.masks.shape == (4, height, width)
    assert np.isfinite(found.logits).all()


def test_the_same_name_is_the_same_network() -> None:
    assert models.load_segmenter("mobile-sam") is models.load_segmenter("mobile-sam")


@pytest.mark.parametrize("name", ["sam-9000", "u2netp", "closed-form", ""])
def test_what_is_no_segmenter_is_refused(name: str) -> None:
    with pytest.raises(
        UnknownModel, match=r"no segmenter model named .*: mobile-sam-whole, mobile-sam"
    ):
        models.load_segmenter(name)


def test_a_decoder_that_leaves_the_choice_to_us_gives_the_same(
    segmenter: Segmenter, cat: Embedding, tmp_path: Path
) -> None:
    files = weights.files("mobile-sam")
    model = onnx.load(str(files["decoder.onnx"]))
    renamed = {
        "/Reshape_9_output_0": "low_res_masks",
        "/iou_prediction_head/layers.2/Gemm_output_0": "iou_predictions",
    }
    kept = []
    for node in model.graph.node:  # in order: up to the two tensors, as such an export ends
        if node.op_type == "ArgMax" or set(node.output) & set(renamed.values()):
            continue
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
        kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    path = tmp_path / "multi.onnx"
    onnx.save(model, str(path))
    rules = catalogue.find("mobile-sam").input
    assert rules is not None
    other = OnnxSam("multi", files["encoder.onnx"], path, rules)
    ours, theirs = (one.decode(cat, [CAT], [1]) for one in (segmenter, other))
    assert np.abs(ours.logits - theirs.logits).max() < 1e-4
    assert np.abs(ours.scores - theirs.scores).max() < 1e-5
