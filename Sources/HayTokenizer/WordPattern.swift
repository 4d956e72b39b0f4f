/// The regular expressions that byte-level tokenizers cut words with, as matchers over bytes.
///
/// They are told by their text: a tokenizer.json holds one of a few, and each matches at every place.
enum WordPattern: Sendable {
    /// GPT-2: contractions, then letters, digits or other signs with one space before.
    case gpt2
    /// cl100k and its kin: contractions in any case, letters with one sign before, up to so many digits, line ends.
    case cl100k(digits: Int)

    /// The pattern of an expression; nil for one that is not known.
    init?(expression: String) {
        let cl100k = { (digits: String) in
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
                + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        }
        switch expression {
        case #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: self = .gpt2
        case cl100k(#"\p{N}{1,3}"#): self = .cl100k(digits: 3)
        case cl100k(#"\p{N}"#): self = .cl100k(digits: 1)
        default: return nil
        }
    }
}
