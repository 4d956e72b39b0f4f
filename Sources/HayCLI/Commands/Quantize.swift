import ArgumentParser
import HayTensor
import Hayloft

/// `hayloft quantize`: a checkpoint in blocks of 8 or 4 bits a value.
struct Quantize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a checkpoint with int8 or int4 weights.",
        discussion: """
            The new folder loads at once, from the mapped file. The same weights are had of the original with --dtype, \
            which quantizes anew at each start. Embeddings and output layers are int8 in both.

              hayloft quantize --model ./zephyr-7b-beta --dtype int4 --output ./zephyr-7b-int4
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(help: ArgumentHelp("The folder to make; it must not exist, or be empty.", valueName: "folder"))
    var output: String

    func validate() throws {
        guard compute.dtype.dtype?.isInBlocks == true else {
            throw ValidationError("--dtype takes int8 or int4 here, not \(compute.dtype.rawValue)")
        }
    }

    func run() async throws {
        guard let dtype = compute.dtype.dtype else { return }
        var stored = compute
        stored.dtype = .auto
        let folder = try options.folder(bundled: "tiny-zephyr")
        let local = try stored.open(folder, on: compute.makeBackend(), options.output, staysInFiles: true)
        let stopwatch = Stopwatch()
        try await Interrupt.whileWriting(stopping: {}) {
            let bar = ProgressBar(compute.dtype.verb, isQuiet: options.output.quiet)
            defer { bar.clear() }
            try FolderQuantizer(local, to: dtype).write(to: output) { done, total in
                if Interrupt.shouldStop { throw CommandError("stopped by Ctrl-C") }
                bar.show(done, of: total)
            }
        }
        let size = local.checkpoint.byteCount(as: dtype)
        options.say(
            "hayloft: wrote \(output): \(format(Double(size) / 1e6, 1)) MB in \(format(stopwatch.seconds, 1)) s")
    }
}
