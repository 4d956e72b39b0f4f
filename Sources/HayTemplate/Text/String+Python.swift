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

    /// As above, but found from the right, which differs where the part overlaps itself; still in order.
    func placesFromRight(of part: String, limit: Int) -> [Int] {
        let bytes: [UInt8] = utf8.reversed()
        let count = part.utf8.count
        let places = bytes.withUnsafeBufferPointer { bytes in
            Array(part.utf8.reversed()).withUnsafeBufferPointer { bytes.places(of: $0, limit: limit) }
        }
        return places.reversed().map { bytes.count - $0 - count }
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

extension UnsafeBufferPointer<UInt8> {
    /// The places where a part begins, without overlap, at most `limit` of them.
    fileprivate func places(of part: Self, limit: Int) -> [Int] {
        var places: [Int] = []
        var position = 0
        while places.count < limit, let place = firstIndex(of: part, from: position) {
            places.append(place)
            position = place + part.count
        }
        return places
    }

    /// Where a part begins at or after `start`.
    fileprivate func firstIndex(of part: Self, from start: Int) -> Int? {
        guard count - start >= part.count else { return nil }
        guard let first = part.first else { return start }
        if part.count > 64 { return firstIndex(ofLong: part, from: start) }
        var position = start
        while position + part.count <= count {
            let room = count - part.count - position + 1
            guard let found = memchr(baseAddress! + position, Int32(first), room) else { return nil }
            position = UnsafeRawPointer(found) - UnsafeRawPointer(baseAddress!)
            if memcmp(found, part.baseAddress!, part.count) == 0 { return position }
            position += 1
        }
        return nil
    }

    /// As above in time that the lengths add to, whatever the bytes: Knuth, Morris and Pratt's search.
    private func firstIndex(ofLong part: Self, from start: Int) -> Int? {
        var fallback = [Int](repeating: 0, count: part.count)
        var matched = 0
        for index in 1 ..< part.count {
            while matched > 0, part[index] != part[matched] { matched = fallback[matched - 1] }
            if part[index] == part[matched] { matched += 1 }
            fallback[index] = matched
        }
        matched = 0
        for index in start ..< count {
            while matched > 0, self[index] != part[matched] { matched = fallback[matched - 1] }
            if self[index] == part[matched] { matched += 1 }
            if matched == part.count { return index - part.count + 1 }
        }
        return nil
    }
}
