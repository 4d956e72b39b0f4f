/// The sorts of devices that hold or run a model.
public enum DeviceType: String, Sendable, Hashable, CaseIterable {
    /// The processor.
    case cpu
    /// A GPU through CUDA.
    case cuda
    /// A disk that weights are kept on; only as a part of a device map.
    case disk
    /// A GPU through Metal.
    case mps
    /// A GPU through oneAPI.
    case xpu
    /// A GPU through Vulkan.
    case vulkan

    /// The type of a name, in lower case.
    ///
    /// Throws `ComponentError`.
    public init(parsing name: String) throws {
        guard let type = DeviceType(rawValue: name) else { throw ComponentError.unknownDeviceType(name: name) }
        self = type
    }
}
