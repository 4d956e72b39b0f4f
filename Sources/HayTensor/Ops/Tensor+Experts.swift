internal import CKernels

/// The function that turns a router's logits into scores.
public enum RouterScoring: String, Sendable, CaseIterable {
    /// Softmax over the logits of all experts.
    case softmax
    /// The sigmoid of each logit.
    case sigmoid

    fileprivate var kernelScoring: UInt32 {
        switch self {
        case .softmax: HAY_SOFTMAX.rawValue
        case .sigmoid: HAY_SIGMOID.rawValue
        }
    }
}

/// The experts that N rows are sent to, k for each, and the weights of their results.
///
/// A row with one of its experts is a pair. Products of experts have a row for each pair, sorted by expert, so that each
/// weight is read once for all rows that chose its expert.
public struct ExpertRouting: Sendable {
    /// The chosen experts, i32 [N, k].
    public let experts: Tensor
    /// The weights of their results, f32 [N, k].
    public let weights: Tensor
    /// How many experts there are.
    public let expertCount: Int
    /// The pairs sorted by expert, as the kernel `expert_order` leaves them.
    fileprivate let order: Tensor

    /// The routing to given experts, each below `expertCount`.
    public init(experts: Tensor, weights: Tensor, expertCount: Int) {
        precondition(experts.shape.rank == 2 && experts.dtype == .i32, "experts: \(experts.shape), \(experts.dtype)")
        precondition(weights.shape == experts.shape && weights.dtype == .f32, "expert weights: \(weights.shape)")
        precondition(expertCount > 0 && expertCount <= Int32.max, "\(expertCount) experts")
        let pairs = experts.count, slots = min(expertCount, pairs)
        precondition(pairs <= Int32.max, "more rows than an order counts")
        self.experts = experts
        self.weights = weights
        self.expertCount = expertCount
        order = Tensor(uninitialized: [2 + 2 * slots + 2 * pairs], .i32, on: experts.backend)
        let params = hay_expert_order_params(experts: UInt32(expertCount), pairs: UInt32(pairs))
        order.compute(.expertOrder, experts, columns: pairs, rows: 1, params)
    }

    /// How many rows there are.
    public var rowCount: Int { experts.shape[0] }

    /// How many experts each row is sent to.
    public var chosenCount: Int { experts.shape[1] }
}

extension Tensor {
    /// A linear layer as `matmul` computes it, for a router: x [..., C], weight [E, C], bias [E] -> [..., E].
    ///
    /// A row's logits never depend on the rows beside it: where they are nearly equal, the last bit decides which experts
    /// a row is sent to. So f32 weights meet no more rows at a time than our own kernels compute.
    public func routerLogits(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let inner = shape[-1], rows = count / inner, step = CPUBackend.blasRowThreshold - 1
        guard weight.dtype == .f32, rows > step else { return matmul(weight, bias: bias) }
        let x = reshaped([rows, inner])
        let output = Tensor(uninitialized: [rows, weight.shape[0]], on: backend)
        for first in stride(from: 0, to: rows, by: step) {
            let piece = first ..< min(first + step, rows)
            x[piece].multiply((weight, nil, nil), (bias, nil, nil), scale: 1, adding: nil, into: output[piece])
        }
        return output.reshaped(shape.replacingLast(weight.shape[0]))
    }

    /// The `count` experts of each row with the largest of these logits [..., E], in falling order; of equal ones the
    /// lower expert first. Their weights are `factor` times their scores.
    ///
    /// - Parameter normalizes: whether the scores of the chosen experts are divided by their sum. With softmax they are
    ///   then the softmax over the chosen logits alone.
    public func routed(to count: Int, _ scoring: RouterScoring, normalizes: Bool, factor: Float = 1) -> ExpertRouting {
        let experts = shape[-1], rows = self.count / experts
        precondition(dtype == .f32 && count > 0 && count <= experts, "routed: \(shape) to \(count)")
        let size = rows * count
        let output = Tensor(uninitialized: [2 * size], .i32, on: backend)
        let params = hay_route_params(
            experts: UInt32(experts), chosen: UInt32(count), scoring: scoring.kernelScoring,
            is_normalized: normalizes ? 1 : 0, factor: factor)
        output.compute(.route, self, columns: experts, rows: rows, params)
        let weights = output[size ..< 2 * size]
        return ExpertRouting(
            experts: output[0 ..< size].reshaped([rows, count]),
            weights: Tensor(
                backend: backend, buffer: weights.buffer, offset: weights.offset, shape: [rows, count], dtype: .f32),
            expertCount: experts)
    }

