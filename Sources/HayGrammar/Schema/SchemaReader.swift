import HayJSON

/// Takes a schema apart into alternatives, each of which says everything at once: references are followed, and what
/// `allOf`, `anyOf` and `oneOf` combine is put together.
struct SchemaReader {
    /// The most alternatives that a schema may come to.
    static let alternativeLimit = 500

    /// The most work on one schema, counted in values and alternatives that are looked at.
    static let workLimit = 4_000_000
    /// The longest path in bytes.
    static let pathLimit = 4_000

    private(set) var document: SchemaDocument
    var patterns = PatternCache()
    private var known: [Name: [Facets]] = [:]
    private var pending: Set<Name> = []
    private var depth = 0
    private var work = 0

    /// Throws `GrammarError`.
    init(_ schema: JSON) throws { document = try SchemaDocument(schema) }

    /// Counts work. Throws `GrammarError` where it is too much.
    mutating func spend(_ amount: Int, _ path: String) throws {
        work += amount
        guard work <= SchemaReader.workLimit else {
            throw GrammarError.tooLarge(path: path, what: "steps to be read", limit: SchemaReader.workLimit)
        }
    }

    /// The schema that a `$ref` names. Throws `GrammarError`.
    mutating func target(of reference: Location) throws -> Location { try document.target(of: reference) }

    /// The values of an alternative that has a list of them. Throws `GrammarError`.
    mutating func values(of facets: Facets) throws -> [JSON]? {
        guard let values = facets.values else { return nil }
        var rest = facets
        rest.values = nil
        return try values.filter { try allows($0, rest) }
    }

    /// The alternatives of values that obey several schemas. Throws `GrammarError`.
    mutating func alternatives(of places: [Location]) throws -> [Facets] {
        var result = [Facets()]
        for place in places { result = try both(result, try alternatives(of: place), place.path) }
        return result
    }

    /// The alternatives of a schema; none where nothing is allowed. Throws `GrammarError`.
    mutating func alternatives(of place: Location) throws -> [Facets] {
        if let value = place.json.bool { return value ? [Facets()] : [] }
        if let known = known[place.name] { return known }
        guard place.path.utf8.count <= SchemaReader.pathLimit else {
            throw GrammarError.tooLarge(
                path: String(place.path.prefix(100)) + "…", what: "bytes for a path", limit: SchemaReader.pathLimit)
        }
        guard pending.insert(place.name).inserted else { throw GrammarError.endlessReference(path: place.path) }
        depth += 1
        defer {
            pending.remove(place.name)
            depth -= 1
        }
        guard depth <= SchemaDocument.depthLimit else {
            throw GrammarError.tooLarge(path: place.path, what: "references", limit: SchemaDocument.depthLimit)
        }
        var result = [try Facets(place)]
        if let reference = place.member("$ref") {
            result = try both(result, try alternatives(of: target(of: reference)), reference.path)
        }
        for part in try place.member("allOf")?.schemas() ?? [] {
            result = try both(result, try alternatives(of: part), part.path)
        }
        if let parts = place.member("anyOf") {
            let options = try parts.schemas().map { try alternatives(of: $0) }
            result = try both(result, options.flatMap(\.self), parts.path)
        }
        if let parts = place.member("oneOf") {
            let options = try parts.schemas().map { try alternatives(of: $0) }
            result = try exclusive(options.map { try both(result, $0, parts.path) }, parts.path)
        }
        known[place.name] = result
        return result
    }

    private mutating func both(_ left: [Facets], _ right: [Facets], _ path: String) throws -> [Facets] {
        guard left.count * right.count <= SchemaReader.alternativeLimit else {
            throw GrammarError.tooLarge(path: path, what: "alternatives", limit: SchemaReader.alternativeLimit)
        }
        var result: [Facets] = []
        for first in left {
            for second in right {
                try spend(first.weight(with: second), path)
                var facets = first
                facets.narrow(second)
                if !facets.types.isEmpty { result.append(facets) }
            }
        }
        return result
    }

    /// Of `oneOf`, values that more than one schema allows are wrong: where there may be any, it cannot be honoured. What
    /// would tell options apart if it were required is written always.
    private mutating func exclusive(_ options: [[Facets]], _ path: String) throws -> [Facets] {
        guard options.reduce(0, { $0 + $1.count }) <= SchemaReader.alternativeLimit else {
            throw GrammarError.tooLarge(path: path, what: "alternatives", limit: SchemaReader.alternativeLimit)
        }
        var result = options
        for (index, option) in options.enumerated() {
            for (other, second) in options[..<index].enumerated() {
                for (place, left) in option.enumerated() {
                    for (otherPlace, right) in second.enumerated() where try !isSurelyApart(left, right) {
                        guard let name = try difference(left, right) else {
                            throw GrammarError.unsupported(
                                path: path,
                                reason:
                                    "a value may satisfy both \(other) and \(index); use 'anyOf', or tell them apart by "
                                    + "type or by a property with different constants")
                        }
                        result[index][place].write(name)
                        result[other][otherPlace].write(name)
                    }
                }
            }
        }
        return result.flatMap(\.self)
    }

