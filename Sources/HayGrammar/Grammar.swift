import HayJSON

/// A set of texts, as an automaton over UTF-8 bytes.
///
/// Built from a JSON schema, from texts, and from other grammars.
public struct Grammar: Sendable {
    let network: Network

    /// The texts of JSON values that a schema allows.
    ///
    /// Not all of them: keys come in the order of the schema, white space is bounded, and numbers with a fraction or an
    /// exponent stay in the range of 64-bit floats, with up to 40 digits before the point and after it. Integers have
    /// any number of digits, their bounds up to 1000; counts and lengths are exact. Where validators are known to
    /// disagree, about a pattern or a float, only texts that all of them accept are written. Throws `GrammarError` for
    /// a schema that cannot be honoured or needs too many states.
    public init(schema: JSON) throws {
        network = try SchemaCompiler.compile(schema)
    }

    /// The texts of any JSON value.
    public static let anyJSON = Grammar { network in
        var values = JSONRules()
        return values.any(in: &network)
    }

    /// The texts of any JSON object.
    public static let anyJSONObject = Grammar { network in
        var values = JSONRules()
        return values.object(in: &network)
    }

    /// One text, as it is.
    public static func text(_ text: String) -> Grammar { choice(of: [text]) }

    /// Some bytes, which need not be a text.
    public static func bytes(_ bytes: [UInt8]) -> Grammar {
        Grammar { network in
            let rule = network.addRule()
            network.literals(network.rules[rule].start, [bytes], network.rules[rule].end)
            return rule
        }
    }

    /// One of some texts.
    public static func choice(of texts: [String]) -> Grammar {
        Grammar { network in
            let rule = network.addRule()
            network.literals(network.rules[rule].start, texts.map { Array($0.utf8) }, network.rules[rule].end)
            return rule
        }
    }

    /// Any text in which none of some texts stands. Throws `GrammarError` where those are too long together.
    public static func anyText(without texts: [String] = []) throws -> Grammar {
        let forbidden = Expression.sequence([.anything, .choice(texts.map(Expression.text)), .anything])
        guard let automaton = texts.isEmpty ? Automaton(.anything) : Automaton(forbidden)?.complement else {
            throw GrammarError.tooLarge(path: "texts", what: "states", limit: Automaton.stateLimit)
        }
        return Grammar { network in
            let rule = network.addRule()
            var characters = CharacterRules()
            network.read(
                automaton, from: network.rules[rule].start, to: network.rules[rule].end, isQuoted: false, &characters)
            return rule
        }
    }

    /// A text of each grammar, one after the other.
    public static func sequence(_ parts: [Grammar]) -> Grammar {
        Grammar { network in
            let rules = parts.map { $0.copy(into: &network) }
            let rule = network.addRule()
            var place = network.rules[rule].start
            for part in rules {
                let next = network.addState()
                network.call(place, part, next)
                place = next
            }
            network.jump(place, network.rules[rule].end)
            return rule
        }
    }

    /// A text of any of some grammars.
    public static func choice(_ parts: [Grammar]) -> Grammar {
        Grammar { network in
            let rules = parts.map { $0.copy(into: &network) }
            let rule = network.addRule()
            for part in rules { network.call(network.rules[rule].start, part, network.rules[rule].end) }
            return rule
        }
    }

    /// Texts of this grammar one after the other: at least `low`, and at most `high` where that is given.
    public func repeated(atLeast low: Int = 0, atMost high: Int? = nil) -> Grammar {
        precondition(low >= 0 && high ?? low >= low, "repeated: at least \(low), at most \(high ?? low)")
        return Grammar { network in
            let part = copy(into: &network)
            let rule = network.addRule()
            var place = network.rules[rule].start
            let end = network.rules[rule].end
            for index in 0 ..< (high ?? low) {
                if index >= low { network.jump(place, end) }
                let next = network.addState()
                network.call(place, part, next)
                place = next
            }
            if high == nil {
                let loop = network.addState()
                network.jump(place, loop)
                network.call(loop, part, loop)
                place = loop
            }
            network.jump(place, end)
            return rule
        }
    }

    /// A text of this grammar, or none.
    public var optional: Grammar { repeated(atMost: 1) }

    private init(_ build: (inout Network) -> Int) {
        var network = Network()
        network.root = build(&network)
        self.network = network
    }

    private func copy(into other: inout Network) -> Int { other.append(network) + network.root }
}
