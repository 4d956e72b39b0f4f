#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The search for a part in bytes, in time that the lengths add to.
extension UnsafeBufferPointer<UInt8> {
    /// The places where a part begins, without overlap, at most `limit` of them.
    func places(of part: Self, limit: Int) -> [Int] {
        var places: [Int] = []
        var position = 0
        while places.count < limit, let place = firstIndex(of: part, from: position) {
            places.append(place)
            position = place + part.count
        }
        return places
    }

    /// As above, but found from the right, which differs where the part overlaps itself; still in order.
    func placesFromRight(of part: Self, limit: Int) -> [Int] {
        let places = [UInt8](reversed()).withUnsafeBufferPointer { bytes in
            [UInt8](part.reversed()).withUnsafeBufferPointer { bytes.places(of: $0, limit: limit) }
        }
        return places.reversed().map { count - $0 - part.count }
    }

    /// The number of places where a part, which is not empty, begins, without overlap.
    func count(of part: Self, limit: Int = .max) -> Int {
        var count = 0
        var position = 0
        while count < limit, let place = firstIndex(of: part, from: position) {
            count += 1
            position = place + part.count
        }
        return count
    }

    /// Where a part begins at or after `start`.
    func firstIndex(of part: Self, from start: Int) -> Int? {
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

    /// As above, whatever the bytes: Knuth, Morris and Pratt's search.
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
