import HayJSON

/// Which device each part of a model is on, in order.
public struct DeviceMap: Sendable, Equatable {
    /// The names of the parts, in order.
    public private(set) var parts: [String] = []
    private var devices: [String: Device] = [:]

    /// An empty map.
    public init() {}

    /// A map of these parts, in this order.
    public init(_ entries: [(String, Device)]) {
        for (part, device) in entries { self[part] = device }
    }

    /// How many parts there are.
    public var count: Int { parts.count }

    /// The device of a part; nil takes the part out.
    public subscript(_ part: String) -> Device? {
        get { devices[part] }
        set {
            if devices[part] == nil, newValue != nil { parts.append(part) }
            if newValue == nil { parts.removeAll { $0 == part } }
            devices[part] = newValue
        }
    }

    /// The device of the first part.
    public var firstDevice: Device? { parts.first.flatMap { devices[$0] } }

    /// The texts of the devices by part.
    public func toDict() -> JSON.Object { converted { .string($0.description) } }

    /// The map that a dictionary of texts describes.
    ///
    /// Throws `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> DeviceMap {
        let reader = try DictionaryReader(data, place: "The device map")
        return DeviceMap(try reader.readAll("a string") { try $0.string.map(Device.init(parsing:)) })
    }

    /// The map that a dictionary of Hugging Face's describes: integers are GPUs through CUDA.
    ///
    /// Throws `ComponentError`.
    public static func fromHuggingFace(_ data: JSON) throws -> DeviceMap {
        let reader = try DictionaryReader(data, place: "The device map")
        return DeviceMap(
            try reader.members.map { part, value in
                switch value {
                case .int(let id): (part, try Device(.cuda, id: id))
                case .string(let name): (part, try Device(parsing: name))
                default: throw ComponentError.wrongMapDevice(device: value.text(spaced: true), part: part)
                }
            })
    }

    /// A member for each part.
    func converted(_ convert: (Device) throws -> JSON) rethrows -> JSON.Object {
        JSON.Object(try parts.compactMap { part in try devices[part].map { (part, try convert($0)) } })
    }
}
