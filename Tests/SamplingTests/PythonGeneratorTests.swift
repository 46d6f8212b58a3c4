import JSONValues
import Sampling
import Testing

@Suite struct PythonGeneratorTests {
  @Test(arguments: Case.all("python_samples"))
  func samplesAreThoseOfPython(_ reference: Case) throws {
    var generator = PythonGenerator(seed: try reference.seed())
    let (count, population) = (
      try reference.integer("count"), try reference.integer("population")
    )
    for drawn in try reference.rows("drawn") {
      #expect(generator.sample(count, of: population).map { Int32($0) } == drawn)
    }
  }
}
