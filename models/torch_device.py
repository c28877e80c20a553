"""PyTorch and transformers, where they are installed, and the device that networks run on."""

from __future__ import annotations

from typing import Any

from models.errors import MissingExtra


def import_torch(name: str) -> tuple[Any, Any, str]:
    """The modules torch and transformers, and the best device there is: cuda, mps or cpu.

    Raises `MissingExtra`, saying that the model `name` needs them and how to install them.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtra(
            f"{name} needs PyTorch and transformers; install them with: "
            "pip install 'pickmatte[torch]'."
        ) from error
    # Its bar comes too late: what takes long is fetching the files, and that has a bar.
    transformers.utils.logging.disable_progress_bar()
    if torch.cuda.is_available():
        return torch, transformers, "cuda"
    return torch, transformers, "mps" if torch.backends.mps.is_available() else "cpu"
