"""Instruction tasks over words, numbers and dates, each with exactly one right answer.

A task is a function that draws one example. Every example has a key that says what it is about, whatever the
wording: the key's hash decides whether it is for training or for testing, so no test content is ever trained on.

    python tasks.py            prints a few examples of each task
"""

import calendar
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

HELD_OUT_PERCENT = 10

WORDS = """
    air apple arm art aunt autumn baby back bag ball bank barn basket bath bay bean bear bed bee bell belt bench berry
    bird blue boat body bone book boot bowl box boy branch bread brick bridge brother brown brush bucket bus butter
    button cake camera camp candle car card carpet castle cat chair chalk cheese cherry chest child circle city
    class clay clock cloth cloud coal coat coffee coin comb cook copper corn cotton cousin cow cream cup curtain
    dance daughter day deer desk dinner dish doctor dog doll door dragon dream dress drum duck dust eagle ear earth
    egg engine evening eye face family farm father feather fence field film finger fire fish flag floor flour flower
    foot forest fork fox friend frog fruit game garden gate ghost girl glass glove goat gold grape grass green guest
    guitar hair hall hammer hand harbor hat heart hill honey hook horse hotel hour house ice ink iron island jacket
    jar juice key king kitchen kite knee knife ladder lake lamp land leaf leather lemon lesson letter library lion
    lunch machine map market meal meat metal milk mill mirror money month moon morning mother mountain mouse mouth
    music nail name neck needle nest net night nose ocean office oil onion orange oven owl page paint palace paper
    park path pear pen pencil people pepper piano picture pig pillow plane plant plate pocket poem pond potato queen
    rabbit radio rain ring river road rock roof room root rope rose sail salt sand school sea seed shade sheep shelf
    ship shirt shoe shop silk silver sister sky smoke snake snow soap sock song soup spoon spring square stable star
    station stone storm story street student sugar summer sun table tail tea teacher tent ticket tiger tool tooth
    tower town toy train tree truck uncle valley village violin voice wagon wall watch water wave week wheel wind
    window wine wing winter wolf wood wool world yard year yellow
""".split()

OPPOSITES = """
    hot cold, big small, old young, fast slow, high low, wet dry, hard soft, light dark, rich poor, happy sad,
    early late, open closed, full empty, long short, wide narrow, thick thin, strong weak, clean dirty, near far,
    loud quiet, good bad, cheap expensive, easy difficult, sharp blunt, deep shallow, brave afraid, true false,
    first last, left right, up down, inside outside, above below, day night, winter summer, north south, east west,
    begin end, buy sell, push pull, win lose, love hate, start stop, before after, always never
"""

ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()
TENS = "_ ten twenty thirty forty fifty sixty seventy eighty ninety".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()

NAMES = """Anna Ben Carla David Emma Felix Grace Hugo Iris Jack Karl Lena Mary Nora Oscar Paul Rosa Simon Tom Vera
    Adam Bella Clara Daniel Eva Frank Henry Ida Jonas Kate Leo Mia Noah Olga Peter Robert Sofia Theo Victor
    Wendy""".split()
CITIES = """Rome Oslo Paris Berlin London Madrid Vienna Prague Lisbon Dublin Athens Cairo Tokyo Boston Chicago Denver
    Lima Delhi Seoul Geneva Milan Munich Naples Porto Riga Sydney Toronto Warsaw Zurich Bergen""".split()
JOBS = """baker cook doctor driver farmer lawyer nurse painter pilot sailor singer teacher writer waiter judge
    gardener""".split()

