"""Grammars written as a line of text: "$[1-9][0-9]{0,2}(,[0-9]{3})*.[0-9]{2}"."""

from dataclasses import dataclass

from lenet_helpers.strings.grammars import Grammar

MAX_STATES = 5000
MAX_DEPTH = 50  # of brackets
MAX_COUNT = 100  # in curly brackets
SIGNS = "?*+{"  # after a part: how often it stands there
SPECIAL = "[](){}|?*+\\"


class PatternError(ValueError):
    """A pattern that cannot be understood; the message says where and why."""


@dataclass(frozen=True)
class _One:
    """One of some labels."""

    labels: frozenset[int]


@dataclass(frozen=True)
class _Row:
    """Parts one after another."""

    parts: tuple


@dataclass(frozen=True)
class _Either:
    """One of several parts."""

    parts: tuple


@dataclass(frozen=True)
class _Repeated:
    """A part from `least` to `most` times; `most` is None: without end."""

    part: object
    least: int
    most: int | None


def parse_pattern(pattern: str, characters: str) -> Grammar:
    r"""Make the grammar of the strings that a pattern describes.

    A character stands for itself, the point and the dollar sign too. ``[1-9]`` is one
    of a range, ``(a|b)`` one or the other, ``?`` at most one of what stands before,
    ``*`` any number, ``+`` one or more, ``{3}`` three and ``{0,2}`` up to two. A
    backslash takes its meaning from one of ``[](){}|?*+\``. Spaces are left out.

    Parameters
    ----------
    pattern : str
    characters : str
        A label's character: that of label 0 first.

    Returns
    -------
    Grammar
        Deterministic: it accepts each string in one way, so that `forward` counts no
        string twice.

    Raises
    ------
    PatternError : says at which character the pattern stops making sense, and why.
    """
    parser = _Parser(pattern, characters)
    tree = parser.read_alternatives()
    if parser.place < len(pattern):
        parser.fail("there is no bracket to close")
    return _determinise(tree, pattern)


