extension UnicodeData {
    static let scripts = ""
}
extension UnicodeProperty { static let scriptNames = ["Han"] }
