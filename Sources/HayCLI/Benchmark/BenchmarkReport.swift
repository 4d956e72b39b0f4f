import HayJSON

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The numbers of a benchmark as text.
struct BenchmarkReport {
    let model: String
    let device: String
    let dtype: String
    let loadSeconds: Double
    let series: [Benchmark.Series]

    /// One row a series: median, least, most, share.
    private var rows: [[String]] {
        series.map { series in
            let sorted = series.values.sorted()
            let share = series.shares.isEmpty ? "" : "\(format(median(series.shares) * 100, 1)) %"
            return [
                series.name, "\(number(median(sorted))) \(series.unit)", number(sorted.first ?? 0),
                number(sorted.last ?? 0), share,
            ]
        } + [
            ["load", "\(format(loadSeconds, 3)) s", "", "", ""],
            ["peak memory", "\(format(peakMemory / 1e6, 0)) MB", "", "", ""],
        ]
    }

    private static let header = ["work", "median", "least", "most", "share of limit"]

    /// Aligned columns for a terminal.
    var table: String {
        let lines = [BenchmarkReport.header] + rows
        let widths = BenchmarkReport.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let text = lines.map { line in
            line.indices.map { line[$0] + String(repeating: " ", count: widths[$0] - line[$0].count) }
                .joined(separator: "  ")
        }
        return (["\(model), \(dtype), \(device)"] + text).joined(separator: "\n")
    }

    /// A table in Markdown.
    var markdown: String {
        let lines = [BenchmarkReport.header, BenchmarkReport.header.map { _ in "---" }] + rows
        return "\(model), \(dtype), \(device)\n\n"
            + lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    /// Comma-separated values with a line of names.
    var csv: String {
        let lines = series.map { series in
            let sorted = series.values.sorted()
            let share = series.shares.isEmpty ? "" : "\(median(series.shares))"
            return "\(series.name),\(series.unit),\(median(sorted)),\(sorted.first ?? 0),\(sorted.last ?? 0),\(share)"
        }
        let rest = ["load,s,\(loadSeconds),,,", "peak memory,bytes,\(peakMemory),,,"]
        return (["work,unit,median,least,most,share"] + lines + rest).joined(separator: "\n")
    }

    /// One object with every number.
    var json: String {
        let results: [JSON] = series.map { series in
            var result = JSON.Object([
                ("work", .string(series.name)), ("unit", .string(series.unit)),
                ("median", .double(median(series.values))), ("values", .array(series.values.map { .double($0) })),
            ])
            if !series.shares.isEmpty { result.append("share_of_limit", .double(median(series.shares))) }
            return .object(result)
        }
        return JSON.object(
            .init([
                ("model", .string(model)), ("device", .string(device)), ("dtype", .string(dtype)),
                ("load_seconds", .double(loadSeconds)), ("peak_memory_bytes", .double(peakMemory)),
                ("results", .array(results)),
            ])
        ).text(spaced: true)
    }

    /// A bar for each speed, its spread as a line.
    var svg: String {
        let speeds = series.filter { $0.unit == "tok/s" }
        let largest = speeds.flatMap(\.values).max() ?? 1
        let bars = speeds.enumerated().map { index, series in
            let y = 40 + index * 34
            let width = { (value: Double) in format(value / largest * 400, 1) }
            let least = series.values.min() ?? 0, most = series.values.max() ?? 0
            return """
                <text x="190" y="\(y + 15)" text-anchor="end">\(series.name)</text>
                <rect x="200" y="\(y)" width="\(width(median(series.values)))" height="20" fill="#4a7c59"/>
                <line x1="\(format(200 + least / largest * 400, 1))" x2="\(format(200 + most / largest * 400, 1))" \
                y1="\(y + 10)" y2="\(y + 10)" stroke="#222"/>
                <text x="610" y="\(y + 15)">\(number(median(series.values))) tok/s</text>
                """
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="740" height="\(60 + speeds.count * 34)" \
            font-family="sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="200" y="24" font-weight="bold">\(escaped(model)), \(dtype), \(device)</text>
            \(bars.joined(separator: "\n"))
            </svg>

            """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }

    /// The most memory that this process has used, in bytes; mapped files count as far as they were read.
    private var peakMemory: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) * 1024
    }

    private func number(_ value: Double) -> String { format(value, value < 100 ? 2 : 0) }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
