"""Compares Crux's scores of reasoning-gym answers with the library's own, on mutated answers.

Opt-in: no other test runs it. It wants Python 3.11 with reasoning-gym 0.1.25 and a built crux:

    python3.11 -m venv gym && gym/bin/pip install reasoning-gym==0.1.25
    gym/bin/python Tests/GradingTests/Differential/reasoning_gym.py FOLDER \
        --crux .build/debug/crux --count 6000 --seed 1

For each of 23 tasks it makes instances, spoils their answers in --count ways (space, signs, order,
case, commas, decimal places, digits of other scripts, missing parts, wrappers, other expressions,
huge numbers, nothing, words around), and asks the library for its score. It writes
FOLDER/instances/TASK.jsonl and FOLDER/verdicts/TASK.jsonl as `crux eval --check-grader` reads them,
calls that, and prints how many scores differ by more than 1e-9: those for a reason in LISTED, and
the others, each with the answer. It ends with 1 where there are others.

--only TASK,TASK takes some tasks; --fixture FILE writes a sample of the rows for the suite.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import warnings

# This file is called as the library is.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [path for path in sys.path if os.path.abspath(path or ".") != HERE]
import reasoning_gym as library  # noqa: E402

# Some settings of each task; {} is the library's default.
TASKS = {
    "basic_arithmetic": [{}, dict(min_terms=2, max_terms=4, min_digits=1, max_digits=2)],
    "chain_sum": [{}, dict(min_terms=2, max_terms=5, min_digits=1, max_digits=2)],
    "coin_flip": [{}, dict(min_trials=2, max_trials=5)],
    "countdown": [
        {},
        dict(min_numbers=2, max_numbers=3, min_value=1, max_value=20, min_target=1, max_target=100),
    ],
    "decimal_chain_sum": [{}, dict(max_terms=4, max_digits=2, max_decimal_places=2)],
    "fraction_simplification": [{}, dict(max_value=30, max_factor=10)],
    "gcd": [{}, dict(max_value=100)],
    "gsm_symbolic": [{}],
    "knights_knaves": [dict(n_people=2), dict(n_people=3), dict(n_people=4)],
    "lcm": [{}, dict(max_value=30)],
    "leg_counting": [{}],
    "letter_counting": [{}],
    "maze": [dict(min_dist=3, max_dist=6, min_grid_size=5, max_grid_size=6)],
    "number_sorting": [{}, dict(min_numbers=3, max_numbers=6, max_decimals=2)],
    "prime_factorization": [{}, dict(max_value=200)],
    "products": [{}, dict(max_terms=3, min_digits=2, max_digits=4)],
    "puzzle24": [{}, dict(min_value=2, max_value=8)],
    "shortest_path": [{}, dict(min_rows=3, max_rows=5, min_cols=3, max_cols=5, p_blocked=0.2)],
    "simple_equations": [{}],
    "spell_backward": [{}],
    "string_manipulation": [dict(min_string_length=5, max_string_length=8)],
    "tower_of_hanoi": [
        dict(min_disks=2, max_disks=4),
        dict(min_disks=3, max_disks=5, max_pegs=5),
    ],
    "word_sorting": [{}, dict(min_words=3, max_words=6)],
}

SPACES = [" ", "  ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u2009", "\u3000", "\x0b", "\x0c",
          "\x1c", "\x85", "\u200b"]
ODD = list("0123456789+-*/().,!?=<>%^&|~#@$_'\"`\\{}[]:; xXeEjJ") + [
    "×", "÷", "·", "−", "½", "²", "٣", "７", "é", "\u0301", "**", "//", "==", "!=", "<<", " and ",
    " or ", " is ", " not ", "None", "nan", "inf", "\n", "\t", "\u00a0", "€", "😀"]
WRAPPERS = [
    "\\boxed{%s}", "$%s$", "$$%s$$", "\\(%s\\)", "\\[%s\\]", "**%s**", "`%s`", "```\n%s\n```",
    '"%s"', "'%s'", "(%s)", "((%s))", "[%s]", "{%s}", "<answer>%s</answer>", "<b>%s</b>",
    "The answer is %s", "The answer is %s.", "Answer: %s", "So we get %s, which is right.",
    "= %s", "%s =", "#### %s", "%s.", "%s!", "%s?", "%s;", "%s,", "%s%%", "~%s", "-%s", "+%s",
    "- %s", "--%s", "%s units", "$%s", "%s # done", "# %s", "x = %s", "%s and more", "not %s",
    "None%s", "%s\n%s", "%s %s", "%s is right", "I think it's %s", "%s or so", "(%s", "%s)",
    "\ufeff%s", "%s\x00", "\\text{%s}", "{\"answer\": \"%s\"}", "0%s", "%s0", "1%s", "%s1", "sqrt(%s)", "abs(%s)"]
WHOLE = ["", " ", "\n", "None", "null", "nan", "-nan", "NaN", "inf", "-Infinity", "sNaN", "True",
         "False", "[]", "{}", "()", "0", "-0", "1", "-1", "00", "1e400", "-1e400", "1e-400", "9" * 400,
         "9" * 4299, "9" * 4300, "9" * 4301, "0.0", ".", "-", "+", "/", "1/0", "0/0", "1/3", "x", "E", "pi", "oo",
         "zoo", "I", "answer", "I do not know.", "infeasible", "...", "1_000", "_1_", "0x18", "1e1",
         "1E+01", "١٢", "１２", "²", "Ⅳ", "½", "1\u0301", "1,000", "0e99999999999999999999", "1e999999999999999999999", ",", ",,", "×", "\u2003"]


def digits_of(script):
    zero = {"wide": 0xFF10, "arabic": 0x660, "bengali": 0x9E6, "bold": 0x1D7CE}[script]
    return lambda rng, text: re.sub(
        "[0-9]", lambda m: chr(zero + int(m.group())), text, count=rng.choice([0, 1]))


def number_of(rng, text):
    """A number in the text, written otherwise."""
    found = list(re.finditer(r"\d+(?:\.\d+)?", text))
    if not found:
        return text
    one = rng.choice(found)
    said = one.group()
    whole = said.split(".")[0]
    other = rng.choice([
        said + ".0", said + ".", said + ".00", "0" + said, "00" + said, "+" + said, "-" + said,
        whole + "e0", said + "e1", whole + "_0", "_" + said, said + "_",
        re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole), whole[:1] + "," + whole[1:],
        whole[:1] + " " + whole[1:], str(int(whole) + 1), str(int(whole) - 1), str(int(whole) * 10),
        said + "/1", said + "." + said, said + "00000000000000000000", said + ".0000000000000001",
        said + "%", "(" + said + ")", said + "j", said + "!", "0x" + said, whole + said,
        str(float(said) + rng.choice([1e-5, 1e-4, 9.9e-5, 1.01e-4, 1e-7, -1e-4, 0.5, 0.99, 1.0, 1.01])),
        said[::-1]])
    return text[: one.start()] + other + text[one.end():]


def characters(rng, text):
    """A character put in, left out, doubled or exchanged."""
    place = rng.randrange(len(text) + 1)
    kind = rng.randrange(5)
    if kind == 0 or not text:
        return text[:place] + rng.choice(ODD) + text[place:]
    place = min(place, len(text) - 1)
    if kind == 1:
        return text[:place] + text[place + 1:]
    if kind == 2:
        return text[:place] + text[place] + text[place:]
    if kind == 3 and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2:]
    return text[:place] + rng.choice(ODD) + text[place + 1:]


def space(rng, text):
    """Space around, within, otherwise or not at all."""
    one = rng.choice(SPACES)
    kind = rng.randrange(7)
    if kind == 0:
        return one + text
    if kind == 1:
        return text + one
    if kind == 2:
        return one + text + rng.choice(SPACES)
    if kind == 3:
        return text.replace(" ", rng.choice(["", one]))
    if kind == 4:
        return re.sub(r"([^\w\s])", lambda m: rng.choice(["", " "]) + m.group() + rng.choice(["", " "]), text)
    if kind == 5:
        return text.replace("\n", one)
    place = rng.randrange(len(text) + 1)
    return text[:place] + one + text[place:]


def order(rng, text):
    """Words, lines or parts in another order, or some of them."""
    mark = rng.choice([" ", "\n", ", ", ",", " and ", " × ", "+"])
    parts = text.split(mark)
    kind = rng.randrange(5)
    if kind == 0:
        parts.reverse()
    elif kind == 1:
        rng.shuffle(parts)
    elif kind == 2:
        parts = parts[: rng.randrange(len(parts) + 1)]
    elif kind == 3:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(parts))
    else:
        parts.pop(rng.randrange(len(parts)))
    return rng.choice([mark, mark, " ", ",", ", ", ";"]).join(parts)


def case(rng, text):
    return rng.choice([str.upper, str.lower, str.title, str.swapcase, str.capitalize])(text)


def wrapped(rng, text):
    form = rng.choice(WRAPPERS)
    return form % ((text,) * len(re.findall(r"(?<!%)%s", form)))


def exchanged(rng, text):
    pairs = [("*", "×"), ("/", "÷"), ("-", "−"), ("*", "·"), ("*", " x "), ("^", "**"), ("×", "x"),
             ("×", "*"), ("×", ","), (".", ","), (",", ";"), (",", ""), ("'", '"'), ("'", ""), ("is a", "="),
             (" is ", ": "), (" a ", " "), ("(", "["), ("\n", ", "), ("Peg ", ""), ("Move", "move"),
             ("{", ""), ("$", ""), ("\\frac", "\\dfrac"), ("/", " / "), ("frac", "FRAC"), ("*", "* "), ("*", " *"), ("*", "* *")]
    one, other = rng.choice(pairs)
    return text.replace(one, other, rng.choice([-1, 1]))


GENERAL = [characters, space, order, case, wrapped, exchanged, number_of, wrapped, space, number_of,
           digits_of("wide"), digits_of("arabic"), digits_of("bengali"), digits_of("bold"),
           lambda rng, text: text[: rng.randrange(len(text) + 1)],
           lambda rng, text: text[rng.randrange(len(text) + 1):],
           lambda rng, text: text * rng.randrange(1, 4)]


# Arithmetic with a peculiarity of Python's or SymPy's reading.
EXPRESSIONS = """49/2|-49/2|1/0|0/0|1/0-1/0|24+1/(1/0)|1/0.0|7//2|-7//2|-7%3|7//0|7.5//2|2^3|2.0^3|6&3|1<<3|~5
8*3==24|8*3!=24|8*3<25|8 is 3|8 and 3|0 and 3|8 or 3|not 8|3 if 4 else 5|x==24|"24"|'24' '5'|"abc"|24 # c|# c
24;|24,|(24,)|[24]|{24}|2(3+4)|(1+2)(3)|4!|3!!|5!!!|(2+2)!|-4!|4 !|! 4|4!=24|0.2[1]|.[1]|1_000|1__0|0x10|007|00
0b11|1e3|1e-3|8.|.5|1j|sqrt(16)|sqrt(2)*sqrt(2)|2**(1/2)|4**(1/2)|8**(1/3)|(-8)**(1/3)|0**0|0**-1|2**-1|2**3**2
-2**2|2**-2**2|8/3*9|23.9999999999|23.999999999999999999999|pi|E|I|oo|-oo|nan|zoo|True|False|None|True+True|True/2
abs(-4)|factorial(4)|floor(3.5)|ceiling(3.2)|max(1,2)|log(8,2)|1.5.2|3x4|1<2<3|(1==1)+23|24 == 24.0|*24|**24**|++24
- -24|24 -|4 4|2* *3|2 / / 3|3 > = 2|24=24|2**1000|10**400|1e400|1e400*0|0.1+0.2|24 - .0|1/3+2/3|0.0 or 24
None or 24|"" or 24|not None|1 or 1//0|0*x|x*0|x|x and 3|x or 3|f(24)|sqrt|2**0.5**2|(-4)**2.0""".replace(
    "\n", "|").split("|") + [
    "1 +\\\n2", "(1 +\n2)", "1 +\n2", "24\n# c", "#c\n24", "#c\n  24", "2 *\\\n* 3", "(2 *\n* 3)"]


