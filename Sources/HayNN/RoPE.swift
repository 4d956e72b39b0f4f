import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Rotary position embedding (arXiv:2104.09864) with the ways of stretching it that checkpoints use.
public struct RoPE: Sendable {
    private enum Scaling: Sendable {
        /// Frequencies that never change.
        case fixed
        /// Frequencies that depend on the length of the text once it passes the trained one ("dynamic NTK").
        case dynamic(factor: Double, trainedLength: Int)
    }

    private let base: Double
    private let dim: Int
    private let scaling: Scaling
    private let frequencies: Tensor
    private let attentionFactor: Float

    /// Reads `rope_theta` and `rope_scaling` (or `rope_parameters`, which holds both) of a configuration.
    ///
    /// - Parameters:
    ///   - dim: how many values of a head are turned; even.
    ///   - contextLength: `max_position_embeddings`.
    ///
    /// Throws `ConfigError`.
    public init(_ config: ModelConfig, dim: Int, contextLength: Int, on backend: any Backend) throws {
        let scalingConfig = try config.object("rope_scaling") ?? config.object("rope_parameters")
        base = try scalingConfig?[optional: "rope_theta"] ?? config["rope_theta", default: 10_000]
        guard dim > 0, dim.isMultiple(of: 2) else {
            throw ConfigError.outOfRange(
                key: "head_dim", file: config.source, expected: "an even number", found: "\(dim)")
        }
        guard base > 1, base.isFinite else {
            throw ConfigError.outOfRange(
                key: "rope_theta", file: config.source, expected: "a number above 1", found: "\(base)")
        }
        self.dim = dim
        let plain = RoPE.frequencies(base: base, dim: dim)
        let stretched = try RoPE.stretch(plain, scalingConfig, config, base: base, dim: dim, contextLength)
        scaling = stretched.scaling
        attentionFactor = stretched.attentionFactor
        frequencies = Tensor(stretched.frequencies, [dim / 2], on: backend)
    }

    /// Whether the frequencies adapt to texts longer than those of the training.
    public var stretchesWithText: Bool { if case .dynamic = scaling { true } else { false } }

    /// The table that turns the queries and keys of a pass [B·T, dim]; every layer shares it.
    ///
    /// Positions that stretch follow the length of each text alone, not the longest of the batch.
    public func table(for step: CacheStep) -> Tensor {
        guard case .dynamic(let factor, let trainedLength) = scaling,
            step.textLengths.contains(where: { $0 > trainedLength })
        else { return .ropeTable(positions: step.positions, frequencies: frequencies, scale: attentionFactor) }
        let table = Tensor(uninitialized: [step.positions.count, dim], on: step.positions.backend)
        var start = 0
        while start < step.textLengths.count {
            let length = step.textLengths[start]
            let end = step.textLengths[start...].firstIndex { $0 != length } ?? step.textLengths.endIndex
            let frequencies =
                length <= trainedLength ? frequencies : stretched(by: factor, over: trainedLength, to: length)
            table[start ..< end].fillRopeTable(
                positions: step.positions[start ..< end], frequencies: frequencies, scale: attentionFactor)
            start = end
        }
        return table
    }

    /// The frequencies of a text longer than the trained one.
    private func stretched(by factor: Double, over trainedLength: Int, to length: Int) -> Tensor {
        let ratio = factor * Double(length) / Double(trainedLength) - (factor - 1)
        let stretchedBase = base * pow(ratio, Double(dim) / Double(dim - 2))
        return Tensor(RoPE.frequencies(base: stretchedBase, dim: dim), [dim / 2], on: frequencies.backend)
    }

    /// base^(-2i / dim), rounded to f32 at each step as the reference implementation computes it.
    private static func frequencies(base: Double, dim: Int) -> [Float] {
        (0 ..< dim / 2).map { 1 / powf(Float(base), Float(2 * $0) / Float(dim)) }
    }

