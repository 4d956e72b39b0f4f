// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Hayloft", path: "..")],
    targets: [
        .executableTarget(name: "Generate", dependencies: [.product(name: "Hayloft", package: "Hayloft")]),
        .executableTarget(name: "Weather", dependencies: [.product(name: "Hayloft", package: "Hayloft")]),
    ],
    swiftLanguageModes: [.v6]
)
