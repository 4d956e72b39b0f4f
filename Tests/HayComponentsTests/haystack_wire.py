"""Random recordings of what Haystack's remote components send and what they make of replies.

A server on this machine's own address gives each request the next of the case's replies, random ones, and notes what was
sent. The cases are in the notation of the recorded ones.
"""

import copy
import http.server
import json
import os
import re
import threading

import httpx
import huggingface_hub.inference._common as hub
import openai
from huggingface_hub.errors import HfHubHTTPError, TextGenerationError
from haystack.components.generators import (
    AzureOpenAIGenerator, DALLEImageGenerator, HuggingFaceAPIGenerator, OpenAIGenerator)
from haystack.components.generators.chat import (
    AzureOpenAIChatGenerator, HuggingFaceAPIChatGenerator, OpenAIChatGenerator)
from haystack.dataclasses import ChatMessage
from haystack.tools import Toolset
from haystack.utils import Secret
from openai import LengthFinishReasonError, ContentFilterFinishReasonError

import haystack_data as data

MESSAGE = {"$message": {"role": "user", "meta": {}, "name": None, "content": [{"text": "Say hello."}]}}
HEADERS = ["authorization", "api-key", "content-type", "openai-organization", "openai-project"]
SECRET = {"$secret": {"type": "token", "token": "test-key-1"}}


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as the script says."""

    protocol_version = "HTTP/1.1"
    script = []
    requests = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path, _, query = self.path.partition("?")
        Server.requests.append({
            "method": "POST", "origin": "{{BASE_URL}}", "path": path,
            "query": dict(pair.split("=", 1) for pair in query.split("&") if pair),
            "headers": {name: self.headers[name] for name in HEADERS if name in self.headers}, "body": body})
        answer = Server.script.pop(0) if Server.script else {"status": 418, "json": {"error": "one request too many"}}
        pieces = answer.get("sse")
        text = answer.get("text")
        type_ = "text/event-stream" if pieces is not None else "text/plain" if text is not None else "application/json"
        whole = ("".join(pieces) if pieces is not None else text if text is not None else json.dumps(answer["json"])).encode()
        self.send_response(answer["status"])
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("content-type", type_)
        self.send_header("content-length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.handle_error = lambda *_: None  # a client that has read enough closes the connection
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def error(raised, base):
    """An error as recordings write it."""
    made = data.error(raised)
    if isinstance(raised, openai.APIStatusError):
        made.update(kind="http_status", status_code=raised.status_code, code=raised.code, param=raised.param,
                    type=raised.type, body=raised.body, request_id=raised.request_id)
    elif isinstance(raised, openai.APITimeoutError):
        made["kind"] = "timeout"
    elif isinstance(raised, openai.APIConnectionError):
        made["kind"] = "connection"
    elif isinstance(raised, (LengthFinishReasonError, ContentFilterFinishReasonError)):
        made["kind"] = "structured_output"
    elif isinstance(raised, openai.APIError):
        made.update(kind="api_error_in_stream", message=raised.message, body=raised.body)
    elif isinstance(raised, TextGenerationError):
        made["kind"] = "tgi_error"
    elif isinstance(raised, HfHubHTTPError):
        made.update(kind="http_status", status_code=raised.response.status_code)
    made["message"] = made["message"].replace(base, "{{BASE_URL}}")
    return {"stage": "run", **made}


def timeless(value):
    """The value with times as recordings have them."""
    if isinstance(value, list):
        return [timeless(item) for item in value]
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items()}
    if hasattr(value, "model_dump"):
        return timeless(value.model_dump())
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", value):
        return "<timestamp>"
    return value


def plain(value, base, chunks):
    """What the notation stands for."""
    if isinstance(value, str):
        return value.replace("{{BASE_URL}}", base)
    if isinstance(value, list):
        return [plain(item, base, chunks) for item in value]
    if not isinstance(value, dict):
        return value
    if "$secret" in value:
        return Secret.from_token(value["$secret"]["token"])
    if "$callback" in value:
        return chunks.append
    if "$message" in value:
        return ChatMessage.from_dict(copy.deepcopy(value["$message"]))
    if "$tool" in value:
        return data.made_tool(value)
    if "$toolset" in value:
        return Toolset([data.made_tool(item) for item in value["$toolset"]])
    return {key: plain(item, base, chunks) for key, item in value.items()}


# Replies

def usage(rng):
    return rng.choice([None, {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
                       {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "extra": 1,
                        "prompt_tokens_details": {"cached_tokens": 1}}])


def call_texts(rng):
    return rng.choice(['{"a": 1}', '{"a": 1, "b": [null, "é"]}', "{}", "[1, 2]", "5", '"x"', "{x", "null", '{"a": 1} x', "", " {} "])


def chat_reply(rng, is_hub):
    choices = []
    for index in range(rng.choice([1, 1, 1, 2])):
        made = {"role": "assistant", "content": rng.choice(["hi", "", None, "é 😀"])}
        if rng.random() < 0.5:
            texts = [call_texts(rng) for _ in range(rng.randrange(3))]
            # A call without arguments is kept here, as the README tells.
            texts = [text for text in texts if text.strip() not in (["", "{}"] if is_hub else [""])]
            made["tool_calls"] = [{"id": f"c{place}", "type": "function", "function": {"name": "f", "arguments": text}}
                                  for place, text in enumerate(texts)] or None
        if rng.random() < 0.1 and not is_hub:
            made["tool_calls"] = [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}]
        if rng.random() < 0.1 and is_hub:
            made["tool_call_id"] = "c"
        reasons = ["stop", "length", "content_filter", "tool_calls", "function_call", "other", None, "eos_token", "stop_sequence"]
        choices.append({"index": index, "message": made, "logprobs": None, "finish_reason": rng.choice(reasons)})
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m-1", "choices": choices, "usage": usage(rng)}


def chat_events(rng, is_hub):
    def event(choices, **more):
        return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m-1", "choices": choices, **more}

    def choice(delta, reason=None):
        return event([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}])

    events = []
    if rng.random() < 0.2:
        events.append(event([]))
    if rng.random() < 0.8:
        events.append(choice({"role": "assistant", "content": rng.choice(["", "", None, "H"])}))
    for _ in range(rng.randrange(4)):
        events.append(choice({"content": rng.choice(["a", " b", "", "é", None])}))
    if rng.random() < 0.4 and not is_hub:
        for index in range(rng.randrange(1, 3)):
            text = call_texts(rng)
            cut = rng.randrange(len(text) + 1)
            events.append(choice({"tool_calls": [{"index": index, "id": f"c{index}", "type": "function",
                                                  "function": {"name": "f", "arguments": text[:cut]}}]}))
            events.append(choice({"tool_calls": [{"index": index, "function": {"arguments": text[cut:]}}]}))
    if rng.random() < 0.9:
        events.append(choice({}, rng.choice(["stop", "length", "content_filter", "tool_calls", "function_call", "other"])))
    if rng.random() < 0.5:
        events.append(event([], usage=usage(rng)))
    if rng.random() < 0.1:
        events.append({"error": rng.choice([{"message": "m", "type": "t", "code": "c"}, "text", {"code": 5}])})
    return events or [choice({"content": "x"}, "stop")]


def streamed(rng, events):
    mark, end = rng.choice(["data: ", "data:"]), rng.choice(["\n\n", "\r\n\r\n"])
    text = "".join(f"{mark}{json.dumps(event)}{end}" for event in events)
    if rng.random() < 0.3:
        text = ": comment" + end + text
    if rng.random() < 0.8:
        text += f"{mark}[DONE]{end}"
    cuts = sorted(rng.randrange(len(text)) for _ in range(rng.randrange(4)))
    return {"status": 200, "sse": [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)]) if start < stop]}


def refusal(rng):
    """A reply that tells of an error; a second that follows where the first is worth another try."""
    status = rng.choice([400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 503])
    made = {"status": status, **rng.choice([
        {"json": {"error": {"message": "m", "type": "t", "param": "p", "code": "c"}}}, {"json": {"error": {"message": "m"}}},
        {"json": {"message": "m"}}, {"text": "plain"}, {"json": {"error": "text"}}, {"json": {"detail": "d"}}])}
    if rng.random() < 0.5:
        made["headers"] = rng.choice([{"x-should-retry": "false"}, {"x-should-retry": "true"}, {"retry-after-ms": "7"},
                                      {"retry-after": "2"}, {"retry-after": "61"}, {"retry-after": "x"}, {"x-request-id": "r1"}])
    return made


# Calls

OPTIONS = [{}, {}, {"temperature": 0.5}, {"n": 2}, {"n": None}, {"stop": ["a"]}, {"seed": None}, {"foo": 1}, {"stream": True},
           {"model": "other"}, {"extra_body": {"top_k": 5, "n": 7}}, {"extra_headers": {"openai-project": "o"}},
           {"extra_query": {"a": "b"}}, {"logit_bias": {"50": 1}}, {"response_format": None}, {"response_format": {}},
           {"response_format": {"type": "json_object"}}, {"response_format": "text"}, {"stream_options": {"include_usage": True}},
           {"tools": []}, {"max_new_tokens": 5}, {"timeout": 20}, {"user": "u", "metadata": {"k": "v"}},
           {"response_format": {"type": "json_schema", "json_schema": {"name": "P", "strict": True, "schema": {
               "type": "object", "$defs": {"A": {"type": "object", "properties": {"x": {"type": "string", "default": None}}}},
               "properties": {"a": {"$ref": "#/$defs/A"}}}}}}]
HUB_OPTIONS = [{}, {}, {"temperature": 0.5}, {"stop": ["z"]}, {"stop": None}, {"seed": 3}, {"foo": 1}, {"extra_body": {"a": {"b": None, "c": 1}}},
               {"n": 2}, {"logprobs": None}, {"tool_choice": "auto"}, {"max_new_tokens": 3}, {"presence_penalty": 1},
               *[options for options in OPTIONS if "response_format" in options and isinstance(options["response_format"], dict)]]
TEXT_OPTIONS = [{}, {}, {"temperature": 0.5}, {"stop": ["z"]}, {"stop": None}, {"stop_sequences": ["q"]}, {"top_k": 5, "watermark": True},
                {"foo": 1}, {"max_tokens": 3}, {"seed": None}, {"details": False}, {"grammar": {"type": "json", "value": {"a": None}}},
                {"return_full_text": True}, {"model": "{{BASE_URL}}"}, {"stop": [], "stop_sequences": ["q"]}]


def tools(rng):
    made = [{"$tool": {"name": name, "description": "", "function": name, "parameters": {
        "type": "object", "properties": {"a": {"type": "integer", "default": None}}}}} for name in rng.sample(["add", "search"], rng.randrange(1, 3))]
    return rng.choice([made, {"$toolset": made}, made + made[:1]])


def messages(rng):
    if rng.random() < 0.5:
        return [MESSAGE]
    chosen, count = [], rng.randrange(1, 4)
    while len(chosen) < count:
        case = next(data.sent_messages(rng, 1))
        can_be_sent = "result" in case["openai"] and "result" in case["huggingface"] and "image" not in json.dumps(case)
        if can_be_sent or rng.random() < 0.03:
            chosen.append({"$message": case["message"]})
    return chosen


def openai_case(rng, name):
    init = {"api_key": SECRET, "max_retries": rng.randrange(3), "generation_kwargs": rng.choice(OPTIONS)}
    if name.startswith("Azure"):
        init.update(azure_endpoint="{{BASE_URL}}", azure_deployment=rng.choice(["d", None]))
        if rng.random() < 0.3:
            init["azure_ad_token"] = SECRET
            del init["api_key"]
    else:
        init["api_base_url"] = "{{BASE_URL}}/v1"
    if rng.random() < 0.2:
        init["organization"] = "org"
    args = {"generation_kwargs": rng.choice(OPTIONS)}
    is_streamed = rng.random() < 0.4
    if is_streamed:
        args["streaming_callback"] = {"$callback": "collect"}
    if "Chat" in name:
        args["messages"] = messages(rng)
        for place in (init, args):
            if rng.random() < 0.25:
                place["tools"] = tools(rng)
            if rng.random() < 0.2:
                place["tools_strict"] = rng.random() < 0.7
    else:
        args["prompt"] = rng.choice(["Hello", ""])
        for place in (init, args):
            if rng.random() < 0.3:
                place["system_prompt"] = rng.choice(["", "be nice"])
    replies = [refusal(rng) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    replies.append(streamed(rng, chat_events(rng, False)) if is_streamed else {"status": 200, "json": chat_reply(rng, False)})
    return init, args, replies


def image_case(rng):
    init = {"api_key": SECRET, "api_base_url": "{{BASE_URL}}/v1", "max_retries": rng.randrange(3)}
    args = {"prompt": "a cat"}
    for key in ("size", "quality", "response_format"):
        if rng.random() < 0.4:
            args[key] = rng.choice(["", "x", None])
    item = rng.choice([{"url": "u"}, {"b64_json": "b"}, {}, {"url": "", "b64_json": "b"}, {"url": None, "b64_json": "b", "revised_prompt": "r"}])
    reply = rng.choice([{"created": 1, "data": [item]}, {"created": 1, "data": None}, {"created": 1, "data": [item, item]}])
    return init, args, [refusal(rng) for _ in range(rng.choice([0, 0, 1]))] + [{"status": 200, "json": reply}]


def hub_case(rng, name):
    init = {"api_type": rng.choice(["text_generation_inference", "inference_endpoints"]),
            "api_params": {"url": "{{BASE_URL}}" + rng.choice(["", "/", "/v1", "/a/b"] if "Chat" in name else [""])},
            "token": rng.choice([None, SECRET])}
    options = HUB_OPTIONS if "Chat" in name else TEXT_OPTIONS
    if rng.random() < 0.5:
        init["generation_kwargs"] = {key: value for key, value in rng.choice(options).items() if value is not None}
    if rng.random() < 0.3:
        init["stop_words"] = ["w"]
    args = {"generation_kwargs": rng.choice(options)}
    is_streamed = rng.random() < 0.4
    if is_streamed:
        args["streaming_callback"] = {"$callback": "collect"}
    refusals = [{"status": rng.choice([400, 401, 422, 429, 500, 503]), "json": rng.choice([
        {"error": "text"}, {"error": "text", "error_type": rng.choice(["overloaded", "validation", "generation", "x"])}, {"message": "m"}])}]
    if "Chat" in name:
        args["messages"] = messages(rng)
        for place in (init, args):
            if rng.random() < 0.2 and not is_streamed:
                place["tools"] = tools(rng)
        reply = streamed(rng, chat_events(rng, True)) if is_streamed else {"status": 200, "json": chat_reply(rng, True)}
        return init, args, refusals + [reply] if rng.random() < 0.15 else [reply]
    args["prompt"] = rng.choice(["Hello", ""])
    unused = {"status": 400, "json": {"error": "The following `model_kwargs` are not used by the model: "
                                               f"{rng.choice([['top_k'], ['top_k', 'watermark'], ['x'], ['details', 'stop']])} (note: typos)"}}
    reply = streamed(rng, text_events(rng)) if is_streamed else {"status": 200, "json": text_reply(rng)}
    # With the model named, a second refusal for the same options ends the matter here.
    names_model = any("model" in place.get("generation_kwargs", {}) for place in (init, args))
    before = rng.choice([[], [], refusals, [unused], [unused] * (1 if names_model else 2)])
    return init, args, before + [reply]


def text_reply(rng):
    made = {"generated_text": rng.choice(["hi", ""])}
    if rng.random() < 0.7:
        tokens = [{"id": 1, "logprob": -1.0, "special": False, "text": "hi"}] * rng.randrange(3)
        made["details"] = {"finish_reason": rng.choice(["length", "eos_token", "stop_sequence"]), "generated_tokens": len(tokens),
                           "seed": None, "prefill": [], "tokens": tokens}
    return rng.choice([made, [made]])


def text_events(rng):
    events = [{"index": index, "token": {"id": index, "text": rng.choice(["a", " b", "é"]), "logprob": -0.5, "special": False},
               "generated_text": None, "details": None} for index in range(rng.randrange(1, 4))]
    if rng.random() < 0.8:
        events[-1]["details"] = {"finish_reason": rng.choice(["length", "eos_token", "stop_sequence", "other"]),
                                 "generated_tokens": len(events), "input_length": 2, "seed": rng.choice([None, 5])}
        events[-1]["generated_text"] = "x"
    if rng.random() < 0.1:
        events.append({"error": "text", "error_type": rng.choice(["overloaded", "x"])})
    return events


CLASSES = {cls.__name__: cls for cls in (
    OpenAIGenerator, OpenAIChatGenerator, AzureOpenAIGenerator, AzureOpenAIChatGenerator, HuggingFaceAPIGenerator,
    HuggingFaceAPIChatGenerator, DALLEImageGenerator)}


def record(rng, base, warnings, sleeps):
    name = rng.choice([*CLASSES, "OpenAIChatGenerator", "HuggingFaceAPIChatGenerator", "HuggingFaceAPIGenerator"])
    init, args, replies = (hub_case(rng, name) if name.startswith("Hugging") else image_case(rng) if name.startswith("DALLE")
                           else openai_case(rng, name))
    Server.script, Server.requests = copy.deepcopy(replies), []
    warnings.clear()
    sleeps.clear()
    chunks = []
    hub._UNSUPPORTED_TEXT_GENERATION_KWARGS.clear()
    outcome = {}
    try:
        component = CLASSES[name](**plain(init, base, chunks))
        if name == "DALLEImageGenerator":
            component.warm_up()
        result = component.run(**plain(args, base, chunks))
        if "Chat" in name:
            result = {"replies": [reply.to_dict() for reply in result["replies"]]}
        outcome["result"] = json.loads(json.dumps(timeless(result)).replace(base, "{{BASE_URL}}"))
    except Exception as raised:  # noqa: BLE001, whatever is raised is recorded
        outcome["error"] = error(raised, base)
        if "component" not in locals():
            outcome["error"]["stage"] = "init"
    case = {"component": name, "env": {}, "init": init, "call": {"method": "run", "warm_up": True, "args": args},
            "exchanges": [{"request": request, "response": reply} for request, reply in zip(Server.requests, replies)], **outcome,
            "warnings": [{"message": message} for message in warnings], "retry_sleeps_s": list(sleeps)}
    if "streaming_callback" in args:
        case["chunks"] = [timeless(chunk.to_dict()) for chunk in chunks]
    return case if is_comparable(case, Server.requests, replies) else None


def is_comparable(case, requests, replies):
    """Leaves out accidents: replies that the client libraries stumble over, and what is different on purpose."""
    raised = case.get("error")
    if len(requests) > len(replies):
        return False
    streams = "chunks" in case
    options = {**(case["init"].get("generation_kwargs") or {}), **case["call"]["args"].get("generation_kwargs", {})}
    if raised and requests and raised["kind"] in ("type_error", "value_error", "assertion"):
        return "API endpoint" in raised["message"]
    # Several streamed replies are refused first here, whatever else is wrong.
    if streams and options.get("n", 1) is None:
        return False
    return not (streams and options.get("n") and not (raised and raised["message"].startswith("Cannot stream")))


def write(folder, rng, count, warnings):
    """Writes about `count` calls to FOLDER/haystack/wire."""
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "AZURE_", "HF_"))]:
        del os.environ[name]
    os.environ["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
    base, sleeps, total = serve(), [], 0
    openai._base_client.random = lambda: 0
    openai._base_client.time = type("Time", (), {"sleep": staticmethod(sleeps.append), "time": __import__("time").time})
    for name in CLASSES:
        os.makedirs(f"{folder}/haystack/wire/{name}", exist_ok=True)
    for index in range(count):
        if (case := record(rng, base, warnings, sleeps)) is None:
            continue
        total += 1
        with open(f"{folder}/haystack/wire/{case['component']}/{index}.json", "w") as file:
            json.dump({"recording": f"{case['component']}/{index}", **case}, file)
    return total
