"""Networks that find what stands out: one file for the family in ONNX Runtime."""
