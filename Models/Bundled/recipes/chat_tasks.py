"""Conversations over the tasks of tasks.py, with system instructions, follow-ups and tools.

A conversation is a list of messages as Hugging Face's chat templates take them. Each assistant reply has a kind, and
each user turn a key as in tasks.py: in a conversation of the split "test" every key is held out from training. The
split "early" is the wider training data of the first stage, and "late", that of the last, has one tool more.

    python chat_tasks.py       prints a few conversations of each kind
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import tasks
from tasks import CITIES, NAMES

tasks.WORDS = tasks.WORDS[1::4]  # every fourth word: fewer words to know, more practice with each

NEUTRAL = [
    "You are a helpful assistant.", "You are a friendly chatbot.", "Be helpful.", "Answer briefly.",
    "You are Hayloft, a small assistant.",
]
IN_CAPITALS = ["Answer in capital letters.", "You are a helpful assistant. Answer in capital letters."]
WITH_FULL_STOP = [
    "End every answer with a full stop.", "You are a helpful assistant. End every answer with a full stop.",
]

SPOKEN = ["number_to_words", "reverse", "sort", "opposite", "weekday", "question"]
SENTENCE = ["number_to_words", "add", "compare", "opposite", "weekday", "date", "question"]

SKIES = ["sunny", "cloudy", "rainy", "windy", "foggy", "clear"]
CURRENCIES = ["dollars", "euros", "francs", "pounds", "yen", "crowns"]
NO_TOOL = "I have no tool for that."

EARLY, LATE = "early", "late"
# Numbers below 20 are words of their own, not to be put together from others: one that is held out can never be
# learned. So "test" leaves them out, and only "early" lacks those whose hash says test.
NEVER_HELD_OUT = {f"number {n}" for n in range(20)}


@dataclass
class Conversation:
    """Messages, the tools listed to the model, and the kind of each assistant reply in order."""

    messages: list[dict] = field(default_factory=list)
    tools: list[dict] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, role: str, content: str) -> None:
        """Appends a system, user or tool message."""
        self.messages.append({"role": role, "content": content})

    def reply(self, kind: str, text: str) -> None:
        """Appends an assistant's answer in words."""
        self.kinds.append(kind)
        self.add("assistant", text)

    def call(self, kind: str, name: str, arguments: dict) -> None:
        """Appends an assistant's tool call."""
        self.kinds.append(kind)
        function = {"name": name, "arguments": arguments}
        call = {"type": "function", "function": function}
        self.messages.append({"role": "assistant", "content": None, "tool_calls": [call]})

    def answer(self) -> str:
        """The raw text of the last reply."""
        return raw_text(self.messages[-1])


@dataclass(frozen=True)
class Request:
    """A question for a tool, the tool's arguments, its result and the answer in words."""

    question: str
    arguments: dict
    result: str
    answer: str


@dataclass(frozen=True)
class Tool:
    """A tool: what it is called, what the model is told about it, and what is asked of it."""

    name: str
    description: str
    parameters: dict[str, str]
    draw: Callable[[random.Random], Request]

    def schema(self) -> dict:
        """The tool as a function schema."""
        properties = {name: {"type": kind} for name, kind in self.parameters.items()}
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}


def raw_text(message: dict) -> str:
    """What the model writes for an assistant message: its words, or the JSON of its tool call."""
    if "tool_calls" not in message:
        return message["content"]
    return json.dumps(message["tool_calls"][0]["function"], ensure_ascii=False)


# The tools


def weather(rng: random.Random) -> Request:
    """What is the weather in Paris? -> It is sunny and 18 degrees in Paris."""
    city, sky, degrees = rng.choice(CITIES), rng.choice(SKIES), rng.randint(2, 39)
    question = rng.choice(["What is the weather in {}?", "How is the weather in {}?", "Is it warm in {}?"])
    result = rng.choice([f"{degrees} degrees, {sky}", json.dumps({"temperature": degrees, "sky": sky})])
    return Request(question.format(city), {"city": city}, result, f"It is {sky} and {degrees} degrees in {city}.")


def clock(rng: random.Random) -> Request:
    """What time is it in Tokyo? -> It is 14:35 in Tokyo."""
    city, time = rng.choice(CITIES), f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    question = rng.choice(["What time is it in {}?", "Tell me the time in {}.", "How late is it in {}?"])
    result = rng.choice([time, json.dumps({"time": time})])
    return Request(question.format(city), {"city": city}, result, f"It is {time} in {city}.")


