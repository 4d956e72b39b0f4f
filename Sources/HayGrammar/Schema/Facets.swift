import HayJSON

/// What one alternative of a schema says about a value itself; about its parts it names the schemas that they obey.
struct Facets {
    /// The types that are allowed.
    var types = ValueTypes.all
    /// The values of `enum` and `const`, where there are any.
    var values: [JSON]?
    var numbers = NumberRange()
    var lengths = Counts()
    var patterns: [Located<String>] = []
    var formats: [Located<String>] = []
    var arrays: [ArrayPart] = []
    var itemCounts = Counts()
    /// Where `uniqueItems` stands, when it is true.
    var uniqueItems: String?
    var objects: [ObjectPart] = []
    /// The names that an object must have, each once.
    var required: [Name] = []
    /// Names that are not required, and that are written all the same: they tell the options of a 'oneOf' apart.
    var written: [Name] = []
    var propertyCounts = Counts()
    var propertyNames: [Location] = []
    /// The types that keywords speak of; without `type` only those are written.
    var spokenOf: ValueTypes = []

    /// How many there may be of something.
    struct Counts: Hashable {
        var low = 0
        var high: Int?

        mutating func narrow(_ other: Counts) {
            low = max(low, other.low)
            high = [high, other.high].compactMap(\.self).min()
        }

        func contains(_ count: Int) -> Bool { count >= low && count <= high ?? count }

        func isApart(from other: Counts) -> Bool {
            high.map { $0 < other.low } ?? false || other.high.map { $0 < low } ?? false
        }
    }

    /// A value with the place it comes from.
    struct Located<Value> {
        let path: String
        let value: Value
    }

    /// What one schema says about the elements of an array.
    struct ArrayPart {
        let place: Location
        let first: [Location]
        let rest: Location?
    }

    /// What one schema says about the members of an object.
    struct ObjectPart {
        let place: Location
        let properties: [(name: Name, schema: Location)]
        let patterns: [(pattern: Located<String>, schema: Location)]
        let additional: Location?
        /// The schemas of properties by name.
        let places: [Name: Location]

        init(
            place: Location, properties: [(name: Name, schema: Location)],
            patterns: [(pattern: Located<String>, schema: Location)], additional: Location?
        ) {
            self.place = place
            self.properties = properties
            self.patterns = patterns
            self.additional = additional
            places = Dictionary(properties.map { ($0.name, $0.schema) }) { $1 }
        }
    }

    /// Narrows this by what another one says.
    mutating func narrow(_ other: Facets) {
        types.formIntersection(other.types)
        if let others = other.values { keepValues(others) }
        if let low = other.numbers.low { numbers.raise(to: low) }
        if let high = other.numbers.high { numbers.lower(to: high) }
        if let multiple = other.numbers.multiple {
            numbers.multiple = numbers.multiple.map { leastCommonMultiple($0, multiple) } ?? multiple
        }
        lengths.narrow(other.lengths)
        for pattern in other.patterns
        where !patterns.contains(where: { $0.value.utf8.elementsEqual(pattern.value.utf8) }) {
            patterns.append(pattern)
        }
        for format in other.formats where !formats.contains(where: { $0.value == format.value }) {
            formats.append(format)
        }
        for part in other.arrays where !arrays.contains(where: { $0.place == part.place }) { arrays.append(part) }
        itemCounts.narrow(other.itemCounts)
        uniqueItems = uniqueItems ?? other.uniqueItems
        for part in other.objects where !objects.contains(where: { $0.place == part.place }) { objects.append(part) }
        require(other.required)
        for name in other.written where !written.contains(name) { written.append(name) }
        propertyCounts.narrow(other.propertyCounts)
        for place in other.propertyNames where !propertyNames.contains(place) { propertyNames.append(place) }
        spokenOf.formUnion(other.spokenOf)
    }

    /// Requires some names, each of which stands once among them.
    mutating func require(_ names: [Name]) {
        if required.isEmpty {
            required = names
        } else if !names.isEmpty {
            let known = Set(required)
            required += names.filter { !known.contains($0) }
        }
    }

    /// About how much work it is to narrow this by another one.
    func weight(with other: Facets) -> Int {
        let (values, overflow) = (values?.count ?? 0).multipliedReportingOverflow(by: other.values?.count ?? 0)
        return overflow
            ? SchemaReader.workLimit
            : 1 + min(values, SchemaReader.workLimit)
                + (required.count + other.required.count) / 4
    }

