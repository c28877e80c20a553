"""Files of Hugging Face repositories at one commit: name, bytes, SHA-256.

The commits, sizes and hashes below stand the same in at least two public projects that pin these
repositories; OWLv2's `special_tokens_map.json` and `tokenizer_config.json` in one, with whose sizes
the total that another states is met. Where there is no hash, none could be checked, and the size is
about right. Only the files that transformers reads are listed.
"""

from __future__ import annotations

from typing import TypeAlias

from .records import File, Hub

# repository, commit, files
PinnedRepository: TypeAlias = tuple[str, str, tuple[tuple[str, int, str], ...]]


def files(from_hub: PinnedRepository) -> tuple[File, ...]:
    """Those of a repository as the catalogue lists them."""
    repo, commit, pinned = from_hub
    return tuple(
        File(name, size, sha256, (Hub(repo, commit, name),)) for name, size, sha256 in pinned
    )


_BERT = (
    (
        "preprocessor_config.json",
        457,
        "8454179ba95e2ad22947835aad7b45862a601fc0055ab88bf1ee70892d3aea60",
    ),
    (
        "tokenizer.json",
        711_396,
        "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    ),
    (
        "tokenizer_config.json",
        1_237,
        "d40ab645b68211910b9170d22433d43186a6ec8ee6fd10ba170524b25bf4fb56",
    ),
)

GROUNDING_DINO_TINY: PinnedRepository = (
    "IDEA-Research/grounding-dino-tiny",
    "a2bb814dd30d776dcf7e30523b00659f4f141c71",
    (
        (
            "config.json",
            1_644,
            "eec82c5ab66e16df12a9a212e68ac011779927c2536cf9078658e35d85f0c67a",
        ),
        (
            "model.safetensors",
            689_359_096,
            "1a2412ef99bd74bcd3c2a246fa1e48581f8889a1300c9051974741314fc042f3",
        ),
        *_BERT,
    ),
)

GROUNDING_DINO_BASE: PinnedRepository = (
    "IDEA-Research/grounding-dino-base",
    "12bdfa3120f3e7ec7b434d90674b3396eccf88eb",
    (
        (
            "config.json",
            1_737,
            "eda416dae6f49419ff831b1c190ec430a060b19aae688dbaf2425a075b650608",
        ),
        (
            "model.safetensors",
            933_400_872,
            "5548f844c928c4b6f411fa8cbcc2bfa8dbbba437cb1d513975519f93c2a9ed21",
        ),
        *_BERT,
    ),
)

OWLV2_BASE: PinnedRepository = (
    "google/owlv2-base-patch16-ensemble",
    "cfd3195ba4ea9592eec887ded089f4c08eff231d",
    (
        (
            "config.json",
            414,
            "ba9df8c25a4b8461887dd0a93d9252c9cd84697fe8d49a9d8794ce409af9acb2",
        ),
        (
            "model.safetensors",
            619_918_824,
            "e1e130b9e404cf91a75ad45644c1da9d7fa5284085eecc864266a6923efb99e7",
        ),
        (
            "preprocessor_config.json",
            425,
            "cf3e396635b797ee1a464e1b2836e98748f8edac19e89aaa2c93b55ac15b0064",
        ),
        (
            "merges.txt",
            524_619,
            "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a",
        ),
        (
            "vocab.json",
            1_059_962,
            "e089ad92ba36837a0d31433e555c8f45fe601ab5c221d4f607ded32d9f7a4349",
        ),
        (
            "special_tokens_map.json",
            121,
            "d6e2b9cf664efbad2d22998b8d3da986abcbeed3e0825ad33605c9401f9cf73e",
        ),
        (
            "tokenizer_config.json",
            1_100,
            "b55cda6198e152ded427c8a9b3faf1cccf27a7fa080697a62f6ff143f511f44f",
        ),
    ),
)

SAM3: PinnedRepository = (
    "facebook/sam3",
    "3c879f39826c281e95690f02c7821c4de09afae7",
    (
        (
            "config.json",
            25_843,
            "4616385e4b21f2e5e22c875b65679185cbccfa95de42542b9166f7dc3d57160f",
        ),
        (
            "model.safetensors",
            3_439_938_512,
            "6d06f0a5f84e435071fe6603e61d0b4cc7b40e0d39d487cfd4d67d8cc11cc14a",
        ),
        (
            "tokenizer.json",
            3_642_073,
            "6d9109cc838977f3ca94a379eec36aecc7c807e1785cd729660ca2fc0171fb35",
        ),
        (
            "tokenizer_config.json",
            799,
            "39670ad98457fe8f14ca59f6bb74591e9fc850974380a63993e5b8ffc865baa2",
        ),
    ),
)

SAM2_TINY: PinnedRepository = (
    "facebook/sam2.1-hiera-tiny",
    "de431c4043854a71d8101e17995dfe596bf101a5",
    (
        (
            "config.json",
            5_695,
            "860aff9751b139d83a4ad7df1e5535416fded533e0ead02625edbefcb9953cce",
        ),
        (
            "model.safetensors",
            155_908_064,
            "48c14467e5cf9e51870511feb72c89688e82dd74523142c0538b663e193ac2a7",
        ),
    ),
)

SAM2_SMALL: PinnedRepository = (
    "facebook/sam2.1-hiera-small",
    "e07df6aa19f5c6545121551bf89957b7663ee715",
    (
        (
            "config.json",
            5_698,
            "97ff9f65b76d107acda4247885f0a5555d0048850ae3c5f97183df289aaecde9",
        ),
        (
            "model.safetensors",
            184_305_280,
            "0a4067b11ce1e23d5229203f11c718a823060d15a4b23fa2372a7d4b77cbbc60",
        ),
    ),
)

SAM2_BASE_PLUS: PinnedRepository = (
    "facebook/sam2.1-hiera-base-plus",
    "main",
    (
        ("config.json", 5_700, ""),
        ("model.safetensors", 323_500_000, ""),
    ),
)

SAM2_LARGE: PinnedRepository = (
    "facebook/sam2.1-hiera-large",
    "665f8e2ad61cf5f53d65644ff27c8ee525124610",
    (
        (
            "config.json",
            5_705,
            "00446988cf4d617118d2d347eabe2c46aebed744628facdd540508be30b69ec3",
        ),
        (
            "model.safetensors",
            897_897_416,
            "dc407dce21301fd94abb395c5099b4f2c455fdc8a8f261ac3d0ea6d4cd197230",
        ),
    ),
)

EDGETAM: PinnedRepository = (
    "yonigozlan/EdgeTAM-hf",
    "c266ce53b3fc00f0f495b583f6a116c4e57f53bb",
    (
        ("config.json", 6_000, ""),
        (
            "model.safetensors",
            55_912_824,
            "8858f8e4757b0b96dab8763f296ecffd845efbbbf698f64163cfa20a63d5fff4",
        ),
    ),
)
