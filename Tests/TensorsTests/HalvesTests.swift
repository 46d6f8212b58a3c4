import CKernels
import JSONValues
import TestSupport
import Testing

/// Conversions between fp32 and numbers of 16 bits.
@Suite struct HalvesTests {
  typealias Narrow = @Sendable (Int, UnsafePointer<Float>, UnsafeMutablePointer<UInt16>) -> Void
  typealias Widen = @Sendable (Int, UnsafePointer<UInt16>, UnsafeMutablePointer<Float>) -> Void

  /// A 16-bit format: its name in the fixture, and its conversions, the fast and the plain form.
  struct Format: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let narrow: [Narrow]
    let widen: [Widen]
    /// The bits of infinity.
    let infinity: UInt16
  }

  static let formats = [
    Format(
      testDescription: "fp16",
      narrow: [
        { kt_fp16_from_fp32($0, $1, $2) }, { kt_fp16_from_fp32_plain($0, $1, $2) },
      ],
      widen: [
        { kt_fp32_from_fp16($0, $1, $2) }, { kt_fp32_from_fp16_plain($0, $1, $2) },
      ], infinity: 0x7c00),
    Format(
      testDescription: "bf16",
      narrow: [
        { kt_bf16_from_fp32($0, $1, $2) }, { kt_bf16_from_fp32_plain($0, $1, $2) },
      ],
      widen: [
        { kt_fp32_from_bf16($0, $1, $2) }, { kt_fp32_from_bf16_plain($0, $1, $2) },
      ], infinity: 0x7f80),
  ]

  @Test(arguments: formats) func roundsAsNumpyAndTorch(format: Format) throws {
    let fixture = try Fixture.json("halves.json", in: .module)
    let x = try #require(fixture["fp32"]).numbers.map { Float(bitPattern: UInt32($0)) }
    let expected = try #require(fixture[format.testDescription]).numbers.map { UInt16($0) }
    for narrow in format.narrow {
      // Vectors of any length and their rest.
      for count in [x.count, 1, 7, 16, 33] {
        var y = [UInt16](repeating: 0, count: count)
        narrow(count, x, &y)
        #expect(y == Array(expected[..<count]))
      }
    }
  }

  /// Every number of 16 bits becomes fp32 as Swift has it and comes back as it was.
  @Test(arguments: formats) func allHalvesThereAndBack(format: Format) {
    let all = (0...UInt16.max).map { $0 }
    let infinity = format.infinity
    let isNaN = { (bits: UInt16) in bits & 0x7fff > infinity }
    let isFP16 = infinity == 0x7c00
    let expected = all.map { bits in
      isFP16 ? Float(Float16(bitPattern: bits)) : Float(bitPattern: UInt32(bits) << 16)
    }
    for (narrow, widen) in zip(format.narrow, format.widen) {
      var wide = [Float](repeating: 0, count: all.count)
      widen(all.count, all, &wide)
      var back = [UInt16](repeating: 0, count: all.count)
      narrow(all.count, wide, &back)
      let wrong = all.indices.filter { index in
        isNaN(all[index])
          ? !wide[index].isNaN || !isNaN(back[index]) || back[index] & 0x8000 != all[index] & 0x8000
          : wide[index].bitPattern != expected[index].bitPattern || back[index] != all[index]
      }
      #expect(wrong.isEmpty, "first of \(wrong.count): \(wrong.first ?? 0)")
    }
  }

  /// A NaN whose payload is all in the bits that are cut off does not become infinite.
  @Test(arguments: formats) func nanStaysNaN(format: Format) {
    let x = [0x7f80_0001, 0xff80_0001, 0x7fc0_0000, 0x7fff_ffff, 0x7f80_1000].map {
      Float(bitPattern: UInt32($0))
    }
    for narrow in format.narrow {
      var y = [UInt16](repeating: 0, count: x.count)
      narrow(x.count, x, &y)
      #expect(y.allSatisfy { $0 & 0x7fff > format.infinity })
      #expect(y.map { $0 >> 15 } == [0, 1, 0, 0, 0])
    }
  }
}
