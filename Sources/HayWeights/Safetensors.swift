import HayJSON
import HayTensor

/// A safetensors file: a JSON header that places each tensor, then their bytes.
///
/// The header is untrusted. What `init` accepts is sound: every tensor lies within the file, has the size that its
/// shape and type say where the type is a known one, and shares no byte with another; no byte is left over.
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

        /// The number of elements; where the type has no known size, at most one for each bit.
        var elementCount: Int {
            guard type.bitSize == nil else { return shape.reduce(1, *) }
            guard !shape.contains(0) else { return 0 }
            let bits = range.count * 8
            return shape.reduce(1) { count, size in
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                return overflow ? bits : min(product, bits)
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
        let (header, dataStart) = try Safetensors.checkedHeader(of: file)
        var names: Set<String> = []
        var entries: [Entry] = []
        for (name, value) in header where name != "__metadata__" {
            guard names.insert(name).inserted else { throw CheckpointError.duplicateTensor(file: path, tensor: name) }
            entries.append(try Safetensors.entry(name, value, file, dataStart))
        }
        let end = entries.reduce(dataStart) { max($0, $1.range.upperBound) }
        guard end <= file.count else { throw CheckpointError.truncated(file: path, size: file.count, expected: end) }
        try BlockMetadata.apply(header["__metadata__"], to: &entries, file: path)
        entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        try Safetensors.checkLayout(entries, file, dataStart)
        self.entries = entries
    }

    /// The header, or an error that names what stands in place of the weights.
    private static func checkedHeader(of file: MappedFile) throws -> (JSON.Object, dataStart: Int) {
        do { return try header(of: file) } catch let error as CheckpointError {
            guard let kind = file.withBytes({ FileKind($0, includingText: true) }) else { throw error }
            throw CheckpointError.notWeights(file: file.path, kind: kind)
        }
    }

    private static func header(of file: MappedFile) throws -> (JSON.Object, dataStart: Int) {
        guard file.count >= 8 else {
            throw CheckpointError.truncated(file: file.path, size: file.count, expected: 8)
        }
        let size = file.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard size <= UInt64(headerLimit) else {
            throw CheckpointError.headerTooLarge(file: file.path, size: size, limit: headerLimit)
        }
        let dataStart = 8 + Int(size)
        guard file.count >= dataStart else {
            throw CheckpointError.truncated(file: file.path, size: file.count, expected: dataStart)
        }
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
        let type = ElementType(rawValue: typeName)
        guard let shape = integers(value["shape"]) else { throw malformed("'shape' is not a list of sizes") }
        guard let offsets = integers(value["data_offsets"]), offsets.count == 2 else {
            throw malformed("'data_offsets' is not a pair of offsets")
        }
        let (begin, end) = (offsets[0], offsets[1])
        guard begin <= end else {
            throw CheckpointError.reversedOffsets(file: file.path, tensor: name, begin: begin, end: end)
        }
        guard end <= Int.max - dataStart else { throw malformed("'data_offsets' are beyond any file") }
        if let bitSize = type.bitSize {
            guard let size = byteSize(shape, bitSize) else {
                throw CheckpointError.shapeTooLarge(file: file.path, tensor: name, shape: shape)
            }
            guard end - begin == size else {
                throw CheckpointError.wrongSize(file: file.path, tensor: name, expected: size, found: end - begin)
            }
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

    private static func byteSize(_ shape: [Int], _ bitSize: Int) -> Int? {
        var bits = bitSize
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