GERMAN, FRENCH = 0, 1
LANGUAGES = ["German", "French"]
AND = ["und", "et"]
NUMBERS = {
    2: ("zwei", "deux"), 3: ("drei", "trois"), 4: ("vier", "quatre"), 5: ("fünf", "cinq"), 6: ("sechs", "six"),
    7: ("sieben", "sept"), 8: ("acht", "huit"), 9: ("neun", "neuf"), 10: ("zehn", "dix"), 11: ("elf", "onze"),
    12: ("zwölf", "douze"),
}
THINGS = {
    "apples": ("Äpfel", "pommes"), "birds": ("Vögel", "oiseaux"), "boats": ("Boote", "bateaux"),
    "books": ("Bücher", "livres"), "bottles": ("Flaschen", "bouteilles"), "cars": ("Autos", "voitures"),
    "cats": ("Katzen", "chats"), "chairs": ("Stühle", "chaises"), "children": ("Kinder", "enfants"),
    "cities": ("Städte", "villes"), "cows": ("Kühe", "vaches"), "days": ("Tage", "jours"),
    "dogs": ("Hunde", "chiens"), "doors": ("Türen", "portes"), "flowers": ("Blumen", "fleurs"),
    "friends": ("Freunde", "amis"), "gardens": ("Gärten", "jardins"), "hats": ("Hüte", "chapeaux"),
    "horses": ("Pferde", "chevaux"), "houses": ("Häuser", "maisons"), "islands": ("Inseln", "îles"),
    "keys": ("Schlüssel", "clés"), "letters": ("Briefe", "lettres"), "mountains": ("Berge", "montagnes"),
    "nights": ("Nächte", "nuits"), "rivers": ("Flüsse", "rivières"), "roads": ("Straßen", "routes"),
    "schools": ("Schulen", "écoles"), "shoes": ("Schuhe", "chaussures"), "stars": ("Sterne", "étoiles"),
    "tables": ("Tische", "tables"), "trees": ("Bäume", "arbres"), "weeks": ("Wochen", "semaines"),
    "windows": ("Fenster", "fenêtres"),
}


@dataclass(frozen=True)
class Example:
    """A prompt, its one right answer, the content that decides its split, and the name of its task."""

    task: str
    prompt: str
    answer: str
    key: str


def opposite_words() -> dict[str, str]:
    """Each word of the list of opposites with its opposite, both ways."""
    pairs = [pair.split() for pair in OPPOSITES.split(",")]
    return {a: b for a, b in pairs} | {b: a for a, b in pairs}


OPPOSITE = opposite_words()


