import HayGeneration
import HayJSON
import HayNN
import HayTensor

extension Verification {
    /// Compares one tensor of the reference; nil for sampled probabilities, which are compared with their case.
    func checkTensor(_ name: String) throws -> Check? {
        let parts = name.split(separator: ".")
        guard parts.count == 2 else { return Check(name: name, outcome: .skipped("its name has no known form")) }
        if parts[0].hasPrefix("sample_") { return nil }
        let reference = try tensors.floats(name).values
        if parts[0] == "batch" { return try checkBatch(name, reference) }
        guard parts[0].hasPrefix("prompt_"), let index = Int(parts[0].dropFirst("prompt_".count)),
            let prompt = prompt(index)
        else { return Check(name: name, outcome: .failed("expected.json has no ids for it")) }
        let decoderPrompt = element(index, of: "decoder_prompts").flatMap(Verification.ids) ?? []
        if parts[1] == "logits" {
            let found = try model.allLogits(prompt: prompt, decoderPrompt: decoderPrompt, on: backend)
            return numbers(name, found, reference, tolerance: Verification.logitsTolerance)
        }
        guard let found = try states(String(parts[1]), prompt, decoderPrompt) else {
            return Check(name: name, outcome: .skipped("it is not computed"))
        }
        return numbers(name, found, reference, tolerance: Verification.logitsTolerance)
    }

    /// The hidden states after a layer ("hidden_2"; 0 is the embedding, the last ones come after the final norm), or what
    /// the encoder gives ("encoder_last_hidden_state").
    private func states(_ name: String, _ prompt: [Int32], _ decoderPrompt: [Int32]) throws -> [Float]? {
        let ids = model.isEncoderDecoder ? decoderPrompt : prompt
        let blocks = BlockPool.blocks(for: ids.count) + BlockPool.blocks(for: prompt.count)
        let cache = KVCache(in: BlockPool(model.cacheShape, blockCount: blocks, on: backend))
        let encoded = model.encode(Tensor(prompt, [1, prompt.count], on: backend), into: cache)
        if name == "encoder_last_hidden_state" { return try encoded?.array() }
        guard name.hasPrefix("hidden_"), let layer = Int(name.dropFirst("hidden_".count)) else { return nil }
        var states: [Tensor] = []
        let step = CacheStep(advancing: cache, by: ids.count)
        step.observer = { states.append($0) }
        states.append(model.hidden(Tensor(ids, [1, ids.count], on: backend), step))
        return states.indices.contains(layer) ? try states[layer].array() : nil
    }

    /// The logits that follow each row of the padded batch, computed together: the last of a decoder, and the first of a
    /// decoder that answers a source.
    private func checkBatch(_ name: String, _ reference: [Float]) throws -> Check {
        guard let batch = expected["batch"], let rows = Verification.rows(batch) else {
            return Check(name: name, outcome: .failed("expected.json has no batch"))
        }
        let texts = model.isEncoderDecoder ? rows.map { _ in [model.decoderStartToken] } : rows
        let positions = rows.reduce(0) { $0 + $1.count + 2 * BlockPool.blockSize }
        let pool = BlockPool(model.cacheShape, blockCount: BlockPool.blocks(for: 2 * positions), on: backend)
        let step = CacheStep(on: backend)
        step.stretchesTogether = true
        let caches = rows.map { row in
            let cache = KVCache(in: pool)
            model.encode(Tensor(row, [1, row.count], on: backend), into: cache)
            return cache
        }
        for (cache, text) in zip(caches, texts) { step.add(cache, row: 0, count: text.count) }
        step.commit()
        let ids = texts.flatMap { $0 }
        let hidden = model.hidden(Tensor(ids, step.shape, on: backend), step)
        var last: [Int32] = []
        for text in texts { last.append((last.last ?? -1) + Int32(text.count)) }
        let wanted = hidden.reshaped([ids.count, hidden.shape[2]])
            .gatheringRows(Tensor(last, [last.count], on: backend))
        return numbers(name, try model.logits(wanted).array(), reference, tolerance: Verification.logitsTolerance)
    }

    private func prompt(_ index: Int) -> [Int32]? {
        if expected["prompts"] != nil { return element(index, of: "prompts").flatMap(Verification.ids) }
        return cases.first { $0["prompt_index"]?.int == index }?["input_ids"].flatMap(Verification.ids)
    }

    private func element(_ index: Int, of list: String) -> JSON? {
        guard let array = expected[list]?.array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    func numbers(_ name: String, _ found: [Float], _ reference: [Float], tolerance: Float) -> Check {
        guard found.count == reference.count else {
            return Check(name: name, outcome: .failed("\(found.count) numbers, expected \(reference.count)"))
        }
        var largest: Float = 0
        for (a, b) in zip(found, reference) {
            let difference = abs(a - b)
            largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        let outcome: Outcome =
            largest <= tolerance ? .passed(error: largest) : .failed("error \(largest), tolerance \(tolerance)")
        return Check(name: name, outcome: outcome, tolerance: tolerance)
    }

    static func ids(_ json: JSON) -> [Int32]? {
        guard let array = json.array else { return nil }
        let ids = array.compactMap { $0.int.flatMap(Int32.init(exactly:)) }
        return ids.count == array.count ? ids : nil
    }

    /// The texts of a case: `input_ids` of one text or of a batch, without what its `attention_mask` leaves out.
    static func rows(_ json: JSON) -> [[Int32]]? {
        guard let input = json["input_ids"] else { return nil }
        if let row = ids(input) { return [row] }
        guard let rows = input.array?.compactMap(ids), rows.count == input.array?.count else { return nil }
        guard let masks = json["attention_mask"]?.array?.compactMap(ids), masks.count == rows.count else { return rows }
        return zip(rows, masks).map { row, mask in zip(row, mask).filter { $1 != 0 }.map(\.0) }
    }
}
