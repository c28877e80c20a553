from __future__ import annotations

import re

import onnx
import pytest

from pickmatte.models import weights
from pickmatte.models.errors import UnknownModel
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Hub, Npm


def test_names_are_unique_and_found() -> None:
    assert len(set(catalogue.names())) == len(catalogue.MODELS)
    for model in catalogue.MODELS:
        assert catalogue.find(model.name) is model
        assert catalogue.find(model.name, model.role) is model


def test_every_file_is_pinned() -> None:
    for model in catalogue.MODELS:
        assert len({file.name for file in model.files}) == len(model.files)
        for file in model.files:
            hub_only = all(isinstance(source, Hub) for source in file.sources)
            # Without a hash on record only a hub's own statement can be held to.
            assert re.fullmatch("[0-9a-f]{64}", file.sha256) or (hub_only and not file.sha256)
            assert file.bytes > 0
            assert file.sources
            assert not file.name.startswith(("/", "."))
            for source in file.sources:
                if isinstance(source, Hub):
                    # A branch may move: then the hash refuses it, the catalogue's or the first's.
                    pinned = re.fullmatch("[0-9a-f]{40}", source.revision)
                    assert pinned or source.revision == "main"
                if isinstance(source, Npm):
                    assert re.fullmatch(r"\d+\.\d+\.\d+", source.version)


def test_starter_set() -> None:
    assert catalogue.names("segmenter")[:2] == ("mobile-sam-whole", "mobile-sam")
    assert catalogue.names("matting")[:2] == ("nano", "closed-form")
    assert catalogue.names("salient")[0] == "u2netp"
    assert catalogue.find("mobile-sam").bytes == 28_085_517 + 16_501_766
    assert catalogue.find("mobile-sam-whole").files[0] == catalogue.find("mobile-sam").files[0]


def test_input_rules_are_those_of_the_graph() -> None:
    rules = catalogue.find("mobile-sam").input
    assert rules is not None
    encoder = onnx.load(weights.files("mobile-sam")["encoder.onnx"])
    shape = [axis.dim_value for axis in encoder.graph.input[0].type.tensor_type.shape.dim]
    assert shape[1:] == [3, rules.side, rules.side]


def test_unknown_names_tell_the_known_ones() -> None:
    with pytest.raises(UnknownModel, match=r"no model named 'sam-9000'.*: mobile-sam-whole, mob"):
        catalogue.find("sam-9000")
    with pytest.raises(
        UnknownModel, match=r"no matting model named 'mobile-sam'.*: nano, closed-form"
    ):
        catalogue.find("mobile-sam", "matting")
