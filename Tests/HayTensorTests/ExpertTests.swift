import Testing

@testable import HayTensor

/// A way in which rows choose experts.
enum Routing: String, CaseIterable, CustomTestStringConvertible {
    /// Any of them; with few rows most experts have none.
    case random
    /// All rows the same, the last ones first.
    case same
    /// One that all rows choose, and any others.
    case popular
    /// The first half only.
    case half

    var testDescription: String { rawValue }

    /// The choices of `count` rows, all different in a row.
    func choices(_ rows: Int, of experts: Int, _ count: Int) -> [Int32] {
        let scores = randomValues(rows * experts, seed: UInt64(rows + count))
        return (0 ..< rows).flatMap { row -> [Int32] in
            let order = (0 ..< experts).sorted { a, b in
                func score(_ expert: Int) -> Float {
                    switch self {
                    case .random: scores[row * experts + expert]
                    case .same: Float(expert)
                    case .popular: expert == experts / 2 ? 2 : scores[row * experts + expert]
                    case .half: scores[row * experts + expert] - (expert < max(count, experts / 2) ? 0 : 4)
                    }
                }
                return score(a) > score(b)
            }
            return order.prefix(count).map(Int32.init)
        }
    }
}

@Suite("Products of the chosen experts")
struct ExpertTests {
    static let types = [DType.f32, .bf16, .f16, .int8, .int4]
    static let rowCounts = [1, 2, 7, 64, 300]

