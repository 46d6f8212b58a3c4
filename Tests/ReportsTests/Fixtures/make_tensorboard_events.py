"""Makes events.bin with TensorBoard's own writer: a head, a text, scalars and a restart, at times and
steps that TensorBoardEventTests repeats. And reads event files with TensorBoard's own reader:

    python make_tensorboard_events.py
    python make_tensorboard_events.py --read DIRECTORY      prints every scalar: tag, step, value

events.json records the versions and what was written.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCALARS = [
    ("train/loss", 1, 0.5), ("train/loss", 2, 0.0), ("train/learning_rate", 200, 5e-05),
    ("eval/dev_cosine_ndcg@10", 300_000, 0.8164358), ("train/grad_norm", 7, -1e30),
]
TEXT = "# the run's arguments\n\n{\"learning_rate\": 5e-05, \"이름\": \"é\"}"


def make():
    from tensorboard.compat.proto import event_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter
    from torch.utils.tensorboard import summary

    def event(**fields):
        return event_pb2.Event(**fields)

    writer = "tensorboard.summary.writer.event_file_writer"
    events = [
        event(
            wall_time=1.5e9, file_version="brain.Event:2",
            source_metadata=event_pb2.SourceMetadata(writer=writer)),
        event(wall_time=1.5e9 + 0.25, summary=summary.text("args", TEXT)),
    ]
    for index, (tag, step, value) in enumerate(SCALARS):
        events.append(
            event(wall_time=1.5e9 + index, step=step, summary=summary.scalar(tag, value)))
    events.append(
        event(
            wall_time=1.6e9, step=201,
            session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)))
    with open(HERE / "events.bin", "wb") as file:
        records = RecordWriter(file)
        for item in events:
            records.write(item.SerializeToString(deterministic=True))
        records.flush()
    versions = {n: importlib.metadata.version(n) for n in ("tensorboard", "protobuf", "torch")}
    (HERE / "events.json").write_text(
        json.dumps(
            {"made_with": versions, "text": TEXT, "scalars": SCALARS}, indent=1,
            ensure_ascii=False) + "\n", encoding="utf-8")


def read(directory):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(directory, size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    for tag in sorted(events.Tags()["scalars"]):
        for scalar in events.Scalars(tag):
            print(f"{tag}\t{scalar.step}\t{scalar.value:.9g}")
    for tag in events.Tags()["tensors"]:
        print(f"{tag}\t{len(events.Tensors(tag))} texts")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2])
    else:
        make()
