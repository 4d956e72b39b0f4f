#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension String {
    /// The text as a part of a query: what is not a letter, a digit or one of `-._~` is escaped (RFC 3986, 2.3).
    var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            if byte.isLetterOrDigit || "-._~".utf8.contains(byte) {
                text.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    /// The base64 of the text's bytes.
    var base64: String { Data(utf8).base64EncodedString() }
}

/// A user and a password, as servers and proxies ask for them.
struct Login: Sendable, Equatable {
    let user: String
    let password: String

    /// As it goes into a header, in base64.
    var text: String { "\(user):\(password)" }
    /// What must not be shown in errors.
    var secrets: [String] { [password, text.base64] }
}

extension URL {
    /// Takes the login out, as it goes into a header.
    mutating func removeLogin() -> Login? {
        guard let user = user(percentEncoded: false),
            var parts = URLComponents(url: self, resolvingAgainstBaseURL: true)
        else { return nil }
        let login = Login(user: user, password: password(percentEncoded: false) ?? "")
        (parts.user, parts.password) = (nil, nil)
        self = parts.url ?? self
        return login
    }
}

extension UInt8 {
    /// Whether it stands for a letter or a digit of ASCII.
    var isLetterOrDigit: Bool {
        switch self {
        case 0x30 ... 0x39, 0x41 ... 0x5A, 0x61 ... 0x7A: true
        default: false
        }
    }
}
