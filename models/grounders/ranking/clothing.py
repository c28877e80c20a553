"""What someone wears, and whose clothes these are, as far as a namer of things can tell.

Neither network of the starter set knows women from men. ImageNet has clothes, though, and some are
worn mostly by women and some mostly by men. That is a hint about a photo, not about a person: it
tips a balance that nothing else tips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
    """Where to look at a person: all of it, and its upper part where it is taller than wide."""
    x0, y0, x1, y1 = box
    upper = (x0, y0, x1, min(y1, y0 + x1 - x0))
    return [box] if upper == box else [box, upper]


def dress(classifier: Classifier, looks: Sequence[NDArray[np.float64]]) -> float:
    """1 for one dressed as women mostly are, -1 as men mostly are, 0 where clothes say nothing.

    `looks` are the classifier's likelihoods for a person's `figures`.
    """
    return float(
        np.mean([classifier.of(look, WOMENS) - classifier.of(look, MENS) for look in looks])
    )


def clothes(
    classifier: Classifier, looks: Sequence[NDArray[np.float64]], names: Sequence[str]
) -> dict[str, float]:
    """How likely a person wears each of `names`, 0..1, without those ImageNet has nothing for."""
    known = {name: CLOTHES.get(name) or CLOTHES.get(name.split()[-1]) for name in names}
    return {
        name: max(classifier.of(look, labels) for look in looks)
        for name, labels in known.items()
        if labels
    }
