import HayComponents
import HayJSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What both local generators are made of: which model, on what, and the options of `huggingface_pipeline_kwargs`.
struct LocalPipeline: Sendable {
    /// What files hold as `huggingface_pipeline_kwargs`: model, task, device and what else was given; never a token.
    let kwargs: JSON.Object
    /// The model's folder or name.
    let model: String
    /// Nil while the model is not on this machine and nothing says what it does.
    let task: ModelTask?
    /// What gives access to models that have to be fetched.
    let token: Secret?
    private let locator: ModelLocator

    /// Puts the parameters of a component together. What stands in the pipeline's own options wins, except for the task.
    ///
    /// Throws `LocalGeneratorError` for a task that is not one of the two, and `ComponentError` for a strict token that is
    /// not set.
    init(
        model: String, task: String?, device: ComponentDevice?, token: Secret?, kwargs given: JSON.Object,
        environment: [String: String]?
    ) throws {
        let environment = environment ?? ProcessInfo.processInfo.environment
        _ = try token?.resolve(in: environment)
        var kwargs = GenerationKwargs(given)
        for name in ["token", "use_auth_token"] { kwargs[name] = nil }
        if let options = kwargs["model_kwargs"]?.object {
            kwargs["model_kwargs"] = .object(
                JSON.Object(options.filter { !["token", "use_auth_token"].contains($0.0) }))
        }
        kwargs["model"] = kwargs["model"] ?? .string(model)
        guard let name = kwargs["model"]?.string else {
            throw LocalGeneratorError.wrongOption(
                "model", expected: "a folder or a name", found: kwargs["model"]?.kind ?? "")
        }
        kwargs = try GenerationKwargs((device ?? .single(.cpu)).added(to: kwargs.dictionary, overwrite: false))
        let locator = ModelLocator(environment: environment)
        let revision = kwargs["revision"]?.string ?? "main"
        let folder = try? locator.folder(of: name, revision: revision)
        self.task = try LocalPipeline.task(task ?? kwargs["task"]?.string, in: folder)
        kwargs["task"] = self.task.map { .string($0.rawValue) }
        self.model = name
        self.token = token
        self.locator = locator
        self.kwargs = kwargs.dictionary
    }

    /// Options with the defaults that the components add: 512 new tokens, and of a decoder only what is new.
    func completed(_ kwargs: GenerationKwargs) -> GenerationKwargs {
        var kwargs = kwargs
        if task == .textGeneration, kwargs["return_full_text"] == nil { kwargs["return_full_text"] = false }
        if kwargs["max_new_tokens"] == nil { kwargs["max_new_tokens"] = .int(LocalOptions.defaultNewTokens) }
        return kwargs
    }

    /// The options of a call over a component's own, whose limit of new tokens is a default: the checkpoint's own limit wins
    /// over it.
    func options(of call: GenerationKwargs?, over own: GenerationKwargs, limitIsDefault: Bool) -> GenerationKwargs {
        var kwargs = own.overlaid(by: call)
        if limitIsDefault, call?["max_new_tokens"] == nil { kwargs["max_new_tokens"] = nil }
        return kwargs
    }

    /// The model's folder. Throws `ModelLocationError`.
    func folder() throws -> String { try locator.folder(of: model, revision: kwargs["revision"]?.string ?? "main") }

    /// The task that was named, else what the model does if it is on this machine.
    private static func task(_ named: String?, in folder: String?) throws -> ModelTask? {
        guard let name = try named ?? folder.map(ModelTask.name) else { return nil }
        guard let task = ModelTask(rawValue: name) else {
            throw LocalGeneratorError.unsupportedTask(name, supported: ModelTask.allCases.map(\.rawValue))
        }
        return task
    }
}