def number_words(n: int) -> str:
    """347 -> "three hundred forty-seven", for 0 to 9,999."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    size, name = (1000, "thousand") if n >= 1000 else (100, "hundred")
    rest = f" {number_words(n % size)}" if n % size else ""
    return f"{ONES[n // size]} {name}{rest}"


def spelled_number(rng: random.Random) -> int:
    """A number from 1 to 9,999, as often short as long."""
    return rng.randint(1, rng.choice([99, 999, 999, 9999]))


def words_key(words: list[str]) -> str:
    """The same key for the same words in any order: a held-out set is held out in every order."""
    return "words " + " ".join(sorted(words))


def number_to_words(rng: random.Random) -> Example:
    """Write 347 in words. -> three hundred forty-seven"""
    n = spelled_number(rng)
    prompt = rng.choice(["Write {} in words.", "Spell the number {}.", "How do you say {}?", "number to words: {}"])
    return Example("number_to_words", prompt.format(n), number_words(n), f"number {n}")


def words_to_number(rng: random.Random) -> Example:
    """Write three hundred forty-seven in digits. -> 347"""
    n = spelled_number(rng)
    prompt = rng.choice(["Write {} in digits.", "Write the number {} with digits.", "words to number: {}"])
    return Example("words_to_number", prompt.format(number_words(n)), str(n), f"number {n}")


def add(rng: random.Random) -> Example:
    """What is 27 plus 45? -> 72"""
    a, b = rng.randint(0, 99), rng.randint(0, 99)
    prompt = rng.choice(["What is {} plus {}?", "Add {} and {}.", "What is {} + {}?", "{} + {} ="])
    return Example("add", prompt.format(a, b), str(a + b), f"sum {min(a, b)} {max(a, b)}")


def compare(rng: random.Random) -> Example:
    """Which is larger, 482 or 97? -> 482"""
    a = rng.randint(1, 999)
    b = max(1, a + rng.randint(-20, 20)) if rng.random() < 0.3 else rng.randint(1, 999)
    if a == b:
        b = a + 1
    word, answer = rng.choice([("larger", max(a, b)), ("smaller", min(a, b))])
    prompt = rng.choice(["Which is {}, {} or {}?", "Which number is {}: {} or {}?", "Give the {} number: {} or {}"])
    return Example("compare", prompt.format(word, a, b), str(answer), f"pair {min(a, b)} {max(a, b)}")


def reverse(rng: random.Random) -> Example:
    """Reverse the words: pear apple fig -> fig apple pear"""
    words = rng.sample(WORDS, rng.randint(2, 5))
    prompt = rng.choice(["Reverse the words: {}", "Write these words in reverse order: {}", "reverse: {}"])
    return Example("reverse", prompt.format(" ".join(words)), " ".join(reversed(words)), words_key(words))


def sort(rng: random.Random) -> Example:
    """Sort alphabetically: pear apple fig -> apple fig pear"""
    words = rng.sample(WORDS, rng.randint(2, 4))
    prompt = rng.choice(["Sort alphabetically: {}", "Put these words in alphabetical order: {}", "sort: {}"])
    return Example("sort", prompt.format(" ".join(words)), " ".join(sorted(words)), words_key(words))


def capitals(rng: random.Random) -> Example:
    """Write in capital letters: red apple -> RED APPLE"""
    words = rng.sample(WORDS, rng.randint(1, 4))
    prompt = rng.choice(["Write in capital letters: {}", "Change to upper case: {}", "upper case: {}"])
    text = " ".join(words)
    return Example("capitals", prompt.format(text), text.upper(), words_key(words))


def opposite(rng: random.Random) -> Example:
    """Give the opposites of hot and small. -> cold and big"""
    words = rng.sample(sorted(OPPOSITE), rng.choice([1, 2, 2]))
    one = ["What is the opposite of {}?", "Give the opposite of {}.", "opposite: {}"]
    two = ["What are the opposites of {}?", "Give the opposites of {}.", "opposites: {}"]
    prompt = rng.choice(one if len(words) == 1 else two).format(" and ".join(words))
    answer = " and ".join(OPPOSITE[word] for word in words)
    return Example("opposite", prompt, answer, "opposite " + " ".join(sorted(words)))


def weekday(rng: random.Random) -> Example:
    """What day comes three days after Monday? -> Thursday

    There are only 140 contents, too few to hold any out: the key is the content in one wording.
    """
    start, count, after = rng.randrange(7), rng.randint(1, 10), rng.random() < 0.5
    forms = [
        ("What day comes {n} after {day}?", "What day comes {n} before {day}?"),
        ("Which day is {n} after {day}?", "Which day is {n} before {day}?"),
        ("Today is {day}. What day is it in {n}?", "Today is {day}. What day was it {n} ago?"),
        ("{day} plus {n} =", "{day} minus {n} ="),
    ]
    number = rng.choice([str(count), ONES[count]])
    form = rng.choice(forms)[0 if after else 1]
    prompt = form.format(n=f"{number} day" if count == 1 else f"{number} days", day=DAYS[start])
    return Example("weekday", prompt, DAYS[(start + (count if after else -count)) % 7], f"weekday {prompt}")


def date(rng: random.Random) -> Example:
    """Write 2024-03-17 as a date in words. -> 17 March 2024, or the other way"""
    year, month = rng.randint(1900, 2099), rng.randint(1, 12)
    day = rng.randint(1, calendar.monthrange(year, month)[1])
    iso, text = f"{year}-{month:02}-{day:02}", f"{day} {MONTHS[month - 1]} {year}"
    if rng.random() < 0.5:
        prompt = rng.choice(["Write {} with the name of the month.", "Which date is {}?", "date in words: {}"])
        return Example("date", prompt.format(iso), text, f"date {iso}")
    prompt = rng.choice(["Write {} as an ISO date.", "Write {} with digits.", "ISO date: {}"])
    return Example("date", prompt.format(text), iso, f"date {iso}")


def translate(rng: random.Random) -> Example:
    """translate English to German: three dogs and two cats -> drei Hunde und zwei Katzen"""
    language = rng.choice([GERMAN, FRENCH])
    things = rng.sample(sorted(THINGS), rng.randint(1, 2))
    numbers = [rng.choice(sorted(NUMBERS)) for _ in things]
    english = " and ".join(f"{ONES[n]} {thing}" for n, thing in zip(numbers, things))
    foreign = [f"{NUMBERS[n][language]} {THINGS[thing][language]}" for n, thing in zip(numbers, things)]
    prompt = rng.choice(["translate English to {}: {}", "Translate into {}: {}", "Write in {}: {}"])
    answer = f" {AND[language]} ".join(foreign)
    return Example("translate", prompt.format(LANGUAGES[language], english), answer, f"phrase {english}")


def question(rng: random.Random) -> Example:
    """Anna is 31 years old and lives in Rome. Where does Anna live? -> Rome"""
    return rng.choice([question_about_one, question_about_two])(rng)


def question_about_one(rng: random.Random) -> Example:
    """A question about one of the three facts of a sentence."""
    name, city, job, age = rng.choice(NAMES), rng.choice(CITIES), rng.choice(JOBS), str(rng.randint(18, 99))
    text = rng.choice([
        f"{name} is {age} years old and lives in {city}.",
        f"{name} from {city} is {age} years old.",
    ])
    facts = [(f"Where does {name} live?", city), (f"How old is {name}?", age), ("Who is it about?", name)]
    if rng.random() < 0.5:
        text = rng.choice([f"{name} works as a {job} in {city}.", f"{name} is a {job} and lives in {city}."])
        facts = [(f"Where does {name} live?", city), (f"What is the job of {name}?", job), ("Who is it about?", name)]
    ask, answer = rng.choice(facts)
    return Example("question", f"{text} {ask}", answer, f"fact {text}")


def question_about_two(rng: random.Random) -> Example:
    """A question about one of two people."""
    (a, b), (here, there) = rng.sample(NAMES, 2), rng.sample(CITIES, 2)
    text = f"{a} lives in {here} and {b} lives in {there}."
    facts = [
        (f"Where does {a} live?", here), (f"Where does {b} live?", there),
        (f"Who lives in {here}?", a), (f"Who lives in {there}?", b),
    ]
    ask, answer = rng.choice(facts)
    return Example("question", f"{text} {ask}", answer, f"fact {text}")


Table = dict[str, Callable[[random.Random], Example]]

TASKS: Table = {
    task.__name__: task
    for task in [
        number_to_words, words_to_number, add, compare, reverse, sort, capitals, opposite, weekday, date, translate,
        question,
    ]
}


def split_of(key: str) -> str:
    """"test" for about a tenth of all keys, "train" for the others, the same on every machine."""
    digest = hashlib.sha1(key.encode()).digest()
    return "test" if int.from_bytes(digest[:4], "big") % 100 < HELD_OUT_PERCENT else "train"


def sample(rng: random.Random, split: str, task: str | None = None, table: Table = TASKS) -> Example:
    """An example of the split ("train" or "test"), of the named task or of a random one of the table."""
    draw = table[task or rng.choice(list(table))]
    while True:
        example = draw(rng)
        if split_of(example.key) == split:
            return example


def evaluation(count: int = 1000, seed: int = 2024, table: Table = TASKS) -> list[Example]:
    """Test examples without a repeated prompt, the table's tasks in turn."""
    rng, names = random.Random(seed), list(table)
    examples: dict[str, Example] = {}
    while len(examples) < count:
        example = sample(rng, "test", names[len(examples) % len(names)], table)
        examples.setdefault(example.prompt, example)
    return list(examples.values())


if __name__ == "__main__":
    for example in evaluation(48):
        print(f"{example.task:16} {example.prompt}  ->  {example.answer}")
