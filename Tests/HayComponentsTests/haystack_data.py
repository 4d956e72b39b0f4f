"""Random recordings of what Haystack reads and writes: messages, chunks, tools, secrets, devices, components.

Each case is in the notation of the recorded ones, so that the tests that read those read these. Cases whose result holds
a value of a type that Haystack does not document are left out: Python keeps it, and Swift cannot.
"""

import copy
import importlib
import json
import os
import re
import sys
import types

import haystack.utils.device
from haystack.core.errors import DeserializationError, SerializationError
from haystack.dataclasses import ChatMessage, ImageContent, ReasoningContent, StreamingChunk, TextContent, ToolCall
from haystack.dataclasses.chat_message import _deserialize_content_part
from haystack.components.generators.utils import _convert_streaming_chunks_to_chat_message
from haystack.tools import Tool, Toolset
from haystack.tools.errors import ToolInvocationError
from haystack.utils import Secret
from haystack.utils.device import ComponentDevice, DeviceMap
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
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            data = mutated(rng, data)
        # What Python reads of a text as if it were a dictionary, and what it takes for nothing.
        if re.search('"text"[,\\]]|"(mime_type|base64_image)": [^"n]', json.dumps(data)):
            continue
        try:
            if not is_typed(ChatMessage.from_dict(copy.deepcopy(data))):
                continue
        except Exception:  # noqa: BLE001
            pass
        yield {"data": data, **attempt(lambda: ChatMessage.from_dict(copy.deepcopy(data)).to_dict())}


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
        if not isinstance(data, dict):
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


def secrets(rng, count):
    for _ in range(count):
        names = rng.choice([["HAY_A"], ["HAY_A", "HAY_B"], ["HAY_C"], [], "HAY_A", "HAY_B"])
        env = {name: rng.choice(["v", ""]) for name in ("HAY_A", "HAY_B") if rng.random() < 0.5}
        strict = rng.random() < 0.5
        if rng.random() < 0.5:
            notation = rng.choice([{"type": "env_var", "env_vars": names, "strict": strict}] * 4 + [
                {"type": "token", "token": rng.choice(["abc", ""])}])

            def made():
                for name in ("HAY_A", "HAY_B", "HAY_C"):
                    os.environ.pop(name, None)
                os.environ.update(env)
                secret = (Secret.from_token(notation["token"]) if notation["type"] == "token"
                          else Secret.from_env_var(names, strict=strict))
                return {"to_dict": attempt(secret.to_dict), "resolve_value": attempt(secret.resolve_value),
                        "type": str(secret.type)}

            yield {"secret": notation, "env": env, **attempt(made)}
            continue
        data = rng.choice([{"type": "env_var", "env_vars": names, "strict": strict}] * 3 + [{"type": "token", "token": "x"}])
        if rng.random() < 0.7:
            data = mutated(rng, data, ["strict"])
        outcome = attempt(lambda: Secret.from_dict(copy.deepcopy(data)).to_dict())
        result = outcome.get("result")
        if "strict" in data and not isinstance(data["strict"], bool) or isinstance(data, dict) and data.get("env_vars") == {}:
            continue
        if result and not (all(isinstance(name, str) for name in result["env_vars"]) and isinstance(result["strict"], bool)):
            continue
        if result and not isinstance(data["env_vars"], (list, str)):
            continue
        yield {"from_dict": data, **outcome}


