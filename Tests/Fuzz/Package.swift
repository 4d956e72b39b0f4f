// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Hayloft", path: "../..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CFuzzer",
                .product(name: "HayJSON", package: "Hayloft"),
                .product(name: "HayTemplate", package: "Hayloft"),
                .product(name: "HayTokenizer", package: "Hayloft"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
