import HayTensor
import HayWeights

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension RelativeBias {
    /// Distances that share a number: near ones have a bucket each, far ones share one by their logarithm.
    ///
    /// Source: arXiv:1910.10683, section 2.1.
    public struct Buckets: Sendable {
        private let count, maxDistance: Int

        /// The buckets of `relative_attention_num_buckets` and `relative_attention_max_distance`. Throws `ConfigError`.
        public init(_ config: ModelConfig) throws {
            count = try config.count("relative_attention_num_buckets", default: 32)
            maxDistance = try config.count("relative_attention_max_distance", default: 128)
            guard count >= 4, maxDistance > count / 2, maxDistance <= 1 << 16 else {
                throw ConfigError.outOfRange(
                    key: "relative_attention_max_distance", file: config.source,
                    expected: "more than half of at least 4 buckets, at most 65536", found: "\(maxDistance)")
            }
        }

        /// The bucket of each distance of a key from its query, from the largest before it to the largest after it.
        ///
        /// Keys after the query have buckets of their own where that is asked for; else they share that of distance 0.
        fileprivate func all(isBidirectional: Bool) -> [Int] {
            let sideCount = isBidirectional ? count / 2 : count
            return (-maxDistance ... maxDistance).map { distance in
                guard isBidirectional else { return bucket(of: max(-distance, 0), sideCount) }
                return bucket(of: abs(distance), sideCount) + (distance > 0 ? sideCount : 0)
            }
        }

        /// The bucket of a distance to one side that has so many.
        private func bucket(of distance: Int, _ sideCount: Int) -> Int {
            let exact = sideCount / 2
            if distance < exact { return distance }
            // In f32 as the reference implementation does: a distance on the edge of two buckets must round alike.
            let position = logf(Float(distance) / Float(exact)) / Float(log(Double(maxDistance) / Double(exact)))
            return min(exact + Int(position * Float(sideCount - exact)), sideCount - 1)
        }

        /// The table [buckets, H] of a checkpoint.
        fileprivate func table(_ weights: Weights, headCount: Int) throws -> [Float] {
            try weights.vector("weight", [count, headCount]).array()
        }
    }

    /// The bias of every head at every distance up to the one from which all are alike, computed once.
    ///
    /// Throws `CheckpointError`.
    ///
    /// - Parameter weights: hold the table of buckets, `weight` [buckets, H].
    public init(_ weights: Weights, _ buckets: Buckets, headCount: Int, isBidirectional: Bool) throws {
        let values = try buckets.table(weights, headCount: headCount)
        let places = buckets.all(isBidirectional: isBidirectional)
        let perHead = (0 ..< headCount).flatMap { head in places.map { values[$0 * headCount + head] } }
        self.init(table: Tensor(perHead, [headCount, places.count], on: weights.backend))
    }
}
