"""Random recordings of how Haystack writes its remote components to files."""

import json
import os

from pydantic import BaseModel

import haystack_data as data
import haystack_wire as wire


class Address(BaseModel):
    street: str
    city: str


class Person(BaseModel):
    full_name: str
    age: int = 30
    address: Address


class CalendarEvent(BaseModel):
    name: str
    date: str
    participants: list[str]


SCHEMAS = {"Person": Person, "CalendarEvent": CalendarEvent}


def secret(rng):
    return {"$secret": rng.choice([{"type": "token", "token": "t"}, {"type": "env_var", "env_vars": ["KEY"], "strict": True},
                                   {"type": "env_var", "env_vars": rng.choice(["KEY", ["NONE", "KEY"]]), "strict": False}])}


def options(rng, name):
    made = {"temperature": 0.5, "stop": ["a"], "stop_sequences": ["b"], "n": 1, "nested": {"a": [None, {"b": True}]}}
    made = {key: value for key, value in made.items() if rng.random() < 0.4}
    if name.endswith("ChatGenerator") and not name.startswith("Hugging") and rng.random() < 0.4:
        made["response_format"] = {"$schema_type": rng.choice(list(SCHEMAS))}
    return made


def init(rng, name):
    made = {}

    def maybe(key, *values):
        if rng.random() < 0.4:
            made[key] = rng.choice(values)

    if name.startswith("Hugging"):
        made.update(api_type=rng.choice(["text_generation_inference", "inference_endpoints", "tgi"]),
                    api_params=rng.choice([{"url": "https://a.example", "timeout": 4}, {"url": "https://a.example/v1"}, {}, {"url": "a.example"}]))
        maybe("token", None, secret(rng))
        maybe("stop_words", ["x"], [], None)
    else:
        made["api_key"] = secret(rng)
        maybe("organization", "o", None)
        maybe("timeout", 4.5, None)
        maybe("max_retries", 2, 0, None)
        maybe("http_client_kwargs", None, {"headers": {"x": "y"}})
    if name.startswith("Azure"):
        made["azure_endpoint"] = rng.choice(["https://a.example", "https://a.example/"])
        maybe("azure_deployment", "d", None)
        maybe("api_version", "v")
        maybe("default_headers", {"x": "y"}, {}, None)
        maybe("azure_ad_token", None, secret(rng))
    elif not name.startswith("Hugging"):
        maybe("api_base_url", "https://b.example", None)
        maybe("model", "m")
    if name.startswith("DALLE"):
        maybe("quality", "hd", "")
        maybe("size", "1x1")
        return made
    made["generation_kwargs"] = options(rng, name)
    maybe("streaming_callback", None, {"$callback": "named"})
    if "Chat" in name:
        maybe("tools", None, [], wire.tools(rng))
        if not name.startswith("Hugging"):
            maybe("tools_strict", True, False)
    elif not name.startswith("Hugging"):
        maybe("system_prompt", "s", "", None)
    return made


def plain(value):
    if isinstance(value, dict):
        if "$schema_type" in value:
            return SCHEMAS[value["$schema_type"]]
        if value.get("$callback") == "named":
            return data.functions.print_chunk
        if value.get("$secret", {}).get("type") == "env_var":
            return data.Secret.from_env_var(value["$secret"]["env_vars"], strict=value["$secret"]["strict"])
        if not any(key.startswith("$") for key in value):
            return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return wire.plain(value, "http://127.0.0.1:1", [])


def write(folder, rng, count):
    """Writes about `count` cases of each component to FOLDER/haystack/serialization."""
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "AZURE_", "HF_"))]:
        del os.environ[name]
    os.environ["KEY"] = "key"
    total = 0
    for name, cls in wire.CLASSES.items():
        cases = []
        for _ in range(count):
            case = {"component": name, "init": init(rng, name), "env": {"KEY": "key"}}
            outcome = data.attempt(lambda: cls(**plain(case["init"])).to_dict())
            if "result" in outcome:
                outcome = {"to_dict": outcome["result"], "roundtrip_equal": True}
            cases.append({**case, **outcome})
        total += len(cases)
        with open(f"{folder}/haystack/serialization/{name}.json", "w") as file:
            json.dump({"component": name, "cases": cases}, file)
    return total
