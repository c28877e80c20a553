"""The network, its file, its training, and the one command that does it all."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from mattable import textured
from textures import draw_into

from pickmatte.models.matting.evidence import CANDIDATES, CHANNELS
from pickmatte.models.matting.nano import Nano
from pickmatte.models.matting.trimaps import UNKNOWN
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.training import __main__ as command
from pickmatte.models.training.settings import Stage, TrainingError

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")

from pickmatte.models.training import network, pool, train  # noqa: E402
from pickmatte.models.training.export import export  # noqa: E402

SHORT = Stage("short", range(6), clean=True, steps=6, rate=2e-2)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool of six small scenes and one for validation."""
    folder = tmp_path_factory.mktemp("training")
    draw_into(folder / "data")
    for name, numbers in (("scenes", SHORT.numbers), ("validation", range(-1, 0))):
        pool.fill(folder / name, folder / "data", 64, numbers, clean=True)
    return folder


@pytest.fixture
def fresh(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pool without a checkpoint; checkpoints come every other step."""
    for name in ("scenes", "validation"):
        (tmp_path / name).symlink_to(work / name)
    monkeypatch.setattr(train, "_LOG", 1)
    monkeypatch.setattr(train, "_SAVE", 2)
    return tmp_path


@pytest.mark.parametrize("size", [(8, 8), (64, 40)])
def test_the_network_answers_every_pixel(size: tuple[int, int]) -> None:
    torch.manual_seed(1)
    alpha, error = network.Nano().eval()(torch.rand(2, CHANNELS, *size))
    assert alpha.shape == error.shape == (2, 1, *size)
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert network.LEAST <= error.min() <= error.max() <= network.MOST


def test_the_network_is_as_small_as_the_page_says() -> None:
    count = sum(layer.numel() for layer in network.Nano().parameters())
    page = (Path(__file__).parents[3] / "docs" / "training.md").read_text("utf-8")
    assert f"{count:,} parameters" in page


def test_alpha_is_within_what_is_proposed_where_samples_are_trusted() -> None:
    """With the head's weights on the candidates alone, alpha is their mean."""
    made = network.Nano().eval()
    with torch.no_grad():
        made.head.weight.zero_()
        made.head.bias.fill_(-50)
        made.head.bias[: len(CANDIDATES)] = 0
        evidence = torch.rand(1, CHANNELS, 16, 16)
        alpha, _ = made(evidence)
    torch.testing.assert_close(alpha, evidence[:, CANDIDATES].mean(1, keepdim=True))


def test_the_file_answers_as_the_network_does(tmp_path: Path) -> None:
    torch.manual_seed(2)
    made = network.Nano()
    with torch.no_grad():
        for _ in range(3):  # batch norms get statistics that are not 0 and 1
            made(torch.randn(2, CHANNELS, 32, 32) + 0.3)
    export(made, tmp_path / "nano.onnx")
    graph = Network((tmp_path / "nano.onnx").read_bytes(), shrinks=False)
    for size in ((64, 96), (40, 8)):
        evidence = torch.rand(1, CHANNELS, *size)
        with torch.no_grad():
            expected = made.eval()(evidence)
        found = graph.run(["alpha", "error"], {"evidence": evidence.numpy()})
        for x, y in zip(found, expected, strict=True):
            np.testing.assert_allclose(x, y.numpy(), atol=1e-4)


class Stopped(Exception):  # noqa: N818
    pass


def test_after_a_stop_training_goes_on_as_if_there_was_none(
    fresh: Path, work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    through = train.train(fresh, SHORT).state_dict()
    halting = tmp_path_factory.mktemp("halting")
    for name in ("scenes", "validation"):
        (halting / name).symlink_to(work / name)

    def stop(line: dict[str, Any]) -> None:
        if line["step"] == 5:  # the checkpoint is of step 4
            raise Stopped

    with pytest.raises(Stopped):
        train.train(halting, SHORT, tell=stop)
    steps: list[int] = []
    resumed = train.train(halting, SHORT, tell=lambda line: steps.append(line["step"]))
    assert steps == [5, 6]
    for name, layer in resumed.state_dict().items():
        torch.testing.assert_close(layer, through[name], rtol=0, atol=0)


def test_a_finished_stage_is_not_trained_again(fresh: Path) -> None:
    first = train.train(fresh, SHORT).state_dict()
    lines: list[dict[str, Any]] = []
    again = train.train(fresh, SHORT, tell=lines.append).state_dict()
    assert not lines
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_training_lowers_the_loss(fresh: Path) -> None:
    stage = Stage("longer", SHORT.numbers, clean=True, steps=30, rate=2e-2)
    train.train(fresh, stage)
    lines = [json.loads(line) for line in (fresh / "curve.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 31))
    losses = [line["loss"] for line in lines]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    assert 0 < lines[-1]["validation"] < 1


def test_a_stage_begins_with_the_weights_of_the_one_before(fresh: Path) -> None:
    torch.manual_seed(4)
    before = network.Nano()
    still = Stage("still", SHORT.numbers, clean=True, steps=1, rate=0.0)
    after = dict(train.train(fresh, still, start=before.state_dict()).named_parameters())
    for name, layer in before.named_parameters():
        torch.testing.assert_close(after[name], layer)


def test_a_checkpoint_of_another_schedule_is_refused(fresh: Path) -> None:
    train.train(fresh, SHORT)
    longer = Stage("short", SHORT.numbers, clean=True, steps=7, rate=2e-2)
    with pytest.raises(TrainingError, match="6 steps, not 7"):
        train.train(fresh, longer)


def test_the_command_makes_weights_that_work(tmp_path: Path) -> None:
    draw_into(tmp_path / "data")
    shipped = command._SHIPPED.read_bytes()
    call = [str(tmp_path), "--share", "0.001"]
    done = CliRunner().invoke(command.main, call, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert command._SHIPPED.read_bytes() == shipped, "a share of the training is not shipped"
    graph = (tmp_path / "nano.onnx").read_bytes()
    told = re.search(r"nano\.onnx: ([\d_]+) bytes, SHA-256 (\w+)", done.output)
    assert told is not None
    assert int(told[1]) == len(graph)
    assert told[2] == hashlib.sha256(graph).hexdigest()
    rgb, _, trimap = textured(100, 8.0)
    alpha = Nano(graph).alpha(rgb, trimap)
    assert np.isfinite(alpha).all()
    assert np.ptp(alpha[trimap == UNKNOWN]) > 0.5

    again = CliRunner().invoke(command.main, call, catch_exceptions=False)
    assert told[0] in again.output
    assert '"step"' in done.output
    assert '"step"' not in again.output


def test_what_is_missing_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(command.main, [str(tmp_path / "work")])
    assert done.exit_code == 1
    assert re.fullmatch(r"photos \.\.\.\nError: Fetching photos needs apt-get\. .+\n", done.output)
    monkeypatch.setattr(command, "find_spec", lambda package: None)
    done = CliRunner().invoke(command.main, [str(tmp_path / "work")])
    assert done.exit_code == 1
    assert done.output == "Error: Training needs PyTorch; pip install 'pickmatte[torch]'\n"
