"""Random recordings of what Haystack reads and writes of secrets, devices, tools and components; of messages see
haystack_messages.py.

Each case is in the notation of the recorded ones, so that the tests that read those read these. Cases whose result holds
a value of a type that Haystack does not document are left out: Python keeps it, and Swift cannot.
"""

import contextlib
import copy
import importlib
import io
import json
import os

from haystack.components.generators.utils import print_streaming_chunk
from haystack.dataclasses import StreamingChunk
from haystack.tools import Tool, Toolset
from haystack.utils import Secret
from haystack.utils.device import ComponentDevice, DeviceMap

from haystack_messages import (
    assemblies, attempt, chunk, chunks, error, factories, functions, mutated, openai_messages, read_messages, sent_messages)


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


def tool_calls(rng, count):
    for _ in range(count):
        notation = {"$tool": {"name": "t", "description": "", "parameters": {}, "function": rng.choice(["weather", "add", "search", "fail"])}}
        given = {key: value for key, value in {"city": "Bonn", "unit": "kelvin", "a": 2, "b": 0.5, "query": "q", "top_k": 2, "x": 1}.items()
                 if rng.random() < 0.4}
        yield {"tool": notation, "arguments": given, **attempt(lambda: made_tool(notation).invoke(**given))}


def printed(rng, count):
    for _ in range(count):
        pieces = []
        while len(pieces) < 3:
            made = chunk(rng)
            for call in made.get("tool_calls") or []:
                call["tool_name"] = call.get("tool_name") or "g"
            if "error" not in attempt(lambda: StreamingChunk.from_dict(copy.deepcopy(made))):
                pieces.append(made)

        def text():
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                for piece in copy.deepcopy(pieces):
                    print_streaming_chunk(StreamingChunk.from_dict(piece))
            return output.getvalue()

        yield {"chunks": pieces, **attempt(text)}


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
    os.environ.pop("AZURE_OPENAI_API_KEY", None)
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
        # Letters of one name are names there, and a wrong type beside a wrong value may be told of first.
        given = [secret for secret in data.get("init_parameters", {}).values() if isinstance(secret, dict) and "env_vars" in secret]
        if not is_typed_component(outcome.get("result")) or any(not isinstance(one["env_vars"], list) for one in given):
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
             "data/toolset_ops": toolset_operations(rng, count),
             "data/tool_invoke": tool_calls(rng, count), "data/print_streaming_chunk": printed(rng, count), "serialization/from_dict": component_dictionaries(rng, 2 * count)}
    total = 0
    for name, cases in files.items():
        os.makedirs(os.path.dirname(f"{folder}/haystack/{name}"), exist_ok=True)
        cases = list(cases)
        total += len(cases)
        with open(f"{folder}/haystack/{name}.json", "w") as file:
            json.dump({"about": "random", "cases": cases}, file)
    return total
