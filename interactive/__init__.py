"""One picture being worked on, from prompts to a cut-out: NumPy in, NumPy out, no screen."""
