#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Texts as Python sees them: sequences of code points, compared code point by code point. Swift compares what is
/// canonically equivalent, so none of its own operators are used on a template's texts.
extension String {
    /// Calls with the text's UTF-8.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        if let result = try utf8.withContiguousStorageIfAvailable(body) { return result }
        return try Array(utf8).withUnsafeBufferPointer(body)
    }

    init(bytes: some Collection<UInt8>) { self.init(decoding: bytes, as: UTF8.self) }

    /// Whether the scalars are the same.
    func isSame(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes { left in
            other.withBytes { right in
                left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
            }
        }
    }

    /// Whether this comes before another text in the order of code points.
    func precedes(_ other: String) -> Bool {
        withBytes { left in other.withBytes { right in left.lexicographicallyPrecedes(right) } }
    }

    /// How many scalars there are.
    var scalarCount: Int {
        withBytes { bytes in
            var count = 0
            for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
            return count
        }
    }

    var isPlainASCII: Bool { withBytes { bytes in bytes.allSatisfy { $0 < 0x80 } } }

    func contains(bytesOf part: String) -> Bool {
        withBytes { bytes in part.withBytes { bytes.firstIndex(of: $0, from: 0) != nil } }
    }

    func starts(withBytesOf prefix: String) -> Bool {
        withBytes { bytes in prefix.withBytes { bytes.starts(with: $0) } }
    }

    func ends(withBytesOf suffix: String) -> Bool {
        withBytes { bytes in suffix.withBytes { bytes.suffix($0.count).elementsEqual($0) } }
    }

    /// The places where a part begins, without overlap, at most `limit` of them.
    func places(of part: String, limit: Int = .max) -> [Int] {
        guard !part.isEmpty else { return [] }
        return withBytes { bytes in part.withBytes { bytes.places(of: $0, limit: limit) } }
    }

    /// The number of places where a part begins, without overlap.
    func count(of part: String) -> Int { withBytes { bytes in part.withBytes { bytes.count(of: $0) } } }

    /// As `places`, but found from the right, which differs where the part overlaps itself; still in order.
    func placesFromRight(of part: String, limit: Int) -> [Int] {
        withBytes { bytes in part.withBytes { bytes.placesFromRight(of: $0, limit: limit) } }
    }

    /// The part between two places in the UTF-8.
    func bytes(_ range: Range<Int>) -> String { withBytes { String(bytes: $0[range]) } }

    /// Each scalar as a text.
    var scalarTexts: [String] { unicodeScalars.map { String($0) } }

    /// The text so many times; the size must be known to be sane.
    func repeated(_ times: Int) -> String {
        let size = utf8.count
        guard times > 1, size > 0 else { return times < 1 ? "" : self }
        return String(unsafeUninitializedCapacity: size * times) { buffer in
            withBytes { bytes in
                for index in 0 ..< times { memcpy(buffer.baseAddress! + index * size, bytes.baseAddress!, size) }
            }
            return size * times
        }
    }

    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
