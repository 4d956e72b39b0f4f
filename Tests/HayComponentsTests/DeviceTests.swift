import HayComponents
import HayJSON
import Testing

@Suite("Devices")
struct DeviceTests {
    @Test(
        "a device is read from its text and written as it",
        arguments: ["cpu", "cuda", "cuda:3", "vulkan", "vulkan:1", "mps:0"])
    func texts(text: String) throws {
        #expect(try Device(parsing: text).description == text)
        #expect(try ComponentDevice.single(parsing: text).toDict() == ["type": "single", "device": .string(text)])
    }

    @Test(
        "what is no device is refused",
        arguments: [
            ("CPU", ComponentError.unknownDeviceType(name: "CPU")), ("", .unknownDeviceType(name: "")),
            ("vulkan:", .wrongDeviceID(text: "")), ("cpu:1:2", .wrongDevice(text: "cpu:1:2")),
            ("cuda:-2", .negativeDeviceID(id: -2)),
            ("cuda:99999999999999999999", .wrongDeviceID(text: "99999999999999999999")),
        ])
    func wrongTexts(text: String, error: ComponentError) {
        #expect(throws: error) { try Device(parsing: text) }
    }

    @Test("a map keeps its order, and its parts can be replaced and taken out")
    func maps() throws {
        var map = DeviceMap([("z", .cpu), ("a", try .gpu(1))])
        map["z"] = .vulkan
        map["m"] = .disk
        #expect(map.parts == ["z", "a", "m"] && map.firstDevice == .vulkan)
        #expect(map.toDict() == ["z": "vulkan", "a": "cuda:1", "m": "disk"])
        map["z"] = nil
        #expect(map.parts == ["a", "m"] && map.count == 2)
        #expect(try ComponentDevice.multiple(map).huggingFaceValue() == ["a": 1, "m": "disk"])
    }

    @Test("a GPU of a map needs a number where only numbers are taken")
    func unnumbered() throws {
        let map = ComponentDevice.multiple(DeviceMap([("a", try Device(.cuda))]))
        #expect(throws: ComponentError.unnumberedDevice(device: "cuda")) { try map.huggingFaceValue() }
    }
}
