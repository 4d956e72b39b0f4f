import HayTensor

extension Safetensors {
    /// An element type as a file names it.
    ///
    /// One that is not known here is no error by itself: a model may never ask for the tensor.
    struct ElementType: RawRepresentable, Hashable, Sendable {
        let rawValue: String

        static let U8 = ElementType(rawValue: "U8")
        static let F32 = ElementType(rawValue: "F32")
        static let I64 = ElementType(rawValue: "I64")

        /// The size of an element in bits; nil for a type that is not known.
        var bitSize: Int? {
            switch rawValue {
            case "F4": 4
            case "F6_E2M3", "F6_E3M2": 6
            case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
            case "I16", "U16", "F16", "BF16": 16
            case "I32", "U32", "F32": 32
            case "I64", "U64", "F64", "C64": 64
            default: nil
            }
        }

        /// The tensor type, for those whose elements are read in place.
        var dtype: DType? {
            switch rawValue {
            case "F32": .f32
            case "BF16": .bf16
            case "F16": .f16
            default: nil
            }
        }

        /// Whether tensors of a role become f32 as they are read: f64 everywhere; integers only in vectors, as matrices
        /// of integers hold quantized weights whose scales lie elsewhere.
        func isConverted(for role: WeightRole) -> Bool {
            switch rawValue {
            case "F64": true
            case "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64": role == .vector
            default: false
            }
        }

        /// Elements rounded to f32, of a type that `isConverted`.
        func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
            switch rawValue {
            case "F64": read(bytes) { (value: Double) in Float(value) }
            case "BOOL", "U8": read(bytes) { (value: UInt8) in Float(value) }
            case "I8": read(bytes) { (value: Int8) in Float(value) }
            case "U16": read(bytes) { (value: UInt16) in Float(value) }
            case "I16": read(bytes) { (value: Int16) in Float(value) }
            case "U32": read(bytes) { (value: UInt32) in Float(value) }
            case "I32": read(bytes) { (value: Int32) in Float(value) }
            case "U64": read(bytes) { (value: UInt64) in Float(value) }
            case "I64": read(bytes) { (value: Int64) in Float(value) }
            default: preconditionFailure("elements of type \(rawValue) are not converted")
            }
        }

        private func read<Element: BitwiseCopyable>(
            _ bytes: UnsafeRawBufferPointer, _ float: (Element) -> Float
        ) -> [Float] {
            let size = MemoryLayout<Element>.size
            return (0 ..< bytes.count / size).map {
                float(bytes.loadUnaligned(fromByteOffset: $0 * size, as: Element.self))
            }
        }
    }
}

extension Safetensors.ElementType: CustomStringConvertible {
    var description: String { rawValue }
}
