// swift-tools-version: 6.1
import PackageDescription

// The rooms again, with libFuzzer's and AddressSanitizer's instruments in them. A package of its own, so
// that nothing of this is in a build of Crux.
let swift: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-O", "-enable-testing", "-sanitize=fuzzer,address", "-parse-as-library"]),
]
let c: [CSetting] = [
  .define("_XOPEN_SOURCE_EXTENDED"), .define("_GNU_SOURCE"),
  .unsafeFlags(["-O2", "-fsanitize=fuzzer-no-link,address,undefined", "-fsanitize-trap=undefined"]),
]

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Rooms/\(name)", exclude: exclude,
    swiftSettings: swift)
}

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // No reader reaches the kernels but through sizes that are checked before; their tests run under
    // the sanitizers (Tests/Soak/run).
    .target(name: "CKernels", path: "Rooms/CKernels", cSettings: [.unsafeFlags(["-O1"])]),
    .systemLibrary(name: "COpenBLAS", path: "Rooms/COpenBLAS"),
    .systemLibrary(name: "CCompression", path: "Rooms/CCompression"),
    .target(
      name: "CTerminal", path: "Rooms/CTerminal", cSettings: c,
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    room("Tensors", ["CKernels", "COpenBLAS"]),
    room("LanguageModel", ["Tensors"]),
    room("ModelFiles", ["Tensors", "LanguageModel"], exclude: ["README.md"]),
    room("Trajectories"),
    room(
      "Grading", ["Trajectories", .product(name: "BigInt", package: "BigInt")],
      exclude: ["README.md"]),
    room("Learning", ["Tensors", "LanguageModel", "Trajectories", "Grading"]),
    room(
      "Records",
      ["CCompression", "Trajectories", .product(name: "GRDB", package: "GRDB.swift")],
      exclude: ["README.md"]),
    room("Workbench", ["Trajectories"], exclude: ["README.md"]),
    room("Terminal", ["CTerminal", "Workbench"]),
    // Of the session only what reads a judge.
    .target(
      name: "Judging", dependencies: ["Workbench"], path: "Rooms/Session",
      sources: ["Reward/JudgeOutput.swift", "quoted.swift"], swiftSettings: swift),
    .executableTarget(
      name: "Readers",
      dependencies: [
        "CKernels", "LanguageModel", "ModelFiles", "Learning", "Grading", "Judging", "Records",
        "Terminal",
        "Trajectories",
        "Workbench",
      ],
      path: "Readers", swiftSettings: swift,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
  ]
)
