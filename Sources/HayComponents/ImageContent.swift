import HayJSON

/// How closely a model looks at an image.
public enum ImageDetail: String, Sendable, CaseIterable {
    /// As the model sees fit.
    case auto
    /// Closely.
    case high
    /// At a glance.
    case low
}

/// An image in a message.
public struct ImageContent: Sendable, Equatable {
    /// The image's file in base64.
    public let base64: String
    /// What the image is: `image/png`, …; nil where that is not known.
    public let mimeType: String?
    /// How closely a model is to look at it.
    public var detail: ImageDetail?
    /// What else is known of it.
    public var meta: JSON.Object
    /// Whether it was checked, and is to be when it is read again.
    public let validation: Bool

    /// An image.
    ///
    /// Throws `MessageError` where the text is not base64 or the type is none that images have.
    ///
    /// - Parameters:
    ///   - mimeType: what the image is; nil to have it guessed from its first bytes.
    ///   - validation: whether to check, and to guess the type.
    public init(
        base64: String, mimeType: String? = nil, detail: ImageDetail? = nil, meta: JSON.Object = [:],
        validation: Bool = true
    ) throws {
        var mimeType = mimeType
        if validation {
            guard let beginning = Base64.beginning(of: base64) else { throw MessageError.invalidBase64 }
            if mimeType ?? "" == "" { mimeType = ImageSignature.mimeType(of: beginning) ?? mimeType }
            if let mimeType, !mimeType.isEmpty, !ImageContent.mimeTypes.contains(mimeType) {
                throw MessageError.invalidImageType(mimeType)
            }
        }
        self.base64 = base64
        self.mimeType = mimeType
        self.detail = detail
        self.meta = meta
        self.validation = validation
    }

    /// The types that an image may have.
    public static let mimeTypes: Set<String> = [
        "application/pdf", "application/postscript", "image/bmp", "image/gif", "image/icns", "image/jp2", "image/jpeg",
        "image/jpg", "image/mpo", "image/palm", "image/png", "image/sgi", "image/tiff", "image/vnd.adobe.photoshop",
        "image/webp", "image/x-icon", "image/x-pcx", "image/x-portable-anymap", "image/x-tga", "image/xbm",
        "image/xpm", "video/mpeg",
    ]

    /// The image as a URL that holds it; of no known type, it passes for a JPEG.
    public var dataURL: String {
        let type = mimeType.flatMap { $0.isEmpty ? nil : $0 } ?? "image/jpeg"
        return "data:\(type);base64,\(base64)"
    }
}

extension ImageContent {
    /// The dictionary that files hold.
    public func toDict() -> JSON {
        [
            "base64_image": .string(base64), "mime_type": JSON(mimeType), "detail": JSON(detail?.rawValue),
            "meta": .object(meta), "validation": .bool(validation),
        ]
    }

    /// The image of a dictionary, checked unless `validation` is false.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ImageContent {
        let reader = try DictionaryReader(
            data, place: "ImageContent", known: ["base64_image", "mime_type", "detail", "meta", "validation"])
        let detail = try reader.optionalString("detail").map { name in
            guard let detail = ImageDetail(rawValue: name) else { throw MessageError.unknownImageDetail(name) }
            return detail
        }
        return try ImageContent(
            base64: reader.string("base64_image"), mimeType: reader.optionalString("mime_type"), detail: detail,
            meta: reader.optionalObject("meta") ?? [:], validation: reader.optionalBool("validation") ?? true)
    }
}
