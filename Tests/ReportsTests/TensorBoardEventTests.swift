import Foundation
import JSONValues
import Reports
import TestSupport
import Testing

/// Event files against TensorBoard's own writer; make_tensorboard_events.py made the expected bytes.
@Suite struct TensorBoardEventTests {
  @Test func everyByteIsTensorBoards() throws {
    let fixture = try Fixture.json("events.json", in: .module)
    var bytes = TensorBoardEvent.head(time: 1.5e9)
    bytes += TensorBoardEvent.text(
      time: 1.5e9 + 0.25, tag: "args", try #require(fixture["text"]?.string))
    let scalars = try #require(fixture["scalars"]?.array)
    for (index, scalar) in scalars.enumerated() {
      let parts = try #require(scalar.array)
      bytes += TensorBoardEvent.scalar(
        time: 1.5e9 + Double(index), step: try #require(parts[1].integer),
        tag: try #require(parts[0].string), try #require(parts[2].double))
    }
    bytes += TensorBoardEvent.restart(time: 1.6e9, step: 201)
    let expected = try Data(
      contentsOf: URL(filePath: Fixture.path("events.bin", in: .module)))
    #expect(Data(bytes) == expected)
  }

  /// `rewrite_logs` of transformers 5.23.
  @Test(arguments: [
    ("loss", "train/loss"), ("eval_dev_cosine_ndcg@10", "eval/dev_cosine_ndcg@10"),
    ("test_loss", "test/loss"), ("evaluation", "train/evaluation"), ("epoch", "train/epoch"),
  ])
  func tagsAreThePeers(key: String, tag: String) { #expect(TensorBoardEvent.tag(of: key) == tag) }

  @Test func theStepIsNoScalar() { #expect(TensorBoardEvent.tag(of: "step") == nil) }
}
