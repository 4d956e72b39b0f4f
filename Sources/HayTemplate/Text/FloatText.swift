#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Double {
    /// Python's `repr`: the shortest digits that read back the same, with an exponent from 1e16 on and below 0.0001.
    var pythonDescription: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        if self == 0 { return sign == .minus ? "-0.0" : "0.0" }
        let (digits, exponent) = shortestDigits
        let sign = self < 0 ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let magnitude = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1)
        let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + zeros + "." + (fraction.isEmpty ? "0" : fraction)
    }

    /// The digits of the shortest decimal and the exponent of the first one.
    private var shortestDigits: (digits: String, exponent: Int) {
        let parts = magnitude.description.split(separator: "e")
        let written = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let all = number.joined()
        let leading = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leading))
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        return (digits, written + number[0].count - 1 - leading)
    }

    /// The number as C's `printf` writes it with a conversion such as `%.2f`; at most `maximumPrecision` digits.
    func formatted(_ conversion: String) -> String {
        var buffer = [CChar](repeating: 0, count: 512 + Double.maximumPrecision)
        let count = withVaList([self]) { vsnprintf(&buffer, buffer.count, conversion, $0) }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The most digits after the point that formatting gives.
    static let maximumPrecision = 1_000

    /// Python's `round` to so many digits after the point: half to even of the exact decimal value.
    func rounded(toDigits digits: Int) -> Double {
        guard isFinite, digits < 330 else { return self }
        if digits >= 0 { return Double(formatted("%.\(digits)f")) ?? self }
        guard digits > -310 else { return 0 * self }
        let scale = pow(10, Double(-digits))
        return (self / scale).rounded(.toNearestOrEven) * scale
    }
}
