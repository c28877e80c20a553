"""Detectors that take any words, by their names in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pickmatte.models import weights
from pickmatte.models.runtime.pytorch import import_torch
from pickmatte.models.weights.catalogue import Model

from .open_vocabulary import OpenVocabulary

if TYPE_CHECKING:
    from .open_vocabulary import Detector

# The score from which its makers take a box for a find, in their demonstrations or defaults.
_SURE = {
    "grounding-dino-tiny": 0.35,
    "grounding-dino-base": 0.35,
    "mm-grounding-dino": 0.3,
    "owlv2-base": 0.1,
    "sam3": 0.5,
}


def load(model: Model) -> OpenVocabulary:
    """A grounder around the named detector, its files fetched if need be.

    Raises `MissingExtra` before anything is fetched, or `WeightsError`.
    """
    import_torch(model.name)
    folder = weights.files(model)["config.json"].parent
    sure = _SURE[model.name]
    detector: Detector
    if model.name == "sam3":
        from .detectors.sam3 import Sam3

        assert model.input is not None, "its picture is laid out here"
        detector = Sam3(model.name, folder, model.input, sure)
    elif model.name == "owlv2-base":
        from .detectors.owlv2 import Owlv2

        detector = Owlv2(model.name, folder, sure)
    else:
        from .detectors.grounding_dino import GroundingDino

        detector = GroundingDino(model.name, folder, sure)
    return OpenVocabulary(detector)
