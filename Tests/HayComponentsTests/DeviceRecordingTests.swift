import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded devices", .enabled(if: Recordings.areThere, "there are no recordings"))
struct DeviceRecordingTests {
    @Test("devices and device maps are what was recorded", arguments: Recordings.cases("data/device"))
    func devices(recorded: RecordedCase) throws {
        do {
            if let data = recorded["from_dict"] {
                #expect(try ComponentDevice.fromDict(data).toDict().difference(from: recorded.result ?? .null) == nil)
            } else if let data = recorded["from_hf"] {
                let map = JSON.object(try DeviceMap.fromHuggingFace(data).toDict())
                #expect(map.difference(from: recorded.result ?? .null) == nil)
            } else if let device = recorded["device"] {
                let made = try #require(try Notation().device(["$device": device]))
                try compare(made, recorded.result ?? .null)
            } else {
                // What is left is a device that is none, or of another type: it cannot be written in Swift.
                #expect(recorded.error != nil)
                return
            }
            #expect(recorded.error == nil)
        } catch let error as ComponentError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
        }
    }

    private func compare(_ device: ComponentDevice, _ recorded: JSON) throws {
        for (key, expected) in recorded.object ?? [:] {
            switch key {
            case "to_dict": #expect(device.toDict().difference(from: expected) == nil)
            case "roundtrip_equal": #expect(try ComponentDevice.fromDict(device.toDict()) == device)
            case "has_multiple_devices": #expect(JSON.bool(device.hasMultipleDevices) == expected)
            case "to_torch_str": compare(expected) { .string(try device.torchName()) }
            case "to_hf": compare(expected) { try device.huggingFaceValue() }
            case "to_spacy": compare(expected) { .int(try device.spaCyNumber()) }
            case "first_device": compare(expected) { try device.firstDevice().toDict() }
            case "update_hf_kwargs_empty":
                compare(expected) { .object(try device.added(to: [:], overwrite: false)) }
            case "update_hf_kwargs_keep":
                compare(expected) { .object(try device.added(to: ["device": "x"], overwrite: false)) }
            case "update_hf_kwargs_overwrite":
                compare(expected) { .object(try device.added(to: ["device": "x"], overwrite: true)) }
            default: Issue.record("nothing compares '\(key)'")
            }
        }
    }

    private func compare(_ expected: JSON, _ make: () throws -> JSON) {
        do {
            let value = try make()
            #expect(value.difference(from: expected["result"] ?? .null) == nil)
            #expect(expected["error"] == nil)
        } catch {
            #expect(expected["error"].map(RecordedError.init)?.difference(from: error) == nil)
            #expect(expected["error"] != nil)
        }
    }
}