def devices(rng, count):
    texts = ["cpu", "cuda", "cuda:0", "cuda:3", "mps", "xpu", "xpu:1", "disk", "disk:0", "tpu", "CPU", "", ":", "cuda:", "cuda:x",
             "cuda:-1", "cuda:1:2", " cuda", "cuda: 1", "cuda:+1", "cuda:1_0", "cuda:_1", "cuda:1.0", "cpu:0", "mps:2", ":1"]

    def single():
        return rng.choice(texts[:7] * 3 + texts)

    for _ in range(count):
        kind = rng.random()
        if kind < 0.4:
            notation = single() if rng.random() < 0.5 else {name: single() for name in rng.sample("abc", rng.randrange(4))}
            yield {"device": notation, **attempt(lambda: facts(notation))}
        elif kind < 0.7:
            data = rng.choice([{"type": "single", "device": single()},
                               {"type": "multiple", "device_map": {name: single() for name in rng.sample("ab", rng.randrange(3))}}])
            if rng.random() < 0.6:
                data = mutated(rng, data, ["device", "device_map"])
            yield {"from_dict": data, **attempt(lambda: ComponentDevice.from_dict(copy.deepcopy(data)).to_dict())}
        else:
            data = {name: rng.choice([0, 1, -1, 2.5, None, [], {}, single(), single()]) for name in rng.sample("abc", rng.randrange(4))}
            yield {"from_hf": data, **attempt(lambda: DeviceMap.from_hf(copy.deepcopy(data)).to_dict())}


def facts(notation):
    device = (ComponentDevice.from_str(notation) if isinstance(notation, str)
              else ComponentDevice.from_multiple(DeviceMap.from_dict(notation)))

    def updated(given, overwrite):
        return attempt(lambda: device.update_hf_kwargs(dict(given), overwrite=overwrite))

    return {"to_dict": device.to_dict(), "roundtrip_equal": ComponentDevice.from_dict(device.to_dict()) == device,
            "has_multiple_devices": device.has_multiple_devices, "to_torch_str": attempt(device.to_torch_str),
            "to_hf": attempt(device.to_hf), "to_spacy": attempt(device.to_spacy),
            "first_device": attempt(lambda: device.first_device.to_dict()),
            "update_hf_kwargs_empty": updated({}, False), "update_hf_kwargs_keep": updated({"device": "x"}, False),
            "update_hf_kwargs_overwrite": updated({"device": "x"}, True)}


def tool_notation(rng):
    made = {"name": rng.choice(["weather", "add", "search", ""]), "description": rng.choice(["d", ""]),
            "parameters": rng.choice([{}, {"type": "object", "properties": {"a": {"type": "integer"}}}, {"type": "text"}, True]),
            "function": rng.choice(["weather", "add", "search", "fail"])}
    mapping = [{}, {"source": "docs"}, {"source": "docs", "handler": "$fmt_docs"}, {"handler": "$fmt_docs"}, {"source": 5}]
    if rng.random() < 0.3:
        made["outputs_to_string"] = rng.choice(mapping)
    if rng.random() < 0.3:
        made["inputs_from_state"] = rng.choice([{}, {"repo": "city"}])
    if rng.random() < 0.3:
        made["outputs_to_state"] = rng.choice([{}, {"a": rng.choice(mapping)}, {"a": rng.choice(mapping), "b": {}}, {"a": "docs"}])
    return {"$tool": made}


def made_tool(notation):
    values = copy.deepcopy(notation["$tool"])
    values["function"] = getattr(functions, values["function"])
    for mapping in [values.get("outputs_to_string"), *(values.get("outputs_to_state") or {}).values()]:
        if isinstance(mapping, dict) and mapping.get("handler") == "$fmt_docs":
            mapping["handler"] = functions.fmt_docs
    return Tool(**values)


def tools(rng, count):
    for _ in range(count):
        if rng.random() < 0.7:
            notation = tool_notation(rng)

            def one():
                tool = made_tool(notation)
                return {"to_dict": tool.to_dict(), "roundtrip_equal": True, "tool_spec": tool.tool_spec}

            yield {"tool": notation, **attempt(one)}
        else:
            notation = {"$toolset": [tool_notation(rng) for _ in range(rng.randrange(4))]}
            if any("outputs_to_string" in item["$tool"] for item in notation["$toolset"]):
                continue

            def several():
                made = Toolset([made_tool(item) for item in notation["$toolset"]])
                return {"to_dict": made.to_dict(), "roundtrip_equal": True, "tool_spec": [tool.tool_spec for tool in made]}

            yield {"tool": notation, **attempt(several)}


