import Reports
import TestSupport
import Testing

/// Numbers as reports write them.
@Suite struct FiguresTests {
  @Test(arguments: [
    (0.17968, "0.1797"), (12.345, "12.35"), (4578.2, "4,578"), (0.00005, "5e-5"), (-0.5, "−0.5000"),
    (2.5e-4, "2.5e-4"), (0, "0"), (123.45, "123.5"), (1e8, "1e8"), (.infinity, "–"),
    (0.9999e-5, "1e-5"),
  ]) func shortNumbers(_ value: Double, _ text: String) { #expect(Figures.short(value) == text) }

  @Test(arguments: [
    (0.42, "0.42 s"), (9.96, "10.0 s"), (59.6, "1:00"), (223, "3:43"), (3723, "1:02:03"), (-1, "–"),
  ]) func durations(_ value: Double, _ text: String) { #expect(Figures.duration(value) == text) }

  @Test(arguments: [(310.4, "310 MiB"), (1024, "1.00 GiB"), (13_900, "13.57 GiB")])
  func bytes(_ mebibytes: Double, _ text: String) {
    #expect(Figures.bytes(mebibytes * 1_048_576) == text)
  }

  @Test func cutTexts() {
    #expect("abc".cut(to: 3) == "abc" && "abcd".cut(to: 3) == "ab…" && "".cut(to: 3) == "")
  }
}
