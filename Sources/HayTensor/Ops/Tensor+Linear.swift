internal import CKernels

extension Tensor {
    /// A linear layer: y = scale · x · weightᵀ + bias.
    ///
    /// x [..., K], weight [M, K] of any float type, bias [M] -> [..., M]. A row's result does not depend on the rows
    /// beside it; on the processor only nearly so where weights are f32 and the rows more than 64, which OpenBLAS sums.
    public func matmul(_ weight: Tensor, bias: Tensor? = nil, scale: Float = 1) -> Tensor {
        let inner = shape[-1], outer = weight.shape[0]
        precondition(dtype == .f32 && weight.shape == [outer, inner], "matmul: x \(shape), weight \(weight.shape)")
        precondition(bias == nil || bias?.shape == [outer], "matmul: weight \(weight.shape), bias of another length")
        let output = Tensor(uninitialized: shape.replacingLast(outer), on: backend)
        let params = hay_matmul_params(
            inner: UInt32(inner), outer: UInt32(outer), weight_type: weight.dtype.kernelType, scale: scale)
        output.compute(.matmul, self, weight, bias, columns: outer, rows: count / inner, params)
        return output
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

    /// The same numbers in another float type, rounded to nearest even. A tensor of that type already is itself.
    public func converted(to dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        precondition(count <= UInt32.max, "convert: more elements than a call counts")
        let output = Tensor(uninitialized: shape, dtype, on: backend)
        let params = hay_convert_params(
            count: UInt32(count), from_type: self.dtype.kernelType, to_type: dtype.kernelType)
        output.compute(.convert, self, columns: count, rows: 1, params)
        return output
    }

    /// Copies one row of the first axis over another, in place.
    public func copyRow(_ source: Int, to destination: Int) {
        let from = self[source ..< source + 1], to = self[destination ..< destination + 1]
        let params = hay_convert_params(
            count: UInt32(from.count), from_type: dtype.kernelType, to_type: dtype.kernelType)
        to.compute(.convert, from, columns: from.count, rows: 1, params)
    }
}
