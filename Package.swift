// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of our own Swift code, with the language settings that all of them share.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one target; they may copy files from their `Fixtures` folder.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = false,
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
    exclude: exclude,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: settings)
}

let package = Package(
  name: "ktrain",
  products: [.executable(name: "ktrain", targets: ["ktrain"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // MARK: - 0  System libraries (OpenBLAS is opened at run time: see CKernels/blas.c)
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CTerminal"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),

    // MARK: - 1  Kernels, text and rows: nothing here knows a model
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m"), .linkedLibrary("dl")]),
    library("JSONValues"),
    library("Tokenizers", ["JSONValues"]),
    library("Datasets", ["JSONValues", "CZlib", "CCrypto", "CHDF5"]),
    library("Sampling"),

    // MARK: - 2  Numbers
    library("Tensors", ["CKernels"]),

    // MARK: - 3  Functions of embeddings, and files of tensors
    library("Losses", ["Tensors", "CKernels"]),
    library("Retrieval", ["Tensors", "CKernels", "Sampling"]),
    library("Optimizers", ["Tensors", "CKernels"]),
    library("Checkpoints", ["JSONValues", "CCrypto"]),
    // OpenMPI is opened at run time too, and only where it started the process.
    library("Ranks", ["Tensors", "CKernels"]),

    // MARK: - 4  Models; what a run has written, for people
    library("Encoders", ["Tensors", "Tokenizers", "Checkpoints", "JSONValues"]),
    library("Reports", ["Checkpoints", "JSONValues"]),

    // MARK: - 5  Runs
    library(
      "Training",
      [
        "Encoders", "Losses", "Optimizers", "Datasets", "Sampling", "Retrieval", "Checkpoints",
        "Tensors", "Tokenizers", "JSONValues", "Reports", "Ranks",
      ]),

    // MARK: - 6  The command
    .executableTarget(
      name: "ktrain",
      dependencies: [
        "Training", "Encoders", "Tokenizers", "Checkpoints", "Datasets", "Retrieval", "JSONValues",
        "Tensors", "Reports", "Ranks", "CTerminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    // MARK: - Tests
    .target(
      name: "TestSupport", dependencies: ["JSONValues"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("JSONValues"),
    tests("Tokenizers", ["JSONValues"], fixtures: true),
    tests("Datasets", ["JSONValues"], fixtures: true),
    tests("Sampling", ["JSONValues"], fixtures: true),
    // The kernels that few processors can run, with their instructions emulated.
    .target(name: "EmulatedTiles", dependencies: ["CKernels"], path: "Tests/EmulatedTiles"),
    tests("Tensors", ["CKernels", "EmulatedTiles", "JSONValues"], fixtures: true),
    tests("Losses", ["Tensors", "JSONValues"], fixtures: true),
    tests("Retrieval", ["Tensors", "JSONValues"], fixtures: true),
    tests("Optimizers", ["Tensors", "JSONValues"], fixtures: true),
    tests("Checkpoints", ["JSONValues"], fixtures: true),
    tests("Encoders", ["Tensors", "Tokenizers", "Checkpoints", "JSONValues"], fixtures: true),
    tests("Reports", ["JSONValues"], fixtures: true),
    tests(
      "Training",
      [
        "Encoders", "Losses", "Optimizers", "Sampling", "Tensors", "Checkpoints", "JSONValues",
      ],
      fixtures: true,
      exclude: ["Benchmarks"]),
    tests("ktrain", ["Datasets", "Encoders", "Tensors", "JSONValues"], fixtures: true),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Training", "Encoders", "Datasets", "Checkpoints", "Tokenizers", "JSONValues",
        "TestSupport",
      ], exclude: ["Fixtures"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
