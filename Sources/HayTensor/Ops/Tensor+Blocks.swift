internal import CKernels

extension Tensor {
    /// This matrix [M, K] or stack of matrices [E, M, K] of floats in blocks, each value near its own. Ask `hasFiniteScales` whether all could be.
    public func quantized(to dtype: DType) -> Tensor {
        let output = Tensor(uninitialized: shape, dtype, on: backend)
        output.fill(from: self)
        return output
    }

    /// A matrix or a stack of matrices in blocks as f32.
    public func dequantized() -> Tensor {
        precondition(dtype.isInBlocks, "dequantize: \(dtype)")
        if shape.rank == 3 {
            let output = Tensor(uninitialized: shape, on: backend)
            for index in 0 ..< shape[0] { output[index].fill(from: self[index].dequantized()) }
            return output
        }
        let rows = Tensor((0 ..< Int32(shape[0])).map { $0 }, [shape[0]], on: backend)
        return embedding(of: rows)
    }

    /// Whether all scales of a tensor in blocks are finite; one is not where a value was not, or was too large.
    ///
    /// Throws when the device was lost.
    public func hasFiniteScales() throws -> Bool {
        precondition(dtype.isInBlocks, "scales: \(dtype)")
        let blockSize = dtype.byteCount(of: [1, 1])
        var isFinite = true
        try readBytes(inPiecesOf: 128 * blockSize) { bytes in
            for block in stride(from: 0, to: bytes.count, by: blockSize) {
                for scale in stride(from: block, to: block + 2 * DType.panelSize, by: 2) {
                    let half = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: scale, as: UInt16.self))
                    isFinite = isFinite && half & 0x7C00 != 0x7C00
                }
            }
        }
        return isFinite
    }

    /// Reads a tensor's bytes to the host piece by piece, so that none but a piece lies there. Throws what `body` throws,
    /// or when the device was lost.
    public func readBytes(inPiecesOf size: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: min(size, byteCount), alignment: 16) { piece in
            for begin in stride(from: 0, to: byteCount, by: size) {
                let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(size, byteCount - begin)])
                try backend.read(buffer, at: offset + begin, into: bytes)
                try body(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
