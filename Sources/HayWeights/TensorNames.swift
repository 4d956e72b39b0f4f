/// The names of a checkpoint's tensors, found also under the prefixes that training tools and other model classes put
/// before them: `module.model.layers.0…` and `layers.0…` are both `model.layers.0…`.
struct TensorNames: Sendable {
    /// Several stored names may stand for the one that was asked for.
    struct Ambiguity: Error {
        let candidates: [String]
    }

    /// Components at the beginning of a name that say only whose part a tensor was.
    private static let prefixes: Set<Substring> = [
        "model", "transformer", "gpt_neox", "language_model", "base_model", "module",
    ]
    /// Components that a wrapper puts anywhere in a name: `torch.compile`, FSDP, activation checkpointing.
    private static let wrappers: Set<Substring> = [
        "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
    ]

    private let stored: [String: [String]]

    init(_ names: some Sequence<String>) {
        stored = Dictionary(grouping: names, by: TensorNames.core)
    }

    /// The name under which a tensor is stored; nil when there is none. Throws `Ambiguity`.
    ///
    /// Of names with and without `model.` the reference implementation takes the first in the order of the alphabet.
    func stored(_ name: String) throws(Ambiguity) -> String? {
        guard let candidates = stored[TensorNames.core(name)] else { return nil }
        if candidates.count == 1 { return candidates[0] }
        let bare = name.hasPrefix("model.") ? String(name.dropFirst(6)) : name
        let known = candidates.filter { [bare, "model.\(bare)", "model.model.\(bare)"].contains($0) }
        guard let first = known.min() else { throw Ambiguity(candidates: candidates.sorted()) }
        return first
    }

    /// Whether a tensor is stored, under one name or several.
    func contains(_ name: String) -> Bool { stored[TensorNames.core(name)] != nil }

    /// The part of a checkpoint that a name belongs to: `vision_tower` of `model.vision_tower.layers.0…`.
    static func part(of name: String) -> String { String(core(name).prefix { $0 != "." }) }

    /// A name without what may stand before it.
    private static func core(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).filter { !wrappers.contains($0) }
        return parts.drop(while: prefixes.contains).joined(separator: ".")
    }
}
