"""Judge clothing with the ImageNet classifier: what a person wears, and whose clothes these are.

Neither network of the starter set knows women from men. ImageNet has classes of clothes, and some
are worn mostly by women, some mostly by men. This is a hint about a photo, not about a person: it
decides only where nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pickmatte.models.grounders.detectors.imagenet_classifier import Classifier


WOMENS = (
    "gown", "miniskirt", "overskirt", "hoopskirt", "sarong", "bikini", "maillot", "brassiere",
    "stole", "abaya", "bonnet", "wig", "feather boa", "lipstick", "face powder", "hair spray",
)  # fmt: skip
MENS = (
    "groom", "suit", "Windsor tie", "bow tie", "bolo tie", "swimming trunks", "ballplayer",
    "football helmet", "cowboy hat",
)  # fmt: skip
# ImageNet's names for what people say; the last word of "straw hat" stands for it.
CLOTHES: dict[str, tuple[str, ...]] = {
    "apron": ("apron",),
    "bikini": ("bikini", "maillot", "brassiere"),
    "cap": ("bathing cap", "ballplayer", "mortarboard"),
    "cape": ("cloak",),
    "cardigan": ("cardigan",),
    "cloak": ("cloak",),
    "coat": ("trench coat", "fur coat", "lab coat"),
    "dress": ("gown", "hoopskirt", "overskirt"),
    "fur": ("fur coat", "stole"),
    "glasses": ("sunglass", "sunglasses"),
    "gown": ("gown", "academic gown", "hoopskirt", "overskirt"),
    "hat": ("cowboy hat", "sombrero", "bonnet"),
    "helmet": ("crash helmet", "football helmet", "pickelhaube"),
    "jeans": ("jean",),
    "jersey": ("jersey", "ballplayer"),
    "kimono": ("kimono",),
    "lab coat": ("lab coat",),
    "mask": ("mask", "gasmask", "ski mask", "oxygen mask"),
    "pajamas": ("pajama",),
    "poncho": ("poncho",),
    "pyjamas": ("pajama",),
    "skirt": ("miniskirt", "overskirt", "hoopskirt"),
    "suit": ("suit", "groom", "Windsor tie"),
    "sunglasses": ("sunglass", "sunglasses"),
    "sweater": ("sweatshirt", "cardigan"),
    "sweatshirt": ("sweatshirt",),
    "swimsuit": ("bikini", "maillot", "swimming trunks"),
    "trunks": ("swimming trunks",),
    "tuxedo": ("groom", "suit", "bow tie"),
    "uniform": ("military uniform", "bearskin", "pickelhaube"),
    "vest": ("bulletproof vest",),
}

Sides = tuple[float, float, float, float]


def figures(box: Sides) -> list[Sides]:
    """Return the boxes to classify for a person, x0, y0, x1, y1.

    They are the whole person, and the upper part of one that is taller than wide.
    """
    x0, y0, x1, y1 = box
    upper = (x0, y0, x1, min(y1, y0 + x1 - x0))
    return [box] if upper == box else [box, upper]


def dress(classifier: Classifier, looks: Sequence[NDArray[np.float64]]) -> float:
    """Return how a person is dressed, -1..1.

    1 is as women mostly are, -1 as men mostly are, 0 where clothes say nothing. `looks` are the
    classifier's likelihoods for each of the person's `figures`.
    """
    return float(
        np.mean([classifier.of(look, WOMENS) - classifier.of(look, MENS) for look in looks])
    )


def clothes(
    classifier: Classifier, looks: Sequence[NDArray[np.float64]], names: Sequence[str]
) -> dict[str, float]:
    """Return how likely a person wears each of `names`, 0..1.

    Names that ImageNet has no class for are left out. `looks` are the classifier's likelihoods for
    each of the person's `figures`.
    """
    known = {name: CLOTHES.get(name) or CLOTHES.get(name.split()[-1]) for name in names}
    return {
        name: max(classifier.of(look, labels) for look in looks)
        for name, labels in known.items()
        if labels
    }
