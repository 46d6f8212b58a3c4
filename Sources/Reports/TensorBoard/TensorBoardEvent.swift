/// What stands in TensorBoard's event files: records of TensorFlow's `Event` message, as its own
/// writer makes them.
///
/// Reference: TensorBoard 2.21, `compat/proto/event.proto` and `summary.proto`.
package enum TensorBoardEvent {
  /// The head of a file; times are in seconds since 1970.
  package static func head(time: Double) -> [UInt8] {
    record(time: time, step: 0) { event in
      event.add(3, "brain.Event:2")
      event.add(10) { $0.add(1, "tensorboard.summary.writer.event_file_writer") }
    }
  }

  /// Says that the run starts once more: what older files of the directory have of this and later
  /// steps does not count any more.
  package static func restart(time: Double, step: Int) -> [UInt8] {
    record(time: time, step: step) { event in
      event.add(7) { $0.add(1, 1) }  // SessionLog.START
    }
  }

  /// A number after a step.
  package static func scalar(time: Double, step: Int, tag: String, _ value: Double) -> [UInt8] {
    record(time: time, step: step) { event in
      event.add(5) { summary in
        summary.add(1) { entry in
          entry.add(1, tag)
          entry.add(2, Float(value))
        }
      }
    }
  }

  /// A text in Markdown.
  package static func text(time: Double, tag: String, _ text: String) -> [UInt8] {
    record(time: time, step: 0) { event in
      event.add(5) { summary in
        summary.add(1) { entry in
          entry.add(1, tag + "/text_summary")
          entry.add(8) { tensor in
            tensor.add(1, 7)  // DT_STRING
            tensor.add(2) { shape in shape.add(2) { $0.add(1, 1) } }
            tensor.add(8, text)
          }
          entry.add(9) { metadata in metadata.add(1) { $0.add(1, "text") } }
        }
      }
    }
  }

  /// What a value of the log is called, as transformers' `TensorBoardCallback` has it: nil for the
  /// step, which every event has.
  package static func tag(of key: String) -> String? {
    if key == "step" { return nil }
    for prefix in ["eval", "test"] where key.hasPrefix(prefix + "_") {
      return prefix + "/" + key.dropFirst(prefix.count + 1)
    }
    return "train/" + key
  }

  private static func record(
    time: Double, step: Int, _ body: (inout ProtoMessage) -> Void
  ) -> [UInt8] {
    var event = ProtoMessage()
    event.add(1, time)
    event.add(2, step)
    body(&event)
    return TFRecord.framed(event.bytes)
  }
}
