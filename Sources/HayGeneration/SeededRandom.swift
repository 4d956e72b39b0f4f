/// Random numbers that follow from a seed alone: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    /// The numbers of a seed.
    ///
    /// - Parameter stream: which of its sequences; they are independent of each other.
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = seed &+ SeededRandom.mix(stream &* SeededRandom.step)
    }

    /// A number from 0 up to but without 1.
    public mutating func uniform() -> Double {
        state &+= SeededRandom.step
        return Double(SeededRandom.mix(state) >> 11) * 0x1p-53
    }

    /// Spreads a change of any bit over all of them; 0 stays.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
