import CFuzzer
import Glibc

// Runs one of the targets below in libFuzzer's loop: `Fuzz TARGET [libFuzzer's options and folders]`.

/// What takes each input. It may throw nothing, trap nowhere, and has to end soon.
let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt] = [
    "template": { data, size in
        fuzzTemplate(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    },
    "tokenizer": { data, size in
        fuzzTokenizer(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    },
    "sentencepiece": { data, size in
        fuzzSentencePiece(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    },
]

var arguments = CommandLine.unsafeArgv
var count = CommandLine.argc
guard count > 1, let name = arguments[1].map({ String(cString: $0) }), let target = targets[name] else {
    print("usage: Fuzz \(targets.keys.sorted().joined(separator: "|")) [libFuzzer's options and folders]")
    exit(2)
}
// libFuzzer sees the program's name and what follows the target's.
arguments[1] = arguments[0]
var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments + 1
count -= 1
exit(LLVMFuzzerRunDriver(&count, &rest, target))
