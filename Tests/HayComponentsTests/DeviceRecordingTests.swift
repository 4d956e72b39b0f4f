import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded devices", .enabled(if: Recordings.areThere, "there are no recordings"))
struct DeviceRecordingTests {
    @Test("devices and device maps are what was recorded", arguments: Recordings.cases("data/device"))
    func devices(recorded: RecordedCase) throws {
        // What is neither of these is no device, or of another type: it cannot be written in Swift.
        guard let data = recorded["from_dict"] ?? recorded["from_hf"] ?? recorded["device"] else {
            return #expect(recorded.error != nil)
        }
        let difference = recorded.members.difference {
            if recorded["from_dict"] != nil { return try ComponentDevice.fromDict(data).toDict() }
            if recorded["from_hf"] != nil { return .object(try DeviceMap.fromHuggingFace(data).toDict()) }
            let made = try #require(try Notation().device(["$device": data]))
            try compare(made, recorded.result ?? .null)
            return recorded.result ?? .null
        }
        #expect(difference == nil)
    }

    private func compare(_ device: ComponentDevice, _ recorded: JSON) throws {
        for (key, expected) in recorded.object ?? [:] {
            switch key {
            case "to_dict": #expect(device.toDict().difference(from: expected) == nil)
            case "roundtrip_equal": #expect(try ComponentDevice.fromDict(device.toDict()) == device)
            case "has_multiple_devices": #expect(JSON.bool(device.hasMultipleDevices) == expected)
            case "to_torch_str": #expect(expected.difference { .string(try device.torchName()) } == nil)
            case "to_hf": #expect(expected.difference { try device.huggingFaceValue() } == nil)
            case "to_spacy": #expect(expected.difference { .int(try device.spaCyNumber()) } == nil)
            case "first_device": #expect(expected.difference { try device.firstDevice().toDict() } == nil)
            case "update_hf_kwargs_empty":
                #expect(expected.difference { .object(try device.added(to: [:], overwrite: false)) } == nil)
            case "update_hf_kwargs_keep":
                #expect(expected.difference { .object(try device.added(to: ["device": "x"], overwrite: false)) } == nil)
            case "update_hf_kwargs_overwrite":
                #expect(expected.difference { .object(try device.added(to: ["device": "x"], overwrite: true)) } == nil)
            default: Issue.record("nothing compares '\(key)'")
            }
        }
    }
}