def toolset_operations(rng, count):
    def plain():
        name = rng.choice(["weather", "add", "search"])
        return {"$tool": {"name": name, "description": "", "parameters": {}, "function": name}}

    for _ in range(count):
        left = {"$toolset": [plain() for _ in range(rng.randrange(3))]}
        right = rng.choice([plain(), {"$toolset": [plain() for _ in range(rng.randrange(3))]}, [plain() for _ in range(rng.randrange(3))],
                            "weather", 5, None, ["x"], [plain(), 5]])
        operation = rng.choice(["add", "plus", "contains"])
        if operation == "contains" and isinstance(right, (list, dict)) and "$tool" not in right:
            continue

        def worked():
            made = Toolset([made_tool(item) for item in left["$toolset"]])
            other = notated(right)
            if operation == "contains":
                return other in made
            if operation == "add":
                made.add(other)
            else:
                made = made + other
            return {"names": [tool.name for tool in made], "len": len(made), "left_unchanged": operation == "plus"}

        outcome = attempt(worked)
        if operation == "contains" and "error" in outcome:
            continue
        yield {"op": operation, "left": left, "right": right, **outcome}


def notated(value):
    if isinstance(value, list):
        return [notated(item) for item in value]
    if isinstance(value, dict):
        return made_tool(value) if "$tool" in value else Toolset([made_tool(item) for item in value["$toolset"]])
    return value


COMPONENTS = {
    "OpenAIGenerator": ("haystack.components.generators.openai", {"model": "m", "system_prompt": "s"}),
    "OpenAIChatGenerator": ("haystack.components.generators.chat.openai", {"model": "m", "tools_strict": True, "tools": None}),
    "AzureOpenAIGenerator": ("haystack.components.generators.azure", {
        "azure_endpoint": "https://example.com", "azure_deployment": "d", "azure_ad_token": None}),
    "AzureOpenAIChatGenerator": ("haystack.components.generators.chat.azure", {
        "azure_endpoint": "https://example.com", "tools": None, "api_version": "v"}),
    "HuggingFaceAPIGenerator": ("haystack.components.generators.hugging_face_api", {
        "api_type": "text_generation_inference", "api_params": {"url": "https://tgi.example"}}),
    "HuggingFaceAPIChatGenerator": ("haystack.components.generators.chat.hugging_face_api", {
        "api_type": "inference_endpoints", "api_params": {"url": "https://tgi.example"}, "tools": None}),
    "DALLEImageGenerator": ("haystack.components.generators.openai_dalle", {"model": "m", "quality": "hd"}),
}


