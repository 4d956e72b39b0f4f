import HayComponents
import HayGeneration
import HayJSON
import HayTensor
import Logging

extension LocalPipeline {
    /// Loads the model, and warns of what is left aside of it.
    ///
    /// Throws `LocalGeneratorError` for options that have no meaning here, `ModelLocationError` for a model that is not on
    /// this machine, and the errors of checkpoints.
    func load(_ logger: Logger) throws -> TextEngine {
        try checkOptions()
        try checkDevice()
        let folder = try folder()
        let local = try LocalModel(folder: folder, on: CPUBackend(), dtype: dtype())
        let does = local.model.isEncoderDecoder ? ModelTask.text2TextGeneration : .textGeneration
        if let task, task != does {
            throw LocalGeneratorError.wrongTask(task.rawValue, model: folder, expected: does.rawValue)
        }
        if let leftAside = local.leftAside { logger.warning("\(leftAside)") }
        return try TextEngine(local)
    }

    /// Options that are read elsewhere, and those that change nothing here: no code of a checkpoint is ever run, and there
    /// is one way to load and to attend.
    private static let known: Set<String> = [
        "model", "task", "device", "device_map", "revision", "torch_dtype", "dtype", "model_kwargs", "framework",
        "trust_remote_code", "use_fast", "num_workers", "batch_size", "return_full_text",
    ]
    private static let knownOfModel: Set<String> = [
        "torch_dtype", "dtype", "low_cpu_mem_usage", "attn_implementation", "use_safetensors", "trust_remote_code",
        "device_map", "use_cache", "local_files_only",
    ]

    private func checkOptions() throws {
        for (name, value) in kwargs where !value.isNull && !LocalPipeline.known.contains(name) {
            throw LocalGeneratorError.unsupportedOption(name, reason: "models are loaded as their folder says")
        }
        if let framework = kwargs["framework"]?.string, framework != "pt" {
            throw LocalGeneratorError.unsupportedOption("framework", reason: "checkpoints are read as for 'pt'")
        }
        for (name, value) in kwargs["model_kwargs"]?.object ?? [:]
        where !value.isNull && !LocalPipeline.knownOfModel.contains(name) {
            throw LocalGeneratorError.unsupportedOption(
                "model_kwargs.\(name)", reason: "models are loaded as their folder says")
        }
    }

    /// Throws for a device that is not the processor.
    private func checkDevice() throws {
        let maps = [kwargs["device_map"], kwargs["model_kwargs"]?["device_map"]]
        for device in [kwargs["device"]] + maps { try check(device ?? .null) }
    }

    private func check(_ device: JSON) throws {
        switch device {
        case .null, .string("cpu"), .string("auto"), .int(-1): return
        case .object(let map): for (_, device) in map { try check(device) }
        case .string(let name): throw LocalGeneratorError.unsupportedDevice(name)
        case .int(let id): throw LocalGeneratorError.unsupportedDevice("cuda:\(id)")
        default: throw LocalGeneratorError.wrongOption("device", expected: "a device's name", found: device.kind)
        }
    }

    /// The weights' type in memory; nil keeps the checkpoint's.
    private func dtype() throws -> DType? {
        let model = kwargs["model_kwargs"]
        let places = [kwargs["dtype"], kwargs["torch_dtype"], model?["dtype"], model?["torch_dtype"]]
        guard let value = places.lazy.compactMap({ $0 }).first(where: { !$0.isNull }) else { return nil }
        switch value.string.map({ $0.hasPrefix("torch.") ? String($0.dropFirst(6)) : $0 }) {
        case "auto": return nil
        case "float32", "float": return .f32
        case "float16", "half": return .f16
        case "bfloat16": return .bf16
        default:
            throw LocalGeneratorError.wrongOption(
                "torch_dtype", expected: "auto, float32, float16 or bfloat16", found: value.description)
        }
    }
}
