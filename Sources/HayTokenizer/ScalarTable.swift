/// A number for each Unicode scalar, in pages of 256; scalars that were not set share one page.
struct ScalarTable: Sendable {
    private var pages: [UInt16]
    private var values: [Int32]
    private let absent: Int32

    /// A table in which every scalar has the value `absent`.
    init(absent: Int32) {
        // Room for every number of 21 bits, which is what four bytes of UTF-8 can spell.
        pages = Array(repeating: 0, count: 0x2000)
        values = Array(repeating: absent, count: 256)
        self.absent = absent
    }

    /// The value of a scalar, a number of at most 21 bits.
    subscript(_ scalar: UInt32) -> Int32 {
        @inline(__always) get { values[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] }
        set {
            let page = Int(scalar >> 8)
            if pages[page] == 0 {
                pages[page] = UInt16(values.count >> 8)
                values.append(contentsOf: repeatElement(absent, count: 256))
            }
            values[Int(pages[page]) << 8 | Int(scalar & 0xFF)] = newValue
        }
    }
}

extension ScalarTable {
    /// A table with 1 for the scalars in the runs of a text of `UnicodeData`, and 0 for all others.
    init(members text: String) {
        self.init(absent: 0)
        var numbers = UnicodeData.Numbers(text)
        var start: UInt32 = 0
        while let gap = numbers.next(), let length = numbers.next() {
            start += gap
            for value in start ..< start + length { self[value] = 1 }
            start += length
        }
    }
}
