"""Each family of PyTorch segmenters, tiny and random, against its library's own predictor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import tiny
import tiny_sam
from loopback import Loopback
from serving import MAKERS, serve

from pickmatte import models
from pickmatte.models import weights
from pickmatte.models.errors import DeviceError, MissingExtra, PromptError, WeightsError
from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import Segmenter, upscale
from pickmatte.models.segmenters.torch_segmenter import TorchSegmenter
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Grid, Input

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
transformers = pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")
segment_anything = pytest.importorskip(
    "segment_anything", reason="needs pip install 'pickmatte[torch]'"
)

PROMPTS: list[dict[str, Any]] = [
    {"points": [(30, 20)], "labels": [1]},
    {"points": [(30, 20), (5, 9), (44, 31)], "labels": [1, 0, 1]},
    {"box": (10, 5, 40, 30)},
    {"points": [(30, 20)], "labels": [0], "box": (10, 5, 40, 30)},
]
RGB = tiny.picture(36, 50)  # smaller than any of the squares: both ways to enlarge are equal


@dataclass(frozen=True)
class Family:
    """A tiny model as the product loads it, and where its files are."""

    name: str
    segmenter: TorchSegmenter
    folder: Path
    rules: Input
    grid: Grid


@pytest.fixture(scope="module", params=list(MAKERS))
def saved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, int]:
    """A model's name, its files, and the side of its square."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, MAKERS[request.param](folder)


@pytest.fixture
def family(
    saved: tuple[str, Path, int], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Family]:
    """What `load_segmenter` makes of it, fetched from the loopback."""
    name, folder, side = saved
    serve(name, folder, side, loopback, monkeypatch)
    segmenter = models.load_segmenter(name, "cpu")
    assert isinstance(segmenter, TorchSegmenter)
    yield Family(name, segmenter, folder, segmenter.rules, segmenter.grid)
    models.unload()


Answer = tuple[Any, Any, Any]  # logits, scores, logits at the picture's size


class Library:
    """The library's own processor and model."""

    def __init__(self, family: Family) -> None:
        side = family.rules.side
        square = {"height": side, "width": side}
        self.rules, self.hq = family.rules, family.name.startswith("sam-hq")
        if self.hq:
            images = transformers.SamImageProcessorPil(size={"longest_edge": side}, pad_size=square)
            self.processor = transformers.SamHQProcessor(images)
        elif family.name == "sam3-tracker":
            images = transformers.Sam3ImageProcessor(size=square)
            self.processor = transformers.Sam3TrackerProcessor(images)
        else:
            images = transformers.Sam2ImageProcessor(size=square)
            self.processor = transformers.Sam2Processor(images)
        kinds = {"sam-hq-vit-b": "SamHQModel", "edgetam": "EdgeTamModel"}
        kinds |= {"sam2.1-hiera-tiny": "Sam2Model", "sam3-tracker": "Sam3TrackerModel"}
        kind = getattr(transformers, kinds[family.name])
        self.model = kind.from_pretrained(family.folder).eval()

    def answers(self, mask: np.ndarray | None, **prompt: Any) -> list[Answer]:
        """For the single mask, and for the three."""
        points = [[[list(point) for point in prompt["points"]]]] if "points" in prompt else None
        inputs = self.processor(
            images=RGB,
            input_points=points,
            input_labels=[[list(prompt["labels"])]] if "labels" in prompt else None,
            input_boxes=[[list(prompt["box"])]] if "box" in prompt else None,
            return_tensors="pt",
        )
        # torchvision rounds now and then to the next of 255 levels; what follows is to be equal.
        ours = torch.from_numpy(prepare(RGB, self.rules))
        assert (ours - inputs["pixel_values"]).abs().max() < 1.1 / min(self.rules.std)
        inputs["pixel_values"] = ours
        sizes = [inputs.pop("original_sizes")]
        if self.hq:
            sizes.append(inputs.pop("reshaped_input_sizes"))
        given = None if mask is None else torch.from_numpy(mask)[None, None]
        answers = []
        for several in (False, True):
            with torch.no_grad():
                found = self.model(**inputs, input_masks=given, multimask_output=several)
            full = self.processor.post_process_masks(found.pred_masks, *sizes, binarize=False)
            answers.append((found.pred_masks[0, 0], found.iou_scores[0, 0], full[0][0]))
        return answers


