extension ClockTime {
    /// The time as C's `strftime` writes it in the C locale; an unknown conversion stays as it is.
    func formatted(_ format: String) -> String {
        var text = ""
        var scalars = Substring(format).unicodeScalars
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            let rest = scalars
            var flag: Unicode.Scalar?
            if let next = scalars.first, "-_0^".unicodeScalars.contains(next) { flag = scalars.popFirst() }
            if let letter = scalars.popFirst(), let part = part(letter, flag) {
                text += flag == "^" ? part.uppercased() : part
            } else {
                scalars = rest
                text += "%"
            }
        }
        return text
    }

    private func part(_ letter: Unicode.Scalar, _ flag: Unicode.Scalar?) -> String? {
        numberPart(letter, flag) ?? textPart(letter)
    }

    private func numberPart(_ letter: Unicode.Scalar, _ flag: Unicode.Scalar?) -> String? {
        func padded(_ number: Int, _ count: Int, _ fill: Character = "0") -> String {
            let digits = String(number)
            let fill = flag == "_" ? " " : flag == "0" ? "0" : fill
            return flag == "-" ? digits : String(repeating: fill, count: max(0, count - digits.count)) + digits
        }
        let hour12 = hour % 12 == 0 ? 12 : hour % 12
        let monday = (weekday + 6) % 7
        switch letter {
        case "d": return padded(day, 2)
        case "e": return padded(day, 2, " ")
        case "H": return padded(hour, 2)
        case "k": return padded(hour, 2, " ")
        case "I": return padded(hour12, 2)
        case "l": return padded(hour12, 2, " ")
        case "j": return padded(dayOfYear, 3)
        case "m": return padded(month, 2)
        case "M": return padded(minute, 2)
        case "S": return padded(second, 2)
        case "f": return String(String(microsecond + 1_000_000).dropFirst())
        case "y": return padded(year % 100, 2)
        case "Y": return String(year)
        case "C": return padded(year / 100, 2)
        case "u": return String(monday + 1)
        case "w": return String(weekday)
        case "U": return padded((dayOfYear + 6 - weekday) / 7, 2)
        case "W": return padded((dayOfYear + 6 - monday) / 7, 2)
        case "V": return padded(isoWeek.week, 2)
        case "G": return String(isoWeek.year)
        case "g": return padded(isoWeek.year % 100, 2)
        default: return nil
        }
    }

    private func textPart(_ letter: Unicode.Scalar) -> String? {
        switch letter {
        case "a": String(ClockTime.weekdays[weekday].prefix(3))
        case "A": ClockTime.weekdays[weekday]
        case "b", "h": String(ClockTime.months[month - 1].prefix(3))
        case "B": ClockTime.months[month - 1]
        case "p": hour < 12 ? "AM" : "PM"
        case "P": hour < 12 ? "am" : "pm"
        case "c": formatted("%a %b %e %H:%M:%S %Y")
        case "D", "x": formatted("%m/%d/%y")
        case "F": formatted("%Y-%m-%d")
        case "r": formatted("%I:%M:%S %p")
        case "R": formatted("%H:%M")
        case "T", "X": formatted("%H:%M:%S")
        case "n": "\n"
        case "t": "\t"
        case "z", "Z": ""
        case "%": "%"
        default: nil
        }
    }

    /// The week of ISO 8601 and the year it belongs to.
    private var isoWeek: (year: Int, week: Int) {
        let week = (dayOfYear - (weekday + 6) % 7 + 9) / 7
        if week < 1 { return (year - 1, ClockTime.isoWeekCount(year - 1)) }
        if week > ClockTime.isoWeekCount(year) { return (year + 1, 1) }
        return (year, week)
    }

    private static func isoWeekCount(_ year: Int) -> Int {
        func lastWeekday(_ year: Int) -> Int { (year + year / 4 - year / 100 + year / 400) % 7 }
        return lastWeekday(year) == 4 || lastWeekday(year - 1) == 3 ? 53 : 52
    }

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
