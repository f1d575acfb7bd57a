"""Plots as SVG that stands in a page: colours are its style sheet's, so that they follow light and dark."""
import html
import math

WIDTH, HEIGHT = 540, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 44


def number(value):
    """As short as it can be read."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if abs(value) >= 1e5 or abs(value) < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        mantissa = mantissa.removesuffix(".0")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def text(x, y, words, anchor="middle", kind="tick", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"{more}>{html.escape(str(words))}</text>'


def svg(width, height, body, title):
    return (f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(title)}" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(body)}</svg>')


def linear_ticks(low, high):
    step = 10 ** math.floor(math.log10((high - low) / 4))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= 6:
            step *= factor
            break
    first = math.ceil(low / step - 1e-9)
    return [(first + i) * step for i in range(int((high - first * step) / step + 1e-9) + 1)]


def log_ticks(low, high):
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, len(exponents) // 6)
    factors = (1, 2, 5) if high / low < 300 else (1,)
    ticks = [factor * 10.0 ** exponent for exponent in exponents if exponent % every == 0 for factor in factors]
    return [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]


class Axis:
    """Values to pixels."""

    def __init__(self, values, begin, end, log=False, zero=False):
        values = [v for v in values if v is not None and math.isfinite(v) and (v > 0 or not log)]
        low, high = (min(values), max(values)) if values else (1, 10)
        if zero and not log:
            low = min(low, 0)
        if low == high:
            low, high = (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
        if log:
            low, high = low / (high / low) ** 0.04, high * (high / low) ** 0.04
        elif not zero:
            low, high = low - 0.02 * (high - low), high + 0.02 * (high - low)
        else:
            high += 0.05 * (high - low)
        self.low, self.high, self.begin, self.end, self.log = low, high, begin, end, log

    def __call__(self, value):
        at, low, high = value, self.low, self.high
        if self.log:
            at, low, high = math.log(value), math.log(low), math.log(high)
        return self.begin + (at - low) / (high - low) * (self.end - self.begin)

    def has(self, value):
        return value is not None and math.isfinite(value) and (value > 0 or not self.log)

    def ticks(self):
        return log_ticks(self.low, self.high) if self.log else linear_ticks(self.low, self.high)


def thinned(xs, ys, most=240):
    every = max(1, math.ceil(len(xs) / most))
    keep = sorted(set(range(0, len(xs), every)) | {len(xs) - 1}) if xs else []
    return [xs[i] for i in keep], [ys[i] for i in keep]


def frame(title, x, y, xlabel, ylabel):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    body = [text(LEFT, 18, title, "start", "title")]
    for tick in y.ticks():
        at = y(tick)
        body.append(f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>')
        body.append(text(LEFT - 7, at + 4, number(tick), "end"))
    for tick in x.ticks() if x else []:
        at = x(tick)
        body.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{bottom}" y2="{bottom + 4}" class="axis"/>')
        body.append(text(at, bottom + 17, number(tick)))
    body.append(f'<line x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}" class="axis"/>')
    body.append(text((LEFT + right) / 2, HEIGHT - 8, xlabel, kind="label"))
    middle = (TOP + bottom) / 2
    body.append(text(14, middle, ylabel, kind="label", more=f' transform="rotate(-90 14 {middle:.1f})"'))
    return body


def lines(title, series, xlabel, ylabel, log=True, zero=False):
    """`series`: name, xs, ys, colour (a class), and whether it is dashed. The legend stands below the plot."""
    x = Axis([v for one in series for v in one[1]], LEFT, WIDTH - RIGHT)
    y = Axis([v for one in series for v in one[2]], HEIGHT - BOTTOM, TOP, log, zero)
    body = frame(title, x, y, xlabel, ylabel)
    for name, xs, ys, colour, dashed in series:
        xs, ys = thinned(xs, ys)
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(xs, ys) if y.has(b))
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        body.append(f'<polyline points="{points}" class="line stroke-{colour}"{dash}/>')
    entries = "".join(f'<span class="key"><i class="{"dashed" if dashed else "solid"} border-{colour}"></i>'
                      f"{html.escape(name)}</span>" for name, _, _, colour, dashed in series if name)
    return f'<figure>{svg(WIDTH, HEIGHT, body, title)}<figcaption>{entries}</figcaption></figure>'


def bars(title, rows, ylabel):
    """`rows`: name, colour, value, and what stands above the bar. Logarithmic."""
    y = Axis([value for _, _, value, _ in rows] + [max(value for _, _, value, _ in rows) / 30], HEIGHT - BOTTOM, TOP + 12, True)
    body = frame(title, None, y, "", ylabel)
    width = (WIDTH - RIGHT - LEFT) / len(rows)
    for place, (name, colour, value, above) in enumerate(rows):
        at, top = LEFT + place * width, y(value)
        body.append(f'<rect x="{at + 0.18 * width:.1f}" y="{top:.1f}" width="{0.64 * width:.1f}" '
                    f'height="{HEIGHT - BOTTOM - top:.1f}" rx="2" class="fill-{colour}"/>')
        body.append(text(at + width / 2, top - 5, above, kind="value"))
        body.append(text(at + width / 2, HEIGHT - BOTTOM + 17, name))
    return f"<figure>{svg(WIDTH, HEIGHT, body, title)}</figure>"


def matrix(title, rows, names, colour):
    """Values in squares: the darker, the larger; on a scale of logarithms from 0.1 to 10."""
    cell, left, top = 62, 58, 54
    width, height = left + cell * len(names) + 8, top + cell * len(rows) + 8
    body = [text(8, 18, title, "start", f"title fill-{colour}")]
    for column, name in enumerate(names):
        body.append(text(left + (column + 0.5) * cell, top - 9, name))
    for place, (label, values) in enumerate(rows):
        body.append(text(left - 8, top + (place + 0.5) * cell + 4, label, "end"))
        for column, value in enumerate(values):
            share = 0.5 if value is None else min(1.0, max(0.0, (math.log10(max(value, 1e-9)) + 1) / 1.6))
            x, y = left + column * cell, top + place * cell
            kind = "cell dark" if share > 0.55 else "cell"
            body.append(f'<rect x="{x + 1.5}" y="{y + 1.5}" width="{cell - 3}" height="{cell - 3}" rx="4" '
                        f'class="heat" fill-opacity="{0.06 + 0.9 * share:.2f}"/>')
            body.append(text(x + cell / 2, y + cell / 2 + 5, number(value), kind=kind))
    return f'<figure class="matrix" style="max-width:{width}px">{svg(width, height, body, title)}</figure>'
