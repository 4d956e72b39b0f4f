#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension RoPE {
    /// The frequencies that settings ask for, and what becomes of them in longer texts.
    struct Frequencies {
        enum Scaling: Sendable {
            /// Frequencies that never change.
            case fixed
            /// Frequencies that depend on the length of the text once it passes the trained one ("dynamic NTK").
            case dynamic(factor: Double)
            /// Other frequencies for texts longer than the trained length (LongRoPE, arXiv:2402.13753).
            case long([Float], trainedLength: Double)
        }

        /// One for each pair of values.
        let values: [Float]
        let scaling: Scaling
        /// The factor of sines and cosines, which attention meets twice.
        let attentionFactor: Float

        private init(_ values: [Float], _ scaling: Scaling = .fixed, attentionFactor: Float = 1) {
            self.values = values
            self.scaling = scaling
            self.attentionFactor = attentionFactor
        }

        /// The frequencies of heads that turn `dim` values. Throws `ConfigError`.
        init(_ settings: RoPESettings, dim: Int) throws {
            self = try Frequencies(unchecked: settings, dim: dim)
            var all = values + [attentionFactor]
            if case .long(let longValues, _) = scaling { all += longValues }
            guard all.allSatisfy(\.isFinite) else {
                throw ConfigError.outOfRange(
                    key: "rope_type", file: settings.members.source,
                    expected: "settings that give finite frequencies", found: "'\(settings.type)' with others")
            }
        }

        private init(unchecked settings: RoPESettings, dim: Int) throws {
            let plain = Frequencies.plain(base: settings.base, dim: dim)
            switch settings.type {
            case "default": self.init(plain)
            case "linear":
                let factor = Float(try settings.positive("factor"))
                self.init(plain.map { $0 / factor })
            case "proportional": try self.init(proportional: settings, plain)
            case "dynamic":
                guard dim != 2 else {
                    throw ConfigError.outOfRange(
                        key: "head_dim", file: settings.members.source, expected: "more than 2 with dynamic rope",
                        found: "\(dim)")
                }
                self.init(plain, .dynamic(factor: try settings.positive("factor")))
            case "llama3": try self.init(llama3: settings, plain)
            case "yarn": try self.init(yarn: settings, plain)
            case "longrope": try self.init(long: settings, plain)
            default:
                throw ConfigError.outOfRange(
                    key: "rope_type", file: settings.members.source,
                    expected: "default, linear, proportional, dynamic, llama3, yarn or longrope",
                    found: "'\(settings.type)'")
            }
        }

        /// base^(-2i / dim) for each pair, an odd value counted as one, each divided by its divisor where there are some, rounded to f32 at each step as the reference
        /// implementation computes it.
        static func plain(base: Double, dim: Int, divisors: [Float]? = nil) -> [Float] {
            (0 ..< (dim + 1) / 2).map { (divisors?[$0] ?? 1) * powf(Float(base), Float(2 * $0) / Float(dim)) }.map {
                1 / $0
            }
        }

        /// Frequencies of a part of the pairs; the others do not turn.
        private init(proportional settings: RoPESettings, _ plain: [Float]) throws {
            let turned = Int((try settings.partialFactor * Double(plain.count)).rounded(.down))
            let factor = Float(settings.members.members["factor"] == nil ? 1 : try settings.positive("factor"))
            self.init(plain.enumerated().map { $0 < turned ? $1 / factor : 0 })
        }

        /// Llama 3.1: long waves are slowed by `factor`, short ones kept, those between blended (arXiv:2407.21783).
        private init(llama3 settings: RoPESettings, _ plain: [Float]) throws {
            let factor = try settings.positive("factor")
            let low = try settings.positive("low_freq_factor")
            let high = try settings.positive("high_freq_factor")
            let trainedLength = try settings.trainedLength
            self.init(
                plain.map { frequency in
                    let wavelength = 2 * Double.pi / Double(frequency)
                    if wavelength > trainedLength / low { return Float(Double(frequency) / factor) }
                    if wavelength < trainedLength / high { return frequency }
                    let smooth = (trainedLength / wavelength - low) / (high - low)
                    return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
                })
        }

        /// LongRoPE (arXiv:2402.13753): each frequency has a divisor of its own, another one in long texts.
        private init(long settings: RoPESettings, _ plain: [Float]) throws {
            let trainedLength = try settings.trainedLength, dim = 2 * plain.count
            let long = try settings.factors("long_factor", count: plain.count)
            let short = try settings.factors("short_factor", count: plain.count)
            let factor = try settings.members[optional: "factor"] ?? settings.lengthRatio
            let attentionFactor =
                try settings.members[optional: "attention_factor"]
                ?? (factor <= 1 ? 1 : (1 + log(factor) / log(trainedLength)).squareRoot())
            self.init(
                Frequencies.plain(base: settings.base, dim: dim, divisors: short),
                .long(
                    Frequencies.plain(base: settings.base, dim: dim, divisors: long), trainedLength: trainedLength),
                attentionFactor: Float(attentionFactor))
        }

        /// YaRN (arXiv:2309.00071): waves that turn often within the trained length are kept, slow ones interpolated.
        private init(yarn settings: RoPESettings, _ plain: [Float]) throws {
            guard settings.base != 1 else {
                throw ConfigError.outOfRange(
                    key: "rope_theta", file: settings.members.source, expected: "another number than 1 with yarn",
                    found: "1")
            }
            let members = settings.members.members
            let factor = members["factor"]?.isNull == true ? try settings.lengthRatio : try settings.positive("factor")
            let trainedLength = try settings.trainedLength
            let dim = Double(2 * plain.count)
            func dimension(turning rotations: Double) -> Double {
                dim * log(trainedLength / (rotations * 2 * .pi)) / (2 * log(settings.base))
            }
            var low = dimension(turning: try settings.number("beta_fast") ?? 32)
            var high = dimension(turning: try settings.number("beta_slow") ?? 1)
            if settings.members.isTruthy("truncate") ?? true { (low, high) = (low.rounded(.down), high.rounded(.up)) }
            (low, high) = (max(low, 0), min(high, dim - 1))
            if low == high { high += 0.001 }
            let frequencies = plain.enumerated().map { index, frequency in
                let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
                return Float(Double(frequency) / factor * ramp + Double(frequency) * (1 - ramp))
            }
            self.init(frequencies, attentionFactor: try Frequencies.attentionFactor(yarn: settings, factor))
        }

        private static func attentionFactor(yarn settings: RoPESettings, _ factor: Double) throws -> Float {
            if let given: Float = try settings.members[optional: "attention_factor"] { return given }
            func magnitude(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
            guard let scale = try settings.number("mscale"), let scaleAll = try settings.number("mscale_all_dim") else {
                return Float(magnitude(1))
            }
            return Float(magnitude(scale) / magnitude(scaleAll))
        }
    }
}