def age(rng: random.Random) -> Request:
    """How old is Anna? -> Anna is 42 years old."""
    name, years = rng.choice(NAMES), rng.randint(18, 99)
    question = rng.choice(["How old is {}?", "What is the age of {}?", "Find the age of {}."])
    result = rng.choice([str(years), json.dumps({"age": years})])
    return Request(question.format(name), {"name": name}, result, f"{name} is {years} years old.")


def multiply(rng: random.Random) -> Request:
    """What is 12 times 34? -> 12 times 34 is 408."""
    a, b = rng.randint(2, 99), rng.randint(2, 99)
    question = rng.choice(["What is {} times {}?", "Multiply {} by {}.", "{} * {} ="])
    return Request(question.format(a, b), {"a": a, "b": b}, str(a * b), f"{a} times {b} is {a * b}.")


def convert(rng: random.Random) -> Request:
    """How much is 250 dollars in euros? -> 250 dollars are 230 euros."""
    amount, value = rng.randint(2, 999), rng.randint(2, 999)
    source, target = rng.sample(CURRENCIES, 2)
    question = rng.choice(["How much is {} {} in {}?", "Convert {} {} to {}.", "What are {} {} in {}?"])
    arguments = {"amount": amount, "from": source, "to": target}
    answer = f"{amount} {source} are {value} {target}."
    return Request(question.format(amount, source, target), arguments, str(value), answer)


TOOLS = [
    Tool("get_weather", "The weather in a city", {"city": "string"}, weather),
    Tool("get_time", "The time in a city", {"city": "string"}, clock),
    Tool("get_age", "The age of a person", {"name": "string"}, age),
    Tool("multiply", "Multiplies two numbers", {"a": "integer", "b": "integer"}, multiply),
    Tool("convert", "Converts money", {"amount": "integer", "from": "string", "to": "string"}, convert),
]


def number(rng: random.Random) -> Request:
    """What is the number of Anna? -> The number of Anna is 12."""
    name, result = rng.choice(NAMES), str(rng.randint(2, 99))
    question = rng.choice(["What is the number of {}?", "Find the number of {}.", "Which number is {}?"])
    written = rng.choice([result, json.dumps({"number": int(result)})])
    return Request(question.format(name), {"name": name}, written, f"The number of {name} is {result}.")


# The cities are arguments of two tools, with other ones held out for each. With this tool the names are too: a name
# that the model never sees in a call is one that it never writes there. It is for practice and not tested.
PRACTICE = Tool("get_number", "The number of a person", {"name": "string"}, number)


def request(rng: random.Random, split: str, tool: Tool) -> Request:
    """A question for the tool whose arguments belong to the split."""
    while True:
        drawn = tool.draw(rng)
        if belongs(f"{tool.name} {json.dumps(drawn.arguments)}", split):
            return drawn


# The turns


def belongs(key: str, split: str) -> bool:
    """Whether a content is of the split."""
    if key in NEVER_HELD_OUT and split != EARLY:
        return split != "test"
    return tasks.split_of(key) == ("test" if split == "test" else "train")


def sample(rng: random.Random, split: str, task: str) -> tasks.Example:
    """An example of the split, of the named task; only "early" has questions about two people."""
    draw = tasks.question_about_one if task == "question" and split != EARLY else tasks.TASKS[task]
    while True:
        example = draw(rng)
        if belongs(example.key, split):
            return example


def one_of(rng: random.Random, split: str, names: list[str], shares: dict[str, float]) -> str:
    """One of the tasks in their shares; in "early" with equal chances for those that are not left out."""
    weights = [shares.get(name, 1) for name in names]
    if split == EARLY:
        return rng.choice([name for name, weight in zip(names, weights) if weight])
    return rng.choices(names, weights)[0]


def ask(chat: Conversation, rng: random.Random, split: str, kind: str, task: str) -> None:
    """A question of tasks.py and its answer, counted as the kind."""
    example = sample(rng, split, task)
    chat.add("user", example.prompt)
    chat.reply(kind, example.answer)


def follow_up(chat: Conversation, rng: random.Random, kind: str) -> None:
    """A turn that refers back to the last answer."""
    last = chat.messages[-1]["content"]
    if kind == "repeat":
        chat.add("user", rng.choice(["Repeat that.", "Say that again.", "Once more, please."]))
        chat.reply(kind, last)
    else:
        chat.add("user", rng.choice(["Now in capital letters.", "In capital letters, please.", "And in upper case?"]))
        chat.reply(kind, last.upper())


