"""Whose clothes someone wears, as far as a namer of things can tell.

Neither network of the starter set knows women from men. ImageNet has clothes, though, and some are
worn mostly by women and some mostly by men. That is a hint about a photo, not about a person: it
tips a balance that nothing else tips.
"""

from __future__ import annotations

import numpy as np

from models.grounders.classifier import Classifier
from models.protocols import RGB

WOMENS = (
    "gown", "miniskirt", "overskirt", "hoopskirt", "sarong", "bikini", "maillot", "brassiere",
    "stole", "abaya", "bonnet", "wig", "feather boa", "lipstick", "face powder", "hair spray",
)  # fmt: skip
MENS = (
    "groom", "suit", "Windsor tie", "bow tie", "bolo tie", "swimming trunks", "military uniform",
    "bulletproof vest", "ballplayer", "football helmet", "cowboy hat", "bearskin", "pickelhaube",
)  # fmt: skip


def dress(classifier: Classifier, rgb: RGB, box: tuple[float, float, float, float]) -> float:
    """1 for one dressed as women mostly are, -1 as men mostly are, 0 where clothes say nothing.

    The whole figure and its upper half, where that is smaller, are both named.
    """
    x0, y0, x1, y1 = box
    looks = [classifier.shares(rgb, look) for look in {box, (x0, y0, x1, min(y1, y0 + x1 - x0))}]
    return float(
        np.mean([classifier.of(look, WOMENS) - classifier.of(look, MENS) for look in looks])
    )
