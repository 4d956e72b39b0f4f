/// How texts are filled up that have fewer tokens than others.
public struct Padding: Sendable, Equatable {
    /// Where the filling goes.
    public enum Side: String, Sendable {
        /// Before the text.
        case left = "Left"
        /// After the text.
        case right = "Right"
    }

    /// How long texts become.
    public enum Length: Sendable, Equatable {
        /// As long as the longest of a batch.
        case longest
        /// So many tokens.
        case fixed(Int)
    }

    /// How long texts become.
    public var length: Length
    /// The number that the length is rounded up to a multiple of; 0 for none.
    public var multiple: Int
    /// The id of the filling.
    public var id: Int32
    /// The type id of the filling.
    public var typeID: Int32
    /// Where the filling goes.
    public var side: Side

    /// Fills up with an id.
    public init(
        to length: Length = .longest, id: Int32, typeID: Int32 = 0, side: Side = .right, multiple: Int = 0
    ) {
        self.length = length
        self.id = id
        self.typeID = typeID
        self.side = side
        self.multiple = multiple
    }

    /// How long a text becomes whose batch has a longest of so many tokens.
    func target(longest: Int) -> Int {
        var target = longest
        if case .fixed(let length) = length { target = length }
        guard multiple > 0, target % multiple > 0 else { return target }
        return target + multiple - target % multiple
    }
}

extension Padding {
    /// The longest text that a file may ask for.
    private static let longestFilling = 1 << 20

    /// Reads `padding` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        length = try Padding.length(section.member("strategy"))
        multiple = try section.optional("pad_to_multiple_of") == nil ? 0 : section.count("pad_to_multiple_of")
        id = Int32(clamping: try section.count("pad_id"))
        typeID = try section.optional("pad_type_id") == nil ? 0 : Int32(clamping: section.count("pad_type_id"))
        side = try section.choice("direction", default: .right)
        guard target(longest: 0) <= Padding.longestFilling else {
            throw section.wrongValue("a length of at most \(Padding.longestFilling)", found: "\(target(longest: 0))")
        }
    }

    /// `"BatchLongest"` or `{"Fixed": 128}`.
    private static func length(_ section: Section) throws -> Length {
        if section.json.object != nil { return .fixed(try section.count("Fixed")) }
        guard section.json.string == "BatchLongest" else { throw section.wrongValue("BatchLongest or a Fixed length") }
        return .longest
    }
}

extension Section {
    /// A whole number of a key, from 0 to 2³¹ - 1.
    func count(_ key: String) throws -> Int {
        let section = try member(key)
        let count = try section.int()
        guard 0 ... Int(Int32.max) ~= count else {
            throw section.wrongValue("a number from 0 to \(Int32.max)", found: "\(count)")
        }
        return count
    }

    /// One of the names of an enumeration.
    func choice<Choice: RawRepresentable<String>>(_ key: String, default value: Choice) throws -> Choice {
        guard let section = try optional(key) else { return value }
        let name = try section.string()
        guard let choice = Choice(rawValue: name) else {
            throw section.wrongValue("another \(key)", found: "'\(name)'")
        }
        return choice
    }
}