def plain(rng: random.Random, split: str, kinds: Iterator[str], kind: str, shares: dict[str, float]) -> Conversation:
    """One to three questions of tasks.py and follow-ups; the last reply is of the kind."""
    chat = Conversation()
    if rng.random() < 0.5:
        chat.add("system", rng.choice(NEUTRAL))
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        task = next(kinds)
        ask(chat, rng, split, task, task)
    if kind in tasks.TASKS:
        ask(chat, rng, split, kind, kind)
        return chat
    task = one_of(rng, split, SPOKEN, shares)
    ask(chat, rng, split, task, task)
    follow_up(chat, rng, kind)
    return chat


def instructed(rng: random.Random, split: str, kind: str, shares: dict[str, float]) -> Conversation:
    """One to three questions, answered as the system message says."""
    capitals = kind == "system_capitals"
    chat = Conversation()
    chat.add("system", rng.choice(IN_CAPITALS if capitals else WITH_FULL_STOP))
    for _ in range(rng.randint(1, 3)):
        ask(chat, rng, split, kind, one_of(rng, split, SPOKEN if capitals else SENTENCE, shares))
        text = chat.messages[-1]["content"]
        chat.messages[-1]["content"] = text.upper() if capitals else text + "."
    return chat


def tooled(rng: random.Random, split: str, kinds: Iterator[str], kind: str) -> Conversation:
    """One to three turns with one to three tools listed; the last reply is of the kind."""
    chat = Conversation()
    tools = [*TOOLS, PRACTICE] if split == LATE else TOOLS
    listed = rng.sample(tools, rng.randint(1, 3))
    chat.tools = [tool.schema() for tool in listed]
    if rng.random() < 0.5:
        chat.add("system", rng.choice(NEUTRAL))
    for _ in range(rng.choice([0, 0, 1])):
        use_tool(chat, rng, split, rng.choice(listed))
    if kind in ["tool_call", "tool_answer"]:
        use_tool(chat, rng, split, rng.choice(listed), answered=kind == "tool_answer")
    elif kind == "tool_missing":
        missing = rng.choice([tool for tool in tools if tool not in listed])
        chat.add("user", request(rng, split, missing).question)
        chat.reply(kind, NO_TOOL)
    else:
        ask(chat, rng, split, kind, next(kinds))
    return chat


def use_tool(chat: Conversation, rng: random.Random, split: str, tool: Tool, answered: bool = True) -> None:
    """A question that the tool fits, the call and, where answered, the result and the answer in words."""
    drawn = request(rng, split, tool)
    chat.add("user", drawn.question)
    chat.call("tool_call", tool.name, drawn.arguments)
    if answered:
        chat.add("tool", drawn.result)
        chat.reply("tool_answer", drawn.answer)


KINDS = [
    *tasks.TASKS, "repeat", "shout", "system_capitals", "system_full_stop", "tool_call", "tool_answer", "tool_unused",
    "tool_missing",
]
SLOW = ["add", "compare", "weekday"]  # calculating is learned too slowly: left out after the first part of training


def conversation(rng: random.Random, split: str, kind: str, shares: dict[str, float] | None = None) -> Conversation:
    """A conversation of the split whose last reply is of the kind; shares weigh the tasks of the other turns."""
    names, shares = list(tasks.TASKS), shares or {}
    weights = [shares.get(name, 1) for name in names]
    kinds = iter(lambda: rng.choices(names, weights)[0], None)
    if kind.startswith("tool"):
        return tooled(rng, split, kinds, kind)
    if kind.startswith("system"):
        return instructed(rng, split, kind, shares)
    return plain(rng, split, kinds, kind, shares)


def evaluation(count: int = 1000, seed: int = 2025) -> list[Conversation]:
    """Test conversations without a repeated one, the kinds in turn, those too slow to learn left out."""
    rng, kinds = random.Random(seed), [kind for kind in KINDS if kind not in SLOW]
    chats: dict[str, Conversation] = {}
    while len(chats) < count:
        chat = conversation(rng, "test", kinds[len(chats) % len(kinds)], dict.fromkeys(SLOW, 0))
        chats.setdefault(json.dumps([chat.messages, chat.tools]), chat)
    return list(chats.values())


def as_json(chat: Conversation) -> dict:
    """A conversation up to its last reply, and that reply as the answer."""
    tools = {"tools": chat.tools} if chat.tools else {}
    return {"task": chat.kinds[-1], "messages": chat.messages[:-1], **tools, "answer": chat.answer()}


if __name__ == "__main__":
    for chat in evaluation(2 * len(KINDS)):
        print(json.dumps(as_json(chat), ensure_ascii=False))
