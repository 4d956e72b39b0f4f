// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Hayloft",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Hayloft", targets: ["Hayloft"]),
        .library(name: "HayTokenizer", targets: ["HayTokenizer"]),
        .library(name: "HayTemplate", targets: ["HayTemplate"]),
        .executable(name: "hayloft", targets: ["HayCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        .target(name: "CKernels", path: "Kernels", exclude: ["README.md"], sources: ["CPU", "kernels.c"]),
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .target(name: "HayJSON"),
        .target(name: "HayTensor", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "HayWeights", dependencies: ["HayTensor", "HayJSON"]),
        .target(name: "HayNN", dependencies: ["HayTensor", "HayWeights", "HayJSON"]),
        .target(name: "HayModels", dependencies: ["HayNN"], path: "Models", exclude: ["Bundled"]),
        .target(name: "HayTokenizer", dependencies: ["HayJSON"]),
        .target(name: "HayTemplate", dependencies: ["HayJSON"]),
        .target(name: "HayGeneration", dependencies: ["HayNN", "HayJSON"]),
        .target(name: "Hayloft", dependencies: ["HayModels", "HayGeneration", "HayTokenizer", "HayTemplate"]),
        .executableTarget(
            name: "HayCLI",
            dependencies: [
                "Hayloft", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "TestSupport", dependencies: ["HayJSON"], path: "Tests/Support", exclude: ["make_golden.py"]),
        .testTarget(name: "HayCLITests", dependencies: ["HayCLI", "TestSupport"]),
    ]
        + tests([
            "HayJSON", "HayTensor", "HayWeights", "HayNN", "HayTokenizer", "HayTemplate", "HayGeneration", "Hayloft",
        ]),
    swiftLanguageModes: [.v6]
)

/// The test targets of modules; scripts beside them that compare with other implementations are no sources.
func tests(_ modules: [String]) -> [Target] {
    let scripts = ["HayTokenizer": ["compare_random.py", "make_unicode_tables.py"]]
    return modules.map { module in
        .testTarget(
            name: "\(module)Tests", dependencies: [.byName(name: module), "TestSupport"],
            exclude: scripts[module] ?? [])
    }
}
