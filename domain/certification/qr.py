"""QR codes of addresses, as SVG: ISO/IEC 18004, byte mode, error correction M, versions 2 to 6.

That is up to 106 bytes, more than an address of ours has, and leaves out what larger symbols need besides.
"""

from collections.abc import Iterator

from django.utils.html import escape

# Version → (data bytes, error correction bytes per block, blocks, where the alignment pattern's middle is).
_VERSIONS = {
    2: (28, 16, 1, 18),
    3: (44, 26, 1, 22),
    4: (64, 18, 2, 26),
    5: (86, 24, 2, 30),
    6: (108, 16, 4, 34),
}
# Light modules that must surround the symbol.
QUIET = 4
# Level M in the format bits, the generator of their BCH code, and what they are masked with.
_LEVEL_M, _FORMAT_GENERATOR, _FORMAT_MASK = 0b00, 0b10100110111, 0b101010000010010
_MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
# GF(256) by the polynomial x⁸ + x⁴ + x³ + x² + 1.
_EXP = [1] * 255
for _at in range(1, 255):
    _EXP[_at] = (_EXP[_at - 1] << 1) ^ (0x11D if _EXP[_at - 1] & 0x80 else 0)
_LOG = {value: power for power, value in enumerate(_EXP)}

Grid = list[list[bool]]


def svg(text: str, title: str) -> str:
    """The symbol of a text as an SVG element that is read out as `title`. ValueError for one too long."""
    grid = matrix(text)
    size = len(grid) + 2 * QUIET
    dark = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(grid)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        f'shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{dark}"/></svg>'
    )


def matrix(text: str) -> Grid:
    """The modules of the symbol, row by row, dark ones true."""
    data = text.encode()
    version = next((v for v, (room, *_rest) in _VERSIONS.items() if len(data) + 2 <= room), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes don't fit into a QR code of ours")
    room, correction, blocks, _alignment = _VERSIONS[version]
    bits = _interleaved(_padded(data, room), correction, blocks)
    candidates = (_drawn(version, bits, mask) for mask in range(len(_MASKS)))
    return min(candidates, key=_penalty)


def _padded(data: bytes, room: int) -> bytes:
    """Mode, length and data, ended and filled up."""
    number = (0b0100 << 8 | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    # Mode and length are 12 bits; four zeros end the data and make it whole bytes.
    stream = (number << 4).to_bytes(len(data) + 2, "big")
    return stream + bytes((0xEC, 0x11)[at % 2] for at in range(room - len(stream)))


def _interleaved(data: bytes, correction: int, blocks: int) -> list[bool]:
    length = len(data) // blocks
    parts = [data[at * length : (at + 1) * length] for at in range(blocks)]
    codes = [_remainder(part, correction) for part in parts]
    stream = [part[at] for at in range(length) for part in parts]
    stream += [code[at] for at in range(correction) for code in codes]
    return [bool(byte >> bit & 1) for byte in stream for bit in range(7, -1, -1)]


def _remainder(data: bytes, degree: int) -> list[int]:
    """Reed-Solomon: the remainder of the data by the generator of that degree."""
    generator = [1]
    for power in range(degree):
        generator = [
            (generator[at] if at < len(generator) else 0)
            ^ (_times(generator[at - 1], _EXP[power]) if at else 0)
            for at in range(len(generator) + 1)
        ]
    rest = [*data, *[0] * degree]
    for at in range(len(data)):
        factor = rest[at]
        for place, value in enumerate(generator):
            rest[at + place] ^= _times(value, factor)
    return rest[len(data) :]


def _times(one: int, other: int) -> int:
    return 0 if not one or not other else _EXP[(_LOG[one] + _LOG[other]) % 255]


def _drawn(version: int, bits: list[bool], mask: int) -> Grid:
    size = 17 + 4 * version
    fixed = _patterns(version, size)
    fixed |= _format_modules(size, mask)
    grid = [[fixed.get((y, x), False) for x in range(size)] for y in range(size)]
    stream = iter(bits)
    for y, x in _path(size):
        if (y, x) not in fixed:
            grid[y][x] = next(stream, False) ^ _MASKS[mask](y, x)
    return grid


def _patterns(version: int, size: int) -> dict[tuple[int, int], bool]:
    """Finders with their separators, timing and alignment."""
    found: dict[tuple[int, int], bool] = {}
    for at in range(size):
        found[6, at] = found[at, 6] = at % 2 == 0
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        for y in range(-1, 8):
            for x in range(-1, 8):
                if 0 <= top + y < size and 0 <= left + x < size:
                    ring = max(abs(y - 3), abs(x - 3))
                    found[top + y, left + x] = ring != 2 and ring != 4
    middle = _VERSIONS[version][3]
    for y in range(-2, 3):
        for x in range(-2, 3):
            found[middle + y, middle + x] = max(abs(y), abs(x)) != 1
    return found


def _format_modules(size: int, mask: int) -> dict[tuple[int, int], bool]:
    """Level and mask, twice, and the module that is always dark."""
    data = _LEVEL_M << 3 | mask
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= _FORMAT_GENERATOR << bit - 10
    code = (data << 10 | rest) ^ _FORMAT_MASK
    first = [*[(8, x) for x in range(6)], (8, 7), (8, 8), (7, 8), *[(y, 8) for y in range(5, -1, -1)]]
    second = [*[(size - 1 - at, 8) for at in range(7)], *[(8, size - 8 + at) for at in range(8)]]
    found = {place: bool(code >> 14 - at & 1) for at, place in enumerate(first)}
    found |= {place: bool(code >> 14 - at & 1) for at, place in enumerate(second)}
    return found | {(size - 8, 8): True}


def _path(size: int) -> Iterator[tuple[int, int]]:
    """In pairs of columns from the right, upwards and downwards in turn, leaving out the timing column."""
    upwards = True
    for right in (*range(size - 1, 6, -2), *range(5, 0, -2)):
        for y in range(size - 1, -1, -1) if upwards else range(size):
            yield y, right
            yield y, right - 1
        upwards = not upwards


def _penalty(grid: Grid) -> int:
    """How hard the symbol is to read: runs, blocks, what looks like a finder, too much of one colour."""
    size = len(grid)
    lines = [*grid, *(list(column) for column in zip(*grid, strict=True))]
    finder = [True, False, True, True, True, False, True, *[False] * 4]
    finders = (finder, finder[::-1])
    score = 0
    for line in lines:
        run = 1
        for at in range(1, size + 1):
            if at < size and line[at] == line[at - 1]:
                run += 1
                continue
            score += run - 2 if run >= 5 else 0
            run = 1
        score += 40 * sum(line[at : at + 11] in finders for at in range(size - 10))
    score += 3 * sum(
        grid[y][x] == grid[y][x + 1] == grid[y + 1][x] == grid[y + 1][x + 1]
        for y in range(size - 1)
        for x in range(size - 1)
    )
    dark = sum(map(sum, grid))
    return score + 10 * int(abs(dark * 20 - size * size * 10) / (size * size))
