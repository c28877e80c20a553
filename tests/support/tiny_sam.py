"""SAM-like networks small enough for tests, with random weights, saved as the hub keeps real ones.

Each function writes a model's files into a folder and gives the side of the square it takes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

SIDE = 64
_DECODER = {
    "hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2, "num_hidden_layers": 1,
    "iou_head_hidden_dim": 16, "attention_downsample_rate": 2,
}  # fmt: skip
_PROMPTS = {"hidden_size": 32, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 8}
_MEMORY = {
    "memory_attention_hidden_size": 32, "memory_attention_num_layers": 1,
    "memory_attention_num_attention_heads": 1, "memory_encoder_hidden_size": 32,
    "memory_encoder_output_channels": 16, "mask_downsampler_embed_dim": 32,
    "memory_fuser_embed_dim": 32, "memory_fuser_intermediate_dim": 32,
}  # fmt: skip
_SIZES = [[16, 16], [8, 8], [4, 4]]


def build_sam() -> Any:
    """As segment-anything's builders, with everything small."""
    from segment_anything.modeling import (
        ImageEncoderViT,
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )
    from torch import nn

    return Sam(
        ImageEncoderViT(
            img_size=SIDE, embed_dim=16, depth=2, num_heads=2, out_chans=32, use_rel_pos=True,
            window_size=2, global_attn_indexes=(1,), norm_layer=partial(nn.LayerNorm, eps=1e-6),
        ),
        PromptEncoder(32, (4, 4), (SIDE, SIDE), mask_in_chans=8),
        MaskDecoder(
            transformer_dim=32, transformer=TwoWayTransformer(1, 32, 2, 32), iou_head_hidden_dim=16
        ),
    )  # fmt: skip


def loud(network: Any) -> Any:
    """The network with weights that pass on what goes in, so that its logits are some ones large.

    As transformers makes new ones, what comes out is the same whatever is asked.
    """
    import torch

    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.ndim > 1 and "backbone" not in name:
                weight.normal_(0, weight[0].numel() ** -0.5)
    return network


def sam(folder: Path) -> int:
    """Meta's own checkpoint: the tensors of a `Sam`, pickled."""
    import torch

    torch.save(loud(build_sam()).state_dict(), folder / "sam_vit_b_01ec64.pth")
    return SIDE


def sam_hq(folder: Path) -> int:
    """Of a model for pictures."""
    import transformers

    vision = {
        "hidden_size": 16, "output_channels": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "image_size": SIDE, "window_size": 2, "global_attn_indexes": [1], "num_pos_feats": 16,
        "mlp_dim": 16,
    }  # fmt: skip
    prompts = {"hidden_size": 32, "image_size": SIDE, "mask_input_channels": 8}
    config = transformers.SamHQConfig(
        vision_config=vision,
        prompt_encoder_config=prompts,
        mask_decoder_config={**_DECODER, "vit_dim": 16},
    )
    loud(transformers.SamHQModel(config)).save_pretrained(folder)
    return SIDE


def sam2(folder: Path) -> int:
    """Of the model for video, as SAM 2.1 is kept."""
    import transformers

    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 8, "num_attention_heads": 1,
        "image_size": [SIDE, SIDE], "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64], "num_attention_heads_per_stage": [1, 1, 2, 4],
        "window_size_per_stage": [4, 2, 2, 2], "global_attention_blocks": [3],
        "window_positional_embedding_background_size": [4, 4],
    }  # fmt: skip
    vision = {
        "model_type": "sam2_vision_model", "backbone_config": backbone, "fpn_hidden_size": 32,
        "backbone_channel_list": [64, 32, 16, 8], "backbone_feature_sizes": _SIZES,
    }  # fmt: skip
    config = transformers.Sam2VideoConfig(
        vision_config=vision, prompt_encoder_config=_PROMPTS, mask_decoder_config=_DECODER,
        image_size=SIDE, memory_attention_rope_feat_sizes=[4, 4],
        memory_attention_feed_forward_hidden_size=32, **_MEMORY,
    )  # fmt: skip
    loud(transformers.Sam2VideoModel(config)).save_pretrained(folder)
    return SIDE


def edgetam(folder: Path) -> int:
    """Of the model for video, with the smallest backbone of its kind that timm has."""
    import transformers

    backbone = {
        "model_type": "timm_wrapper", "architecture": "repvit_m0_9", "num_classes": 2,
        "label_names": ["one", "two"],
        "model_args": {"in_chans": 3, "features_only": True, "out_indices": [0, 1, 2, 3]},
    }  # fmt: skip
    vision = {
        "model_type": "edgetam_vision_model", "backbone_config": backbone, "fpn_hidden_size": 32,
        "backbone_channel_list": [384, 192, 96, 48], "backbone_feature_sizes": _SIZES,
    }  # fmt: skip
    config = transformers.EdgeTamVideoConfig(
        vision_config=vision, prompt_encoder_config=_PROMPTS, mask_decoder_config=_DECODER,
        image_size=SIDE, memory_attention_rope_feat_sizes=[4, 4],
        memory_attention_mlp_hidden_size=32, perceiver_resampler_hidden_size=16,
        perceiver_resampler_mlp_intermediate_size=32, **_MEMORY,
    )  # fmt: skip
    loud(transformers.EdgeTamVideoModel(config)).save_pretrained(folder)
    return SIDE


def sam3(folder: Path) -> int:
    """Of the model for video: detector and tracker, as SAM 3 is kept."""
    import transformers
    from safetensors.torch import save_file

    small = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32}
    eye = {
        "backbone_config": {
            **small, "model_type": "sam3_vit_model", "num_hidden_layers": 2, "image_size": 112,
            "window_size": 4, "global_attn_indexes": [1], "pretrain_image_size": 56,
        },
        "fpn_hidden_size": 32,
        "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
    }  # fmt: skip
    detector = {
        "model_type": "sam3", "vision_config": eye,
        "text_config": {
            **small, "model_type": "clip_text_model", "num_hidden_layers": 1, "projection_dim": 16,
            "max_position_embeddings": 32, "vocab_size": 60, "bos_token_id": 58, "eos_token_id": 59,
        },
        "geometry_encoder_config": {**small, "num_layers": 1},
        "detr_encoder_config": {**small, "num_layers": 1},
        "detr_decoder_config": {**small, "num_layers": 1, "num_queries": 12},
        "mask_decoder_config": {"hidden_size": 32, "num_attention_heads": 2},
    }  # fmt: skip
    tracker = {
        "model_type": "sam3_tracker_video", "vision_config": eye, "image_size": 112,
        "prompt_encoder_config": {"hidden_size": 32, "image_size": 112},
        "mask_decoder_config": _DECODER, "memory_attention_rope_feat_sizes": [8, 8],
        "memory_attention_feed_forward_hidden_size": 32, **_MEMORY,
    }  # fmt: skip
    config = transformers.Sam3VideoConfig(detector_config=detector, tracker_config=tracker)
    model = loud(transformers.Sam3VideoModel(config))
    config.save_pretrained(folder)
    # As transformers 5.24 saves it, the tracker's names have their prefix twice.
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return 112
