"""RGB colour spaces that a file names instead of embedding a profile, as ICC profiles.

PNG's gAMA and cHRM tell a gamma and primaries, cICP tells code points of ITU-T H.273.
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# x, y of white, red, green and blue, as cHRM has them.
Chromaticities = tuple[float, float, float, float, float, float, float, float]

_D65 = (0.3127, 0.329)
SRGB: Chromaticities = (*_D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {
    1: SRGB,  # BT.709
    5: (*_D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),  # BT.601, 625 lines
    6: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),  # BT.601, 525 lines
    9: (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),  # BT.2020
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),  # DCI-P3
    12: (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),  # Display P3
}
# Parameters of ICC's curves: one is a gamma, five are (a x + b) ** g from d on, c x before it.
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VIDEO_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES: dict[int, tuple[float, ...]] = {
    1: _VIDEO_CURVE,
    4: (2.2,),
    5: (2.8,),
    6: _VIDEO_CURVE,
    8: (1.0,),
    13: _SRGB_CURVE,
    14: _VIDEO_CURVE,
    15: _VIDEO_CURVE,
}
_UNSPECIFIED = 2
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50 = np.array([0.9642, 1.0, 0.8249])  # ICC's white


def is_told(cicp: bytes | None) -> bool:
    """Whether the code points name primaries and a transfer function at all."""
    return cicp is not None and len(cicp) == 4 and _UNSPECIFIED not in cicp[:2]


def has_profile(cicp: bytes) -> bool:
    """Whether an ICC profile can tell these colours: not those of HDR, nor narrow ranges."""
    return cicp[0] in _PRIMARIES and cicp[1] in _CURVES and cicp[2:4] == b"\0\1"


def of_code_points(cicp: bytes) -> bytes | None:
    """Return the ICC profile of code points that have one; None for sRGB."""
    if cicp[:2] == bytes((1, 13)):
        return None
    return _profile(_PRIMARIES[cicp[0]], _CURVES[cicp[1]])


def of_gamma(gamma: float, chromaticities: Chromaticities = SRGB) -> bytes | None:
    """Return the ICC profile of a PNG's gAMA (near 0.45455 for most) and cHRM; None for sRGB.

    What stands beside an sRGB chunk, as PNG's specification has it, is taken for sRGB. Numbers that
    make no colour space give None too.
    """
    near = np.allclose(chromaticities, SRGB, atol=0.001)
    if gamma <= 0 or (near and abs(gamma - 0.45455) < 0.001):
        return None
    # Gamma in PNG is that of the file, in ICC that of the screen.
    return _profile(tuple(chromaticities), (1 / gamma,))


@functools.lru_cache(8)
def _profile(chromaticities: Chromaticities, curve: tuple[float, ...]) -> bytes | None:
    """An ICC version 4 profile of a matrix and a curve, the same bytes every time."""
    adapted = _to_d50(chromaticities)
    if adapted is None or not all(0.01 < value < 100 for value in curve[:1]):
        return None
    matrix, adaptation = adapted
    kind = 0 if len(curve) == 1 else 3
    shape = b"para" + struct.pack(">IHH", 0, kind, 0) + _numbers(curve)
    tags = {
        b"desc": _text("RGB as the picture's file describes it"),
        b"cprt": _text("No copyright"),
        b"wtpt": b"XYZ \0\0\0\0" + _numbers(_D50),
        b"chad": b"sf32\0\0\0\0" + _numbers(adaptation.ravel()),
        **{
            name + b"XYZ": b"XYZ \0\0\0\0" + _numbers(matrix[:, column])
            for column, name in enumerate((b"r", b"g", b"b"))
        },
        **{name + b"TRC": shape for name in (b"r", b"g", b"b")},
    }
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", at + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4xI", at + len(data), 0x04300000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _numbers(_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def _to_d50(
    chromaticities: Chromaticities,
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Linear RGB to XYZ under ICC's white, and the adaptation to that white; None for nonsense."""
    x, y = np.array(chromaticities, np.float64).reshape(4, 2).T
    if (y <= 0).any() or (x < 0).any() or (x + y > 1.001).any():
        return None
    xyz = np.array([x / y, np.ones(4), (1 - x - y) / y])
    white, primaries = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        return None
    matrix = primaries * np.linalg.solve(primaries, white)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adaptation = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    adapted = adaptation @ matrix
    return (adapted, adaptation) if np.abs(adapted).max() < 100 else None


def _numbers(values: NDArray[np.float64] | tuple[float, ...]) -> bytes:
    """ICC's fixed-point numbers."""
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)


def _text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(data), 28) + data
