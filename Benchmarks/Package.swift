// swift-tools-version: 6.1
import PackageDescription

// What is measured within one process; the scripts beside this compare it with other implementations.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Hayloft", path: "..")],
    targets: [
        .executableTarget(
            name: "TextBench",
            dependencies: [
                .product(name: "HayJSON", package: "Hayloft"),
                .product(name: "HayTemplate", package: "Hayloft"),
                .product(name: "HayTokenizer", package: "Hayloft"),
            ]),
        .executableTarget(
            name: "GenerationBench",
            dependencies: [
                .product(name: "HayJSON", package: "Hayloft"), .product(name: "Hayloft", package: "Hayloft"),
            ]),
        .executableTarget(name: "KernelBench", dependencies: [.product(name: "Hayloft", package: "Hayloft")]),
    ],
    swiftLanguageModes: [.v6]
)