class Makers:
    """segment-anything's own predictor."""

    def __init__(self, family: Family) -> None:
        sam = tiny_sam.build_sam().eval()
        (path,) = family.folder.iterdir()
        sam.load_state_dict(torch.load(path, weights_only=True))
        self.predictor = segment_anything.SamPredictor(sam)
        self.predictor.set_image(RGB)

    def answers(self, mask: np.ndarray | None, **prompt: Any) -> list[Answer]:
        """For the single mask, and for the three."""
        told = {
            "point_coords": np.array(prompt["points"], float) if "points" in prompt else None,
            "point_labels": np.array(prompt["labels"]) if "points" in prompt else None,
            "box": np.array(prompt["box"], float) if "box" in prompt else None,
            "mask_input": None if mask is None else mask[None],
            "return_logits": True,
        }
        both = [self.predictor.predict(**told, multimask_output=it) for it in (False, True)]
        return [(low, scores, full) for full, scores, low in both]


def test_gives_what_the_librarys_predictor_gives(family: Family) -> None:
    segmenter, side = family.segmenter, family.rules.side
    theirs = Makers(family) if family.name == "sam-vit-b" else Library(family)
    embedding = segmenter.encode(RGB)
    # Louder, as random networks say nothing loudly.
    before = 20 * segmenter.decode(embedding, [(9, 9)], [1]).logits[1]
    for prompt in PROMPTS:
        for mask in (None, before):
            found = segmenter.decode(embedding, mask=mask, **prompt)
            (single, score, full), (three, scores, fulls) = theirs.answers(mask, **prompt)
            np.testing.assert_allclose(found.logits, np.concatenate([single, three]), atol=1e-5)
            np.testing.assert_allclose(found.scores, np.concatenate([score, scores]), atol=1e-5)
            ours = [upscale(layer, found.size, found.fit, side) for layer in found.logits]
            np.testing.assert_allclose(ours, np.concatenate([full, fulls]), atol=1e-5)


