import HayJSON

/// The device, or the devices by part, that a component's model is on.
public struct ComponentDevice: Sendable, Equatable {
    private enum Choice: Equatable {
        case single(Device)
        case multiple(DeviceMap)
    }

    private let choice: Choice

    /// One device. Throws `ComponentError` for the disk, which can only hold a part of a model.
    public static func single(_ device: Device) throws -> ComponentDevice {
        guard device.type != .disk else { throw ComponentError.diskAlone }
        return ComponentDevice(choice: .single(device))
    }

    /// One device, as a text names it: `cuda:1`.
    ///
    /// Throws `ComponentError`.
    public static func single(parsing text: String) throws -> ComponentDevice { try single(Device(parsing: text)) }

    /// A device for each part of the model.
    public static func multiple(_ map: DeviceMap) -> ComponentDevice { ComponentDevice(choice: .multiple(map)) }

    /// The one device; nil for a map.
    public var device: Device? { if case .single(let device) = choice { device } else { nil } }

    /// The map; nil for one device.
    public var map: DeviceMap? { if case .multiple(let map) = choice { map } else { nil } }

    /// Whether this is a map, even one of a single part.
    public var hasMultipleDevices: Bool { map != nil }

    /// The one device, or the first of the map.
    ///
    /// Throws `ComponentError` for an empty map, and for one that begins with the disk.
    public func firstDevice() throws -> ComponentDevice {
        guard let first = device ?? map?.firstDevice else { throw ComponentError.noDevice }
        return try .single(first)
    }

    /// What files hold.
    public func toDict() -> JSON {
        switch choice {
        case .single(let device): ["type": "single", "device": .string(device.description)]
        case .multiple(let map): ["type": "multiple", "device_map": .object(map.toDict())]
        }
    }

    /// The device that a dictionary describes.
    ///
    /// Throws `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ComponentDevice {
        let reader = try DictionaryReader(data, place: "The device")
        switch try reader.value("type") {
        case "single": return try single(parsing: reader.string("device"))
        case "multiple": return multiple(try DeviceMap.fromDict(reader.value("device_map")))
        case let other: throw ComponentError.unknownComponentDevice(name: other.string ?? other.text(spaced: true))
        }
    }
}

extension ComponentDevice {
    /// The device as PyTorch names it.
    ///
    /// Throws `ComponentError` for a map.
    public func torchName() throws -> String {
        guard let device else { throw ComponentError.manyDevices(format: "PyTorch") }
        return device.description
    }

    /// The device as spaCy numbers it: the GPU's number, -1 for all that are not CUDA's.
    ///
    /// Throws `ComponentError` for a map, and for a GPU without a number.
    public func spaCyNumber() throws -> Int {
        guard let device else { throw ComponentError.manyDevices(format: "spaCy") }
        guard device.type == .cuda else { return -1 }
        guard let id = device.id else { throw ComponentError.unnumberedDevice(device: device.description) }
        return id
    }

    /// The device as Hugging Face's libraries take it: a text, or a dictionary with numbers for CUDA's GPUs.
    ///
    /// Throws `ComponentError` for a GPU of a map that has no number.
    public func huggingFaceValue() throws -> JSON {
        switch choice {
        case .single(let device): return .string(device.description)
        case .multiple(let map):
            return .object(
                try map.converted { device in
                    guard device.type == .cuda else { return .string(device.description) }
                    guard let id = device.id else {
                        throw ComponentError.unnumberedDevice(device: device.description)
                    }
                    return .int(id)
                })
        }
    }

    /// Options of Hugging Face's with this device among them, as `device` or `device_map`.
    ///
    /// - Parameter overwrite: whether it takes the place of a device that the options name already.
    /// Throws `ComponentError` as `huggingFaceValue` does.
    public func added(to options: JSON.Object, overwrite: Bool) throws -> JSON.Object {
        if !overwrite, options["device"] != nil || options["device_map"] != nil { return options }
        var options = options
        options.set(hasMultipleDevices ? "device_map" : "device", to: try huggingFaceValue())
        return options
    }
}
