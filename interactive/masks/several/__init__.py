"""Several subjects in one picture: which masks they take, and who owns a pixel."""
