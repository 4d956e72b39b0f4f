import TestSupport
import Testing

@testable import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Finding models")
struct ModelLocatorTests {
    let folder = TemporaryFolder()

    private func makeFolder(_ path: String) {
        var whole = folder.path
        for part in path.split(separator: "/") {
            whole += "/\(part)"
            mkdir(whole, 0o755)
        }
    }

    private func message(_ name: String, _ locator: ModelLocator) -> String {
        do { return try locator.folder(of: name) } catch { return "\(error)".replacing(folder.path, with: "FOLDER") }
    }

    @Test("a folder is itself")
    func path() throws {
        let locator = ModelLocator(environment: [:], executable: "")
        #expect(try locator.folder(of: folder.path) == folder.path)
    }

    @Test("a Hub name is the snapshot that refs/main names, in each place that the cache may be")
    func cache() throws {
        makeFolder("hub/models--google--flan-t5-base/snapshots/abc123")
        makeFolder("hub/models--google--flan-t5-base/refs")
        folder.write("abc123\n", to: "hub/models--google--flan-t5-base/refs/main")
        let expected = "\(folder.path)/hub/models--google--flan-t5-base/snapshots/abc123"
        let home = folder.path
        for environment in [
            ["HF_HUB_CACHE": "\(home)/hub"], ["HF_HOME": home], ["HF_HOME": "~", "HOME": home],
            ["HF_HUB_CACHE": "~/hub", "HOME": home], ["HF_HUB_CACHE": "$BASE/hub", "BASE": home],
            ["HF_HOME": "${BASE}", "BASE": home],
        ] {
            let locator = ModelLocator(environment: environment, executable: "")
            #expect(try locator.folder(of: "google/flan-t5-base") == expected)
        }
    }

    @Test(
        "paths in variables are read as Python's expandvars(expanduser(path)) reads them",
        arguments: [
            ("~", "/home/ada"), ("~/x", "/home/ada/x"), ("a~", "a~"), ("~nobody-here/x", "~nobody-here/x"),
            ("$DATA/x", "/data/x"), ("${DATA}x", "/datax"), ("$DATAx", "$DATAx"), ("$$DATA", "$/data"),
            ("${DATA", "${DATA"), ("$", "$"), ("a$-b", "a$-b"), ("$UNSET/${UNSET}", "$UNSET/${UNSET}"), ("", ""),
            ("~/$TILDE", "/home/ada/~"), ("${}", "${}"),
        ])
    func expansion(path: String, expected: String) {
        let environment = ["HOME": "/home/ada/", "DATA": "/data", "TILDE": "~"]
        #expect(PathExpansion(environment: environment).expanded(path) == expected)
    }

    @Test("a name that is not cached says where was looked and what to do")
    func notCached() {
        let locator = ModelLocator(environment: ["HF_HOME": folder.path], executable: "")
        #expect(
            message("google/flan-t5-base", locator)
                == "'google/flan-t5-base' is neither a folder nor in the Hugging Face cache at FOLDER/hub; "
                + "fetch it with 'hf download google/flan-t5-base' or give a folder")
    }

    @Test("a reference that points out of the cache is not followed")
    func escape() {
        makeFolder("hub/models--x/snapshots")
        makeFolder("hub/models--x/refs")
        folder.write("../../..", to: "hub/models--x/refs/main")
        let locator = ModelLocator(environment: ["HF_HOME": folder.path], executable: "")
        #expect(message("x", locator).contains("neither a folder nor in the Hugging Face cache"))
        #expect(message("../no-such-model", locator).hasPrefix("there is no folder '../no-such-model'"))
    }

    @Test("bundled models stand in an install prefix, the source tree, or where HAYLOFT_MODELS says")
    func bundled() throws {
        makeFolder("prefix/share/hayloft/models/tiny")
        makeFolder("tree/Models/Bundled/tiny")
        makeFolder("named/tiny")
        func find(_ executable: String, _ environment: [String: String] = [:]) throws -> String {
            try ModelLocator(environment: environment, executable: "\(folder.path)/\(executable)").bundled("tiny")
        }
        #expect(try find("prefix/bin/hayloft") == "\(folder.path)/prefix/share/hayloft/models/tiny")
        #expect(try find("tree/.build/release/hayloft") == "\(folder.path)/tree/Models/Bundled/tiny")
        #expect(try find("x", ["HAYLOFT_MODELS": "\(folder.path)/named"]) == "\(folder.path)/named/tiny")
        #expect(throws: ModelLocationError.noBundledModels("tiny")) { try find("elsewhere/hayloft") }
    }
}
