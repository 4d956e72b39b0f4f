import HayGeneration
import HayNN
import HayModels
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

@Suite("Requests answered together")
struct BatchTests {
    @Test(
        "a seed gives the same text with one and two threads, alone and in batches of 3 and 8", arguments: checkpoints,
        [nil, DType.bf16, .int8, .int4])
    func seeds(folder: String, dtype: DType?) throws {
        var texts: [[Int32]] = []
        for threads in [1, 2] {
            let local = try model(folder, threads: threads, dtype: dtype)
            for size in [1, 3, 8] {
                let scheduler = Scheduler(local.model, on: local.backend)
                let requests = (0 ..< size).map { index in
                    request(text(index, count: 5 + 9 * index), new: 40) { sample(&$0, seed: 7 + UInt64(index)) }
                }
                texts.append(try scheduler.run(requests)[0].replies[0].tokenIDs)
            }
        }
        #expect(texts.allSatisfy { $0 == texts[0] && $0.count == 40 })
    }

    @Test("several replies to one prompt are those that its seed gives, read once", arguments: checkpoints)
    func replies(folder: String) throws {
        let local = try model(folder)
        let asked = request(text(1, count: 50), new: 30) {
            sample(&$0, seed: 3)
            $0.returnCount = 4
        }
        let together = try Scheduler(local.model, on: local.backend).run([asked])[0].replies
        var crowd = (0 ..< 5).map { request(text(9 + $0, count: 20), new: 10) }
        crowd.insert(asked, at: 2)
        let among = try Scheduler(local.model, on: local.backend).run(crowd)[2].replies
        #expect(together.map(\.tokenIDs) == among.map(\.tokenIDs))
        #expect(Set(together.map(\.tokenIDs)).count == 4)
        var alone = asked
        alone.config.returnCount = 1
        #expect(
            try Scheduler(local.model, on: local.backend).run([alone])[0].replies[0].tokenIDs == together[0].tokenIDs)
    }

    @Test("rows that read, write and search with beams do not change each other", arguments: checkpoints)
    func mixture(folder: String) throws {
        let local = try model(folder)
        let requests = (0 ..< 12).map { index in
            request(text(index, count: 1 + index * 13 % 90), new: 5 + index % 7 * 4) {
                if index % 3 == 1 { $0.beamCount = 3 }
                if index % 4 == 2 { sample(&$0, seed: 5) }
                if index % 5 == 3 { $0.promptLookupTokens = 4 }
            }
        }
        var options = Scheduler.Options()
        options.rowLimit = 7
        options.passLength = 13
        options.sharedPieceLength = 5
        let together = try Scheduler(local.model, options, on: local.backend).run(requests)
        for (index, asked) in requests.enumerated() {
            let alone = try Scheduler(local.model, on: local.backend).run([asked])[0]
            #expect(together[index].replies.map(\.tokenIDs) == alone.replies.map(\.tokenIDs), "request \(index)")
        }
    }

    @Test("the next turn of a conversation reads only what is new", arguments: checkpoints.prefix(2))
    func turns(folder: String) throws {
        let local = try model(folder)
        let scheduler = Scheduler(local.model, on: local.backend)
        var conversation = text(4, count: 40)
        for turn in 0 ..< 2 {
            let result = try scheduler.run([request(conversation, new: 30)])[0]
            let fresh = try Scheduler(local.model, on: local.backend).run([request(conversation, new: 30)])[0]
            #expect(result.replies[0].tokenIDs == fresh.replies[0].tokenIDs)
            #expect(result.reusedTokens == (turn == 0 ? 0 : 64))
            conversation += result.replies[0].tokenIDs + [5]
        }
    }

    @Test("what one scope has computed no other reads")
    func scopes() throws {
        let local = try model("\(golden)/llama-plain")
        let scheduler = Scheduler(local.model, on: local.backend)
        var asked = request(text(4, count: 70), new: 3)
        _ = try scheduler.run([asked])
        #expect(try scheduler.run([asked])[0].reusedTokens == 64)
        asked.scope = "another"
        #expect(try scheduler.run([asked])[0].reusedTokens == 0)
        scheduler.forgetPrefixes()
        #expect(scheduler.usedBlockCount == 0)
    }

    @Test("guesses ahead leave the text as it is, greedy and sampled", arguments: checkpoints)
    func drafts(folder: String) throws {
        let local = try model(folder)
        for samples in [false, true] {
            let plain = request(Array(repeating: text(1, count: 6), count: 5).flatMap { $0 }, new: 60) {
                if samples { sample(&$0, seed: 11) }
                $0.eosTokenIDs = [2]
            }
            let expected = try Scheduler(local.model, on: local.backend).run([plain])
            var lookup = plain
            lookup.config.promptLookupTokens = 8
            #expect(try ids(lookup, local) == expected[0].replies[0].tokenIDs)
            for (schedule, confidence) in [("constant", 0.0), ("heuristic", 0.3)] {
                var assisted = plain
                assisted.assistant = local.model
                try assisted.config.set(
                    .init([
                        ("num_assistant_tokens", 5), ("num_assistant_tokens_schedule", .string(schedule)),
                        ("assistant_confidence_threshold", .double(confidence)),
                    ]))
                #expect(try ids(assisted, local) == expected[0].replies[0].tokenIDs)
            }
        }
    }

    private func ids(_ request: GenerationRequest, _ local: LocalModel) throws -> [Int32] {
        try Scheduler(local.model, on: local.backend).run([request])[0].replies[0].tokenIDs
    }

    @Test("another model may assist, however wrong its guesses")
    func stranger() throws {
        let local = try model("\(golden)/llama-plain"), other = try model("\(golden)/llama-yarn-f16")
        var asked = request(text(1, count: 30), new: 40)
        let expected = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0].tokenIDs
        asked.assistant = other.model
        asked.config.assistantConfidenceThreshold = 0
        #expect(try ids(asked, local) == expected)
        asked.assistant = try model("\(golden)/t5-relu-tied").model
        #expect(throws: GenerationError.assistantDiffers(vocabularySize: 96, expected: 96)) {
            _ = try ids(asked, local)
        }
    }

    @Test("log-probabilities are those of the model, whatever processors do")
    func logprobs() throws {
        let local = try model("\(golden)/llama-plain")
        let asked = request(text(2, count: 12), new: 6) {
            sample(&$0, seed: 2)
            $0.topLogprobs = 3
            $0.outputsLogits = true
            $0.outputsScores = true
        }
        let reply = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0]
        #expect(reply.tokens.count == 6 && reply.logits.count == 6 && reply.scores.count == 6)
        for (token, (logits, scores)) in zip(reply.tokens, zip(reply.logits, reply.scores)) {
            let sum = logits.reduce(0) { $0 + Double($1).exponential }
            let logprob = try #require(token.logprob)
            #expect(abs(Double(logprob).exponential - Double(logits[Int(token.id)]).exponential / sum) < 1e-5)
            let best = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(3)
            #expect(token.top.map { Int($0.id) } == Array(best))
            #expect(abs(scores[3] - logits[3] / 1.2) < 1e-5)
        }
    }

    @Test("a decoder goes on from the ids that it is given, after its start token")
    func decoderIDs() throws {
        let local = try model("\(golden)/t5-gated-untied-f16")
        let source = text(3, count: 15), given = text(4, count: 6)
        for ids in [given, [0] + given] {
            let asked = request(source, new: 5) { $0.decoderInputIDs = ids }
            let reply = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0].tokenIDs
            let logits = try local.model.allLogits(
                prompt: source, decoderPrompt: [0] + given + reply, on: local.backend)
            for (place, id) in reply.enumerated() {
                let row = logits[(given.count + place) * 96 ..< (given.count + place + 1) * 96]
                #expect(row.max() == row[row.startIndex + Int(id)])
            }
        }
        let other = request(source, new: 3) { $0.decoderStartTokenID = 7 }
        let logits = try local.model.allLogits(prompt: source, decoderPrompt: [7], on: local.backend)
        let first = try Scheduler(local.model, on: local.backend).run([other])[0].replies[0].tokenIDs[0]
        #expect(logits.max() == logits[Int(first)])
    }

    @Test("a program's own processor has its say before the warpers")
    func ownProcessor() throws {
        struct Only: LogitsProcessor {
            let id: Int32
            func process(_ logits: inout [Float], after tokens: [Int32]) {
                for index in logits.indices where index != Int(id) { logits[index] = -.infinity }
            }
        }
        let local = try model("\(golden)/llama-plain")
        for beams in [1, 3] {
            var asked = request(text(3, count: 15), new: 4) {
                if beams == 1 { sample(&$0, seed: 1) } else { $0.beamCount = beams }
            }
            asked.processors = [Only(id: 41)]
            let reply = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0]
            #expect(reply.tokenIDs == [41, 41, 41, 41])
        }
    }

    @Test("texts that begin alike at the same time leave room for others when one of them has ended")
    func sharedBeginnings() throws {
        let local = try model("\(golden)/llama-yarn-f16")
        let beginning = text(8, count: 64)
        var options = Scheduler.Options()
        options.cachePositions = 448
        let scheduler = Scheduler(local.model, options, on: local.backend)
        let requests = [
            request(beginning + [5], new: 2), request(beginning + [6], new: 50), request(text(9, count: 60), new: 60),
            request(text(10, count: 60), new: 60), request(beginning + [5], new: 20),
        ]
        let together = try scheduler.run(requests)
        for (result, asked) in zip(together, requests) {
            let alone = try Scheduler(local.model, on: local.backend).run([asked])[0]
            #expect(result.replies[0].tokenIDs == alone.replies[0].tokenIDs)
        }
        scheduler.forgetPrefixes()
        #expect(scheduler.usedBlockCount == 0)
    }

    @Test("who is told of the last token may cancel then")
    func cancelAtEnd() throws {
        let local = try model("\(golden)/llama-plain")
        let scheduler = Scheduler(local.model, on: local.backend)
        for _ in 0 ..< 3 {
            var id = -1
            id = try scheduler.add(request(text(1, count: 40), new: 3)) { event in
                if case .success(.reply) = event { scheduler.cancel(id) }
            }
            while !scheduler.isIdle { scheduler.step() }
        }
        scheduler.forgetPrefixes()
        #expect(scheduler.usedBlockCount == 0)
        #expect(try scheduler.run([request([5], new: 2)])[0].replies[0].tokens.count == 2)
    }

    @Test("a short prompt is not held up by a long one that came before")
    func shortPrompt() throws {
        let local = try model("\(golden)/llama-plain")
        var options = Scheduler.Options()
        options.passLength = 8
        options.sharedPieceLength = 8
        let scheduler = Scheduler(local.model, options, on: local.backend)
        var order: [String] = []
        for (name, prompt) in [("long", text(1, count: 100)), ("short", text(2, count: 6))] {
            try scheduler.add(request(prompt, new: 2)) { if case .success(.ended) = $0 { order.append(name) } }
        }
        while !scheduler.isIdle { scheduler.step() }
        #expect(order == ["short", "long"])
    }

    @Test("no pass is longer than allowed, whatever is guessed and guided")
    func passLength() throws {
        let local = try model("\(golden)/llama-plain")
        let observed = Observed(local.model as! Llama)
        var options = Scheduler.Options()
        options.passLength = 16
        let scheduler = Scheduler(observed, options, on: local.backend)
        let copied = Array(repeating: text(1, count: 5), count: 6).flatMap { $0 }
        var requests = (0 ..< 4).map { request(copied + [Int32(40 + $0)], new: 40) { $0.promptLookupTokens = 100 } }
        requests.append(request(text(3, count: 33), new: 10) { $0.guidanceScale = 2 })
        requests.append(request(text(4, count: 5), new: 10) { $0.beamCount = 4 })
        _ = try scheduler.run(requests)
        #expect(observed.longest.value <= 16 && observed.passes.value > 20)
    }

    @Test("a guided text of one token is read in the shortest passes")
    func shortGuided() throws {
        let local = try model("\(golden)/llama-plain")
        var options = Scheduler.Options()
        options.passLength = 1
        options.sharedPieceLength = 1
        let scheduler = Scheduler(local.model, options, on: local.backend)
        let asked = request([9], new: 4) { $0.guidanceScale = 2 }
        let expected = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0].tokenIDs
        let results = try scheduler.run([request(text(1, count: 9), new: 5), asked, asked])
        #expect(results[1].replies[0].tokenIDs == expected && results[2].replies[0].tokenIDs == expected)
    }

    @Test("a processor that leaves no token is told from a damaged model")
    func nothingLeft() throws {
        let local = try model("\(golden)/llama-plain")
        for beams in [1, 2] {
            let asked = request(text(2, count: 4), new: 2) {
                $0.suppressTokens = Array(0 ..< 96)
                $0.beamCount = beams
            }
            #expect(throws: GenerationError.noTokenLeft(position: 4)) {
                _ = try Scheduler(local.model, on: local.backend).run([asked])
            }
        }
        #expect(
            "\(GenerationError.noTokenLeft(position: 4))" == "the options leave no token that may come at position 4; "
                + "penalties and forbidden tokens are too many")
    }

    @Test("limits that leave no room are errors, huge ones are bounded")
    func extremes() throws {
        let local = try model("\(golden)/llama-plain"), scheduler = Scheduler(local.model, on: local.backend)
        #expect(throws: GenerationError.noRoom(tokens: 9, maxLength: 5)) {
            _ = try scheduler.run([
                request(text(2, count: 9), new: 1) {
                    $0.maxNewTokens = nil
                    $0.maxLength = 5
                }
            ])
        }
        #expect(
            "\(GenerationError.noRoom(tokens: 9, maxLength: 5))" == "the prompt has 9 tokens, but max_length allows 5 "
                + "in all; set max_new_tokens instead")
        var asked = request(text(2, count: 9), new: 1) {
            $0.maxNewTokens = nil
            $0.contrastivePenalty = 0.5
            $0.topK = .max
        }
        asked.newTokenLimit = -7
        #expect(try scheduler.run([asked])[0].replies[0].tokens.count == 1)
    }

    @Test("beams report log-probabilities and scores where they are asked for, and guidance changes no logits")
    func notes() throws {
        let local = try model("\(golden)/llama-plain")
        let prompt = text(2, count: 12)
        let logits = try local.model.allLogits(prompt: prompt, on: local.backend).suffix(96)
        for beams in [1, 3] {
            let asked = request(prompt, new: 3) {
                $0.beamCount = beams
                $0.guidanceScale = 1.5
                $0.topLogprobs = 2
                $0.outputsLogits = true
                $0.outputsScores = true
            }
            let reply = try Scheduler(local.model, on: local.backend).run([asked])[0].replies[0]
            #expect(reply.logits.count == 3 && reply.scores.count == 3)
            #expect(zip(reply.logits[0], logits).allSatisfy { abs($0 - $1) < 1e-4 })
            #expect(reply.scores[0] != reply.logits[0])
            let sum = logits.reduce(0) { $0 + Double($1).exponential }
            let first = reply.tokens[0]
            #expect(
                abs(Double(first.logprob ?? 0).exponential - Double(reply.logits[0][Int(first.id)]).exponential / sum)
                    < 1e-5)
            #expect(first.top.count == 2)
        }
        let silent = try Scheduler(local.model, on: local.backend).run([request(prompt, new: 3) { $0.beamCount = 2 }])
        #expect(silent[0].replies[0].tokens.allSatisfy { $0.logprob == nil && $0.top.isEmpty })
    }

    @Test("a crowd of requests of every kind, some cancelled, in little room: each as if alone", arguments: checkpoints)
    func crowd(folder: String) throws {
        let local = try model(folder)
        var random = SeededRandom(seed: 17)
        func draw(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }
        var options = Scheduler.Options()
        options.cachePositions = 1400
        options.rowLimit = 7
        options.passLength = 13
        options.sharedPieceLength = 6
        let scheduler = Scheduler(local.model, options, on: local.backend)
        var asked: [GenerationRequest] = []
        for index in 0 ..< (Fixtures.runsLongTests ? 1500 : 150) {
            let beginning = text(draw(3), count: draw(60))
            var next = request(beginning + text(100 + index, count: 1 + draw(20)), new: 1 + draw(24)) {
                switch draw(7) {
                case 0: $0.beamCount = 2 + draw(4)
                case 1:
                    sample(&$0, seed: UInt64(index))
                    $0.returnCount = 1 + draw(4)
                case 2:
                    ($0.beamCount, $0.beamGroupCount, $0.diversityPenalty) = (4, 2, 0.5)
                case 3: ($0.contrastivePenalty, $0.topK) = (0.5, 3)
                case 4 where !local.model.isEncoderDecoder: $0.guidanceScale = 1.7
                case 5: $0.promptLookupTokens = 1 + draw(6)
                default: break
                }
                if draw(2) == 0 { $0.eosTokenIDs = [Int32(3 + draw(90)), Int32(3 + draw(90))] }
            }
            if draw(9) == 0, next.config.returnCount == 1, next.config.beamCount == 1 { next.assistant = local.model }
            asked.append(next)
        }
        var results = asked.map { _ in GenerationResult() }
        var failures = 0, cancelled: Set<Int> = []
        for (index, next) in asked.enumerated() {
            let id = try scheduler.add(next) { event in
                do { results[index].add(try event.get()) } catch { failures += 1 }
            }
            for _ in 0 ..< draw(6) { scheduler.step() }
            if draw(6) == 0 {
                scheduler.cancel(id)
                if results[index].timings == GenerationTimings() { cancelled.insert(index) }
            }
        }
        var passes = 0
        while !scheduler.isIdle, passes < 100_000 {
            scheduler.step()
            passes += 1
        }
        #expect(scheduler.isIdle && failures == 0 && cancelled.count > 5)
        for (index, next) in asked.enumerated() where !cancelled.contains(index) {
            let alone = try Scheduler(local.model, on: local.backend).run([next])[0]
            #expect(results[index].replies.map(\.tokenIDs) == alone.replies.map(\.tokenIDs), "request \(index)")
        }
        scheduler.forgetPrefixes()
        #expect(scheduler.usedBlockCount == 0)
    }

    @Test("a time limit ends a reply after the token that passes it")
    func time() throws {
        let local = try model("\(golden)/llama-plain")
        let result = try Scheduler(local.model, on: local.backend)
            .run([request(text(2, count: 12), new: 90) { $0.maxTime = 1e-9 }])[0]
        #expect(result.replies[0].tokens.count == 1 && result.replies[0].finishReason == .length)
    }

    @Test("a request larger than the cache is refused")
    func tooLarge() throws {
        let local = try model("\(golden)/t5-relu-tied")
        var options = Scheduler.Options()
        options.cachePositions = 64
        let scheduler = Scheduler(local.model, options, on: local.backend)
        #expect(throws: GenerationError.cacheTooSmall(needed: 192, positions: 64)) {
            try scheduler.add(request(text(1, count: 20), new: 100)) { _ in }
        }
        let message = "\(GenerationError.cacheTooSmall(needed: 192, positions: 64))"
        #expect(
            message == "the request may need 192 positions of the cache, which has 64; "
                + "ask for fewer new tokens or replies, or make the cache larger")
    }
}
