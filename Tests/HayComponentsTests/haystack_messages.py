"""Random recordings of what Haystack reads and writes of messages and chunks.

Each case is in the notation of the recorded ones, so that the tests that read those read these. Cases whose result holds
a value of a type that Haystack does not document are left out: Python keeps it, and Swift cannot.
"""

import copy
import json
import re
import sys
import types

import haystack.utils.device
from haystack.core.errors import DeserializationError, SerializationError
from haystack.dataclasses import ChatMessage, ImageContent, ReasoningContent, StreamingChunk, TextContent, ToolCall
from haystack.dataclasses.chat_message import _deserialize_content_part
from haystack.components.generators.utils import _convert_streaming_chunks_to_chat_message
from haystack.tools.errors import ToolInvocationError
from haystack.utils.hf import convert_message_to_hf_format

# The functions that recordings name.
functions = types.ModuleType("hayfixtures")
exec('''
def weather(city, unit="celsius"): return f"{city}: 21 {unit}"
def add(a, b): return a + b
def search(query, top_k=3): return [query] * top_k
def fail(**arguments): raise RuntimeError("tool exploded")
def fmt_docs(docs): return docs
def print_chunk(chunk): pass
def ad_token(): return "ad-token"
''', functions.__dict__)
sys.modules["hayfixtures"] = functions

# Without PyTorch the name is missing where a device of its kind is asked about.
if not hasattr(haystack.utils.device, "torch"):
    haystack.utils.device.torch = types.SimpleNamespace(device=type("device", (), {}))

IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SIGNATURES = ["iVBORw0KGgo=", "/9j/4AAQ", "R0lGODlh", "UklGRgAAAABXRUJQVlA=", "Qk0=", "SUkqAAAAAAAAAAA=", "JVBERi0x", "aGVsbG8=",
              "AAABAAAA", "OEJQUwAA", "", "%%%", "abc", "ab==", "a===", "YWJj\n", "YW Jj", "_-8=", "YQ=", "YQ==", "YR=="]
JUNK = [None, True, False, 0, 1, 3.5, "", "x", "text", "role", [], ["a"], [1], {}, {"a": 1}, {"type": "x"}, [None], [[]], [{}]]
KINDS = [(ToolInvocationError, "tool_invocation"), (DeserializationError, "deserialization"),
         (SerializationError, "serialization"), (KeyError, "key_error"), (IndexError, "index_error"),
         (AssertionError, "assertion"), (ValueError, "value_error"), (TypeError, "type_error"),
         (RuntimeError, "runtime_error")]


def error(raised):
    kind = next((name for cls, name in KINDS if isinstance(raised, cls)), type(raised).__name__)
    return {"kind": kind, "python_type": type(raised).__name__, "message": str(raised)}


def attempt(work):
    """The result, or the error, as recordings write it."""
    try:
        return {"result": work()}
    except Exception as raised:  # noqa: BLE001, whatever Haystack raises is recorded
        return {"error": error(raised)}


def mutated(rng, value, keys=()):
    """A copy of a value with something in it taken out, renamed, added or replaced."""
    value = copy.deepcopy(value)
    places = []

    def walk(node):
        if isinstance(node, dict):
            for key in node:
                places.append((node, key))
                walk(node[key])
        elif isinstance(node, list):
            for index in range(len(node)):
                places.append((node, index))
                walk(node[index])

    walk(value)
    if not places:
        return rng.choice(JUNK)
    node, key = rng.choice(places)
    if isinstance(node, list):
        node[key] = rng.choice(JUNK)
        return value
    kind = rng.random()
    if kind < 0.3:
        del node[key]
    elif kind < 0.5:
        renamed = key[1:] if key.startswith("_") else rng.choice(["_" + key, key + "s", *keys])
        items = [(renamed if name == key else name, item) for name, item in node.items()]
        node.clear()
        node.update(items)
    elif kind < 0.65:
        node[rng.choice(["extra", "type", "content", "_content", "role", "_role", "name", "_name", "_meta", "text", *keys])] = (
            rng.choice(JUNK))
    else:
        node[key] = rng.choice(JUNK)
    return value


def arguments(rng):
    return rng.choice([{}, {"a": 1}, {"city": "Bonn", "n": [1, 2.5, None], "é": {"x": True}}, {"a": None}])


def tool_call(rng):
    call = {"tool_name": rng.choice(["f", "weather", ""]), "arguments": arguments(rng)}
    if rng.random() < 0.1:
        call["arguments"] = rng.choice([[1, 2], "text", None, 5, True])
    if rng.random() < 0.8:
        call["id"] = rng.choice(["c1", "", None])
    return call


