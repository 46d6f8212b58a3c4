import ArgumentParser
import JSONValues
import Tensors
import Training

/// `ktrain plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Says what a run will take: steps, negatives, tokens, memory, time.",
    discussion: """
      Takes a few mini-batches through real steps to measure them; trains nothing and writes no run. \
      Evaluation, checkpoints and what comes before the first step are not in the time.

      Examples:
        ktrain plan recipe.json
        ktrain plan recipe.json --set runtime.memory=8GiB --json
      """)

  @Argument(help: "The recipe, a JSON file.")
  var recipe: String

  @OptionGroup var overrides: RecipeOverrides

  @Flag(help: "Prints one JSON object: bytes and seconds.")
  var json = false

  func run() throws {
    let forecast = try RunForecast(overrides.read(recipe))
    print(json ? forecast.json.text(indent: 2) : Self.text(forecast))
  }

  private static func text(_ forecast: RunForecast) -> String {
    let (summary, tokens, memory) = (forecast.summary, forecast.tokens, forecast.memory)
    let (plan, seconds) = (summary.plan, forecast.seconds)
    var rows = summary.datasets.map { ["data", RunLines.data($0)] }
    rows += [
      [
        "steps",
        "\(Format.grouped(plan.totalSteps)) in \(plan.epochs) epochs, "
          + "\(Format.grouped(plan.warmupSteps)) of them warm-up",
      ],
      [
        "tokens",
        "\(Format.grouped(Int(tokens.mean))) a batch, \(Format.grouped(tokens.largest)) in "
          + "the largest of \(Format.grouped(tokens.batchCount)) counted; "
          + "\(Format.fixed(100 * tokens.truncatedShare, 1)) % of the texts are cut to "
          + "\(summary.maxSequenceLength)",
      ],
      [
        "memory",
        "\(Format.bytes(memory.peak)) at the peak; \(forecast.replayed) of "
          + "\(forecast.miniBatches) mini-batches encoded twice",
      ],
    ]
    rows += [
      ("weights", memory.weights), ("gradients", memory.gradients),
      ("optimizer", memory.optimizer), ("activations", memory.activations), ("loss", memory.loss),
      ("caches", memory.caches), ("other", memory.other),
    ].map { ["", "\(Format.right(Format.bytes($0.1), 10))  \($0.0)"] }
    let rate = tokens.mean * Double(plan.accumulation) / seconds.step
    rows.append(
      [
        "time",
        "\(Format.duration(forecast.totalSeconds)); \(Format.short(seconds.step)) s a step, "
          + "\(Format.grouped(Int(rate))) tokens/s; \(Format.count(summary.threads, "thread")), "
          + "\(summary.precision.rawValue), \(summary.kernels)",
      ])
    rows += [
      ("encode", seconds.encode), ("loss", seconds.loss), ("backward", seconds.backward),
      ("optimizer", seconds.optimizer),
    ].map { ["", "\(Format.right(Format.short($0.1), 10)) s  \($0.0)"] }
    rows += forecast.advice.map { ["advice", $0] }
    return rows.map { row in
      row[0] + String(repeating: " ", count: 9 - row[0].count) + row[1]
    }.joined(separator: "\n")
  }
}