def expression(rng, numbers, depth=0):
    """Arithmetic with the numbers, in their order."""
    if len(numbers) == 1:
        said = str(numbers[0])
        return rng.choices(
            [said, said + ".0", said + ".", "-" + said, "+" + said, "(" + said + ")", said + "!",
             "sqrt(" + said + ")", said + "e0", "~" + said, said + "!!", "- -" + said, said + ".5"],
            [30, 2, 1, 2, 1, 2, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])[0]
    cut = rng.randrange(1, len(numbers))
    left = expression(rng, numbers[:cut], depth + 1)
    right = expression(rng, numbers[cut:], depth + 1)
    sign = rng.choices(["+", "-", "*", "/", "//", "%", "**", "^", "&", "|", "<<", ">>", "==", "<", " and ",
                        " or ", " is ", "* *", ",", " if 1 else "],
                       [30, 30, 30, 30, 3, 3, 3, 1, .5, .5, .5, .5, .5, .5, .3, .3, .3, 1, .3, .2])[0]
    before, after = rng.choice([("", ""), (" ", " "), (" ", ""), ("", " ")])
    text = left + before + sign + after + right
    return "(" + text + ")" if depth and rng.random() < 0.7 else text


def arithmetic(rng, item, answer):
    numbers = list(item["metadata"]["numbers"])
    kind = rng.random()
    if kind < 0.5:
        rng.shuffle(numbers)
    if kind < 0.1:
        numbers.pop()
    elif kind < 0.2:
        numbers.append(rng.randint(1, 20))
    elif kind < 0.25:
        numbers[0] = rng.choice([0, 11, 25, 1000, -3])
    if kind > 0.98:
        return rng.choice(EXPRESSIONS)
    if kind > 0.95:
        return "(" + answer + ")" + rng.choice([" + 0.5", " * 1.0", "/1", " + 1 - 1", " * 2 / 2", "**1", " - 0", "+0.999", "+1e-7", "+1/1000", "*1.00001", "+0.0002", "//1", " % 100", " + 0*x", "!"])
    if kind > 0.9:
        return rng.choice(["%s = %s", "%s == %s", "%s is %s", "%s -> %s"]) % (answer, item["metadata"].get("target", 24))
    if item["metadata"]["source_dataset"] == "puzzle24" and kind > 0.6:
        return rng.choice(["6*4+1-1", "8*3*1*1", "8/(3-8/3)*1", "(5-1/5)*5*1", "10+10+4*1", "4!+1-1+0", "49/2+1-1", "6*4*1.0*1", "24+0+0+0", "3*8+10-10",
                           "12*2*1*1", "(10*10-4)/4", "8/(3-8/3.0)+1-1", "2**3*3*1", "4*6+0*5", "10 + 9 + 3 + 2.", "(1+2+3)*4", "(7-8/8)*4", "sqrt(4)*4*3*1", "5*5-1/1"])
    return expression(rng, numbers or [1])


