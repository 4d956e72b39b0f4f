import HayJSON

extension BPE {
    /// Reads `model` of a tokenizer.json whose type is BPE. Throws `TokenizerError`.
    init(_ model: Section) throws {
        try self.init(model, vocabulary: model.member("vocab"), merges: model.member("merges"))
    }

    /// Reads a model whose vocabulary and merges are not in one file with its options. Throws `TokenizerError`.
    init(_ model: Section, vocabulary: Section, merges: Section) throws {
        if let dropout = try model.optional("dropout"), dropout.json.double != 0 {
            throw dropout.unsupported("the BPE option 'dropout'")
        }
        let vocabulary = try Vocabulary(vocabulary)
        self.vocabulary = vocabulary
        symbols = BPE.symbols(of: vocabulary)
        byteTokens = try model.bool("byte_fallback", default: false) ? vocabulary.byteTokens() : []
        fusesUnknown = try model.bool("fuse_unk", default: false)
        ignoresMerges = try model.bool("ignore_merges", default: false)
        unknownID = try model.optional("unk_token").map { try vocabulary.requiredID($0) }
        affixes = try Affixes(model)
        var reader = MergeReader(vocabulary, symbols, standIns: byteTokens + [unknownID ?? -1], affixes)
        try reader.read(merges)
        self.merges = reader.merges
        joints = reader.joints
        splitsAtJoints = affixes == nil && !reader.mergesStandIns
    }

    private static func symbols(of vocabulary: Vocabulary) -> ScalarTable {
        var symbols = ScalarTable(absent: -1)
        vocabulary.forEach { text, id in
            if let first = text.first, text.count == Bytes.sequenceLength(first) {
                symbols[text.scalar(at: 0).value] = id
            }
        }
        return symbols
    }
}

extension Vocabulary {
    /// Reads an object of pieces and ids. Throws `TokenizerError`.
    init(_ section: Section) throws {
        let object = try section.object()
        self.init(capacity: object.count)
        for index in 0 ..< object.count {
            var text = object.keys[index]
            guard let id = object.values[index].int else {
                throw TokenizerError.wrongValue(
                    file: section.file, key: section.name(of: text), expected: "an integer",
                    found: object.values[index].kind)
            }
            guard 0 ... Vocabulary.largestID ~= id else {
                throw TokenizerError.idOutOfRange(
                    file: section.file, key: section.path, token: text, id: id, limit: Vocabulary.largestID)
            }
            text.withUTF8 { insert($0, id: Int32(id)) }
        }
    }

    /// The ids of the pieces `<0x00>` … `<0xFF>`, -1 for those that are not there.
    func byteTokens() -> [Int32] {
        (0 ..< 256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>") ?? -1
        }
    }

    /// The id of the piece that a value names. Throws `TokenizerError`.
    func requiredID(_ name: Section) throws -> Int32 {
        let token = try name.string()
        guard let id = id(of: token) else {
            throw TokenizerError.unknownToken(file: name.file, key: name.path, token: token)
        }
        return id
    }
}

extension BPE.Affixes {
    /// Reads `continuing_subword_prefix` and `end_of_word_suffix`; nil where the file has neither.
    init?(_ model: Section) throws {
        prefix = Array(try model.optional("continuing_subword_prefix")?.string().utf8 ?? "".utf8)
        suffix = Array(try model.optional("end_of_word_suffix")?.string().utf8 ?? "".utf8)
        if prefix.isEmpty && suffix.isEmpty { return nil }
    }
}

/// Reads the merges of a model, in either spelling, and what they say about where texts fall apart.
private struct MergeReader {
    let vocabulary: Vocabulary
    let symbols: ScalarTable
    /// What the right piece of a merge begins with and loses.
    let prefix: [UInt8]
    /// Whether an id stands for something else than its text.
    var isStandIn: [Bool]
    var merges = PairTable(capacity: 0)
    var joints = PairTable(capacity: 0)
    /// Whether a stand-in takes part in a merge.
    var mergesStandIns = false
    private var both: [UInt8] = []

    init(_ vocabulary: Vocabulary, _ symbols: ScalarTable, standIns: [Int32], _ affixes: BPE.Affixes?) {
        self.vocabulary = vocabulary
        prefix = affixes?.prefix ?? []
        self.symbols = symbols
        isStandIn = Array(repeating: false, count: vocabulary.idLimit)
        for id in standIns where id >= 0 { isStandIn[Int(id)] = true }
    }

    mutating func read(_ section: Section) throws {
        guard let list = section.json.array else { throw section.wrongValue("an array") }
        merges = PairTable(capacity: list.count)
        joints = PairTable(capacity: list.count / 4)
        var rank: UInt32 = 0
        for index in list.indices {
            let place = Place(section: section, index: index)
            switch list[index] {
            case .string(var text):
                if try !text.withUTF8({ try split($0, rank, place) }) { continue }
            case .array(let parts):
                guard parts.count == 2, case .string(var left) = parts[0], case .string(var right) = parts[1] else {
                    throw place.element.wrongValue("two strings", found: "another array")
                }
                try left.withUTF8 { left in try right.withUTF8 { try add(left, $0, rank, place) } }
            default: throw place.element.wrongValue("a string or an array")
            }
            rank += 1
        }
    }

    /// Where a merge stands, spelled out only for an error.
    private struct Place {
        let section: Section
        let index: Int

        var element: Section {
            Section(section.json.array?[index] ?? .null, file: section.file, path: "\(section.path)[\(index)]")
        }
    }

    /// Adds the spelling "left right". False for the line that begins a merges.txt, which some files kept.
    private mutating func split(_ text: Bytes, _ rank: UInt32, _ place: Place) throws -> Bool {
        if text.first == UInt8(ascii: "#"), text.starts(with: "#version".utf8) { return false }
        guard let space = text.firstIndex(of: 0x20), !text[(space + 1)...].contains(0x20) else {
            throw place.element.wrongValue("two pieces with one space between them", found: "another string")
        }
        try add(text.slice(0 ..< space), text.slice(space + 1 ..< text.count), rank, place)
        return true
    }

    private mutating func add(_ left: Bytes, _ right: Bytes, _ rank: UInt32, _ place: Place) throws {
        both.removeAll(keepingCapacity: true)
        both.append(contentsOf: left)
        both.append(contentsOf: right.starts(with: prefix) ? right[prefix.count...] : right[0...])
        let leftID = try id(of: left, place)
        let rightID = try id(of: right, place)
        let id = try both.withUnsafeBufferPointer { try self.id(of: $0, place) }
        merges.insert(leftID, rightID, PairTable.Merge(rank: rank, id: id))
        if isStandIn[Int(leftID)] || isStandIn[Int(rightID)] { mergesStandIns = true }
        guard !left.isEmpty, !right.isEmpty else { return }
        let joint = (symbols[left.scalar(before: left.count).value], symbols[right.scalar(at: 0).value])
        if joint.0 >= 0, joint.1 >= 0 { joints.insert(joint.0, joint.1, PairTable.Merge(rank: 0, id: 0)) }
    }

    private func id(of text: Bytes, _ place: Place) throws -> Int32 {
        let id = vocabulary.id(of: text)
        guard id >= 0 else {
            throw TokenizerError.unknownToken(
                file: place.section.file, key: place.element.path, token: String(decoding: text, as: UTF8.self))
        }
        return id
    }
}
