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
