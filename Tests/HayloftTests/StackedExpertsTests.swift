import HayJSON
import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import Hayloft

/// A golden mixture whose experts are stacked: `experts.gate_up_proj` [E, 2F, C] and `experts.down_proj` [E, C, F], as
/// transformers 5 has them in memory.
private func stacked(_ name: String, from block: String, _ projections: [String], into folder: TemporaryFolder) throws {
    let golden = "\(Fixtures.packageFolder)/Tests/Golden/\(name)"
    folder.write(try #require(Fixtures.bytes("\(golden)/config.json")), to: "config.json")
    let bytes = try #require(Fixtures.bytes("\(golden)/model.safetensors"))
    let size = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var data: [UInt8] = []
    var header: [(String, JSON)] = []
    func append(_ name: String, _ type: JSON, _ shape: [Int], _ values: [UInt8]) {
        let range = [data.count, data.count + values.count].map { JSON.int($0) }
        data += values
        header.append(
            (name, ["dtype": type, "shape": .array(shape.map { .int($0) }), "data_offsets": .array(range)]))
    }
    var experts: [String: [Int: (entry: JSON, bytes: [UInt8])]] = [:]
    for (name, entry) in try #require(JSON.parse(Array(bytes[8 ..< 8 + size])).object) where name != "__metadata__" {
        let range = entry["data_offsets"]?.array?.compactMap(\.int) ?? []
        let values = Array(bytes[8 + size + range[0] ..< 8 + size + range[1]])
        let parts = name.split(separator: ".").map(String.init)
        if let place = parts.firstIndex(of: "experts"), let index = Int(parts[place + 1]) {
            let layer = parts[..<(place - 1)].joined(separator: ".")
            experts["\(layer).mlp.experts.\(parts[place + 2])", default: [:]][index] = (entry, values)
        } else {
            let shape = entry["shape"]?.array?.compactMap(\.int) ?? []
            append(name.replacing(".\(block).", with: ".mlp."), entry["dtype"] ?? .null, shape, values)
        }
    }
    for (name, gates) in experts where name.hasSuffix(".\(projections[0])") {
        let layer = name.dropLast(projections[0].count)
        let ups = try #require(experts["\(layer)\(projections[1])"])
        let downs = try #require(experts["\(layer)\(projections[2])"])
        let order = gates.keys.sorted(), entry = try #require(gates[0]).entry
        let shape = entry["shape"]?.array?.compactMap(\.int) ?? []
        append(
            "\(layer)gate_up_proj", entry["dtype"] ?? .null, [order.count, 2 * shape[0], shape[1]],
            order.flatMap { (gates[$0]?.bytes ?? []) + (ups[$0]?.bytes ?? []) })
        append(
            "\(layer)down_proj", entry["dtype"] ?? .null, [order.count, shape[1], shape[0]],
            order.flatMap { downs[$0]?.bytes ?? [] })
    }
    let text = Array(JSON.object(JSON.Object(header)).text().utf8)
    folder.write(
        withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text + data, to: "model.safetensors")
}

@Suite("Experts that are stacked")
struct StackedExpertsTests {
    let folder = TemporaryFolder()

    @Test(
        "give the logits of those that stand one by one",
        arguments: [
            ("mixtral-bf16", "block_sparse_moe", ["w1", "w3", "w2"]),
            ("qwen2-moe-normed-f16", "mlp", ["gate_proj", "up_proj", "down_proj"]),
            ("qwen3-moe-bf16", "mlp", ["gate_proj", "up_proj", "down_proj"]),
        ])
    func stacks(name: String, block: String, projections: [String]) throws {
        try stacked(name, from: block, projections, into: folder)
        for dtype in [nil, DType.int4] {
            let single = try model("\(golden)/\(name)", dtype: dtype), stack = try model(folder.path, dtype: dtype)
            #expect(stack.checkpoint.unrequested == [])
            let prompt = text(3, count: 20)
            #expect(
                try stack.model.allLogits(prompt: prompt, on: stack.backend)
                    == single.model.allLogits(prompt: prompt, on: single.backend))
        }
    }
}
