"""`pickmatte matte`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from running import error_of, read, run


def test_matte(cat: Path, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "alpha.png"
    result = run("matte", cat, made / "cat.trimap.png", "-o", out, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["files"] == {"alpha": str(out)}
    assert (told["width"], told["height"], told["matting"]) == (300, 200, "nano")
    np.testing.assert_array_equal(read(out), read(made / "cat.alpha.png"))


def test_matte_failures(cat: Path, bad: Path, tmp_path: Path) -> None:
    for photo, trimap in [(cat, "grey.png"), (cat, "small.png"), (bad / "half.png", "grey.png")]:
        error_of(run("matte", photo, bad / trimap, "-o", tmp_path / "alpha.png"), 1)
        assert not (tmp_path / "alpha.png").exists()
