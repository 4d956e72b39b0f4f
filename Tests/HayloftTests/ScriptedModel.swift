import HayModels
import HayNN
import HayWeights
import Synchronization

@testable import HayTensor

/// A model that says what a script holds, whatever the prompt: the i-th script in the i-th reply, then end tokens.
///
/// All replies begin with one draw from the same logits, in which the first tokens of all scripts are equally likely.
struct ScriptedModel: LanguageModel {
    struct NotACheckpoint: Error {}

    /// What a row is to say next.
    private struct Place {
        var script: Int
        var position: Int
    }

    private struct Progress {
        /// How many tokens come before the reply.
        var prefixCount = 0
        /// The running rows; none before the first token was chosen.
        var rows: [Place] = []
    }

    private final class State: Sendable {
        let progress = Mutex(Progress())
    }

    static let modelTypes: [String] = []
    let cacheShape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 8)
    let contextLength: Int? = nil
    let sharesPrefixes = false
    let vocabularySize: Int
    let isEncoderDecoder: Bool
    private let scripts: [[Int32]]
    private let endToken: Int32
    private let state = State()

    init(_ weights: Weights, _ config: ModelConfig) throws { throw NotACheckpoint() }

    init(_ scripts: [[Int32]], endToken: Int32, vocabularySize: Int, isEncoderDecoder: Bool = false) {
        self.scripts = scripts
        self.endToken = endToken
        self.vocabularySize = vocabularySize
        self.isEncoderDecoder = isEncoderDecoder
    }

    /// A hidden state is the token to say, or -1 for the first of any script.
    func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        let ids = ScriptedModel.integers(tokens)
        let positions = ScriptedModel.integers(step.positions)
        let states: [Float] = state.progress.withLock { progress in
            if positions.contains(0) { progress.prefixCount = step.textLengths[0] }
            if positions.contains(where: { $0 < progress.prefixCount }) {
                progress.rows = []
                return positions.map { _ in -1 }
            }
            var places = place(ids, after: progress.rows)
            defer { progress.rows = places }
            return places.indices.map { row in
                places[row].position += 1
                return Float(token(places[row]))
            }
        }
        return Tensor(states, Shape(step.shape.array + [1]), on: tokens.backend)
    }

    func logits(_ hidden: Tensor) -> Tensor {
        let states = (try? hidden.array()) ?? []
        var logits = [Float](repeating: -100, count: states.count * vocabularySize)
        for (row, state) in states.enumerated() {
            let said = state < 0 ? scripts.map { $0.first ?? endToken } : [Int32(state)]
            for token in said { logits[row * vocabularySize + Int(token)] = 10 }
        }
        return Tensor(logits, [states.count, vocabularySize], on: hidden.backend)
    }

    private func token(_ place: Place) -> Int32 {
        let script = scripts[place.script]
        return place.position < script.count ? script[place.position] : endToken
    }

    /// Which script each row follows: rows that ended are no longer there, the others keep their order.
    private func place(_ ids: [Int32], after rows: [Place]) -> [Place] {
        let isFirst = rows.isEmpty
        var candidates = isFirst ? scripts.indices.map { Place(script: $0, position: 0) } : rows
        return ids.map { id in
            let found = candidates.firstIndex { token($0) == id } ?? 0
            let place = candidates[found]
            if isFirst { candidates.remove(at: found) } else { candidates.removeSubrange(...found) }
            return place
        }
    }

    private static func integers(_ tensor: Tensor) -> [Int32] {
        var values = [Int32](repeating: 0, count: tensor.count)
        values.withUnsafeMutableBytes { bytes in
            try? tensor.backend.read(tensor.buffer, at: tensor.offset, into: bytes)
        }
        return values
    }
}