    /// Two linear layers of each row's experts, in one pass: x [..., K], weights [E, M_i, K] of one type, biases [E, M_i]
    /// -> [N · k, M_i], a row for each pair, sorted by expert.
    ///
    /// A row's result has the bits that `matmul` gives with less than 193 rows, whatever the others chose.
    public func expertMatmul(
        _ weights: (Tensor, Tensor), biases: (Tensor?, Tensor?) = (nil, nil), _ routing: ExpertRouting
    ) -> (Tensor, Tensor) {
        precondition(count == routing.rowCount * shape[-1], "expertMatmul: x \(shape) of \(routing.rowCount) rows")
        let pairs = routing.experts.count, sizes = (weights.0.shape[1], weights.1.shape[1])
        let output = Tensor(uninitialized: [pairs * (sizes.0 + sizes.1)], on: backend)
        multiplyExperts(weights.0, weights.1, biases, routing, share: routing.chosenCount, into: output)
        return (
            output[0 ..< pairs * sizes.0].reshaped([pairs, sizes.0]),
            output[pairs * sizes.0 ..< output.count].reshaped([pairs, sizes.1])
        )
    }

    /// A linear layer of the pairs' experts: x [N · k, K], sorted by expert, weight [E, M, K], bias [E, M] ->
    /// [N · k, M], sorted alike.
    public func expertMatmul(_ weight: Tensor, bias: Tensor? = nil, _ routing: ExpertRouting) -> Tensor {
        let pairs = routing.experts.count
        precondition(shape == [pairs, shape[-1]], "expertMatmul: x \(shape) of \(pairs) pairs")
        let output = Tensor(uninitialized: [pairs, weight.shape[1]], on: backend)
        multiplyExperts(weight, nil, (bias, nil), routing, share: 0, into: output)
        return output
    }

    private func multiplyExperts(
        _ first: Tensor, _ second: Tensor?, _ biases: (Tensor?, Tensor?), _ routing: ExpertRouting, share: Int,
        into output: Tensor
    ) {
        let inner = shape[-1], experts = routing.expertCount, pairs = routing.experts.count
        precondition(dtype == .f32 && inner > 0, "expertMatmul: x \(shape)")
        func outer(_ weight: Tensor?, _ bias: Tensor?) -> Int {
            guard let weight else { return 0 }
            let size = weight.shape[1]
            precondition(
                weight.shape == [experts, size, inner] && weight.dtype == first.dtype,
                "expertMatmul: x \(shape), \(experts) experts, weight \(weight.shape)")
            precondition(
                bias == nil || bias?.shape == [experts, size],
                "expertMatmul: weight \(weight.shape), bias of another size")
            return size
        }
        let sizes = (outer(first, biases.0), outer(second, biases.1))
        let params = hay_expert_matmul_params(
            inner: UInt32(inner), weight_type: first.dtype.kernelType, outer: (UInt32(sizes.0), UInt32(sizes.1)),
            experts: UInt32(experts), pairs: UInt32(pairs), share: UInt32(share))
        let panel = DType.panelSize
        let columns = (sizes.0 + panel - 1) / panel * panel + (sizes.1 + panel - 1) / panel * panel
        let slots = min(experts, pairs)
        precondition(slots * columns <= UInt32.max, "expertMatmul: more columns than a call counts")
        output.compute(
            .expertMatmul, self, routing.order, first, second, biases.0, biases.1, columns: slots * columns, rows: 1,
            params)
    }

    /// The results [N · k, C] of the pairs, sorted by expert, summed for each row with the routing's weights, and then
    /// + residual: a tensor of `shape` [..., C] with N rows.
    public func expertSum(_ routing: ExpertRouting, shape: Shape, adding residual: Tensor? = nil) -> Tensor {
        let dim = shape[-1]
        precondition(
            self.shape == [routing.experts.count, dim] && shape.count == routing.rowCount * dim,
            "expertSum: \(self.shape) into \(shape)")
        precondition(residual == nil || residual?.shape == shape, "expertSum: \(shape) and a residual of another shape")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_expert_sum_params(
            dim: UInt32(dim), experts: UInt32(routing.expertCount), chosen: UInt32(routing.chosenCount))
        output.compute(
            .expertSum, self, routing.order, routing.weights, residual, columns: dim, rows: routing.rowCount, params)
        return output
    }
}
