"""Writes cards/peer.md: the model card that sentence-transformers 6.2 itself writes after a short
training of tiny-bert, with arguments that differ from the defaults.

    python make_model_card.py

The card names the versions that made it. The numbers in its tables depend on the machine; what a
recipe is made from does not.
"""

import os
import tempfile
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""

from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses)
from sentence_transformers.sentence_transformer.model_card import SentenceTransformerModelCardData

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "EncodersTests" / "Fixtures" / "tiny-bert"

rows = range(32)
dataset = Dataset.from_dict({
    "question": [f"question {row}" for row in rows],
    "answer": [f"the answer is {row}" for row in rows],
    "wrong": [f"the answer is not {row}" for row in rows],
})
with tempfile.TemporaryDirectory() as scratch:
    os.chdir(MODEL.parent)
    model = SentenceTransformer(
        MODEL.name, device="cpu",
        model_card_data=SentenceTransformerModelCardData(language="en", license="apache-2.0"))
    guide = SentenceTransformer(MODEL.name, device="cpu")
    loss = losses.CachedGISTEmbedLoss(
        model, guide, temperature=0.02, mini_batch_size=16, margin_strategy="relative", margin=0.05)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=scratch, num_train_epochs=2, per_device_train_batch_size=8,
        per_device_eval_batch_size=16, learning_rate=3e-5, warmup_steps=0.1, weight_decay=0.01,
        lr_scheduler_type="cosine", dataloader_drop_last=True, batch_sampler="no_duplicates",
        seed=7, prompts={"question": "query: ", "answer": "passage: ", "wrong": "passage: "},
        save_strategy="no", report_to="none", logging_steps=2)
    SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=dataset, loss=loss).train()
    model.save(scratch + "/final")
    card = Path(scratch, "final", "README.md").read_text(encoding="utf-8")
(HERE / "cards").mkdir(exist_ok=True)
(HERE / "cards" / "peer.md").write_text(card, encoding="utf-8")
