"""The network of `nano`: a small U-Net that judges colour samples, and says how sure it is."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pickmatte.models.matting.evidence import CANDIDATES, CHANNELS

LEAST, MOST = -6.0, 0.0  # of the logarithm of the expected error


def _block(inside: int, outside: int, *, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class Nano(nn.Module):
    """Evidence N×CHANNELS×H×W, sides multiples of 8 -> alpha and log error, each N×1×H×W.

    Alpha is a mixture, per pixel, of what the samples propose, plain 0 and 1, and one value of the
    network's own: it learns whom to believe before it learns to paint.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at1 = _block(CHANNELS, 16)
        self.at2 = nn.Sequential(_block(CHANNELS, 32, stride=2), _block(32, 32))
        self.at4 = nn.Sequential(_block(32, 48, stride=2), _block(48, 48))
        self.at8 = nn.Sequential(
            _block(48, 64, stride=2),
            _block(64, 64, dilation=2),
            _block(64, 64, dilation=4),
            _block(64, 64, dilation=2),
        )
        self.up4 = _block(64 + 48, 48)
        self.up2 = nn.Sequential(_block(48 + 32, 32), _block(32, 32))
        self.up1 = nn.Sequential(_block(32 + 16, 16), _block(16, 16))
        self.head = nn.Conv2d(16, len(CANDIDATES) + 3 + 2, 1)

    def forward(self, evidence: Tensor) -> tuple[Tensor, Tensor]:
        """Alpha in 0..1 and the logarithm of its expected error."""
        full = self.at1(evidence)
        half = self.at2(evidence)
        quarter = self.at4(half)
        eighth = self.at8(quarter)
        up = self.up4(torch.cat([_double(eighth), quarter], 1))
        up = self.up2(torch.cat([_double(up), half], 1))
        up = self.up1(torch.cat([_double(up), full], 1))
        head = self.head(up)
        count = len(CANDIDATES)
        trust = torch.softmax(head[:, : count + 3], 1)
        proposed = evidence[:, CANDIDATES]
        alpha = (trust[:, :count] * proposed).sum(1, keepdim=True)
        own = torch.sigmoid(head[:, count + 3 : count + 4])
        alpha = alpha + trust[:, count : count + 1] + trust[:, count + 1 : count + 2] * own
        error = LEAST + (MOST - LEAST) * torch.sigmoid(head[:, count + 4 : count + 5])
        return alpha, error


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
