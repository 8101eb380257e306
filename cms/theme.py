"""An organisation's colour in Wagtail's admin and on our own pages, as CSS variables that can be read.

Wagtail builds its palette from hue, saturation and lightness of two colours: *primary* (the sidebar and the
sign-in page) and *secondary* (links and buttons). Both are made from the one brand colour, darkened no more
than its text needs.
"""

import colorsys
import hashlib

from .colors import BLACK, TEXT_CONTRAST, WHITE, contrast, mix, readable_on, readable_text

# Wagtail's darkest surfaces in its dark theme (--w-color-grey-600 to 800); links stand on all of them.
DARK_SURFACE = "#262626"
# Sidebar labels that aren't active are white at this opacity.
MENU_LABEL_OPACITY = 0.8


def sidebar_color(brand: str) -> str:
    """The brand colour, dark enough for the sidebar's labels (white at 80 %) to have 4.5:1."""
    for step in range(101):
        candidate = mix(brand, BLACK, step / 100)
        if contrast(mix(candidate, WHITE, MENU_LABEL_OPACITY), candidate) >= TEXT_CONTRAST:
            return candidate
    return BLACK


def action_color(brand: str) -> str:
    """The brand colour, dark enough for white text on it and for links on Wagtail's light grey (4.5:1)."""
    return readable_text(brand, on="#f6f6f8", ratio=TEXT_CONTRAST + 0.3)


def hsl(color: str) -> tuple[float, float, float]:
    """Hue in degrees, saturation and lightness in per cent, as CSS's `hsl()` takes them."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return round(hue * 360, 1), round(saturation * 100, 1), round(lightness * 100, 1)


def stylesheet(brand: str) -> str:
    """The variables, for `/branding/theme.css`."""
    lines = [f"--brand: {brand};", f"--brand-text: {readable_on(brand)};"]
    for name, color in (("primary", sidebar_color(brand)), ("secondary", action_color(brand))):
        hue, saturation, lightness = hsl(color)
        lines += [
            f"--w-color-{name}-hue: {hue};",
            f"--w-color-{name}-saturation: {saturation}%;",
            f"--w-color-{name}-lightness: {lightness}%;",
        ]
    # On a page: links, and what marks the organisation.
    lines.append(f"--page-action: {action_color(brand)};")
    # Wagtail's own derivation (ten points lighter) is too dark for many brand colours on its dark theme.
    light = readable_text(brand, on=DARK_SURFACE, ratio=5.5)
    dark = "\n  ".join(
        f"--w-color-{name}: {light};"
        for name in ("text-link-default", "text-link-hover", "text-button-outline-default", "text-link-info")
    )
    rules = "\n  ".join(lines)
    return (
        f":root {{\n  {rules}\n}}\n"
        f".w-theme-dark {{\n  {dark}\n}}\n"
        f"@media (prefers-color-scheme: dark) {{\n.w-theme-system {{\n  {dark}\n}}\n"
        f":root {{ --page-action-dark: {light}; }}\n}}\n"
    )


def digest(brand: str) -> str:
    """Part of the stylesheet's address, so that it can be cached for ever."""
    return hashlib.sha256(stylesheet(brand).encode()).hexdigest()[:12]
