#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A date and a time of day, as a clock on the wall shows them.
public struct ClockTime: Sendable, Equatable {
    /// The year of the Gregorian calendar.
    public var year: Int
    /// The month, 1 to 12.
    public var month: Int
    /// The day of the month, from 1.
    public var day: Int
    /// The hour, 0 to 23.
    public var hour: Int
    /// The minute, 0 to 59.
    public var minute: Int
    /// The second, 0 to 60.
    public var second: Int
    /// The microsecond, 0 to 999,999.
    public var microsecond: Int

    /// A time of these parts; nil when there is no such day or time.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0
    ) {
        guard (1 ... 9999).contains(year), (1 ... 12).contains(month), (0 ... 23).contains(hour),
            (0 ... 59).contains(minute), (0 ... 60).contains(second), (0 ..< 1_000_000).contains(microsecond),
            (1 ... ClockTime.dayCount(year: year, month: month)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    /// The time that a text such as `2024-07-26T09:30:15` names, its time of day being optional; nil for any other text.
    public init?(_ text: String) {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count <= 2, date.count == 3 else { return nil }
        var time: [Substring] = []
        if halves.count == 2 {
            time = halves[1].split(separator: ":", omittingEmptySubsequences: false)
            guard time.count == 3 else { return nil }
        }
        func number(_ text: Substring, _ count: Int) -> Int? {
            text.utf8.count == count && text.unicodeScalars.allSatisfy(\.isDigit) ? Int(text) : nil
        }
        let parts = [number(date[0], 4), number(date[1], 2), number(date[2], 2)] + time.map { number($0, 2) }
        let numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count else { return nil }
        let hour = numbers.count > 3 ? numbers[3] : 0
        let (minute, second) = numbers.count > 3 ? (numbers[4], numbers[5]) : (0, 0)
        self.init(
            year: numbers[0], month: numbers[1], day: numbers[2], hour: hour, minute: minute, second: second)
    }

    /// What the system's clock shows in the local time zone.
    public static func local() -> ClockTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        var seconds = now.tv_sec
        localtime_r(&seconds, &parts)
        return ClockTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
            microsecond: Int(now.tv_nsec) / 1000) ?? ClockTime.epoch
    }

    private static let epoch = ClockTime(epochYear: 1970)

    private init(epochYear: Int) {
        (year, month, day, hour, minute, second, microsecond) = (epochYear, 1, 1, 0, 0, 0, 0)
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func dayCount(year: Int, month: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// The day of the year, from 1.
    var dayOfYear: Int { (1 ..< month).reduce(day) { $0 + ClockTime.dayCount(year: year, month: $1) } }

    /// The day of the week, Sunday being 0.
    var weekday: Int {
        let years = year - 1
        return (years + years / 4 - years / 100 + years / 400 + dayOfYear) % 7
    }
}
