import TestSupport
import Testing

@testable import HayTokenizer

@Suite("Other files in place of a tokenizer's")
struct WrongFileTests {
    let folder = TemporaryFolder()

    @Test(
        "what stands in place of a vocabulary is named as what it is",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "it is a Git LFS pointer"),
            ("<!DOCTYPE html>\n<html></html>", "it is an HTML or XML page"),
            ("PK\u{3}\u{4}rest", "it is a zip archive"),
        ])
    func named(content: String, reason: String) {
        for (file, others) in [("tokenizer.model", []), ("merges.txt", ["vocab.json"])] {
            let folder = TemporaryFolder()
            folder.write(content, to: file)
            for other in others { folder.write(#"{"a": 0}"#, to: other) }
            folder.write(
                #"{"tokenizer_class": "\#(file == "merges.txt" ? "GPT2" : "Llama")Tokenizer"}"#,
                to: "tokenizer_config.json")
            let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder.path) }
            #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("\(folder.path)/\(file) cannot be read: \(reason)"))
        }
        folder.write(content, to: "tokenizer.json")
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder.path) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(reason.dropFirst(6)), "\(error.map { "\($0)" } ?? "")")
    }
}
