// swift-tools-version: 6.1
import PackageDescription

let features: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]
// Rooms that compute are optimised in debug builds too, or the tests would take hours.
let computing = features + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "crux",
  products: [.executable(name: "crux", targets: ["Crux"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .target(
      name: "CKernels",
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math"])]),
    .systemLibrary(name: "COpenBLAS"),
    .target(
      name: "CTerminal",
      cSettings: [.define("_XOPEN_SOURCE_EXTENDED"), .define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .systemLibrary(name: "CCompression"),
    .target(name: "CProcess", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: computing),
    .target(name: "LanguageModel", dependencies: ["Tensors"], swiftSettings: computing),
    .target(
      name: "ModelFiles", dependencies: ["Tensors", "LanguageModel"], exclude: ["README.md"],
      swiftSettings: computing),
    .target(
      name: "ServedPolicy", dependencies: ["Tensors", "LanguageModel"], exclude: ["README.md"],
      swiftSettings: features),
    .target(name: "Trajectories", swiftSettings: features),
    .target(
      name: "Grading",
      dependencies: ["Trajectories", .product(name: "BigInt", package: "BigInt")],
      exclude: ["README.md"], swiftSettings: computing),
    .target(
      name: "Learning", dependencies: ["Tensors", "LanguageModel", "Trajectories", "Grading"],
      swiftSettings: computing),
    .target(
      name: "Records",
      dependencies: [
        "CCompression", "Trajectories", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["README.md"], swiftSettings: computing),
    .target(
      name: "Workbench", dependencies: ["Trajectories"], exclude: ["README.md"],
      swiftSettings: features),
    .target(name: "Terminal", dependencies: ["CTerminal", "Workbench"], swiftSettings: features),
    .target(
      name: "Session",
      dependencies: [
        "CProcess", "Tensors", "LanguageModel", "ModelFiles", "Trajectories", "Grading", "Learning",
        "Records", "ServedPolicy", "Workbench",
      ],
      exclude: ["README.md"], swiftSettings: features),
    .executableTarget(
      name: "Crux",
      dependencies: [
        "Tensors", "LanguageModel", "ModelFiles", "Trajectories", "Grading", "Learning", "Records",
        "Workbench", "Session", "ServedPolicy", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: computing),
    .testTarget(
      name: "LanguageModelTests",
      dependencies: ["Comparing", "LanguageModel", "ModelFiles", "Tensors"],
      resources: [.copy("Golden")], swiftSettings: computing),
    .testTarget(
      name: "ServedPolicyTests", dependencies: ["ServedPolicy", "ServerTesting", "LanguageModel"],
      resources: [.copy("Recorded")], swiftSettings: features),
    .testTarget(
      name: "TrajectoriesTests", dependencies: ["Trajectories"], swiftSettings: features),
    .testTarget(
      name: "GradingTests", dependencies: ["Grading", "Tensors", "Trajectories"],
      exclude: ["Differential"],
      resources: [.copy("Golden")], swiftSettings: computing),
    .testTarget(
      name: "LearningTests",
      dependencies: [
        "Comparing", "Learning", "LanguageModel", "ModelFiles", "Tensors", "Trajectories",
        "Grading",
      ],
      resources: [.copy("Golden")], swiftSettings: computing),
    .testTarget(
      name: "RecordsTests",
      dependencies: [
        "Comparing", "Records", "Trajectories", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [.copy("Fixtures"), .copy("Golden")], swiftSettings: features),
    .testTarget(
      name: "WorkbenchTests", dependencies: ["Workbench", "Trajectories"],
      resources: [.copy("Screens"), .copy("Scripts")], swiftSettings: features),
    .target(name: "Comparing", path: "Tests/Comparing", swiftSettings: features),
    .target(name: "ServerTesting", path: "Tests/ServerTesting", swiftSettings: features),
    .target(
      name: "TerminalTesting", dependencies: ["Records", "Trajectories", "Workbench"],
      path: "Tests/TerminalTesting", swiftSettings: features),
    .testTarget(
      name: "TerminalTests",
      dependencies: ["Terminal", "TerminalTesting", "Workbench", "Trajectories"],
      swiftSettings: features),
    .testTarget(
      name: "SessionTests",
      dependencies: [
        "Comparing", "LanguageModel", "Learning", "ModelFiles", "Records", "ServerTesting",
        "Session", "TerminalTesting", "Trajectories", "Workbench",
      ],
      swiftSettings: features),
    .testTarget(
      name: "CruxTests",
      dependencies: [
        "Comparing", "Crux", "ServerTesting", "Session", "Records", "TerminalTesting",
        "Trajectories",
        "LanguageModel", "ModelFiles", "Grading", "Learning", "Workbench",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Journey"],
      swiftSettings: features),
    .testTarget(
      name: "SoakTests",
      dependencies: ["Comparing", "Records", "TerminalTesting", "Trajectories", "Workbench"],
      path: "Tests/Soak", exclude: ["README.md", "run", "threads.txt"], swiftSettings: features),
    .testTarget(name: "ArchitectureTests", swiftSettings: features),
  ]
)
