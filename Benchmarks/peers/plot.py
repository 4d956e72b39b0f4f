"""Draws bars as SVG."""

import statistics
from xml.sax.saxutils import escape

COLOURS = {"hayloft": "#4a7c59", "llama.cpp": "#b5651d", "ctranslate2": "#4a6fa5", "transformers": "#8c8c8c"}
LEFT, WIDTH, ROW = 210, 420, 22


def bars(title, groups):
    """A group of bars for each model, with its own scale; a line over a bar is its spread."""
    y, parts = 58, []
    for name, entries in groups:
        largest = max((max(values) for _, _, values in entries), default=1)
        parts.append(f'<text x="16" y="{y}" font-weight="bold">{escape(name)}</text>')
        y += 10
        for label, engine, values in entries:
            parts.append(bar(y, label, COLOURS[engine], values, WIDTH / largest))
            y += ROW
        y += 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 90}" height="{y - 10}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="16" y="28" font-size="16">{escape(title)}</text>\n' + "\n".join(parts) + "\n</svg>\n")


def bar(y, label, colour, values, scale):
    """One bar with its name, spread and median."""
    middle = statistics.median(values)
    x = lambda value: f"{LEFT + value * scale:.1f}"
    return (
        f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>\n'
        f'<rect x="{LEFT}" y="{y}" width="{middle * scale:.1f}" height="{ROW - 5}" fill="{colour}"/>\n'
        f'<line x1="{x(min(values))}" x2="{x(max(values))}" y1="{y + 8}" y2="{y + 8}" stroke="#222"/>\n'
        f'<text x="{float(x(max(values))) + 6:.1f}" y="{y + 13}">{middle:.3g}</text>')
