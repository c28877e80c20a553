"""The catalogue's entries for matting models."""

from __future__ import annotations

from .records import File, Hub, Input, Model, Shipped

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)


def _vitmatte(size: str, data: str, revision: str, megabytes: int, about: str) -> Model:
    """Neither the hashes nor, where it says `main`, the commit could be checked."""
    repo = f"hustvl/vitmatte-{size}-{data}"
    files = (("config.json", 1_000), ("model.safetensors", megabytes * 1_000_000))
    return Model(
        name=f"vitmatte-{size}" + ("" if data == "composition-1k" else f"-{data}"),
        role="matting",
        family="vitmatte",
        licence="Apache-2.0 (weights); trained on data for research",
        about=about,
        files=tuple(File(name, size, "", (Hub(repo, revision, name),)) for name, size in files),
        # The authors' code normalises with ImageNet's statistics, and so the weights were
        # trained; the hub's preprocessor file says 0.5 and 0.5.
        input=Input(32, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "multiple"),
        extra="torch",
    )


MATTINGS: tuple[Model, ...] = (
    Model(
        name="nano",
        role="matting",
        family="nano",
        small=True,
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
        family="closed-form",
        small=True,
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
)
