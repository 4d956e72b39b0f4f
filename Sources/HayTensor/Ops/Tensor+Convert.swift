internal import CKernels

extension Tensor {
    /// The same numbers in another float type, rounded to nearest even. A tensor of that type already is itself.
    public func converted(to dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        precondition(self.dtype.isFloat && dtype.isFloat, "convert: \(self.dtype) to \(dtype)")
        let output = Tensor(uninitialized: shape, dtype, on: backend)
        output.fill(from: self)
        return output
    }

    /// Writes the numbers of a tensor of this shape into this one, in this one's type: as they are where that is theirs
    /// too, converted between floats, or quantized from floats to blocks. In blocks it is a matrix or a stack of them.
    public func fill(from source: Tensor) {
        precondition(source.shape == shape, "fill: \(source.shape) into \(shape)")
        if shape.rank == 3, source.dtype.isInBlocks || dtype.isInBlocks || count > UInt32.max {
            for index in 0 ..< shape[0] { self[index].fill(from: source[index]) }
        } else if source.dtype == dtype {
            copyBytes(of: source)
        } else if dtype.isInBlocks {
            precondition(source.dtype.isFloat && shape.rank == 2, "quantize: \(source.dtype) \(shape)")
            let params = hay_quantize_params(
                inner: UInt32(shape[1]), outer: UInt32(shape[0]), from_type: source.dtype.kernelType,
                to_type: dtype.kernelType)
            compute(.quantize, source, columns: shape[0], rows: shape[1], params)
        } else {
            precondition(count <= UInt32.max, "convert: more elements than a call counts")
            let params = hay_convert_params(
                count: UInt32(count), from_type: source.dtype.kernelType, to_type: dtype.kernelType)
            compute(.convert, source, columns: count, rows: 1, params)
        }
    }

    /// As words of 32 bits, whatever they hold; only an odd count of two bytes each leaves one over.
    private func copyBytes(of source: Tensor) {
        let words = byteCount / 4
        precondition(words <= UInt32.max, "copy: more words than a call counts")
        let type = DType.f32.kernelType
        let params = hay_convert_params(count: UInt32(words), from_type: type, to_type: type)
        let to = Tensor(backend: backend, buffer: buffer, offset: offset, shape: [words], dtype: .f32)
        let from = Tensor(backend: backend, buffer: source.buffer, offset: source.offset, shape: [words], dtype: .f32)
        to.compute(.convert, from, columns: words, rows: 1, params)
        guard byteCount % 4 == 2 else { return }
        let last = hay_convert_params(count: 1, from_type: dtype.kernelType, to_type: dtype.kernelType)
        let lastTo = Tensor(backend: backend, buffer: buffer, offset: offset + 4 * words, shape: [1], dtype: dtype)
        let lastFrom = Tensor(
            backend: backend, buffer: source.buffer, offset: source.offset + 4 * words, shape: [1], dtype: dtype)
        lastTo.compute(.convert, lastFrom, columns: 1, rows: 1, last)
    }
}