    private static func stretch(
        _ plain: [Float], _ scaling: ModelConfig?, _ config: ModelConfig, base: Double, dim: Int, _ contextLength: Int
    ) throws -> (frequencies: [Float], scaling: Scaling, attentionFactor: Float) {
        guard let scaling else { return (plain, .fixed, 1) }
        let type: String = try scaling[optional: "rope_type"] ?? scaling["type", default: "default"]
        switch type {
        case "default":
            return (plain, .fixed, 1)
        case "linear":
            let factor = try positive("factor", scaling)
            return (plain.map { $0 / Float(factor) }, .fixed, 1)
        case "dynamic":
            guard dim > 2 else {
                throw ConfigError.outOfRange(
                    key: "head_dim", file: config.source, expected: "more than 2 with dynamic rope", found: "\(dim)")
            }
            return (plain, .dynamic(factor: try positive("factor", scaling), trainedLength: contextLength), 1)
        case "llama3":
            return (try llama3(plain, scaling), .fixed, 1)
        case "yarn":
            let (frequencies, attentionFactor) = try yarn(plain, scaling, base: base, dim: dim, contextLength)
            return (frequencies, .fixed, attentionFactor)
        default:
            throw ConfigError.outOfRange(
                key: "rope_type", file: scaling.source, expected: "default, linear, dynamic, llama3 or yarn",
                found: "'\(type)'")
        }
    }

    private static func positive(_ key: String, _ config: ModelConfig, default fallback: Double? = nil) throws -> Double
    {
        let value: Double = try fallback.map { try config[key, default: $0] } ?? config[key]
        guard value > 0, value.isFinite else {
            throw ConfigError.outOfRange(
                key: key, file: config.source, expected: "a positive number", found: "\(value)")
        }
        return value
    }

    /// Llama 3.1: long waves are slowed by `factor`, short ones kept, those between blended (arXiv:2407.21783).
    private static func llama3(_ plain: [Float], _ scaling: ModelConfig) throws -> [Float] {
        let factor = try positive("factor", scaling)
        let low = try positive("low_freq_factor", scaling)
        let high = try positive("high_freq_factor", scaling)
        let trainedLength = try positive("original_max_position_embeddings", scaling)
        return plain.map { frequency in
            let wavelength = 2 * Double.pi / Double(frequency)
            if wavelength < trainedLength / high { return frequency }
            if wavelength > trainedLength / low { return Float(Double(frequency) / factor) }
            let smooth = (trainedLength / wavelength - low) / (high - low)
            return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
        }
    }

    /// YaRN (arXiv:2309.00071): waves that turn often within the trained length are kept, slow ones interpolated.
    private static func yarn(
        _ plain: [Float], _ scaling: ModelConfig, base: Double, dim: Int, _ contextLength: Int
    ) throws -> ([Float], attentionFactor: Float) {
        let trainedLength = try positive(
            "original_max_position_embeddings", scaling, default: Double(contextLength))
        let factor = try positive("factor", scaling, default: Double(contextLength) / trainedLength)
        let betaFast = try positive("beta_fast", scaling, default: 32)
        let betaSlow = try positive("beta_slow", scaling, default: 1)
        let truncates = try scaling["truncate", default: true]

        func dimension(turning rotations: Double) -> Double {
            Double(dim) * log(trainedLength / (rotations * 2 * .pi)) / (2 * log(base))
        }
        var low = dimension(turning: betaFast)
        var high = dimension(turning: betaSlow)
        if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(dim - 1)))
        if low == high { high += 0.001 }

        let frequencies = plain.enumerated().map { index, frequency in
            let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
            return Float(Double(frequency) / factor * ramp + Double(frequency) * (1 - ramp))
        }
        return (frequencies, try yarnAttentionFactor(scaling, factor))
    }

    private static func yarnAttentionFactor(_ scaling: ModelConfig, _ factor: Double) throws -> Float {
        if let given: Float = try scaling[optional: "attention_factor"] { return given }
        func magnitude(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
        let scale = try scaling["mscale", default: 0.0], scaleAll = try scaling["mscale_all_dim", default: 0.0]
        if scale != 0, scaleAll != 0 { return Float(magnitude(scale) / magnitude(scaleAll)) }
        return Float(magnitude(1))
    }
}
