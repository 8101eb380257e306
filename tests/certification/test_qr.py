"""The symbol on a certificate that leads to its verification."""

from domain.certification.qr import QUIET, svg


def test_the_drawing_is_an_image_with_a_name_that_is_escaped():
    drawn = svg("https://nhf.localhost/verify/ABCD/", "a <b>")

    assert drawn.startswith('<svg role="img" viewBox="0 0 ')
    assert "<title>a &lt;b&gt;</title>" in drawn


def test_a_symbol_grows_with_its_address_and_keeps_its_quiet_zone():
    def size(text: str) -> int:
        return int(svg(text, "x").split('viewBox="0 0 ')[1].split(" ")[0]) - 2 * QUIET

    assert size("https://nhf.localhost/") < size("https://nhf.localhost/" + "a" * 150)
    assert (size("https://nhf.localhost/") - 21) % 4 == 0
