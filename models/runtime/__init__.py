"""What networks run on: ONNX Runtime, PyTorch, devices, memory."""