def component_dictionaries(rng, count):
    os.environ["OPENAI_API_KEY"] = "key"
    tool = {"type": "haystack.tools.tool.Tool", "data": {
        "name": "add", "description": "", "parameters": {}, "function": "hayfixtures.add"}}
    for _ in range(count):
        name = rng.choice(list(COMPONENTS))
        module, parameters = COMPONENTS[name]
        parameters = {key: value for key, value in parameters.items() if key.startswith("a") or rng.random() < 0.5}
        secret = "token" if name.startswith("Hugging") else "api_key"
        if rng.random() < 0.5 or name.startswith("Azure"):
            parameters[secret] = {"type": "env_var", "env_vars": ["OPENAI_API_KEY"], "strict": rng.random() < 0.5}
        if name != "DALLEImageGenerator":
            parameters["generation_kwargs"] = rng.choice([{}, {"temperature": 0.5}, None])
            if rng.random() < 0.3:
                parameters["streaming_callback"] = rng.choice([
                    None, "haystack.components.generators.utils.print_streaming_chunk", "hayfixtures.print_chunk", "hayfixtures.none"])
        if "Chat" in name and rng.random() < 0.5 and "none" not in (parameters.get("streaming_callback") or ""):
            parameters["tools"] = rng.choice([
                [], [tool], {"type": "haystack.tools.toolset.Toolset", "data": {"tools": [tool]}}, {"type": "x.Y", "data": {}},
                [{**tool, "type": "haystack.tools.toolset.Toolset"}], {"type": "haystack.tools.tool.Tool", "data": {}},
                {"type": "haystack.tools.toolset.Toolset", "data": {}}, [tool, tool], [5], "weather", {"type": "", "data": {}},
                [{"type": "nodots", "data": {}}]])
        data = {"type": f"{module}.{name}", "init_parameters": parameters}
        place = rng.random()
        # One mistake at a time: which of two is told of first differs.
        is_faulty = "error" in attempt(
            lambda: getattr(importlib.import_module(module), name).from_dict(copy.deepcopy(data)))
        if is_faulty:
            pass
        elif place < 0.3:
            data = mutated_at(rng, data)
        elif place < 0.5 and parameters.get("tools"):
            data["init_parameters"]["tools"] = mutated(rng, parameters["tools"])
        elif place < 0.6 and secret in parameters:
            data["init_parameters"][secret] = mutated(rng, parameters[secret])
        outcome = attempt(lambda: getattr(importlib.import_module(module), name).from_dict(copy.deepcopy(data)).to_dict())
        if not is_typed_component(outcome.get("result")):
            continue
        yield {"component": name, "data": data, **outcome}


def mutated_at(rng, data):
    """The dictionary of a component with a key taken out of it, or of its parameters, or one too many."""
    data = copy.deepcopy(data)
    node = rng.choice([data, data["init_parameters"], data["init_parameters"]])
    if rng.random() < 0.6 and node:
        del node[rng.choice(list(node))]
    else:
        node["colour"] = "red"
    return data


def is_typed_component(result):
    """Whether what is written of a component could be said in Swift."""
    if result is None:
        return True
    parameters = result["init_parameters"]
    for key in ("api_key", "token", "azure_ad_token"):
        if (secret := parameters.get(key)) and not (isinstance(secret["strict"], bool) and isinstance(secret["env_vars"], list)
                                                    and all(isinstance(name, str) and len(name) > 1 for name in secret["env_vars"])):
            return False
    tools = parameters.get("tools")
    if isinstance(tools, dict):
        tools = tools["data"]["tools"]
    for tool in tools or []:
        data = tool["data"]
        if not (isinstance(data["name"], str) and isinstance(data["description"], str)):
            return False
        if data["outputs_to_string"] not in (None, {}) or data["outputs_to_state"] or data["inputs_from_state"]:
            return False
    return True


def write(folder, rng, count, warnings):
    """Writes `count` cases of each kind, or nearly, to FOLDER/haystack."""
    files = {"data/chat_message_from_dict": read_messages(rng, 4 * count), "data/chat_message_wire_formats": sent_messages(rng, 2 * count),
             "data/chat_message_from_openai": openai_messages(rng, 3 * count), "data/chat_message_factories": factories(rng, count),
             "data/streaming_chunk": chunks(rng, 2 * count), "data/streaming_assembly": assemblies(rng, count, warnings),
             "data/secret": secrets(rng, count), "data/device": devices(rng, 2 * count), "data/tool": tools(rng, count),
             "data/toolset_ops": toolset_operations(rng, count), "serialization/from_dict": component_dictionaries(rng, 2 * count)}
    total = 0
    for name, cases in files.items():
        os.makedirs(os.path.dirname(f"{folder}/haystack/{name}"), exist_ok=True)
        cases = list(cases)
        total += len(cases)
        with open(f"{folder}/haystack/{name}.json", "w") as file:
            json.dump({"about": "random", "cases": cases}, file)
    return total
