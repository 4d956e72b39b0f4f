/// Divides the logits: below 1 makes likely tokens likelier.
struct Temperature: LogitsProcessor {
    let temperature: Float

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let temperature = temperature
        logits.withUnsafeMutableBufferPointer { logits in
            for index in logits.indices { logits[index] /= temperature }
        }
    }
}

/// Makes numbers of what is none: 0 for not a number, the largest number for infinity.
struct RemoveInvalidValues: LogitsProcessor {
    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let largest = Float.greatestFiniteMagnitude
        logits.withUnsafeMutableBufferPointer { logits in
            for index in logits.indices {
                let logit = logits[index]
                logits[index] = logit.isNaN ? 0 : max(-largest, min(largest, logit))
            }
        }
    }
}

/// Turns logits into logarithms of probabilities.
struct Renormalize: LogitsProcessor {
    func process(_ logits: inout [Float], after tokens: [Int32]) {
        LogSoftmax(logits)?.write(to: &logits)
    }
}
