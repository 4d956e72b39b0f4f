internal import CKernels

/// Which two values of a head turn together.
public enum RotaryLayout: Sendable {
    /// x[i] and x[i + D/2], as Llama's checkpoints have it.
    case halves
    /// x[2i] and x[2i + 1], as the paper draws it: GPT-J, Cohere.
    case pairs
}

extension Tensor {
    /// The cosines and sines by which `rotated` turns the vectors at these positions.
    ///
    /// positions i32 [N], frequencies f32 [D/2] -> [N, D].
    public static func ropeTable(positions: Tensor, frequencies: Tensor, scale: Float) -> Tensor {
        let output = Tensor(uninitialized: [positions.count, 2 * frequencies.count], on: positions.backend)
        output.fillRopeTable(positions: positions, frequencies: frequencies, scale: scale)
        return output
    }

    /// Computes such a table into this tensor, in place.
    public func fillRopeTable(positions: Tensor, frequencies: Tensor, scale: Float) {
        let half = frequencies.count
        precondition(
            shape == [positions.count, 2 * half], "fillRopeTable: \(positions.count) positions, table \(shape)")
        let params = hay_rope_table_params(half: UInt32(half), scale: scale)
        compute(.ropeTable, positions, frequencies, columns: half, rows: positions.count, params)
    }

    /// Rotary position embedding of the first values of each head, as many as the table has; the others stay.
    ///
    /// x [B, T, H, D], table [B·T, rotated part of D] -> [B, T, H, D].
    /// Source: arXiv:2104.09864, equation 34.
    public func rotated(_ table: Tensor, layout: RotaryLayout = .halves) -> Tensor {
        let heads = shape[-2], headSize = shape[-1], rows = count / (heads * headSize)
        precondition(table.shape[0] == rows && table.shape[1] <= headSize, "rotated: table \(table.shape), x \(shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_rope_params(
            heads: UInt32(heads), head_size: UInt32(headSize), half: UInt32(table.shape[1] / 2),
            adjacent: layout == .pairs ? 1 : 0)
        output.compute(.rope, self, table, columns: heads, rows: rows, params)
        return output
    }
}
