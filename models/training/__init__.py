"""How the matting network `nano` is made: `python -m models.training`, see docs/training.md."""
