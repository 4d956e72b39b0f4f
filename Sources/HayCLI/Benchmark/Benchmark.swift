import HayGeneration
import HayTensor
import Hayloft

/// Runs prompts of random ids and collects how long they took.
struct Benchmark {
    /// Numbers of one kind, one for each run.
    struct Series {
        let name: String
        let unit: String
        var values: [Double] = []
        /// The same as shares of what the hardware can do; empty where that was not measured.
        var shares: [Double] = []
    }

    let local: LocalModel
    let backend: CountingBackend
    let cpu: CPUBackend
    let config: GenerationConfig
    let newTokens: Int
    let batch: Int
    let measuresLimits: Bool
    /// What the arithmetic's peak is measured for.
    let weightType: DType
    let cacheType: DType?
    private(set) var series: [Series] = []
    private var probe: Tensor?

    init(
        local: LocalModel, backend: CountingBackend, cpu: CPUBackend, config: GenerationConfig, newTokens: Int,
        batch: Int, measuresLimits: Bool, weightType: DType, cacheType: DType?
    ) {
        self.weightType = weightType
        self.batch = batch
        self.cacheType = cacheType
        self.config = config
        self.local = local
        self.backend = backend
        self.cpu = cpu
        self.newTokens = newTokens
        self.measuresLimits = measuresLimits
        if measuresLimits { probe = Tensor([Float](repeating: 1, count: 1 << 27), [1 << 27], on: cpu) }
    }

    /// Reads a batch of prompts of this length and writes the new tokens of each once.
    mutating func run(promptLength: Int) throws {
        let prompt = ids(promptLength)
        let before = bandwidth()
        let scheduler = makeScheduler(promptLength)
        var failure: (any Error)?
        var written = 0
        for _ in 0 ..< batch {
            try scheduler.add(GenerationRequest(prompt: prompt, config: config)) { event in
                if case .success(.token) = event { written += 1 }
                failure = failure ?? event.failure
            }
        }
        backend.reset()
        let stopwatch = Stopwatch()
        while scheduler.isReading { scheduler.step() }
        let firstToken = stopwatch.seconds
        let promptOperations = Double(backend.operations)
        let writtenWhileReading = written
        backend.reset()
        while !scheduler.isIdle { scheduler.step() }
        let decodeSeconds = stopwatch.seconds - firstToken
        if let failure { throw failure }
        // Beams tell their tokens only at the end.
        let tokens = config.beamCount > 1 ? Double(batch * (newTokens - 1)) : Double(written - writtenWhileReading)
        let decodedBytes = Double(backend.weightBytes)
        let limit = before.flatMap { before in bandwidth().map { (before + $0) / 2 } }
        add(
            "read \(promptLength)\(of)", "tok/s", Double(batch * promptLength) / firstToken,
            promptOperations / firstToken, peak())
        add("first token after \(promptLength)\(of)", "ms", firstToken * 1000)
        add(
            "write \(newTokens) after \(promptLength)\(of)", "tok/s", tokens / decodeSeconds,
            decodedBytes / decodeSeconds, limit)
        if let limit { add("memory read", "GB/s", limit / 1e9) }
    }

    /// Nothing is kept for reuse: every run reads its prompts.
    private func makeScheduler(_ promptLength: Int) -> Scheduler {
        var options = Scheduler.Options()
        options.prefixPositions = 0
        options.cacheType = cacheType
        options.rowLimit = max(options.rowLimit, batch * config.beamCount)
        let rows = batch * config.beamCount
        options.cachePositions = batch * (promptLength + 128) + rows * (newTokens + 256)
        return Scheduler(local.model, options, on: backend)
    }

    /// What is said of a run that is not of one plain row.
    private var of: String {
        (batch > 1 ? ", batch \(batch)" : "") + (config.beamCount > 1 ? ", \(config.beamCount) beams" : "")
    }

    private mutating func add(
        _ name: String, _ unit: String, _ value: Double, _ used: Double = 0, _ limit: Double? = nil
    ) {
        let index = series.firstIndex { $0.name == name } ?? series.endIndex
        if index == series.endIndex { series.append(Series(name: name, unit: unit)) }
        series[index].values.append(value)
        if let limit { series[index].shares.append(used / limit) }
    }

    /// The same ids on every run.
    private func ids(_ count: Int) -> [Int32] {
        (0 ..< count).map { Int32(($0 &* 7919 &+ 13) % local.model.vocabularySize) }
    }

    /// The bytes a second that all threads read: what weights could be read at.
    private func bandwidth() -> Double? {
        guard let probe else { return nil }
        return median { cpu.readBandwidthProbe(probe) == 1 ? 0 : Double(probe.byteCount) }
    }

    /// The operations a second that all threads do in registers.
    private func peak() -> Double? {
        measuresLimits ? median { Double(cpu.arithmeticProbe(weightType, steps: 10_000_000)) } : nil
    }

    /// The middle of five rates: the limit as it is in these seconds, neither its luckiest nor its worst moment.
    private func median(_ work: () -> Double) -> Double {
        let rates = (0 ..< 5).map { _ in
            let stopwatch = Stopwatch()
            return work() / stopwatch.seconds
        }
        return rates.sorted()[2]
    }
}

extension Result {
    /// The error of a failure.
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