class _Parser:
    def __init__(self, pattern, characters):
        self.pattern, self.characters = pattern, characters
        self.place = self.depth = 0

    def fail(self, reason):
        rest = self.pattern[self.place :]
        where = f"at character {self.place + 1}, {rest[0]!r}" if rest else "at its end"
        raise PatternError(f"`pattern` cannot be read {where}: {reason}.")

    def peek(self):
        while self.pattern[self.place : self.place + 1] == " ":
            self.place += 1
        return self.pattern[self.place : self.place + 1]

    def take(self, expected):
        if self.peek() != expected:
            self.fail(f"here must be {expected!r}")
        self.place += 1

    def read_alternatives(self):
        parts = [self.read_row()]
        while self.peek() == "|":
            self.place += 1
            parts.append(self.read_row())
        return parts[0] if len(parts) == 1 else _Either(tuple(parts))

    def read_row(self):
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.read_repeated())
        return _Row(tuple(parts))

    def read_repeated(self):
        part = self.read_one()
        sign = self.peek()
        if not sign or sign not in SIGNS:
            return part
        begin = self.place
        self.place += 1
        least, most = (
            self.read_counts(begin)
            if sign == "{"
            else {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        )
        following = self.peek()
        if following and following in SIGNS:
            self.fail("only one sign may stand here; use round brackets for another")
        return _Repeated(part, least, most)

    def read_counts(self, begin):
        end = self.pattern.find("}", self.place)
        counts = self.pattern[self.place : end].split(",") if end >= 0 else []
        counts = [count.strip() for count in counts]
        is_right = len(counts) in (1, 2) and all(
            count.isascii() and count.isdecimal() for count in counts
        )
        is_small = is_right and max(len(count.lstrip("0")) for count in counts) < 4
        if is_right and not (is_small and int(counts[-1]) <= MAX_COUNT):
            self.place = begin
            self.fail(f"a count is at most {MAX_COUNT}")
        if not is_right or int(counts[0]) > int(counts[-1]):
            self.place = begin
            self.fail("a count is written {3} or {0,2}")
        self.place = end + 1
        return int(counts[0]), int(counts[-1])

    def read_one(self):
        character = self.peek()
        if character == "(":
            begin = self.place
            self.place += 1
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.fail(f"more than {MAX_DEPTH} brackets are open")
            part = self.read_alternatives()
            self.depth -= 1
            if self.peek() != ")":
                self.place = begin
                self.fail("this bracket is not closed")
            self.place += 1
            return part
        if character == "[":
            return self.read_range()
        if character and character in SPECIAL and character != "\\":
            self.fail("there is nothing before it that it could belong to")
        return _One(frozenset([self.read_label()]))

    def read_label(self):
        if self.peek() == "\\":
            self.place += 1
        character = self.peek()
        if not character or character not in self.characters:
            self.fail(f"the characters are {self.characters}")
        self.place += 1
        return self.characters.index(character)

    def read_range(self):
        begin = self.place
        self.take("[")
        labels = set()
        while self.peek() not in ("]", ""):
            first = last = self.read_label()
            if self.peek() == "-":
                self.place += 1
                last = self.read_label()
            if first > last:
                self.place = begin
                self.fail("a range goes from the lower to the higher")
            labels |= set(range(first, last + 1))
        if not labels or self.peek() != "]":
            self.place = begin
            self.fail("this range is empty or not closed")
        self.take("]")
        return _One(frozenset(labels))


class _Positions:
    """Glushkov's construction: a position wherever a label stands in the pattern."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.labels, self.follow = [], []
        self.num_parts = 0

    def build(self, tree):
        """Give whether nothing will do, and the positions that may come first, last."""
        self.num_parts += 1
        if self.num_parts > 4 * MAX_STATES:
            raise PatternError(
                f"`pattern` is too long when its counts are written out:"
                f" {self.pattern[:40]!r}."
            )
        if isinstance(tree, _One):
            self.labels.append(tree.labels)
            self.follow.append(set())
            position = {len(self.labels) - 1}
            return False, position, position
        if isinstance(tree, _Either):
            built = [self.build(part) for part in tree.parts]
            return (
                any(empty for empty, _, _ in built),
                set().union(*(first for _, first, _ in built)),
                set().union(*(last for _, _, last in built)),
            )
        if isinstance(tree, _Repeated):
            return self.repeat(tree)
        return self.join(self.build(part) for part in tree.parts)

    def join(self, built):
        is_empty, firsts, lasts = True, set(), set()
        for empty, first, last in built:
            for position in lasts:
                self.follow[position] |= first
            firsts = firsts | first if is_empty else firsts
            lasts = lasts | last if empty else last
            is_empty = is_empty and empty
        return is_empty, firsts, lasts

    def repeat(self, tree):
        copies = [self.build(tree.part) for _ in range(tree.least)]
        if tree.most is None:
            _, first, last = self.build(tree.part)
            for position in last:
                self.follow[position] |= first
            copies.append((True, first, last))
        else:
            for _ in range(tree.most - tree.least):
                _, first, last = self.build(tree.part)
                copies.append((True, first, last))
        return self.join(copies)


def _determinise(tree, pattern):
    """Make a state of what has been reached: may it end here, and what may follow."""
    positions = _Positions(pattern)
    is_empty, first, last = positions.build(tree)
    start: tuple[bool, frozenset[int]] = (is_empty, frozenset(first))
    states, waiting, rules = {start: 0}, [start], []
    while waiting:
        here = waiting.pop()
        taken = {}
        for position in here[1]:
            for label in positions.labels[position]:
                taken.setdefault(label, set()).add(position)
        for label, some in sorted(taken.items()):
            following = frozenset().union(*(positions.follow[p] for p in some))
            there = (not last.isdisjoint(some), following)
            if there not in states:
                states[there] = len(states)
                waiting.append(there)
            rules.append((states[here], states[there], label))
        if len(states) > MAX_STATES:
            raise PatternError(
                f"`pattern` needs more than {MAX_STATES} states: {pattern[:40]!r}."
            )
    finals = [number for (may_end, _), number in states.items() if may_end]
    return Grammar.from_rules(rules, finals=finals)
