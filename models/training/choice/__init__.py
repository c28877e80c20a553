"""The score that says which mask a click means, fitted to photos with true masks."""
