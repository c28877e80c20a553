"""Files out: cut-outs, single layers, layered documents."""
