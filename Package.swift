// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Hayloft",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Hayloft", targets: ["Hayloft", "HayGeneration", "HayTensor"]),
        .library(name: "HayJSON", targets: ["HayJSON"]),
        .library(name: "HayComponents", targets: ["HayComponents"]),
        .library(name: "HayProviders", targets: ["HayProviders"]),
        .library(name: "HayTokenizer", targets: ["HayTokenizer"]),
        .library(name: "HayTemplate", targets: ["HayTemplate"]),
        .executable(name: "hayloft", targets: ["HayCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(name: "CKernels", path: "Kernels", exclude: ["README.md"], sources: ["CPU", "kernels.c"]),
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .target(name: "HayJSON"),
        .target(name: "HayTensor", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "HayWeights", dependencies: ["HayTensor", "HayJSON"], exclude: ["README.md"]),
        .target(name: "HayNN", dependencies: ["HayTensor", "HayWeights", "HayJSON"]),
        .target(
            name: "HayModels", dependencies: ["HayNN", "HayTensor", "HayWeights"], path: "Models", exclude: ["Bundled"]),
        .target(name: "HayTokenizer", dependencies: ["HayJSON"]),
        .target(name: "HayTemplate", dependencies: ["HayJSON"]),
        .target(name: "HayGeneration", dependencies: ["HayNN", "HayTensor", "HayJSON"]),
        .target(name: "HayGrammar", dependencies: ["HayJSON"]),
        .target(name: "HayComponents", dependencies: ["HayJSON", .product(name: "Yams", package: "Yams")]),
        .target(
            name: "HayProviders",
            dependencies: [
                "HayComponents", "HayJSON", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Hayloft",
            dependencies: [
                "HayComponents", "HayGrammar", "HayModels", "HayGeneration", "HayTokenizer", "HayTemplate", "HayNN",
                "HayWeights", "HayTensor",
                "HayJSON", .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "HayCLI",
            dependencies: [
                "Hayloft", "HayComponents", "HayGeneration", "HayGrammar", "HayTokenizer", "HayTemplate", "HayNN",
                "HayWeights", "HayTensor", "HayJSON", .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(
            name: "TestSupport", dependencies: ["HayJSON"], path: "Tests/Support",
            exclude: [
                "golden_recipes.py", "make_golden.py", "make_golden_sentencepiece.py", "make_golden_tokenizers.py",
                "make_smollm2.py", "tiny_models.py",
            ]),
        .target(
            name: "HaystackRecordings",
            dependencies: [
                "HayComponents", "HayJSON", "TestSupport", .product(name: "Logging", package: "swift-log"),
            ], path: "Tests/Recordings"),
    ]
        + [
            tests("HayJSON"),
            tests("HayTensor", ["CKernels"]),
            tests("HayWeights", ["HayTensor"]),
            tests("HayNN", ["HayTensor", "HayJSON"], scripts: ["make_rope_cases.py", "rope_cases.json"]),
            tests(
                "HayTokenizer", ["HayJSON"],
                scripts: [
                    "compare_components.py", "compare_folders.py", "compare_random.py", "compare_sentencepiece.py",
                    "make_class_tokens.py", "make_pretokenizer_cases.py", "make_unicode_tables.py",
                ]),
            tests(
                "HayTemplate", ["HayJSON"],
                scripts: ["compare_methods.py", "compare_random.py", "random_templates.py", "random_cases.json"]),
            tests(
                "HayGrammar", ["HayJSON", "HayTokenizer"], scripts: ["random_schemas.py", "random_schemas.json"]),
            tests(
                "HayGeneration", ["HayJSON", "HayWeights"], scripts: ["compare_processors.py", "make_beam_cases.py"]),
            tests(
                "Hayloft",
                [
                    "HaystackRecordings", "HayComponents", "HayGrammar", "HayGeneration", "HayModels", "HayTokenizer",
                    "HayTemplate", "HayNN", "HayWeights", "HayTensor", "HayJSON",
                    .product(name: "Logging", package: "swift-log"),
                ],
                scripts: [
                    "compare_checkpoints.py", "compare_defaults.py", "compare_formats.py", "compare_options.py",
                    "compare_random.py", "random_models.py",
                ]),
            tests(
                "HayComponents", ["HaystackRecordings", "HayJSON"],
                scripts: [
                    "compare_haystack.py", "haystack_data.py", "haystack_inits.py", "haystack_messages.py",
                    "haystack_wire.py",
                ]),
            tests(
                "HayProviders",
                [
                    "HaystackRecordings", "HayComponents", "HayJSON", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                    .product(name: "NIOSSL", package: "swift-nio-ssl"),
                    .product(name: "AsyncHTTPClient", package: "async-http-client"),
                    .product(name: "Logging", package: "swift-log"),
                ], scripts: ["run_peer.py"]),
            tests("HayCLI", ["HayJSON"]),
        ],
    swiftLanguageModes: [.v6]
)

/// The tests of a module, what else they import, and the scripts beside them that compare with other implementations.
func tests(_ module: String, _ others: [Target.Dependency] = [], scripts: [String] = []) -> Target {
    .testTarget(
        name: "\(module)Tests", dependencies: [.byName(name: module), "TestSupport"] + others, exclude: scripts)
}
