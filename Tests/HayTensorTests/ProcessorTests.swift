import CKernels
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Control groups as files, in a folder of their own that goes when this does.
private final class Groups {
    let root: String
    private let list: String

    /// - Parameters:
    ///   - list: what /proc/self/cgroup would hold.
    ///   - files: paths below the root with their texts.
    init(_ list: String, _ files: [String: String]) {
        var template = Array("/tmp/hayloft-groups-XXXXXX".utf8CString)
        root = String(cString: mkdtemp(&template)!)
        self.list = root + "/list"
        write(list, to: self.list)
        for (path, text) in files {
            var folder = root + "/groups"
            mkdir(folder, 0o700)
            for part in path.split(separator: "/").dropLast() {
                folder += "/\(part)"
                mkdir(folder, 0o700)
            }
            write(text, to: "\(root)/groups/\(path)")
        }
    }

    deinit { system("rm -r \(root)") }

    var processors: UInt32 { hay_quota_processors(list, root + "/groups") }

    private func write(_ text: String, to path: String) {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
    }
}

@Suite("Processors that may be used")
struct ProcessorTests {
    @Test(
        "a quota of version 2 is rounded up to whole processors",
        arguments: [
            ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1), ("max 100000\n", .max), ("", .max),
            ("0 0\n", .max), ("-1 100000\n", .max), ("9223372036854775807 1\n", .max), ("many\n", .max),
        ] as [(String, UInt32)])
    func second(text: String, expected: UInt32) {
        #expect(Groups("0::/\n", ["cpu.max": text]).processors == expected)
    }

    @Test("the least quota of a group and those above it counts")
    func above() {
        let files = ["a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n", "a/b/c/cpu.max": "800000 100000\n"]
        #expect(Groups("0::/a/b/c\n", files).processors == 3)
        #expect(Groups("0::/a/b/c\n", ["cpu.max": "100000 100000\n"]).processors == 1)
    }

    @Test("a quota of version 1 is read where the processor's controller is")
    func first() {
        let files = ["cpu,cpuacct/x/cpu.cfs_quota_us": "250000\n", "cpu,cpuacct/x/cpu.cfs_period_us": "100000\n"]
        #expect(Groups("5:memory:/x\n4:cpu,cpuacct:/x\n0::/\n", files).processors == 3)
        #expect(Groups("4:cpuset,cpuacct:/x\n", files).processors == .max)
        let none = ["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"]
        #expect(Groups("4:cpu:/of/the/host\n", none).processors == .max)
    }

    @Test("without control groups there is no limit, and one processor at least may be used")
    func absent() {
        #expect(hay_quota_processors("/nowhere/list", "/nowhere") == .max)
        #expect(Groups("no colons\n\n7:cpu\n", [:]).processors == .max)
        #expect(hay_usable_processors() >= 1)
    }
}
