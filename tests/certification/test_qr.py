"""QR codes: the parts that every reader looks for, and the data, read back as a reader does."""

import pytest

from domain.certification import qr

TEXTS = ["x", "https://nhf.localhost/verify/7Q2MABCDEFGHJKMNPQRSTVWXYZ01/", "æøå", "y" * 60, "z" * 106]


def read(grid) -> str:
    """The text of a symbol: mask from the format bits, codewords along the path, blocks put back."""
    size = len(grid)
    version = (size - 17) // 4
    room, correction, blocks, _middle = qr._VERSIONS[version]
    bits = 0
    for y, x in [*[(8, x) for x in range(6)], (8, 7), (8, 8), (7, 8), *[(y, 8) for y in range(5, -1, -1)]]:
        bits = bits << 1 | grid[y][x]
    mask = (bits ^ 0b101010000010010) >> 10 & 0b111
    fixed = qr._patterns(version, size) | qr._format_modules(size, mask)
    stream = [grid[y][x] ^ qr._MASKS[mask](y, x) for y, x in qr._path(size) if (y, x) not in fixed]
    words = [int("".join("01"[bit] for bit in stream[at : at + 8]), 2) for at in range(0, len(stream) - 7, 8)]
    length = room // blocks
    data = [words[at * blocks + block] for block in range(blocks) for at in range(length)]
    for block in range(blocks):
        code = [words[room + at * blocks + block] for at in range(correction)]
        # A whole codeword is divisible: every root of the generator is one of it.
        whole = [*data[block * length : (block + 1) * length], *code]
        for power in range(correction):
            value = 0
            for word in whole:
                value = qr._times(value, qr._EXP[power]) ^ word
            assert value == 0
    number = int.from_bytes(bytes(data), "big")
    total = room * 8
    assert number >> total - 4 == 0b0100
    count = number >> total - 12 & 0xFF
    return (number >> total - 12 - 8 * count & (1 << 8 * count) - 1).to_bytes(count, "big").decode()


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_is_read(text):
    assert read(qr.matrix(text)) == text


def test_finders_and_timing_are_where_readers_look():
    grid = qr.matrix("https://nhf.localhost/")
    size = len(grid)
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        found = ["".join("01"[grid[top + y][left + x]] for x in range(7)) for y in range(7)]
        assert found == finder
    assert [grid[6][x] for x in range(8, size - 8)] == [x % 2 == 0 for x in range(8, size - 8)]
    assert grid[size - 8][8]


def test_a_text_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="107 bytes"):
        qr.matrix("z" * 107)


def test_the_drawing_has_a_name_and_escapes_it():
    drawn = qr.svg("https://nhf.localhost/", 'a "<b>"')
    assert "<title>a &quot;&lt;b&gt;&quot;</title>" in drawn
    assert 'role="img"' in drawn
