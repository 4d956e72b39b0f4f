internal import CKernels

extension Tensor {
    /// A linear layer: y = scale · x · weightᵀ + bias, and then + residual.
    ///
    /// x [..., K], weight [M, K] of any type but i32, bias [M], residual [..., M] -> [..., M]. A row's result does not
    /// depend on the rows beside it; on the processor only nearly so where weights are f32 and the rows more than 192,
    /// which OpenBLAS sums. With int8 and int4 weights x is rounded to 8 bits too, in groups of 32 values with a scale
    /// each.
    public func matmul(_ weight: Tensor, bias: Tensor? = nil, scale: Float = 1, adding residual: Tensor? = nil)
        -> Tensor
    {
        let outer = weight.shape[0]
        let output = Tensor(uninitialized: shape.replacingLast(outer), on: backend)
        precondition(
            residual == nil || residual?.shape == output.shape,
            "matmul: \(output.shape) and a residual of another shape")
        multiply((weight, nil, nil), (bias, nil, nil), scale: scale, adding: residual, into: output)
        return output
    }

    /// Three linear layers of one x, in one pass: the projections to queries, keys and values, each scale · x · weightᵀ + bias.
    ///
    /// x [..., K], weights [M_i, K] of one type, biases [M_i] -> [..., M_i] each.
    public func matmul(
        _ weights: (Tensor, Tensor, Tensor), biases: (Tensor?, Tensor?, Tensor?) = (nil, nil, nil),
        scale: Float = 1
    ) -> (Tensor, Tensor, Tensor) {
        let rows = count / shape[-1]
        let sizes = (weights.0.shape[0], weights.1.shape[0], weights.2.shape[0])
        let output = Tensor(uninitialized: [rows * (sizes.0 + sizes.1 + sizes.2)], on: backend)
        multiply(weights, biases, scale: scale, adding: nil, into: output)
        let (second, third) = (rows * sizes.0, rows * (sizes.0 + sizes.1))
        return (
            output[0 ..< second].reshaped(shape.replacingLast(sizes.0)),
            output[second ..< third].reshaped(shape.replacingLast(sizes.1)),
            output[third ..< output.count].reshaped(shape.replacingLast(sizes.2))
        )
    }

    /// Two linear layers of one x, in one pass: the gate and the other half of a gated MLP.
    public func matmul(
        _ weights: (Tensor, Tensor), biases: (Tensor?, Tensor?) = (nil, nil), scale: Float = 1
    ) -> (Tensor, Tensor) {
        let rows = count / shape[-1]
        let sizes = (weights.0.shape[0], weights.1.shape[0])
        let output = Tensor(uninitialized: [rows * (sizes.0 + sizes.1)], on: backend)
        multiply((weights.0, weights.1, nil), (biases.0, biases.1, nil), scale: scale, adding: nil, into: output)
        return (
            output[0 ..< rows * sizes.0].reshaped(shape.replacingLast(sizes.0)),
            output[rows * sizes.0 ..< output.count].reshaped(shape.replacingLast(sizes.1))
        )
    }

    func multiply(
        _ weights: (Tensor, Tensor?, Tensor?), _ biases: (Tensor?, Tensor?, Tensor?), scale: Float,
        adding residual: Tensor?, into output: Tensor
    ) {
        let inner = shape[-1]
        precondition(inner > 0, "matmul: x \(shape)")
        func outer(_ weight: Tensor?, _ bias: Tensor?) -> UInt32 {
            guard let weight else { return 0 }
            precondition(
                dtype == .f32 && weight.shape == [weight.shape[0], inner] && weight.dtype == weights.0.dtype,
                "matmul: x \(shape), weight \(weight.shape)")
            precondition(
                bias == nil || bias?.shape == [weight.shape[0]],
                "matmul: weight \(weight.shape), bias of another length")
            return UInt32(weight.shape[0])
        }
        let params = hay_matmul_params(
            inner: UInt32(inner), weight_type: weights.0.dtype.kernelType,
            outer: (outer(weights.0, biases.0), outer(weights.1, biases.1), outer(weights.2, biases.2)), scale: scale)
        let panel = UInt32(HAY_PANEL)
        func columns(_ outer: UInt32) -> Int { Int((outer + panel - 1) / panel * panel) }
        output.compute(
            .matmul, self, weights.0, weights.1, weights.2, biases.0, biases.1, biases.2, residual,
            columns: columns(params.outer.0) + columns(params.outer.1) + columns(params.outer.2),
            rows: count / inner, params)
    }

    /// The rows of this table [V, C] that ids [B, T] name, times `scale`: [B, T, C] in f32. Ids must be below V.
    public func embedding(of ids: Tensor, scale: Float = 1) -> Tensor {
        precondition(ids.dtype == .i32 && shape.rank == 2, "embedding: ids \(ids.dtype), table \(shape)")
        let output = Tensor(uninitialized: Shape(ids.shape.array + [shape[1]]), on: backend)
        let params = hay_embed_params(
            dim: UInt32(shape[1]), vocabulary: UInt32(shape[0]), table_type: dtype.kernelType, scale: scale)
        output.compute(.embed, ids, self, columns: shape[1], rows: ids.count, params)
        return output
    }

    /// The rows of x [R, C] that indices [N] name: [N, C]. Indices must be below R.
    public func gatheringRows(_ indices: Tensor) -> Tensor {
        let dim = shape[-1]
        let output = Tensor(uninitialized: [indices.count, dim], on: backend)
        output.compute(
            .gatherRows, self, indices, columns: dim, rows: indices.count, hay_gather_rows_params(dim: UInt32(dim)))
        return output
    }

    /// Copies one row of the first axis over another, in place.
    public func copyRow(_ source: Int, to destination: Int) {
        self[destination ..< destination + 1].fill(from: self[source ..< source + 1])
    }
}