    @Test("have the bits that each row alone has with each of its experts", arguments: Backends.tested, types)
    func products(backend: CPUBackend, dtype: DType) throws {
        let (inner, outer, second, experts) = (75, 35, 18, 9)
        let weights = stack([experts, outer, inner], 1, dtype, on: backend)
        let others = stack([experts, second, inner], 2, dtype, on: backend)
        let bias = Tensor(random: [experts, outer], seed: 3, on: backend)
        for (rows, count, routing) in cases(experts) {
            let x = Tensor(random: [rows, inner], seed: 4, on: backend)
            let choices = routing.choices(rows, of: experts, count)
            let route = self.routing(choices, rows, experts, on: backend)
            let (a, b) = x.expertMatmul((weights, others), biases: (bias, nil), route)
            let (foundA, foundB) = (try a.array(), try b.array())
            let places = try sortedPlaces(choices)
            for pair in sample(choices.indices) {
                let row = pair / count, expert = Int(choices[pair])
                let one = x[row ..< row + 1]
                let expectedA = try one.matmul(weights[expert], bias: bias[expert]).array()
                let expectedB = try one.matmul(others[expert]).array()
                let place = places[pair]
                #expect(
                    bits(foundA[place * outer ..< (place + 1) * outer]) == bits(expectedA[...]),
                    "\(routing), \(rows) rows, \(count) each, pair \(pair)")
                #expect(bits(foundB[place * second ..< (place + 1) * second]) == bits(expectedB[...]))
            }
        }
    }

    @Test("of sorted rows and their sums are near a plain loop's", arguments: Backends.tested, types)
    func layer(backend: CPUBackend, dtype: DType) throws {
        let (size, inner, experts) = (40, 70, 7)
        let weights = stack([experts, size, inner], 1, dtype, on: backend)
        let plain = stack([experts, size, inner], 1, dtype, on: Backends.reference)
        for (rows, count, routing) in cases(experts) {
            let pairs = rows * count
            let choices = routing.choices(rows, of: experts, count)
            let shares = randomValues(pairs, seed: 9), inputs = randomValues(pairs * inner, seed: 5)
            let residual = randomValues(rows * size, seed: 6)
            let route = self.routing(choices, rows, experts, shares, on: backend)
            let places = try sortedPlaces(choices)
            let found = try Tensor(inputs, [pairs, inner], on: backend).expertMatmul(weights, route)
                .expertSum(route, shape: [1, rows, size], adding: Tensor(residual, [1, rows, size], on: backend))
                .array()
            for row in sample(0 ..< rows) {
                var expected = [Double](repeating: 0, count: size)
                for pair in row * count ..< (row + 1) * count {
                    let x = Tensor(
                        Array(inputs[places[pair] * inner ..< (places[pair] + 1) * inner]), [1, inner],
                        on: Backends.reference)
                    let y = try x.matmul(plain[Int(choices[pair])]).array()
                    for i in 0 ..< size { expected[i] += Double(shares[pair]) * Double(y[i]) }
                }
                let sums = (0 ..< size).map { Float(expected[$0]) + residual[row * size + $0] }
                // Products of 70 values below 1, and up to 7 of them summed in f32.
                #expect(
                    largestError(Array(found[row * size ..< (row + 1) * size]), sums) < 3e-5,
                    "\(routing), \(rows) rows, \(count) each, row \(row)")
            }
        }
    }

    @Test(
        "a row's sum has the same bits alone and among others, and for any number of threads",
        arguments: CPUBackend.InstructionSet.available, types)
    func invariance(set: CPUBackend.InstructionSet, dtype: DType) throws {
        let (size, inner, experts, count) = (48, 96, 6, 2)
        let results = try [1, 2, 5].map { threads in
            let backend = CPUBackend(threadCount: threads, instructionSet: set)
            let up = stack([experts, inner, size], 1, dtype, on: backend)
            let gate = stack([experts, inner, size], 2, dtype, on: backend)
            let down = stack([experts, size, inner], 3, dtype, on: backend)
            let router = Tensor(random: [experts, size], seed: 4, on: backend)
            let x = Tensor(random: [300, size], seed: 5, on: backend)
            func layer(_ x: Tensor) throws -> [UInt32] {
                let route = x.routerLogits(router).routed(to: count, .softmax, normalizes: true)
                let (g, u) = x.expertMatmul((gate, up), route)
                let y = g.gated(.silu, u).expertMatmul(down, route).expertSum(route, shape: x.shape, adding: x)
                return try y.array().map(\.bitPattern)
            }
            let together = try layer(x)
            for rows in [1, 7, 64, 193] { #expect(try layer(x[0 ..< rows]) == Array(together[..<(rows * size)])) }
            for row in stride(from: 0, to: 300, by: 13) {
                #expect(try layer(x[row ..< row + 1]) == Array(together[row * size ..< (row + 1) * size]), "row \(row)")
            }
            return together
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("experts with hundreds of rows and f32 weights keep to our own kernels", arguments: Backends.tested)
    func manyRows(backend: CPUBackend) throws {
        let weights = Tensor(random: [2, 20, 40], seed: 1, on: backend)
        let x = Tensor(random: [500, 40], seed: 2, on: backend)
        let route = routing([Int32](repeating: 1, count: 500), 500, 2, on: backend)
        let (found, _) = x.expertMatmul((weights, weights), route)
        let alone = try (0 ..< 500).flatMap { try x[$0 ..< $0 + 1].matmul(weights[1]).array() }
        #expect(try bits(found.array()[...]) == bits(alone[...]))
    }

    @Test("a row that names an expert twice has its product twice, and one that is not there counts as the first")
    func oddChoices() throws {
        for backend in Backends.tested {
            let weights = Tensor(random: [3, 5, 8], seed: 1, on: backend)
            let x = Tensor(random: [1, 8], seed: 2, on: backend)
            let (found, _) = x.expertMatmul((weights, weights), routing([2, 2, 9, -1], 1, 3, on: backend))
            let (first, last) = (try x.matmul(weights[0]).array(), try x.matmul(weights[2]).array())
            #expect(try found.array() == first + first + last + last)
        }
    }

    /// Row counts, choices of each row, and ways to choose.
    private func cases(_ experts: Int) -> [(Int, Int, Routing)] {
        Self.rowCounts.flatMap { rows in
            [1, 3, experts].flatMap { count in Routing.allCases.map { (rows, count, $0) } }
        }
    }

    /// Some of many.
    private func sample(_ range: Range<Int>) -> [Int] {
        range.count <= 40
            ? Array(range) : Array(stride(from: range.lowerBound, to: range.upperBound, by: range.count / 29))
    }

    private func bits(_ values: ArraySlice<Float>) -> [UInt32] { values.map(\.bitPattern) }

    /// Where each pair goes when pairs are sorted by expert and otherwise stay in order.
    private func sortedPlaces(_ choices: [Int32]) throws -> [Int] {
        var places = [Int](repeating: 0, count: choices.count)
        for (place, pair) in choices.indices.sorted(by: { (choices[$0], $0) < (choices[$1], $1) }).enumerated() {
            places[pair] = place
        }
        return places
    }

    private func routing(
        _ choices: [Int32], _ rows: Int, _ experts: Int, _ weights: [Float]? = nil, on backend: CPUBackend
    ) -> ExpertRouting {
        let shape: Shape = [rows, choices.count / rows]
        let weights = weights ?? [Float](repeating: 1, count: choices.count)
        return ExpertRouting(
            experts: Tensor(choices, shape, on: backend), weights: Tensor(weights, shape, on: backend),
            expertCount: experts)
    }

    private func stack(_ shape: Shape, _ seed: UInt64, _ dtype: DType, on backend: CPUBackend) -> Tensor {
        let floats = Tensor(random: shape, seed: seed, on: backend)
        return dtype.isInBlocks ? floats.quantized(to: dtype) : floats.converted(to: dtype)
    }
}