    /// A property that would tell two schemas apart if it were required.
    private mutating func difference(_ left: Facets, _ right: Facets) throws -> Name? {
        let rights = Set(right.objects.flatMap { $0.properties.map(\.name) })
        for name in left.objects.flatMap({ $0.properties.map(\.name) }) where rights.contains(name) {
            var closed = left
            closed.required.append(name)
            if try isSurelyApart(closed, right) { return name }
        }
        return nil
    }

    /// Whether no value satisfies both; false too where that depends on a schema that is being read still.
    private mutating func isSurelyApart(_ left: Facets, _ right: Facets) throws -> Bool {
        do {
            return try isApart(left, right, depth: 0)
        } catch GrammarError.endlessReference {
            return false
        }
    }

    /// Whether no value satisfies both, as far as can be told.
    private mutating func isApart(_ left: Facets, _ right: Facets, depth: Int) throws -> Bool {
        try spend(1 + (left.required.count + right.required.count) / 4, "#")
        let common = left.types.intersection(right.types)
        if common.isEmpty { return true }
        if let values = left.values { return try !values.contains { try allows($0, right, isSure: false) } }
        if let values = right.values { return try !values.contains { try allows($0, left, isSure: false) } }
        if !common.isDisjoint(with: [.null, .boolean]) { return false }
        if !common.isDisjoint(with: .number), !left.numbers.isApart(from: right.numbers) { return false }
        if common.contains(.string), !left.lengths.isApart(from: right.lengths) { return false }
        if common.contains(.array), !left.itemCounts.isApart(from: right.itemCounts) { return false }
        if common.contains(.object) { return try areObjectsApart(left, right, depth: depth) }
        return true
    }

    private mutating func areObjectsApart(_ left: Facets, _ right: Facets, depth: Int) throws -> Bool {
        if left.propertyCounts.isApart(from: right.propertyCounts) { return true }
        guard depth < 3 else { return false }
        for name in Set(left.required).union(right.required) {
            // A property that refers back to what is being read tells nothing; another one may.
            do {
                if try areApart(left.schemas(of: name, &patterns), right.schemas(of: name, &patterns), depth: depth + 1)
                {
                    return true
                }
            } catch GrammarError.endlessReference { continue }
        }
        return false
    }

    private mutating func areApart(_ left: [Location], _ right: [Location], depth: Int) throws -> Bool {
        let rights = try alternatives(of: right)
        for first in try alternatives(of: left) {
            for second in rights where try !isApart(first, second, depth: depth) { return false }
        }
        return true
    }

    /// Whether a value obeys several schemas: for sure, or as far as can be told. Throws `GrammarError`.
    mutating func allows(_ value: JSON, _ places: [Location], isSure: Bool = true) throws -> Bool {
        for facets in try alternatives(of: places) {
            if try allows(value, facets, isSure: isSure) { return true }
        }
        return false
    }

    /// Whether a value is one of an alternative: for sure, or as far as can be told. Throws `GrammarError`.
    mutating func allows(_ value: JSON, _ facets: Facets, isSure: Bool = true) throws -> Bool {
        try spend(1 + (facets.values?.count ?? 0), "#")
        guard let type = ValueTypes(of: value), facets.types.contains(type) else { return false }
        if let values = facets.values, !values.contains(where: { $0.isSame(as: value) }) { return false }
        switch value {
        case .null, .bool: return true
        case .int, .largeInt, .double: return Decimal(value).map { facets.numbers.contains($0) } ?? false
        case .string(let text): return try allows(text, facets, isSure: isSure)
        case .array(let elements):
            guard facets.itemCounts.contains(elements.count) else { return false }
            if facets.uniqueItems != nil {
                try spend(min(elements.count, SchemaReader.workLimit) * min(elements.count, 10_000), "#")
                for (index, element) in elements.enumerated() {
                    if elements[..<index].contains(where: { $0.isSame(as: element) }) { return false }
                }
            }
            for (index, element) in elements.enumerated() {
                guard try allows(element, facets.schemas(ofItem: index), isSure: isSure) else { return false }
            }
            return true
        case .object(let members): return try allows(members.lastMembers, facets, isSure: isSure)
        }
    }

    private mutating func allows(_ text: String, _ facets: Facets, isSure: Bool) throws -> Bool {
        guard facets.lengths.contains(text.unicodeScalars.count) else { return false }
        for pattern in facets.patterns {
            try spend(text.utf8.count / 8, pattern.path)
            guard try isSure ? patterns.must(pattern, text) : patterns.may(pattern, text) else { return false }
        }
        for format in facets.formats where isSure {
            guard try patterns.format(format).accepts(text) else { return false }
        }
        return true
    }

    private mutating func allows(_ members: [Name: JSON], _ facets: Facets, isSure: Bool) throws -> Bool {
        guard facets.propertyCounts.contains(members.count), facets.required.allSatisfy({ members[$0] != nil }),
            !isSure || facets.written.allSatisfy({ members[$0] != nil })
        else { return false }
        for (name, value) in members {
            guard try allows(.string(name.text), facets.propertyNames, isSure: isSure),
                try allows(value, facets.schemas(of: name, &patterns), isSure: isSure)
            else { return false }
        }
        return true
    }
}