def moves(rng, item, answer):
    lines = answer.split("\n")
    facts = item["metadata"]
    pegs = facts["num_pegs"]
    kind = rng.randrange(12)
    place = rng.randrange(len(lines) + 1)
    if kind <= 2 and place < len(lines):
        disk, start, end = re.match(r"Move disk (\d+) from Peg (\d+) to Peg (\d+)", lines[place]).groups()
        back = f"Move disk {disk} from Peg {end} to Peg {start}"
        lines[place + 1: place + 1] = [back, lines[place]] * rng.randrange(1, 3)
    elif kind == 3:
        del lines[rng.randrange(len(lines)):]
    elif kind == 4:
        lines.insert(place, f"Move disk {rng.randrange(0, 5)} from Peg {rng.randrange(0, pegs + 2)} to Peg {rng.randrange(0, pegs + 2)}")
    elif kind == 5:
        lines.insert(place, rng.choice(["", "   ", "Then:", "1.", "Move disk", "Move disk 1 from Peg 1 to Peg 1"]))
    elif kind == 6:
        lines = [rng.choice(["%s", "%s.", "- %s", "1.%s", "**%s", "%s ", "\t%s", "%s,", "1. %s"]) % line for line in lines]
    elif kind == 7:
        form = rng.choice(["-%s", "%s.", " %s", "%s\r", "x%s", "%s_0", "%s\x0b", "0_%s"])
        lines = [form % line for line in lines]
    elif kind == 8:
        return rng.choice(["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "; ", ", ", "\n\n", "\n \n"]).join(lines)
    elif kind == 9:
        lines = [line.replace(*rng.choice([("disk ", "disk  "), ("Peg", "peg"), ("to", "->"), (" 1", " 01"), ("1", "１"), ("Peg 1", "Peg A"), ("disk 1", "disk 1_"), ("1", "1_0")])) for line in lines]
    elif kind == 10:
        disks, start, target = facts["num_disks"], facts["start_peg"], facts["target_peg"]

        def solve(n, a, b):
            if n == 0:
                return []
            c = rng.choice([peg for peg in range(1, pegs + 1) if peg not in (a, b)])
            return solve(n - 1, a, c) + [f"Move disk {n} from Peg {a} to Peg {b}"] + solve(n - 1, c, b)
        lines = solve(disks, start, target)
    else:
        lines.append(f"Move disk 1 from Peg {facts['target_peg']} to Peg {facts['start_peg']}")
        if rng.random() < 0.5:
            lines.append(f"Move disk 1 from Peg {facts['start_peg']} to Peg {facts['target_peg']}")
    return "\n".join(lines)


def people(rng, item, answer):
    terms, names = item["metadata"]["knight_knave_terms"], list(item["metadata"]["names"])
    roles = [terms["knight"] if truth else terms["knave"] for truth in item["metadata"]["solution"]]
    if rng.random() < 0.6:
        place = rng.randrange(len(roles))
        roles[place] = rng.choice([terms["knight"], terms["knave"], "knight", "hero", "liar", "a", "angel"])
    pairs = list(zip(names, roles))
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    if rng.random() < 0.2:
        pairs.pop()
    if rng.random() < 0.15 and pairs:
        pairs.append(rng.choice(pairs + [("Bob", roles[0]), (names[0], terms["knave"])]))
    form = rng.choice(["%s is a %s", "%s is an %s", "%s: %s", "%s = %s", "%s is %s", "%s (%s)", "%s - %s", "%s is the %s", "%s is not a %s", "%s, a %s", "%s\tis\na %s", "**%s** is a %s", "%s is a %s."])
    return rng.choice([", and ", ", ", " and ", "\n", "; ", ". ", " and and ", " AND ", "\nand\n", " & "]).join(form % pair for pair in pairs)


def number_list(rng, item, answer):
    numbers = list(item["metadata"]["sorted_numbers"])
    kind = rng.randrange(10)
    place = rng.randrange(len(numbers))
    if kind == 0:
        numbers.reverse()
    elif kind <= 3:
        numbers[place] = repr(float(numbers[place]) + rng.choice([0.5, -0.5, 1, -1, 0.999, 1.001, 0.01, 2, 1e-9]))
    elif kind == 4:
        numbers[place] = rng.choice(["NaN", "Infinity", "-Infinity", "nan", "inf", "true", "null", "1e2", "[1]", "{}", "", "1_0", "+5", "٣", "\\u0031", "01", "-", "1.", ".5", "1e400", "9" * 400, "0x1"])
    elif kind == 5:
        numbers = [rng.choice(["NaN", "nan", "0"]) for _ in numbers]
    elif kind == 6:
        numbers = [number + ".0" if "." not in number else number + "0" for number in numbers]
    elif kind == 7:
        numbers.insert(place, rng.choice(numbers))
    elif kind == 8:
        rng.shuffle(numbers)
    quote = rng.choice(["'", '"', "", "'", "’"])
    text = rng.choice([", ", ",", " , ", "; ", ",\n", " "]).join(quote + number + quote for number in numbers)
    return rng.choice(["[%s]", "[%s]", "[%s]", "(%s)", "%s", "[%s,]", "[ %s ]", "[[%s]]", " [%s]\n", "[%s].", "{\"a\": [%s]}", "\u00a0[%s]", "```json\n[%s]\n```"]) % text


def words(rng, item, answer):
    said = list(item["metadata"]["sorted_words"])
    kind = rng.randrange(8)
    if kind <= 2:
        rng.shuffle(said)
    elif kind == 3:
        said.sort(key=str.lower)
    elif kind == 4:
        said.pop(rng.randrange(len(said)))
    elif kind == 5:
        said.append(rng.choice(said + ["other", ""]))
    elif kind == 6:
        said.reverse()
    else:
        place = rng.randrange(len(said))
        said[place] = rng.choice([said[place].upper(), said[place] + " ", "", "\"%s\"" % said[place], said[place] + ".", said[0]])
    return rng.choice([", ", ",", " ,", ",\n", ", \t", " ", "; ", ",,", ",\u00a0"]).join(said)


def way(rng, item, answer):
    steps = {"up": "down", "down": "up", "left": "right", "right": "left"}
    path = answer.split()
    kind = rng.randrange(7)
    place = rng.randrange(len(path) + 1)
    if kind <= 3:
        there = rng.choice(list(steps))
        path[place:place] = [there, steps[there]]
    elif kind == 4:
        path = [rng.choice(list(steps)) for _ in range(rng.randrange(1, 9))]
    elif kind == 5 and place < len(path):
        path[place] = rng.choice(list(steps) + ["Right", "north", "right,"])
    else:
        path += rng.choice([["up"], ["infeasible"], ["."], ["left", "right"]])
    return rng.choice([" ", "  ", "\n", ", ", ",", " -> ", "\t"]).join(path)


def fraction(rng, item, answer):
    facts = item["metadata"]
    upper = rng.choice([facts["simplified_numerator"], facts["numerator"], facts["simplified_numerator"], rng.randint(-3, 40)])
    lower = rng.choice([facts["simplified_denominator"], facts["denominator"], facts["simplified_denominator"], rng.randint(-3, 40)])
    form = rng.choice(["%s/%s", "%s / %s", "$%s/%s$", "$ %s / %s $", "\\frac{%s}{%s}", "$\\frac{%s}{%s}$",
                       "$\\dfrac{%s}{%s}$", "\\frac { %s } { %s }", "\\frac{%s} {%s}", "\\FRAC{%s}{%s}", "\\frac{%s}{%s} is it",
                       "\\tfrac{%s}{%s}", "\\frac{%s/%s}", "frac{%s}{%s}", "%s\\%s", "%s:%s", "%s over %s", "(%s)/(%s)", "$$%s/%s$$", "\\frac%s%s", "%s//%s", "%s/%s/1", "+%s/%s", "-%s/-%s", "\\frac{%s}{%s", "\\ frac{%s}{%s}", "\\frac{-%s}{-%s}", "\\frac\t{%s}\n{%s}", "%s.0/%s", "0%s/0%s", "%s/%s%%", "$\\frac{%s}{%s}$.", "1 %s/%s", "\\frac{%s}{%s}/2"])
    return form % (upper, lower)


def factors(rng, item, answer):
    said = list(item["metadata"]["factors"])
    kind = rng.randrange(8)
    if kind == 0 and len(said) > 1:
        said = [said[0] * said[1]] + said[2:]
    elif kind == 1:
        said += rng.choice([[1], [-1, -1], [-1], [0], [2], [1, 1], [10**30]])
    elif kind == 2:
        rng.shuffle(said)
    elif kind == 3:
        said.pop()
    elif kind == 4:
        said = [item["metadata"]["number"]]
    elif kind == 5:
        said = [-number for number in said]
    mark = rng.choice([" × ", "×", " × ", " ×", "  ×  ", " x ", " * ", " · ", ", ", "××", " × × ", "\n×\n", "\u00a0×\u00a0"])
    return mark.join(map(str, said)) + rng.choice(["", "", "", " × ", "×", " ", " = %d" % item["metadata"]["number"], "."])


def probability(rng, item, answer):
    ratio = item["metadata"]["rational"]
    upper, lower = ratio["numerator"], ratio["denominator"]
    value = upper / lower
    times = rng.choice([1, 2, 3, 10**25])
    return rng.choice([
        "%d/%d" % (upper * times, lower * times), "%d / %d" % (upper, lower), "%d/%d" % (upper + 1, lower),
        "%d/-%d" % (upper, lower), "-%d/%d" % (upper, lower), "+%d/%d" % (upper, lower), "%d/0" % upper,
        repr(value + rng.choice([1e-4, -1e-4, 9.99e-5, 1.0001e-4, 1e-6, 0.01, -0.01, 0.1])), "%.2f" % value, "%.1f" % value, "%.4f" % value, "%.3e" % value, "%.6E" % value,
        "%g%%" % (value * 100), "." + str(value)[2:], str(value) + "0" * 30, "1e-5", "1e-%d" % rng.randrange(400), "0." + "3" * rng.randrange(1, 40), "%d/%d" % (rng.randint(0, 40), rng.randint(1, 40)),
        "%s_0" % value, "1_%d/1_%d" % (upper, lower), "%d /%d" % (upper, lower), "%d.0/%d" % (upper, lower), "\\frac{%d}{%d}" % (upper, lower), "%d,%03d/%d" % (upper, 0, lower * 1000), "%d.e-1" % upper, "%dE-2" % upper,
        str(value)[:-1], str(value)[:3], str(value) + rng.choice("0159"), "0" + str(value), "%d/%d" % (10**400, 3), "%d/%d" % (upper * 10**400, lower * 10**400)])


def prose(rng, item, answer):
    said = answer.strip()
    form = rng.choice([
        "%s", "$%s", "%s.0", "%s.00", "%s.", "-%s", "x-%s", "a%s", "%sa", "%s.5a", "%s-", "%s_", "(%s)", "It is %s dollars, not 5.",
        "First 3, then %s", "%s%%", "1,%s", "%s,000", "%s 000", "=%s", "%s.0.1", "%s..", "%se1", "0%s", "%s/1", "#%s", "**%s**", "no. %s", "%s²", "²%s", "v%s", "%s.x", "%s.5", "é%s", "%sé", "%s\u0301", "½ %s", "+%s", "− %s", "−%s", "3-%s", "3 -%s", "3a-%s", "%s.٣", "７ %s", ".%s", "-.%s", "a.%s", "_%s", "%s:30"])
    return form % said


OWN = {
    "countdown": arithmetic, "puzzle24": arithmetic, "tower_of_hanoi": moves, "knights_knaves": people,
    "number_sorting": number_list, "word_sorting": words, "shortest_path": way,
    "fraction_simplification": fraction, "prime_factorization": factors, "coin_flip": probability,
    "gsm_symbolic": prose,
}


def mutated(rng, task, item, others):
    """A spoiled answer to an instance."""
    answer = item["answer"]
    kind = rng.random()
    if kind < 0.03:
        return rng.choice(WHOLE)
    if kind < 0.06:
        return rng.choice(others)["answer"]
    own = OWN.get(task)
    if own and kind < 0.6:
        answer = own(rng, item, answer)
        if rng.random() < 0.6:
            return answer
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        answer = rng.choice(GENERAL)(rng, answer)
    return answer


class TakesTooLong(BaseException):
    pass


def alarm(*_):
    raise TakesTooLong()


def library_score(dataset, answer, item):
    """The library's score, or the name of the error that it raises."""
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return float(dataset.score_answer(answer, item))
    except TakesTooLong:
        return "takes too long"
    except Exception as error:
        return "raises " + type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def make(folder, tasks, count, seed):
    """Writes instances and the library's verdicts on spoiled answers."""
    signal.signal(signal.SIGALRM, alarm)
    warnings.simplefilter("ignore")
    for name in ("instances", "verdicts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for task in tasks:
        rng = random.Random(f"{seed} {task}")
        instances, verdicts = [], []
        for config in TASKS[task]:
            dataset = library.create_dataset(task, seed=seed, size=100, **config)
            items = [dataset[index] for index in range(100)]
            first = len(instances)
            for index, item in enumerate(items):
                row = {key: item[key] for key in ("question", "answer", "metadata")}
                instances.append({"id": f"{task}-{first + index}", **row})
            seen = set()
            for _ in range(count // len(TASKS[task])):
                index = rng.randrange(len(items))
                answer = mutated(rng, task, items[index], items)
                if (index, answer) in seen:
                    continue
                seen.add((index, answer))
                score = library_score(dataset, answer, items[index])
                verdicts.append({"id": f"{task}-{first + index}", "candidate": answer, "score": score})
        for name, rows in (("instances", instances), ("verdicts", verdicts)):
            with open(folder / name / f"{task}.jsonl", "w") as file:
                for row in rows:
                    file.write(json.dumps(row, default=str) + "\n")
        print(f"{task}: {len(verdicts)} answers", file=sys.stderr, flush=True)


# The library hands arithmetic to SymPy, which has Python run it. Crux knows numbers, operators,
# comparisons, "and", "or", "not", "if", plain strings, and these names.
KNOWN = set("and or not is if else in True False None pi E oo zoo nan e E j J sqrt cbrt abs Abs "
            "factorial factorial2 floor ceiling max Max min Min pow Pow log ln exp Mod".split())


def is_puzzle(task):
    return task in ("countdown", "puzzle24")


def names(answer):
    return set(re.findall(r"[^\W\d]\w*", answer)) - KNOWN


# Why a score may differ: a reason, and a test of (task, answer, the library's score).
LISTED = [
    ("the library raises an error instead of a score; Crux gives 0",
     lambda task, answer, score: str(score).startswith("raises")),
    ("the library computes for seconds, or for ever; Crux takes the number for infinite",
     lambda task, answer, score: score == "takes too long"),
    ("an expression of more than 20,000 characters or 2,950 operators in a row is not evaluated, "
     "and how many Python takes depends on its version",
     lambda task, answer, score: is_puzzle(task) and len(answer) > 5900),
    ("the library runs Python: tuples, lists, attributes, escapes in strings, other functions",
     lambda task, answer, score: is_puzzle(task) and (
         re.search(r"[,\[\]{}\\]|\.\s*[^\W\d]|['\"]\s*[*+!]", answer)
         or any(re.search(re.escape(name) + r"\s*\(", answer) for name in names(answer)))),
    ("SymPy cancels letters and multiplies complex numbers: x - x is 0",
     lambda task, answer, score: is_puzzle(task) and (
         len(re.findall(r"[^\W\d]\w*", answer)) > 1 and names(answer)
         or re.search(r"\dj", answer, re.IGNORECASE))),
    ("the whole part or the bits of a large number that is none, for which SymPy gives up",
     lambda task, answer, score: is_puzzle(task) and re.search(r"sqrt|\*\*|\*\s+\*", answer)
     and re.search(r"//|/\s+/|%|~", answer) and score == 0.01),
    ("quotients of whole numbers of more than 20,000 bits",
     lambda task, answer, score: is_puzzle(task) and re.search(r"\*\s*\*|!|<\s*<", answer)
     and re.search(r"/|%", answer) and len(re.findall(r"\d{3,}", answer)) > 0),
]


# Space around a fraction's slash and before a factorial is read from Python 3.12 on.
PYTHON = (3, 11)


def listed(task, answer, score):
    return next((reason for reason, fits in LISTED if fits(task, answer, score)), None)


def compare(folder, tasks, crux, shown):
    """Lets Crux score the same answers; answers whether only listed ones differ."""
    files = [str(folder / "verdicts" / f"{task}.jsonl") for task in tasks]
    differing = folder / "differences.jsonl"
    subprocess.run([crux, "eval", "--check-grader", *files, "--answers", str(differing)],
                   check=True, stdout=subprocess.DEVNULL)
    verdicts, rows = {}, 0
    raised = {}
    for task in tasks:
        for line in open(folder / "verdicts" / f"{task}.jsonl"):
            row = json.loads(line)
            rows += 1
            verdicts[row["id"], row["candidate"]] = row["score"]
            reason = listed(task, row["candidate"], row["score"])
            if reason:
                raised[reason] = raised.get(reason, 0) + 1
    counts, reasons, unlisted = {}, {}, 0
    for line in open(differing):
        row = json.loads(line)
        task = row["id"].rsplit("-", 1)[0]
        score = verdicts[row["id"], row["answer"]]
        reason = listed(task, row["answer"], score)
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
            continue
        unlisted += 1
        counts[task] = counts.get(task, 0) + 1
        if counts[task] <= shown:
            print(json.dumps({"task": task, "answer": row["answer"], "reference": row["reference"],
                              "library": score, "crux": row["crux"]}, ensure_ascii=False))
    print(f"{rows} answers to {len(tasks)} tasks; {unlisted} scores differ: {counts}")
    for reason, count in raised.items():
        print(f"listed: {count} answers, {reasons.get(reason, 0)} differ: {reason}")
    return unlisted == 0


def write_fixture(folder, tasks, path, seed):
    """A sample that has each task's scores in equal parts, short answers first."""
    rng = random.Random(seed)
    used = {
        "fraction_simplification": ["numerator", "denominator", "simplified_numerator", "simplified_denominator"],
        "countdown": ["numbers", "target"], "puzzle24": ["difficulty"], "number_sorting": ["direction"],
        "word_sorting": ["sorted_words"], "shortest_path": ["matrix"],
        "tower_of_hanoi": ["num_disks", "num_pegs", "start_peg", "target_peg", "solution_length"]}
    with open(path, "w") as file:
        for task in tasks:
            instances = {}
            for line in open(folder / "instances" / f"{task}.jsonl"):
                row = json.loads(line)
                instances[row["id"]] = row
            groups = {}
            for line in open(folder / "verdicts" / f"{task}.jsonl"):
                row = json.loads(line)
                size = len(row["candidate"])
                limit = 400 if task == "tower_of_hanoi" else 60
                if size <= limit and len(json.dumps(instances[row["id"]]["metadata"])) < 1500 and row["score"] != "takes too long":
                    groups.setdefault(str(row["score"]), []).append(row)
            if is_puzzle(task):
                rows = {row["candidate"]: row for group in groups.values() for row in group}
                groups["peculiar"] = [rows[text] for text in EXPRESSIONS if text in rows]
            share = max(2, (20 if task in OWN else 6) // min(len(groups), 10))
            for score in sorted(groups)[:20]:
                size = len(groups[score])
                for row in rng.sample(groups[score], size if score == "peculiar" else min(share, size)):
                    item = instances[row["id"]]
                    names = ["source_dataset"] + used.get(task, [])
                    facts = {name: item["metadata"][name] for name in names}
                    value = row["score"] if isinstance(row["score"], float) else 0.0
                    file.write(json.dumps({"reference": item["answer"], "facts": json.dumps(facts),
                                           "candidate": row["candidate"], "score": value}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--crux", default=".build/debug/crux")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--shown", type=int, default=5, help="differences shown of each task")
    parser.add_argument("--kept", action="store_true", help="take the answers that are in the folder")
    parser.add_argument("--fixture", help="write a sample of the rows to this file")
    options = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        print("Crux follows Python %d.%d; with this one some scores differ." % PYTHON)
    tasks = options.only.split(",") if options.only else list(TASKS)
    if not options.kept:
        make(options.folder, tasks, options.count, options.seed)
    if options.fixture:
        write_fixture(options.folder, tasks, options.fixture, options.seed)
        return
    sys.exit(0 if compare(options.folder, tasks, options.crux, options.shown) else 1)


if __name__ == "__main__":
    main()
