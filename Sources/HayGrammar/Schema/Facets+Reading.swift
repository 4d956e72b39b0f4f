import HayJSON

extension Facets {
    /// Keywords that constrain, and that are not supported.
    private static let unsupported: [String: String] = [
        "not": "'not' is not supported", "if": "'if' is not supported; write the cases as 'anyOf'",
        "dependentRequired": "'dependentRequired' is not supported", "dependencies": "'dependencies' is not supported",
        "dependentSchemas": "'dependentSchemas' is not supported", "contains": "'contains' is not supported",
        "unevaluatedProperties": "'unevaluatedProperties' is not supported; use 'additionalProperties'",
        "unevaluatedItems": "'unevaluatedItems' is not supported; use 'items'",
        "$dynamicRef": "'$dynamicRef' is not supported; use '$ref'",
        "$recursiveRef": "'$recursiveRef' is not supported; use '$ref'",
    ]

    /// What the keywords of a schema say, apart from those that combine schemas. Throws `GrammarError`.
    init(_ schema: Location) throws {
        for (keyword, value) in schema.json.object ?? .init() {
            let place = schema.appending(keyword, value)
            switch keyword {
            case "type": types.formIntersection(try ValueTypes(place))
            case "const": keepValues([value])
            case "enum":
                guard let values = value.array else { throw place.wrongValue("a list of values") }
                keepValues(values)
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
                try readNumber(keyword, place)
            case "minLength", "maxLength", "pattern", "format": try readString(keyword, place)
            case "minItems": itemCounts.narrow(Counts(low: try place.leastCount(of: "elements")))
            case "maxItems": itemCounts.narrow(Counts(high: try place.largestCount()))
            case "minProperties": propertyCounts.narrow(Counts(low: try place.leastCount(of: "properties")))
            case "maxProperties": propertyCounts.narrow(Counts(high: try place.largestCount()))
            case "uniqueItems":
                guard let isUnique = value.bool else { throw place.wrongValue("true or false") }
                if isUnique { uniqueItems = place.path }
            case "required":
                guard let names = value.array else { throw place.wrongValue("a list of names") }
                var seen: Set<Name> = []
                let texts = try names.enumerated().map {
                    Name(text: try place.appending($0.offset, $0.element).string())
                }
                require(texts.filter { seen.insert($0).inserted })
            case "propertyNames": propertyNames = [try place.schema()]
            default:
                if let reason = Facets.unsupported[keyword] {
                    throw GrammarError.unsupported(path: place.path, reason: reason)
                }
            }
            spokenOf.formUnion(Facets.types(of: keyword))
        }
        try readParts(schema)
    }

    private static func types(of keyword: String) -> ValueTypes {
        switch keyword {
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf": .number
        case "minLength", "maxLength", "pattern": .string
        case "items", "prefixItems", "minItems", "maxItems", "uniqueItems": .array
        case "properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties",
            "propertyNames":
            .object
        default: []
        }
    }

    private mutating func readNumber(_ keyword: String, _ place: Location) throws {
        guard let value = Decimal(place.json) else { throw place.wrongNumber("a number") }
        guard value.whole.count + value.fraction.count <= NumberRange.digitLimit else {
            throw GrammarError.tooLarge(path: place.path, what: "digits in a number", limit: NumberRange.digitLimit)
        }
        var isFloat = false
        if case .double = place.json { isFloat = true }
        let bound = NumberRange.Bound(value: value, isExclusive: keyword.hasPrefix("exclusive"), isFloat: isFloat)
        switch keyword {
        case "minimum", "exclusiveMinimum": numbers.raise(to: bound)
        case "maximum", "exclusiveMaximum": numbers.lower(to: bound)
        default:
            guard value > .zero else { throw place.wrongNumber("a number above 0") }
            guard value.isInteger, let divisor = place.json.int, divisor <= NumberRange.multipleLimit else {
                throw GrammarError.unsupported(
                    path: place.path, reason: "only integers up to \(NumberRange.multipleLimit) are supported")
            }
            numbers.multiple = divisor
        }
    }

    private mutating func readString(_ keyword: String, _ place: Location) throws {
        switch keyword {
        case "minLength": lengths.narrow(Counts(low: try place.leastCount(of: "characters")))
        case "maxLength": lengths.narrow(Counts(high: try place.largestCount()))
        case "pattern": patterns.append(Located(path: place.path, value: try place.string()))
        default: try readFormat(try place.string(), place)
        }
    }

    private mutating func readFormat(_ name: String, _ place: Location) throws {
        switch name {
        case "float", "double": spokenOf.insert(.number)
        case "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
            let isSigned = name.hasPrefix("i")
            let bits = Int(name.drop { !$0.isNumber }) ?? 64
            types.remove(.fraction)
            spokenOf.insert(.integer)
            if !isSigned { numbers.raise(to: .init(value: .zero, isExclusive: false)) }
            let count = UInt128(1) << (isSigned ? bits - 1 : bits)
            guard let limit = Decimal(.largeInt(String(count))) else { return }
            numbers.lower(to: .init(value: limit, isExclusive: true))
            if isSigned { numbers.raise(to: .init(value: limit.negated, isExclusive: false)) }
        default:
            guard Formats.isKnown(name) else { return }
            spokenOf.insert(.string)
            formats.append(Located(path: place.path, value: name))
        }
    }

    private mutating func readParts(_ schema: Location) throws {
        var first = try schema.member("prefixItems")?.schemas() ?? []
        var rest = schema.member("items")
        // Before 2020 'items' had a list, and 'additionalItems' what comes after it.
        if let items = rest, let elements = items.json.array {
            guard first.isEmpty else { throw items.wrongValue("a schema, as 'prefixItems' has the list") }
            first = elements.isEmpty ? [] : try items.schemas()
            rest = schema.member("additionalItems")
            if rest != nil { spokenOf.insert(.array) }
        }
        _ = try rest?.schema()
        if !first.isEmpty || rest != nil { arrays = [ArrayPart(place: schema, first: first, rest: rest)] }
        let properties = try schema.member("properties")?.namedSchemas()
        let patterns = try schema.member("patternProperties")?.namedSchemas()
        let additional = try schema.member("additionalProperties")?.schema()
        guard properties != nil || patterns != nil || additional != nil else { return }
        objects = [
            ObjectPart(
                place: schema, properties: (properties ?? []).map { (Name(text: $0.name), $0.schema) },
                patterns: (patterns ?? []).map { (Located(path: $0.schema.path, value: $0.name), $0.schema) },
                additional: additional)
        ]
    }
}
