"""Closed-form matting: alpha as a local linear function of colour, by a sparse linear system.

A. Levin, D. Lischinski, Y. Weiss: A Closed-Form Solution to Natural Image Matting, PAMI 2008.
The Laplacian and the incomplete Cholesky factor are pymatting's.
"""

from __future__ import annotations

import contextlib
import io

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.errors import PickmatteError
from models.matting.trimaps import FOREGROUND, UNKNOWN, check_trimap
from models.protocols import RGB, Alpha, TileRules, Trimap


class ClosedForm:
    """Levin's closed-form matting on the unknown pixels only."""

    name = "closed-form"
    rules = TileRules(
        context=32,
        largest=250_000,
        bytes_per_unknown=1800,
        bytes_per_pixel=900,
    )

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Alpha of a picture, float32 H×W in 0..1; known pixels are exactly 0 or 1.

        `rgb` is uint8 H×W×3, `trimap` uint8 H×W of 0, 128, 255. Raises `TrimapError`.
        """
        check_trimap(trimap, rgb.shape[:2])
        alpha = (trimap == FOREGROUND).astype(np.float32)
        unknown = trimap == UNKNOWN
        if not unknown.any():
            return alpha
        alpha[unknown] = _solve(rgb, unknown, alpha)
        return alpha


def _solve(rgb: RGB, unknown: NDArray[np.bool_], alpha: Alpha) -> NDArray[np.float64]:
    from pymatting.laplacian.cf_laplacian import cf_laplacian
    from pymatting.preconditioner.ichol import ichol
    from pymatting.preconditioner.jacobi import jacobi
    from pymatting.solver.cg import cg

    laplacian = cf_laplacian(rgb / 255.0, is_known=~unknown)
    rows = laplacian[unknown.ravel()]
    system = rows[:, unknown.ravel()]
    system = system + sparse.identity(system.shape[0], format="csr") * 1e-9
    goal = -(rows[:, ~unknown.ravel()] @ alpha[~unknown].astype(np.float64))
    with contextlib.redirect_stdout(io.StringIO()):
        for precondition in (ichol, jacobi):
            try:
                x = cg(system, goal, M=precondition(system), rtol=1e-6, maxiter=3000)
            except ValueError:
                continue
            if np.isfinite(x).all():
                return np.clip(x, 0, 1)
    raise PickmatteError("The alpha could not be computed; try a narrower unknown band.")
