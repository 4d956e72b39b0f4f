import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Rotary position embedding (arXiv:2104.09864) with the ways of stretching it that checkpoints use.
public struct RoPE: Sendable {
    private let base: Double
    private let dim: Int
    private let trainedLength: Int
    private let scaling: Frequencies.Scaling
    private let frequencies: Tensor
    private let longFrequencies: Tensor?
    let attentionFactor: Float

    /// Rotary positions that turn the first `dim` values of each head, an even number. Throws `ConfigError`.
    public init(_ settings: RoPESettings, dim: Int, on backend: any Backend) throws {
        guard dim > 0, dim.isMultiple(of: 2) else {
            throw ConfigError.outOfRange(
                key: "head_dim", file: settings.source, expected: "an even number", found: "\(dim)")
        }
        try self.init(settings, turning: dim, on: backend)
    }

    /// Rotary positions that turn the part of each head that the settings name. Throws `ConfigError`.
    ///
    /// - Parameter roundsUp: whether of an odd number of values the next one turns too, at the frequencies of the odd number, as
    ///   in those classes of the reference implementation that take the part from the frequencies.
    public init(_ settings: RoPESettings, headSize: Int, roundsUp: Bool = false, on backend: any Backend) throws {
        try self.init(settings, turning: settings.turnedCount(headSize: headSize, roundsUp: roundsUp), on: backend)
    }

    private init(_ settings: RoPESettings, turning dim: Int, on backend: any Backend) throws {
        let found = try Frequencies(settings, dim: dim)
        base = settings.base
        self.dim = dim
        scaling = found.scaling
        attentionFactor = found.attentionFactor
        frequencies = Tensor(found.values, [found.values.count], on: backend)
        if case .long(let values, let length) = found.scaling {
            longFrequencies = Tensor(values, [values.count], on: backend)
            trainedLength = Int(length)
        } else {
            longFrequencies = nil
            trainedLength = settings.contextLength
        }
    }

    /// Rotary positions of a model that turns whole heads, all layers alike: what `rope_theta`, `rope_scaling` and
    /// `rope_parameters` of a configuration say.
    ///
    /// - Parameters:
    ///   - dim: how many values of a head are turned; even.
    ///   - contextLength: `max_position_embeddings`.
    ///   - base: the base where the configuration says none.
    ///
    /// Throws `ConfigError`, also for settings that would turn a part of each head.
    public init(
        _ config: ModelConfig, dim: Int, contextLength: Int, base: Double = 10_000, on backend: any Backend
    ) throws {
        if let part = try RoPE.partialFactor(config), Int(part * Double(dim)) != dim {
            throw ConfigError.outOfRange(
                key: "partial_rotary_factor", file: config.source, expected: "1, as heads turn whole", found: "\(part)")
        }
        try self.init(RoPESettings(config, contextLength: contextLength, base: base), dim: dim, on: backend)
    }

    /// The part of a head's values that a configuration lets turn: `partial_rotary_factor`, 1 where nothing is said.
    ///
    /// Nil where the settings leave it to the model's class, which may turn whole heads whatever they say.
    ///
    /// Throws `ConfigError`.
    public static func partialFactor(_ config: ModelConfig) throws -> Double? {
        let settings = try RoPESettings(config, contextLength: 1)
        return try ["default", "proportional"].contains(settings.type) ? nil : settings.partialFactor
    }

    /// Whether the frequencies stretch with texts longer than those of the training, without end.
    public var stretchesWithText: Bool { if case .dynamic = scaling { true } else { false } }

    /// Whether the frequencies, and so the keys of a position, depend on how long the text is.
    public var dependsOnTextLength: Bool { if case .fixed = scaling { false } else { true } }

    /// The length of the longest texts that LongRoPE's first frequencies are for; nil for other kinds.
    public var switchLength: Int? { if case .long = scaling { trainedLength } else { nil } }

    /// The table that turns the queries and keys of a pass [B·T, turned values]; every layer shares it.
    ///
    /// Positions that stretch follow the length of each text alone, not the longest of the batch.
    public func table(for step: CacheStep) -> Tensor {
        guard dependsOnTextLength, step.textLengths.contains(where: { $0 > trainedLength }) else {
            return .ropeTable(positions: step.positions, frequencies: frequencies, scale: attentionFactor)
        }
        let shape: Shape = [step.positions.count, 2 * frequencies.count]
        let table = Tensor(uninitialized: shape, on: step.positions.backend)
        var start = 0
        while start < step.textLengths.count {
            let length = step.textLengths[start]
            let end = step.textLengths[start...].firstIndex { $0 != length } ?? step.textLengths.endIndex
            table[start ..< end].fillRopeTable(
                positions: step.positions[start ..< end], frequencies: frequencies(ofLength: length),
                scale: attentionFactor)
            start = end
        }
        return table
    }

    /// The frequencies of a text.
    func frequencies(ofLength length: Int) -> Tensor {
        guard length > trainedLength else { return frequencies }
        guard case .dynamic(let factor) = scaling else { return longFrequencies ?? frequencies }
        let ratio = factor * Double(length) / Double(trainedLength) - (factor - 1)
        let stretchedBase = base * pow(ratio, Double(dim) / Double(dim - 2))
        let stretched = Frequencies.plain(base: stretchedBase, dim: dim)
        return Tensor(stretched, [stretched.count], on: frequencies.backend)
    }
}
