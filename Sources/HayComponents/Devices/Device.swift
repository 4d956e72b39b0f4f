/// A device, and which one of its type.
public struct Device: Sendable, Hashable {
    /// The type.
    public let type: DeviceType
    /// Which one of its type, from 0; nil leaves the choice open.
    public let id: Int?

    /// A device. Throws `ComponentError` for a negative number.
    public init(_ type: DeviceType, id: Int? = nil) throws {
        if let id, id < 0 { throw ComponentError.negativeDeviceID(id: id) }
        self.type = type
        self.id = id
    }

    /// The device that a text names: `cpu`, `cuda:1`.
    ///
    /// Throws `ComponentError`.
    public init(parsing text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw ComponentError.wrongDevice(text: text) }
        let id = try parts.dropFirst().first.map { part in
            guard let id = Device.number(part) else { throw ComponentError.wrongDeviceID(text: String(part)) }
            return id
        }
        try self.init(DeviceType(parsing: String(parts[0])), id: id)
    }

    /// A number as Python reads it: with white space around it, and single underscores between digits.
    private static func number(_ text: Substring) -> Int? {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        guard let first = groups.first, Int(first) != nil, groups.dropFirst().allSatisfy({ $0.isDigits }) else {
            return nil
        }
        return Int(groups.joined())
    }

    private init(unnumbered type: DeviceType) {
        self.type = type
        id = nil
    }

    /// The processor.
    public static let cpu = Device(unnumbered: .cpu)
    /// The disk.
    public static let disk = Device(unnumbered: .disk)
    /// A GPU through Metal.
    public static let mps = Device(unnumbered: .mps)
    /// A GPU through oneAPI.
    public static let xpu = Device(unnumbered: .xpu)
    /// A GPU through Vulkan.
    public static let vulkan = Device(unnumbered: .vulkan)

    /// A GPU through CUDA. Throws `ComponentError` for a negative number.
    public static func gpu(_ id: Int = 0) throws -> Device { try Device(.cuda, id: id) }
}

extension Device: CustomStringConvertible {
    /// The text that names it: `cpu`, `cuda:1`.
    public var description: String { id.map { "\(type.rawValue):\($0)" } ?? type.rawValue }
}

extension Substring {
    fileprivate var isDigits: Bool { !isEmpty && utf8.allSatisfy { UInt8(ascii: "0") ... UInt8(ascii: "9") ~= $0 } }
}
