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
        ktrain plan recipe.json --ranks 16 --nodes 8 --network 25
      """)

  @Argument(help: "The recipe, a JSON file.")
  var recipe: String

  @OptionGroup var overrides: RecipeOverrides

  @Flag(help: "Prints one JSON object: bytes and seconds.")
  var json = false

  @Option(help: "What a step would take on so many ranks, each with the threads of this process.")
  var ranks: Int?

  @Option(help: "On how many nodes the ranks are; default: each on one of its own.")
  var nodes: Int?

  @Option(help: "What the network of a node carries, in Gbit/s.")
  var network = 10.0

  func validate() throws {
    guard network > 0 else {
      throw ValidationError("--network: expected more than 0 Gbit/s, found \(network)")
    }
    guard let ranks else {
      if nodes != nil { throw ValidationError("--nodes goes with --ranks") }
      return
    }
    guard ranks > 0 else { throw ValidationError("--ranks: expected 1 or more, found \(ranks)") }
    guard let nodes else { return }
    guard nodes > 0, ranks % nodes == 0 else {
      throw ValidationError("--nodes: \(ranks) ranks cannot be spread evenly over \(nodes)")
    }
  }

  func run() throws {
    let forecast = try RunForecast(overrides.read(recipe))
    let shared = ranks.map {
      RankForecast(
        forecast, rankCount: $0, nodeCount: nodes ?? $0, bytesPerSecond: network * 1e9 / 8)
    }
    if json, case .object(var object) = forecast.json {
      object["on_ranks"] = shared?.json
      print(JSONValue.object(object).text(indent: 2))
    } else {
      print(([Self.text(forecast)] + [shared.map(text)].compactMap(\.self)).joined(separator: "\n"))
    }
  }

  private func text(_ shared: RankForecast) -> String {
    let efficiency = Format.fixed(100 * shared.speedup / Double(shared.rankCount), 0)
    return """
      ranks    \(shared.rankCount) on \(shared.nodeCount) nodes of \(Format.short(network)) Gbit/s: \
      \(Format.short(shared.stepSeconds)) s a step, \(Format.short(shared.speedup)) times as fast as \
      one (\(efficiency) %)
               \(Format.right(Format.short(shared.computeSeconds), 10)) s  computing
               \(Format.right(Format.short(shared.exchangeSeconds), 10)) s  exchanging, if none of it overlaps
               \(Format.right(Format.bytes(Int(shared.embeddingBytes)), 10))  sent by a rank: embeddings and \
      their gradients
               \(Format.right(Format.bytes(Int(shared.gradientBytes)), 10))  sent by a rank: gradients of weights
      """
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
