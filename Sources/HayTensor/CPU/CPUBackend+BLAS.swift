internal import CKernels
internal import COpenBLAS

extension CPUBackend {
    /// From this many rows on a product with f32 weights goes to OpenBLAS: only prompts, as its sums depend on the rows
    /// beside a row, and a text must not depend on those that are written beside it in a batch.
    static let blasRowThreshold = 193

    /// The columns of one sgemm call; fixed, so that the result does not depend on the number of threads.
    private static let blasColumns = 256

    /// What one sgemm over a range of output columns needs.
    private struct Product {
        var x, weight: UnsafePointer<Float>
        var bias, residual: UnsafePointer<Float>?
        var output: UnsafeMutablePointer<Float>
        var rows, inner, outer: Int
        var scale: Float
    }

    /// Computes matrix-matrix products of f32 by OpenBLAS. False when the call is something else.
    ///
    /// OpenBLAS is kept to one thread and called on ours: its own pool would fight it for the processors.
    func runWithBLAS(_ call: KernelCall) -> Bool {
        guard call.kernel == .matmul, call.rows >= CPUBackend.blasRowThreshold, instructionSet != .scalar else {
            return false
        }
        let params = call.params.load(as: hay_matmul_params.self)
        guard params.weight_type == HAY_F32.rawValue, let x = call.inputs.0 else { return false }
        _ = CPUBackend.singleThreadedBLAS
        var output = pointer(call.output).assumingMemoryBound(to: Float.self)
        for (weight, bias, outer) in [
            (call.inputs.1, call.inputs.4, params.outer.0), (call.inputs.2, call.inputs.5, params.outer.1),
            (call.inputs.3, call.inputs.6, params.outer.2),
        ] {
            guard let weight else { continue }
            var product = Product(
                x: floats(x), weight: floats(weight), bias: bias.map(floats), residual: call.inputs.7.map(floats),
                output: output, rows: call.rows, inner: Int(params.inner), outer: Int(outer), scale: params.scale)
            let tiles = (product.outer + CPUBackend.blasColumns - 1) / CPUBackend.blasColumns
            parallel(tiles, CPUBackend.multiplyColumns, &product)
            output += call.rows * product.outer
        }
        return true
    }

    private static let singleThreadedBLAS: Void = openblas_set_num_threads(1)

    private func floats(_ operand: Operand) -> UnsafePointer<Float> {
        UnsafePointer(pointer(operand).assumingMemoryBound(to: Float.self))
    }

    private static let multiplyColumns: @Sendable @convention(c) (UnsafeMutableRawPointer?, UInt32) -> Void = {
        multiply($0, tile: Int($1))
    }

    private nonisolated static func multiply(_ context: UnsafeMutableRawPointer?, tile: Int) {
        guard let product = context?.load(as: Product.self) else { return }
        let first = tile * blasColumns
        let columns = min(blasColumns, product.outer - first)
        let output = product.output + first
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(product.rows), blasint(columns), blasint(product.inner),
            product.scale, product.x, blasint(product.inner), product.weight + first * product.inner,
            blasint(product.inner), 0, output, blasint(product.outer))
        for row in 0 ..< product.rows {
            let start = row * product.outer
            if let bias = product.bias {
                for column in 0 ..< columns { output[start + column] += bias[first + column] }
            }
            if let residual = product.residual {
                for column in 0 ..< columns { output[start + column] += residual[start + first + column] }
            }
        }
    }
}
