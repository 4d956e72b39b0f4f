import HayJSON
import HayTensor

/// A safetensors file: a JSON header that places each tensor, then their bytes.
///
/// The header is untrusted. What `init` accepts is sound: every tensor lies within the file, has the size that its
/// shape and type say, and shares no byte with another; no byte is left over.
struct Safetensors: Sendable {
    /// Where a tensor lies and what it is.
    struct Entry: Sendable {
        let name: String
        let type: ElementType
        /// The sizes; of a matrix in blocks its own, not those of the bytes that hold it.
        var shape: [Int]
        /// Its bytes in the whole file.
        let range: Range<Int>
        /// The type of a matrix in blocks.
        var blocks: DType?

        /// The tensor type, for those that kernels read.
        var dtype: DType? { blocks ?? type.dtype }

        /// The type as a file names it: "BF16", "int4".
        var typeName: String { blocks?.rawValue ?? type.rawValue }
    }

    /// The element types of the format, with their sizes in bits.
    enum ElementType: String, Sendable {
        case BOOL, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, I16, U16, F16, BF16, I32, U32, F32, I64, U64, F64, C64, F4

        var bitSize: Int {
            switch self {
            case .F4: 4
            case .BOOL, .U8, .I8, .F8_E5M2, .F8_E4M3, .F8_E8M0: 8
            case .I16, .U16, .F16, .BF16: 16
            case .I32, .U32, .F32: 32
            case .I64, .U64, .F64, .C64: 64
            }
        }

        /// The tensor type, for those that kernels read.
        var dtype: DType? {
            switch self {
            case .F32: .f32
            case .BF16: .bf16
            case .F16: .f16
            case .I32: .i32
            default: nil
            }
        }
    }

    /// The largest header that the format's own library accepts.
    static let headerLimit = 100_000_000

    let file: MappedFile
    /// The tensors in the order of their bytes.
    let entries: [Entry]

    /// Opens a file and checks all of its header. Throws `FileError` or `CheckpointError`.
    init(_ path: String) throws {
        file = try MappedFile(path)
        let (header, dataStart) = try Safetensors.header(of: file)
        var names: Set<String> = []
        var entries: [Entry] = []
        for (name, value) in header where name != "__metadata__" {
            guard names.insert(name).inserted else { throw CheckpointError.duplicateTensor(file: path, tensor: name) }
            entries.append(try Safetensors.entry(name, value, file, dataStart))
        }
        try BlockMetadata.apply(header["__metadata__"], to: &entries, file: path)
        entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        try Safetensors.checkLayout(entries, file, dataStart)
        self.entries = entries
    }

    private static func header(of file: MappedFile) throws -> (JSON.Object, dataStart: Int) {
        guard file.count >= 8 else { throw CheckpointError.truncatedHeader(file: file.path, size: file.count) }
        let size = file.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard size <= UInt64(headerLimit) else {
            throw CheckpointError.headerTooLarge(file: file.path, size: size, limit: headerLimit)
        }
        let dataStart = 8 + Int(size)
        guard file.count >= dataStart else { throw CheckpointError.truncatedHeader(file: file.path, size: file.count) }
        do {
            let value = try file.withBytes { try JSON.parse(UnsafeRawBufferPointer(rebasing: $0[8 ..< dataStart])) }
            guard let header = value.object else {
                throw CheckpointError.malformedHeader(file: file.path, reason: "\(value.kind), expected an object")
            }
            return (header, dataStart)
        } catch let error as JSONError {
            throw CheckpointError.malformedHeader(file: file.path, reason: error.description)
        }
    }

    private static func entry(_ name: String, _ value: JSON, _ file: MappedFile, _ dataStart: Int) throws -> Entry {
        func malformed(_ reason: String) -> CheckpointError {
            .malformedEntry(file: file.path, tensor: name, reason: reason)
        }
        guard let typeName = value["dtype"]?.string else { throw malformed("'dtype' is not a string") }
        guard let type = ElementType(rawValue: typeName) else {
            throw CheckpointError.unknownType(file: file.path, tensor: name, type: typeName)
        }
        guard let shape = integers(value["shape"]) else { throw malformed("'shape' is not a list of sizes") }
        guard let offsets = integers(value["data_offsets"]), offsets.count == 2 else {
            throw malformed("'data_offsets' is not a pair of offsets")
        }
        let (begin, end) = (offsets[0], offsets[1])
        guard begin <= end else {
            throw CheckpointError.reversedOffsets(file: file.path, tensor: name, begin: begin, end: end)
        }
        let dataSize = file.count - dataStart
        guard end <= dataSize else {
            throw CheckpointError.outOfRange(file: file.path, tensor: name, end: end, size: dataSize)
        }
        guard let size = byteSize(shape, type) else {
            throw CheckpointError.shapeTooLarge(file: file.path, tensor: name, shape: shape)
        }
        guard end - begin == size else {
            throw CheckpointError.wrongSize(file: file.path, tensor: name, expected: size, found: end - begin)
        }
        return Entry(name: name, type: type, shape: shape, range: dataStart + begin ..< dataStart + end)
    }

    private static func integers(_ value: JSON?) -> [Int]? {
        guard let array = value?.array else { return nil }
        let sizes = array.compactMap { element -> Int? in
            if case .int(let size) = element, size >= 0 { size } else { nil }
        }
        return sizes.count == array.count ? sizes : nil
    }

    private static func byteSize(_ shape: [Int], _ type: ElementType) -> Int? {
        var bits = type.bitSize
        for size in shape {
            let (product, overflow) = bits.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            bits = product
        }
        return bits / 8 + (bits % 8 == 0 ? 0 : 1)
    }

    private static func checkLayout(_ entries: [Entry], _ file: MappedFile, _ dataStart: Int) throws {
        var end = dataStart
        var previous = ""
        for entry in entries {
            let begin = entry.range.lowerBound
            if begin < end {
                throw CheckpointError.overlap(file: file.path, tensor: entry.name, other: previous)
            }
            if begin > end {
                throw CheckpointError.hole(
                    file: file.path, tensor: entry.name, begin: begin - dataStart, expected: end - dataStart)
            }
            end = entry.range.upperBound
            previous = entry.name
        }
        guard end == file.count else {
            throw CheckpointError.trailingBytes(
                file: file.path, end: end - dataStart, size: file.count - dataStart)
        }
    }
}
