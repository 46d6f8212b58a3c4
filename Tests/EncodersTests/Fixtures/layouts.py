"""What the scripts that make model directories share: layouts, variants of a directory, goldens."""

import json
import shutil
import tempfile
from pathlib import Path

from reference import FIXTURES, numbers, versions, write_json

import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel


def make_weights(model, seed):
    """Normals: matrices 0.15, embeddings 0.5, biases 0.1, LayerNorm weights 1 + 0.2 x, so that no
    parameter is without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "LayerNorm.weight" in name:
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            else:
                parameter.copy_((0.5 if "embeddings" in name else 0.15) * noise)


def write_compact(path, value):
    """JSON on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


def write_indented(path, value):
    """JSON as the library writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def legacy_pooling(mode):
    """The pooling's configuration as 2.x to 4.x wrote it."""
    names = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]
    return {"word_embedding_dimension": 32, **{f"pooling_mode_{n}": n == mode for n in names}}


def legacy_modules(*kinds):
    """modules.json as 2.x to 5.3 wrote it."""
    paths = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    return [
        {
            "idx": i,
            "name": str(i),
            "path": paths[kind],
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]


# How the variants of a directory are put together: copy it, remove these, copy a folder over the rest.
PLAIN = {
    "folder": None,
    "remove": [
        "1_Pooling",
        "2_Normalize",
        "modules.json",
        "config_sentence_transformers.json",
        "sentence_bert_config.json",
    ],
}


def assemble(model, variant, folder):
    """Puts a variant of the fixture `model` together in `folder` (which must not exist)."""
    shutil.copytree(FIXTURES / model, folder)
    for path in variant["remove"]:
        target = Path(folder) / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    if variant["folder"]:
        shutil.copytree(FIXTURES / variant["folder"], folder, dirs_exist_ok=True)
    return folder


def make_golden(model_name, variants, texts, seed, max_seq_length, hidden_of=(0, 1)):
    """Writes `<model_name>.golden.json`: ids, embeddings of each variant, some hidden states."""
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, variant in variants.items():
            folder = assemble(model_name, variant, Path(scratch) / name)
            # float32 arithmetic for every variant: transformers 5 would compute in the stored type.
            arithmetic = {"dtype": torch.float32}
            model = SentenceTransformer(str(folder), device="cpu", model_kwargs=arithmetic)
            assert model.max_seq_length == max_seq_length, (name, model.max_seq_length)
            embeddings = model.encode(texts, batch_size=len(texts), convert_to_tensor=True)
            alone = torch.cat([model.encode([text], convert_to_tensor=True) for text in texts])
            change = (alone - embeddings).abs().max()
            print(f"{model_name} {name}: padding changes an embedding by at most {change:.1e}")
            if name == "native":
                ids = [model.preprocess([text])["input_ids"][0].tolist() for text in texts]
                transformer = AutoModel.from_pretrained(folder)
                with torch.no_grad():
                    hidden = {
                        str(i): transformer(input_ids=torch.tensor([ids[i]])).last_hidden_state[0]
                        for i in hidden_of
                    }
            results[name] = {**variant, "embeddings": numbers(embeddings)}
    write_json(
        FIXTURES / f"{model_name}.golden.json",
        {
            "made_with": versions(seed=seed),
            "max_seq_length": max_seq_length,
            "texts": texts,
            "input_ids": ids,
            "hidden": {index: numbers(states) for index, states in hidden.items()},
            "variants": results,
        },
    )