def image(rng):
    made = {"base64_image": rng.choice(SIGNATURES + [IMAGE] * 10)}
    for key, values in [("mime_type", [None, "", "image/png", "image/jpeg", "application/pdf", "text/plain", "x"]),
                        ("detail", [None, "auto", "low", "high"]), ("meta", [{}, {"k": 1}]), ("validation", [True, False])]:
        if rng.random() < 0.4:
            made[key] = rng.choice(values)
    return made


def part(rng):
    return rng.choice([
        lambda: {"text": rng.choice(["hi", "", "é 😀", "a\nb"])},
        lambda: {"text": "text"},
        lambda: {"tool_call": tool_call(rng)},
        lambda: {"tool_call_result": {"result": rng.choice(["7", ""]), "origin": tool_call(rng), "error": rng.random() < 0.5}},
        lambda: {"image": image(rng)},
        lambda: {"reasoning": {"reasoning_text": rng.choice(["why", ""]), **rng.choice([{}, {"extra": {"id": 1}}])}},
        lambda: rng.choice([{"video": "x"}, "hello", {}]),
    ])()


def message(rng):
    role = rng.choice(["user", "system", "assistant", "tool"])
    form = rng.choice(["current", "current", "former", "old"])
    mark = "_" if form == "former" else ""
    content = rng.choice(["hello", ""]) if form == "old" else [part(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    made = {mark + "role": role, mark + "content": content}
    if rng.random() < 0.4:
        made[mark + "name"] = rng.choice(["ada", None])
    if rng.random() < 0.4:
        made[mark + "meta"] = rng.choice([{}, {"k": [1]}, None])
    if rng.random() < 0.25:
        other = rng.choice(["role", "content", "name", "meta"])
        values = {"role": role, "content": [{"text": "other"}], "name": "other", "meta": {"o": 1}}
        made[("" if mark else "_") + other] = values[other]
    if rng.random() < 0.15:
        other = rng.choice([mark + "role", mark + "content", mark + "name"])
        if other in made:
            made[other[1:] if mark else "_" + other] = made.pop(other)
    return made


def is_typed_call(call):
    return isinstance(call, ToolCall) and isinstance(call.tool_name, str) and isinstance(call.id, (str, type(None)))


def is_typed_part(part):
    if isinstance(part, TextContent):
        return isinstance(part.text, str)
    if isinstance(part, ToolCall):
        return is_typed_call(part)
    if isinstance(part, ImageContent):
        return (isinstance(part.base64_image, str) and isinstance(part.mime_type, (str, type(None)))
                and part.detail in [None, "auto", "high", "low"] and isinstance(part.meta, dict)
                and isinstance(part.validation, bool))
    if isinstance(part, ReasoningContent):
        return isinstance(part.reasoning_text, str) and isinstance(part.extra, dict)
    return isinstance(part.result, str) and isinstance(part.error, bool) and is_typed_call(part.origin)


def is_typed(message):
    return (isinstance(message.name, (str, type(None))) and isinstance(message.meta, dict)
            and all(is_typed_part(part) for part in message._content))


def read_messages(rng, count):
    for _ in range(count):
        data = message(rng)
        mistakes = rng.choice([0, 0, 1, 1, 2])
        is_faulty = "error" in attempt(lambda: ChatMessage.from_dict(copy.deepcopy(data)))
        for _ in range(mistakes):
            data = mutated(rng, data)
        if not isinstance(data, dict) or isinstance(data.get("_content"), dict):
            continue  # the keys of a dictionary would be parts
        # What Python reads of a text as if it were a dictionary, and what it takes for nothing.
        if re.search('"text"[,\\]]|"(mime_type|base64_image)": [^"n]', json.dumps(data)):
            continue
        try:
            if not is_typed(ChatMessage.from_dict(copy.deepcopy(data))):
                continue
        except Exception:  # noqa: BLE001
            pass
        outcome = attempt(lambda: ChatMessage.from_dict(copy.deepcopy(data)).to_dict())
        # A wrong type beside a wrong value may be told of first.
        if mistakes + is_faulty < 2 or outcome.get("error", {}).get("kind") not in ("value_error", "type_error"):
            yield {"data": data, **outcome}


def sent_messages(rng, count):
    while count:
        data = message(rng)
        try:
            made = ChatMessage.from_dict(copy.deepcopy(data))
            if not is_typed(made):
                continue
        except Exception:  # noqa: BLE001
            continue
        count -= 1
        needs_ids = rng.random() < 0.7
        yield {"message": made.to_dict(), "require_tool_call_ids": needs_ids,
               "openai": attempt(lambda: made.to_openai_dict_format(require_tool_call_ids=needs_ids)),
               "huggingface": attempt(lambda: convert_message_to_hf_format(made))}


def openai_message(rng):
    items = [{"type": "text", "text": "a"}, {"type": "text", "text": ""}, {"type": "refusal", "refusal": "no"},
             {"type": "image_url", "image_url": {"url": "data:image/png;base64," + IMAGE}},
             {"type": "image_url", "image_url": {"url": "data:image/png;base64," + IMAGE, "detail": "low"}},
             {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, {"type": "input_audio"}]
    made = {"role": rng.choice(["user", "system", "developer", "assistant", "assistant", "tool", "function", None, 5])}
    if rng.random() < 0.9:
        made["content"] = rng.choice(["hi", "", None, [], [rng.choice(items) for _ in range(rng.randrange(1, 4))]])
    if rng.random() < 0.3:
        made["name"] = rng.choice(["ada", None])
    if made["role"] == "tool" and rng.random() < 0.7:
        made["tool_call_id"] = rng.choice(["c1", None])
    if rng.random() < 0.5:
        texts = ["{}", '{"a": 1}', "[1, 2]", "null", "5", '"x"', "", "{x", '{"a": 1', '{"a": NaN}', '{"a": 1, "a": 2}', " {} ", "{} x"]
        call = {"id": rng.choice(["c1", None]), "type": "function", "function": {"name": "f", "arguments": rng.choice(texts)}}
        made["tool_calls"] = rng.choice([[], [call], [call, {"function": {"name": "g", "arguments": "{}"}}], [{"type": "custom"}]])
    return mutated(rng, made, ["tool_calls", "content"]) if rng.random() < 0.3 else made


def openai_messages(rng, count):
    for _ in range(count):
        data = openai_message(rng)
        if not isinstance(data, dict) or any(
                not isinstance(data.get(key), (str, type(None))) for key in ("name", "tool_call_id")):
            continue
        calls = data.get("tool_calls")
        if any(not isinstance(call, dict) or not isinstance(call.get("function", {}), dict)
               or not isinstance(call.get("function", {}).get("name", ""), str)
               for call in calls) if isinstance(calls, list) else calls:
            continue
        try:
            made = ChatMessage.from_openai_dict_format(copy.deepcopy(data))
            lists = isinstance(data.get("content"), list)
            if not lists and not is_typed(made) or not isinstance(made.name, (str, type(None))):
                continue
            if lists and not all(isinstance(item, dict) for item in data["content"]):
                continue
            if not all(is_typed_call(call) for call in made.tool_calls):
                continue
        except Exception:  # noqa: BLE001
            pass
        yield {"openai_message": data, **attempt(lambda: ChatMessage.from_openai_dict_format(copy.deepcopy(data)).to_dict())}


def factories(rng, count):
    for _ in range(count):
        factory = rng.choice(["from_user", "from_system", "from_assistant", "from_tool"])
        given = {}
        if factory == "from_tool":
            given = {"tool_result": "7", "origin": {"tool_name": "f", "arguments": arguments(rng), "id": rng.choice(["c", None])}}
            if rng.random() < 0.5:
                given["error"] = rng.random() < 0.5
        elif factory == "from_user" and rng.random() < 0.5:
            given["content_parts"] = [rng.choice(["a", "", {"image": {"base64_image": IMAGE}}, {"text": "t"},
                                                  {"reasoning": {"reasoning_text": "r"}},
                                                  {"tool_call": {"tool_name": "f", "arguments": {}}}])
                                      for _ in range(rng.randrange(4))]
        elif factory != "from_assistant" or rng.random() < 0.7:
            given["text"] = rng.choice(["hi", ""])
        if factory == "from_assistant":
            if rng.random() < 0.5:
                given["tool_calls"] = [{"tool_name": "f", "arguments": arguments(rng)} for _ in range(rng.randrange(3))]
            if rng.random() < 0.6:
                given["reasoning"] = rng.choice(["why", "", None, {"reasoning_text": "r", "extra": {"a": 1}},
                                                 {"reasoning_text": ""}, 5, ["x"], []])
        if rng.random() < 0.4:
            given["meta"] = rng.choice([{}, {"k": 1}, None])
        if factory != "from_tool" and rng.random() < 0.4:
            given["name"] = rng.choice(["ada", None])
        yield {"factory": factory, "args": given, **attempt(lambda: described(factory, given))}


def described(factory, given):
    values = copy.deepcopy(given)
    if "origin" in values:
        values["origin"] = ToolCall.from_dict(values["origin"])
    if "tool_calls" in values:
        values["tool_calls"] = [ToolCall.from_dict(call) for call in values["tool_calls"]]
    if isinstance(values.get("reasoning"), dict):
        values["reasoning"] = ReasoningContent.from_dict(values["reasoning"])
    if "content_parts" in values:
        values["content_parts"] = [
            item if isinstance(item, str) else _deserialize_content_part(item) for item in values["content_parts"]]
    made = getattr(ChatMessage, factory)(**values)
    return {"to_dict": made.to_dict(), "text": made.text, "texts": made.texts, "n_tool_calls": len(made.tool_calls),
            "has_image": made.image is not None, "len": len(made),
            "reasoning": made.reasoning.reasoning_text if made.reasoning else None}


def chunk(rng):
    made = {"content": rng.choice(["", "", "hi", " "])}
    options = {"meta": [{}, {"model": "m"}, {"received_at": "t", "usage": {"n": 1}}],
               "component_info": [None, {}, {"type": "x.Y"}, {"type": "x.Y", "name": "n"}], "index": [None, 0, 1, 2],
               "start": [True, False], "finish_reason": [None, "stop", "length", "other"],
               "tool_calls": [None, [], [{"index": 0, "tool_name": "f", "arguments": "{}"}],
                              [{"index": 1}, {"index": 0, "arguments": "[1]", "id": "c"}]],
               "tool_call_result": [None, {}, {"result": "7", "origin": {"tool_name": "f", "arguments": {}}, "error": False}],
               "reasoning": [None, {}, {"reasoning_text": "why"}]}
    for key, values in options.items():
        if rng.random() < 0.35:
            made[key] = rng.choice(values)
    return made


def is_typed_chunk(made):
    return (isinstance(made.content, str) and isinstance(made.meta, dict) and isinstance(made.start, bool)
            and (made.index is None or type(made.index) is int) and isinstance(made.finish_reason, (str, type(None)))
            and (made.component_info is None or isinstance(made.component_info.type, str)
                 and isinstance(made.component_info.name, (str, type(None))))
            and all(type(call.index) is int and all(isinstance(value, (str, type(None)))
                                                    for value in (call.tool_name, call.arguments, call.id))
                    for call in made.tool_calls or [])
            and (not made.tool_call_result or is_typed_part(made.tool_call_result))
            and (not made.reasoning or is_typed_part(made.reasoning)))


def chunks(rng, count):
    for _ in range(count):
        data = chunk(rng)
        originals = [data]
        if rng.random() < 0.3:
            data = mutated(rng, data)
        try:
            if not is_typed_chunk(StreamingChunk.from_dict(copy.deepcopy(data))):
                continue
        except Exception:  # noqa: BLE001
            pass
        outcome = attempt(lambda: StreamingChunk.from_dict(copy.deepcopy(data)).to_dict())
        # A wrong type beside a wrong value may be told of first.
        if data in originals or outcome.get("error", {}).get("kind") != "value_error":
            yield {"data": data, **outcome}


def assemblies(rng, count, warnings):
    """Replies in chunks. Names come whole: a repeated one is taken for the same there, and joined in Haystack."""
    for _ in range(count):
        pieces = []
        for _ in range(rng.randrange(1, 7)):
            made = {"content": "", "meta": {"model": "m", "received_at": "t", "usage": rng.choice([None, {"n": 1}])},
                    "index": 0, "finish_reason": rng.choice([None, None, "stop", "tool_calls"])}
            if rng.random() < 0.5:
                made["content"] = rng.choice(["a", " b", ""])
            else:
                made["tool_calls"] = [
                    {"index": rng.randrange(3), "id": rng.choice([None, None, "c1"]), "tool_name": rng.choice([None, "f"]),
                     "arguments": rng.choice([None, "{", "}", "{}", '{"a": ', "1}", "[1]", "null", "x"])}
                    for _ in range(rng.randrange(1, 3))]
            pieces.append(made)
        calls = [(call["index"], call["id"]) for piece in pieces for call in piece.get("tool_calls", []) if call["tool_name"]]
        if len(set(index for index, _ in calls)) < len(calls):
            continue
        warnings.clear()
        case = {"chunks": pieces, **attempt(lambda: _convert_streaming_chunks_to_chat_message(
            [StreamingChunk.from_dict(piece) for piece in copy.deepcopy(pieces)]).to_dict())}
        yield {**case, "warnings": list(warnings)}
