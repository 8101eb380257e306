"""A bar chart as SVG, drawn on the server. The table beside it says the same in words."""

from dataclasses import dataclass

WIDTH, HEIGHT = 720, 200
TOP, BOTTOM = 24, 34


@dataclass(frozen=True)
class Bar:
    """One bar in the chart's coordinates; `label` below it, `value` above it."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def value_y(self) -> float:
        return round(self.y - 6, 1)


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def baseline(self) -> int:
        return self.height - BOTTOM

    @property
    def label_y(self) -> int:
        return self.height - 12


def bar_chart(values: list[tuple[str, int]]) -> Chart:
    """Bars of equal width, the highest as high as there is room; a zero has no bar, only its number."""
    highest = max((value for _label, value in values), default=0)
    room = HEIGHT - TOP - BOTTOM
    slot = WIDTH / max(len(values), 1)
    bars = []
    for index, (label, value) in enumerate(values):
        height = round(room * value / highest, 1) if highest else 0
        bars.append(
            Bar(
                label=label,
                value=value,
                x=round(index * slot + slot * 0.18, 1),
                y=round(HEIGHT - BOTTOM - height, 1),
                width=round(slot * 0.64, 1),
                height=height,
            )
        )
    return Chart(bars)


# --- Columns of several parts, and the year before


@dataclass(frozen=True)
class Stack:
    """What stands over each other: `parts` from below, or a number that is hidden; `before` as a line."""

    parts: tuple[int, ...]
    text: str
    before: int | None = None
    is_hidden: bool = False

    @property
    def most(self) -> int:
        return max(sum(self.parts), self.before or 0, HIDDEN if self.is_hidden else 0)


# How high what is hidden is drawn: the most that it may be.
HIDDEN = 4


@dataclass(frozen=True)
class Part:
    """A piece of a column or row; `look` is its place among the series: how it is filled."""

    look: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Piece:
    """A drawn stack: its parts, the box of a hidden number, its text, and the line of the year before."""

    parts: list[Part]
    box: Part | None
    text: str
    text_x: float
    text_y: float
    line: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Group:
    """A month or county: its word and the stacks beside each other."""

    label: str
    label_x: float
    label_y: float
    pieces: list[Piece]


@dataclass(frozen=True)
class Groups:
    groups: list[Group]
    width: int
    height: int
    # The line on which the bars stand: from, to.
    axis: tuple[float, float, float, float]
    is_lying: bool = False


# Beside its table a chart of columns is drawn at half its width: higher, so that it can be read there.
TALL, ABOVE, BELOW = 380, 34, 40
# So much room a number takes above a column, or after a row.
TEXT_HEIGHT, TEXT_WIDTH = 24, 48


def column_chart(columns: list[tuple[str, list[Stack]]]) -> Groups:
    """Standing stacks, one group beside the other; all on one scale."""
    highest = max((stack.most for _label, stacks in columns for stack in stacks), default=0)
    room, baseline = TALL - ABOVE - BELOW, TALL - BELOW
    slot = WIDTH / max(len(columns), 1)
    groups = []
    for index, (label, stacks) in enumerate(columns):
        width = slot * 0.7 / max(len(stacks), 1)
        pieces = []
        for at, stack in enumerate(stacks):
            x = index * slot + slot * 0.15 + at * width
            inner = width * 0.92 if len(stacks) > 1 else width
            scaled = _scaled(stack, room, highest)
            parts, top = [], float(baseline)
            for look, height in enumerate(scaled):
                top -= height
                if height:
                    parts.append(Part(look + at, *_rounded(x, top, inner, height)))
            box = None
            if stack.is_hidden:
                height = room * HIDDEN / highest
                top -= height
                box = Part(0, *_rounded(x, top, inner, height))
            line = None
            if stack.before is not None and highest:
                y = baseline - room * stack.before / highest
                line = _rounded(x - 3, y, x + inner + 3, y)
            # The number stands on its column, or on the line where that would cross it.
            above = line[1] if line and top - TEXT_HEIGHT < line[1] <= top else top
            pieces.append(Piece(parts, box, stack.text, round(x + inner / 2, 1), round(above - 6, 1), line))
        groups.append(Group(label, round(index * slot + slot / 2, 1), TALL - 12, pieces))
    return Groups(groups, WIDTH, TALL, (0, baseline, WIDTH, baseline))


ROW, NAMES, NUMBERS = 36, 200, 70


def row_chart(rows: list[tuple[str, list[Stack]]]) -> Groups:
    """Lying stacks, one below the other: for names that are longer than a column is wide."""
    widest = max((stack.most for _label, stacks in rows for stack in stacks), default=0)
    room = WIDTH - NAMES - NUMBERS
    groups, y = [], 6.0
    for label, stacks in rows:
        pieces, first = [], y
        for at, stack in enumerate(stacks):
            x, parts = float(NAMES), []
            for look, width in enumerate(_scaled(stack, room, widest)):
                if width:
                    parts.append(Part(look + at, *_rounded(x, y, width, ROW - 10)))
                x += width
            box = None
            if stack.is_hidden:
                width = room * HIDDEN / widest
                box = Part(0, *_rounded(x, y, width, ROW - 10))
                x += width
            line = None
            if stack.before is not None and widest:
                where = NAMES + room * stack.before / widest
                line = _rounded(where, y - 3, where, y + ROW - 7)
            end = line[0] if line and x <= line[0] < x + TEXT_WIDTH else x
            pieces.append(Piece(parts, box, stack.text, round(end + 8, 1), round(y + 20, 1), line))
            y += ROW - 4 if at < len(stacks) - 1 else ROW
        groups.append(Group(label, NAMES - 10, round((first + y - ROW) / 2 + 20, 1), pieces))
    return Groups(groups, WIDTH, int(y), (NAMES, 0, NAMES, y), is_lying=True)


def _scaled(stack: Stack, room: int, most: int) -> list[float]:
    return [room * value / most if most else 0.0 for value in stack.parts]


def _rounded(*numbers: float) -> tuple[float, float, float, float]:
    first, second, third, fourth = (round(number, 1) for number in numbers)
    return first, second, third, fourth