    /// Always writes a property.
    mutating func write(_ name: Name) { if !written.contains(name) { written.append(name) } }

    /// Allows some values only.
    mutating func keepValues(_ others: [JSON]) {
        values = values.map { own in own.filter { value in others.contains { $0.isSame(as: value) } } } ?? others
    }

    /// The types that are written.
    var writtenTypes: ValueTypes { types == .all && !spokenOf.isEmpty ? spokenOf : types }

    /// A limit on multiples keeps the product of divisors small; beyond it, it stays above, and is told later.
    private func leastCommonMultiple(_ left: Int, _ right: Int) -> Int {
        var (a, b) = (left, right)
        while b > 0 { (a, b) = (b, a % b) }
        let (product, overflow) = (left / a).multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }

    /// The schemas that a member with a name obeys; throws for a pattern that is wrong.
    func schemas(of name: Name, _ patterns: inout PatternCache) throws -> [Location] {
        var schemas: [Location] = []
        for part in objects {
            var isNamed = false
            if let schema = part.places[name] {
                schemas.append(schema)
                isNamed = true
            }
            for (pattern, schema) in part.patterns where try patterns.may(pattern, name.text) {
                schemas.append(schema)
                if try patterns.must(pattern, name.text) { isNamed = true }
            }
            if !isNamed, let additional = part.additional { schemas.append(additional) }
        }
        return schemas
    }

    /// The schemas that an element obeys.
    func schemas(ofItem index: Int) -> [Location] {
        arrays.compactMap { $0.first.indices.contains(index) ? $0.first[index] : $0.rest }
    }
}

/// The automata of patterns that were asked for.
struct PatternCache {
    private var automata: [[UInt8]: Automaton] = [:]
    private var formats: [String: Automaton] = [:]
    /// How many states of patterns there are, and how many there may be.
    private var stateCount = 0
    private static let stateLimit = 100_000

    /// The texts in which a pattern is found; if `isUpper` also those where implementations disagree. Throws
    /// `GrammarError`.
    mutating func automaton(_ pattern: Facets.Located<String>, isUpper: Bool = false) throws -> Automaton {
        let key = Array(pattern.value.utf8) + [isUpper ? 1 : 0]
        if let automaton = automata[key] { return automaton }
        let reading = try PatternReader.read(pattern.value, path: pattern.path)
        let tooLarge = GrammarError.tooLarge(
            path: pattern.path, what: "states for its pattern", limit: Automaton.stateLimit)
        guard var automaton = Automaton(reading.expression, isUpper: isUpper) else { throw tooLarge }
        for condition in reading.conditions {
            // A text has for sure not what it has for no implementation.
            guard let own = Automaton(condition.expression, isUpper: isUpper != condition.isNegated),
                let both = automaton.intersection(condition.isNegated ? own.complement : own)
            else { throw tooLarge }
            automaton = both
        }
        stateCount += automaton.stateCount
        guard stateCount <= PatternCache.stateLimit else {
            throw GrammarError.tooLarge(
                path: pattern.path, what: "states for all patterns", limit: PatternCache.stateLimit)
        }
        automata[key] = automaton
        return automaton
    }

    /// The texts of a format. Throws `GrammarError`.
    mutating func format(_ format: Facets.Located<String>) throws -> Automaton {
        if let automaton = formats[format.value] { return automaton }
        guard let automaton = try Formats.automaton(format.value) else {
            throw GrammarError.unsupported(
                path: format.path,
                reason:
                    "the format '\(format.value)' is not supported; these are: \(Formats.names.joined(separator: ", "))"
            )
        }
        formats[format.value] = automaton
        return automaton
    }

    /// Whether a pattern is found in a text for sure.
    mutating func must(_ pattern: Facets.Located<String>, _ text: String) throws -> Bool {
        try automaton(pattern).accepts(text)
    }

    /// Whether a pattern may be found in a text.
    mutating func may(_ pattern: Facets.Located<String>, _ text: String) throws -> Bool {
        try automaton(pattern, isUpper: true).accepts(text)
    }
}

extension JSON {
    /// Whether two values are equal as JSON Schema sees them: numbers by value, objects in any order.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            let left = left.lastMembers, right = right.lastMembers
            return left.count == right.count
                && left.allSatisfy { name, value in right[name].map { $0.isSame(as: value) } ?? false }
        default:
            if let left = Decimal(self), let right = Decimal(other) { return left == right }
            return self == other
        }
    }
}
