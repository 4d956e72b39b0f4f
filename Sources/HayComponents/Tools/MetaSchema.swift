import HayJSON

/// What JSON Schema, draft 2020-12, demands of a schema.
///
/// Regular expressions and addresses are only checked to be strings.
/// Source: https://json-schema.org/draft/2020-12/schema and the vocabularies that it names.
struct MetaSchema {
    /// Throws `ComponentError.notASchema` for the first keyword whose value cannot be.
    static func check(_ schema: JSON) throws {
        var check = MetaSchema()
        try check.schema(schema)
    }

    private enum Rule {
        case schema, schemas, schemasByName
        case string, anchor, identifier, type
        case bool, boolsByName
        case number, positiveNumber, count
        case list, uniqueStrings, uniqueStringsByName, dependencies
    }

    private static let rules: [String: Rule] = [
        "$id": .identifier, "$schema": .string, "$ref": .string, "$anchor": .anchor, "$dynamicRef": .string,
        "$dynamicAnchor": .anchor, "$vocabulary": .boolsByName, "$comment": .string, "$defs": .schemasByName,
        "prefixItems": .schemas, "items": .schema, "contains": .schema, "additionalProperties": .schema,
        "properties": .schemasByName, "patternProperties": .schemasByName, "dependentSchemas": .schemasByName,
        "propertyNames": .schema, "if": .schema, "then": .schema, "else": .schema, "allOf": .schemas,
        "anyOf": .schemas, "oneOf": .schemas, "not": .schema,
        "unevaluatedItems": .schema, "unevaluatedProperties": .schema,
        "type": .type, "enum": .list, "multipleOf": .positiveNumber, "maximum": .number,
        "exclusiveMaximum": .number, "minimum": .number, "exclusiveMinimum": .number, "maxLength": .count,
        "minLength": .count, "pattern": .string, "maxItems": .count, "minItems": .count, "uniqueItems": .bool,
        "maxContains": .count, "minContains": .count, "maxProperties": .count, "minProperties": .count,
        "required": .uniqueStrings, "dependentRequired": .uniqueStringsByName,
        "title": .string, "description": .string, "deprecated": .bool, "readOnly": .bool, "writeOnly": .bool,
        "examples": .list, "format": .string, "contentEncoding": .string, "contentMediaType": .string,
        "contentSchema": .schema,
        // Of earlier drafts, which the meta-schema still reads.
        "definitions": .schemasByName, "dependencies": .dependencies, "$recursiveAnchor": .anchor,
        "$recursiveRef": .string,
    ]

    private static let typeNames = ["array", "boolean", "integer", "null", "number", "object", "string"]

    /// The keys and indices that lead to the value at hand.
    private var path: [String] = []

    private mutating func schema(_ value: JSON) throws {
        if value.bool != nil { return }
        guard let members = value.object else { throw wrong("an object or a boolean") }
        guard path.count <= JSON.maximumDepth else { throw wrong("nested no deeper than \(JSON.maximumDepth)") }
        for (key, value) in members {
            guard let rule = MetaSchema.rules[key] else { continue }
            try at(key) { try $0.apply(rule, to: value) }
        }
    }

    private mutating func apply(_ rule: Rule, to value: JSON) throws {
        switch rule {
        case .schema: try schema(value)
        case .schemas:
            guard let elements = value.array, !elements.isEmpty else { throw wrong("a list of at least one schema") }
            for (index, element) in elements.enumerated() { try at("\(index)") { try $0.schema(element) } }
        case .schemasByName: try each(value, "an object of schemas") { try $0.schema($1) }
        case .uniqueStringsByName: try each(value, "an object of lists") { try $0.apply(.uniqueStrings, to: $1) }
        case .boolsByName: try each(value, "an object of booleans") { try $0.apply(.bool, to: $1) }
        case .dependencies:
            try each(value, "an object of schemas or lists") {
                try $0.apply($1.array == nil ? .schema : .uniqueStrings, to: $1)
            }
        default: try applySimple(rule, to: value)
        }
    }

    private func applySimple(_ rule: Rule, to value: JSON) throws {
        switch rule {
        case .bool: try demand(value.bool != nil, "a boolean")
        case .list: try demand(value.array != nil, "a list")
        case .number: try demand(value.double != nil, "a number")
        case .positiveNumber: try demand(value.double.map { $0 > 0 } ?? false, "a number greater than 0")
        case .count: try demand(value.isCount, "a non-negative integer")
        case .uniqueStrings: try demand(value.uniqueStrings != nil, "a list of unique strings")
        case .type:
            let names = value.string.map { [$0] } ?? value.uniqueStrings ?? []
            try demand(
                !names.isEmpty && names.allSatisfy(MetaSchema.typeNames.contains),
                "one of \(MetaSchema.typeNames.joined(separator: ", ")), or a list of several")
        case .identifier:
            let fragment = value.string?.drop { $0 != "#" }
            try demand(fragment.map { $0.isEmpty || $0 == "#" } ?? false, "an address without a fragment")
        case .anchor: try demand(value.string?.isAnchor ?? false, "a name of letters, digits and '-', '_', '.'")
        default: try demand(value.string != nil, "a string")
        }
    }

    private mutating func each(
        _ value: JSON, _ expected: String, _ check: (inout MetaSchema, JSON) throws -> Void
    ) throws {
        guard let members = value.object else { throw wrong(expected) }
        for (key, value) in members { try at(key) { try check(&$0, value) } }
    }

    private mutating func at(_ key: String, _ check: (inout MetaSchema) throws -> Void) throws {
        path.append(key)
        try check(&self)
        path.removeLast()
    }

    private func demand(_ isRight: Bool, _ expected: String) throws { if !isRight { throw wrong(expected) } }

    private func wrong(_ expected: String) -> ComponentError {
        .notASchema(place: path.isEmpty ? "the schema" : "'\(path.joined(separator: "."))'", expected: expected)
    }
}

extension JSON {
    /// Whether this is a whole number of at least 0, however it is written.
    fileprivate var isCount: Bool {
        switch self {
        case .int(let value): value >= 0
        case .largeInt(let digits): !digits.hasPrefix("-")
        case .double(let value): value >= 0 && value.rounded() == value && value.isFinite
        default: false
        }
    }

    fileprivate var uniqueStrings: [String]? {
        guard let elements = array else { return nil }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count && Set(texts).count == texts.count ? texts : nil
    }
}

extension String {
    /// Whether this is a letter or `_`, then letters, digits, `-`, `.` and `_`.
    fileprivate var isAnchor: Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            let lowercase = byte | 0x20
            return byte == UInt8(ascii: "_") || (UInt8(ascii: "a") ... UInt8(ascii: "z")).contains(lowercase)
        }
        guard let first = utf8.first, isLetter(first) else { return false }
        return utf8.allSatisfy { byte in
            isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(byte)
        }
    }
}
