@testable import HayTensor

/// Uniform numbers from -1 to 1 that follow from a seed.
func randomValues(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0 ..< count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }
}

extension Tensor {
    /// A tensor of `randomValues`, rounded to a type.
    init(random shape: Shape, seed: UInt64, _ dtype: DType = .f32, on backend: any Backend) {
        self = Tensor(randomValues(shape.count, seed: seed), shape, on: backend).converted(to: dtype)
    }
}

/// The reference that the other instruction sets are compared with, and what is compared.
enum Backends {
    static let reference = CPUBackend(threadCount: 1, instructionSet: .scalar)
    static let tested = CPUBackend.InstructionSet.available.map { CPUBackend(threadCount: 2, instructionSet: $0) }
    /// 1, odd, a vector of each set, one past it, and some that are several vectors and a rest.
    static let sizes = [1, 3, 7, 8, 9, 16, 17, 31, 33, 64, 65, 129, 257]
}

/// The largest absolute difference.
func largestError(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
