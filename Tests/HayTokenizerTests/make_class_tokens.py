"""Writes Sources/HayTokenizer/Folders/ClassTokenData.swift: the special tokens that transformers' tokenizer classes have
where no file names others, and the class of each kind of model.

    make_class_tokens.py > Sources/HayTokenizer/Folders/ClassTokenData.swift
"""

import collections
import inspect
import textwrap

import transformers
from tokenizers import AddedToken
from transformers.models.auto import tokenization_auto as auto
from transformers.tokenization_utils_tokenizers import TokenizersBackend

GENERIC = {"TokenizersBackend", "PythonBackend", "PreTrainedTokenizer", "MistralCommonBackend"}


def tokens(name):
    """The special tokens of a class by their keys; nothing for classes that leave all to the files or are not ours."""
    found = auto.tokenizer_class_from_name(name)
    if not isinstance(found, type) or not issubclass(found, TokenizersBackend) or found is TokenizersBackend:
        return {}
    try:
        made = found()
        return {key: made._special_tokens_map[key] for key in made.special_tokens_map}
    except Exception:  # Some classes do not come without a vocabulary; what they have stands in their signature.
        parameters = inspect.signature(found.__init__).parameters.items()
        return {key: value.default for key, value in parameters if key.endswith("_token") and value.default}


def pads_with_nothing(name):
    """Whether a class has a padding token and says that it is none."""
    found = auto.tokenizer_class_from_name(name)
    parameters = inspect.signature(found.__init__).parameters
    return "pad_token" in parameters and parameters["pad_token"].default is None


def spelled(key, token):
    """One token as the table has it: `key=content`, with a mark for one that takes the space before it."""
    takes_space = isinstance(token, AddedToken) and token.lstrip
    return f"{key.removesuffix('_token')}{'<' if takes_space else ''}={token}"


def table(name, comment, rows):
    """A Swift text of lines `what: names`; what is too long for a line goes on in the next."""
    print(f'\n    /// {comment}\n    static let {name} = """')
    for what, having in rows:
        row = textwrap.wrap(f"{what}: {' '.join(having)}", 110, break_long_words=False, break_on_hyphens=False)
        print("\n".join(f"        {line}" + (" \\" if line is not row[-1] else "") for line in row))
    print('        """')


def main():
    """Writes the file."""
    names = {name for name in auto.TOKENIZER_MAPPING_NAMES.values() if name}
    names |= {name for name in dir(transformers) if name.endswith(("Tokenizer", "TokenizerFast"))}
    classes = collections.defaultdict(set)
    for name in sorted(names):
        known = tokens(name)
        if known:
            classes[" ".join(spelled(*item) for item in known.items())].add(name.removesuffix("Fast"))
    types = collections.defaultdict(list)
    for kind, name in sorted(auto.TOKENIZER_MAPPING_NAMES.items()):
        if name:
            name = name.removesuffix("Fast")
            types["TokenizersBackend" if name in GENERIC else name].append(kind)
    print(f"// Written by Tests/HayTokenizerTests/make_class_tokens.py from transformers {transformers.__version__}.\n")
    print("/// What transformers has in the code of its tokenizer classes.\nenum ClassTokenData {", end="")
    table("classes", "Special tokens, `<` before the `=` of those that take the space before them, and their classes.",
          [(known, sorted(having)) for known, having in sorted(classes.items(), key=lambda item: min(item[1]))])
    table("modelTypes", "Classes and the kinds of models that have them.", sorted(types.items()))
    table("misnamed", "Kinds of models whose files name a class that is not theirs.",
          [("TokenizersBackend", sorted(auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS))])
    unpadded = {name.removesuffix("Fast") for name in names if tokens(name) and pads_with_nothing(name)}
    table("unpadded", "Classes that have no padding token, whatever tokenizer.json pads with.", [("None", sorted(unpadded))])
    print("}")


main()