def test_behaves_as_every_segmenter(family: Family) -> None:
    segmenter: Segmenter = family.segmenter
    assert segmenter.device == "cpu"
    embedding = segmenter.encode(RGB)
    found = [segmenter.decode(embedding, **prompt) for prompt in PROMPTS]
    before = 20 * found[0].logits[0]
    found.append(segmenter.decode(embedding, mask=before, **PROMPTS[0]))
    for place, one in enumerate(found):
        assert one.logits.shape == (4, segmenter.grid.side, segmenter.grid.side)
        assert one.logits.dtype == one.scores.dtype == np.float32
        assert (one.fit, one.size) == (segmenter.grid.fit, (36, 50))
        assert one.masks.shape == (4, 36, 50)
        for other in found[:place]:
            assert np.abs(one.logits - other.logits).max() > 1e-4, "everything asked has a say"
    for wrong in ({}, {"points": [(1, 1)], "labels": [1, 1]}):
        with pytest.raises(PromptError):
            segmenter.decode(embedding, **cast(Any, wrong))
    pictures = [RGB, tiny.picture(40, 20), tiny.picture(9, 70)]
    for rgb, one in zip(pictures, family.segmenter.encode_all(pictures), strict=True):
        alone = segmenter.encode(rgb)
        assert one.size == alone.size == rgb.shape[:2]
        assert one.nbytes == alone.nbytes == sum(layer.nbytes for layer in alone.features)
        for ours, theirs in zip(one.features, alone.features, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_the_catalogue_says_what_a_real_one_takes() -> None:
    """The sizes in the entries are those of the libraries' own configurations."""
    configurations = {
        "sam-hq-vit-b": transformers.SamHQConfig().prompt_encoder_config,
        "sam2.1-hiera-tiny": transformers.Sam2Config().prompt_encoder_config,
        "edgetam": transformers.EdgeTamConfig().prompt_encoder_config,
        "sam3-tracker": transformers.Sam3TrackerConfig().prompt_encoder_config,
    }
    for name, prompts in configurations.items():
        entry = catalogue.find(name)
        assert entry.input is not None
        assert entry.input.side == prompts.image_size
        assert models.segmenter_grid(name).side == 4 * prompts.image_size // prompts.patch_size


@pytest.mark.parametrize("size", [(300, 200), (90, 777), (1400, 1300)])
def test_pictures_are_laid_out_as_by_the_libraries(size: tuple[int, int]) -> None:
    rgb = tiny.picture(*size)
    processors = {
        "sam-hq-vit-b": transformers.SamImageProcessorPil(),
        "sam2.1-hiera-tiny": transformers.Sam2ImageProcessor(),
        "sam3-tracker": transformers.Sam3ImageProcessor(),
    }
    for name, processor in processors.items():
        rules = catalogue.find(name).input
        assert rules is not None
        theirs = processor(images=rgb, return_tensors="np")["pixel_values"]
        apart = np.abs(theirs - prepare(rgb, rules)) * min(rules.std)
        # torchvision rounds now and then to the next of 255 levels.
        assert apart.max() < 1.1
        assert (apart > 0.01).mean() < 0.02
    rules = catalogue.find("sam-vit-b").input
    assert rules is not None
    resize = segment_anything.utils.transforms.ResizeLongestSide(1024)
    seen = torch.from_numpy(resize.apply_image(rgb)).permute(2, 0, 1)
    sam = tiny_sam.build_sam()
    sam.image_encoder.img_size = 1024
    theirs = sam.preprocess(seen.float())
    height, width = seen.shape[1:]
    np.testing.assert_array_equal(
        prepare(rgb, rules)[0, :, :height, :width], theirs[:, :height, :width]
    )


def test_a_tampered_checkpoint_runs_nothing(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A pickle that would run code is refused, even with the hash that the catalogue has."""
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    (tmp_path / "sam_vit_b_01ec64.pth").write_bytes(pickle.dumps({"weight": Evil()}, protocol=2))
    serve("sam-vit-b", tmp_path, 64, loopback, monkeypatch)
    with pytest.raises(pickle.UnpicklingError):
        models.load_segmenter("sam-vit-b")
    assert not (tmp_path / "ran").exists()


def test_a_weight_that_is_missing_is_not_made_up(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    tiny_sam.sam2(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["no_memory_embedding"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    serve("sam2.1-hiera-tiny", tmp_path, 64, loopback, monkeypatch)
    with pytest.raises(WeightsError, match="hold no no_memory_embedding that fits Sam2Model"):
        models.load_segmenter("sam2.1-hiera-tiny")


def test_the_tracker_shares_the_grounders_files(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve("sam3-tracker", tmp_path, tiny_sam.sam3(tmp_path), loopback, monkeypatch)
    found = weights.files("sam3-tracker")
    assert found == {name: weights.cache_folder() / "models" / "sam3" / name for name in found}
    grounder = {file.name: file for file in catalogue.find("sam3").files}
    assert set(found) < set(grounder)


@pytest.mark.parametrize(
    ("name", "package", "says"),
    [
        ("sam-vit-b", "segment_anything", "segment-anything"),
        ("sam2.1-hiera-tiny", "transformers", "PyTorch and transformers"),
        ("edgetam", "timm", "timm"),
    ],
)
def test_missing_packages_name_the_command(
    name: str, package: str, says: str, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(MissingExtra, match=rf"needs {says}.*pip install 'pickmatte\[torch\]'"):
        models.load_segmenter(name)
    assert loopback.asked == []


def test_a_device_that_is_not_there_is_refused(loopback: Loopback) -> None:
    with pytest.raises(DeviceError, match="PyTorch cannot use directml here"):
        models.load_segmenter("sam-vit-b", "directml")
    assert loopback.asked == []
