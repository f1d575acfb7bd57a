"""What must hold of a page that loads nothing, and of a picture that a browser made of it."""
import html.parser
import re
import shutil
import struct
import subprocess
import zlib

VOID = {"meta", "br", "hr", "img", "input", "link"}
LOADS = {"src", "href", "xlink:href", "srcset", "data", "action", "poster"}


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.problems, self.points = [], set(), [], 0

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name in LOADS and not (value or "").startswith("#"):
                self.problems.append(f"<{tag} {name}={value!r}> would be loaded")
            if name == "id":
                self.ids.add(value)
            if name == "points":
                self.points += len(value.split())
                if not all(re.fullmatch(r"-?[\d.]+,-?[\d.]+", point) for point in value.split()):
                    self.problems.append(f"points {value[:60]}")
        if tag in ("script", "link", "iframe", "object", "embed", "base"):
            self.problems.append(f"there is a <{tag}>")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()


def check(text, sections):
    """What is wrong with a page; empty where nothing is."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    problems = checker.problems + [f"<{tag}> is not closed" for tag in checker.open]
    problems += [f"there is no section {name}" for name in sections if name not in checker.ids]
    problems += [f"{word} in a style" for word in ("url(", "@import", "expression(") if word in text]
    if "http" in re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", text).split("<pre>")[0]:
        problems.append("there is an address")
    if checker.points == 0:
        problems.append("no line is drawn")
    return problems


def browser():
    return next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


def screenshot(program, page, picture, folder, size, more=()):
    """A picture by a browser that reaches no network; what it said where there is none."""
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
               "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'browser'}", *more,
               f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}", page.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, timeout=45)
    return None if picture.is_file() else result.stderr


def unfiltered(data, width, height, channels):
    """The rows of a PNG's pixels."""
    stride, at, before = width * channels, 0, bytes(width * channels)
    for _ in range(height):
        kind, row = data[at], bytearray(data[at + 1:at + 1 + stride])
        at += 1 + stride
        for i in range(stride if kind else 0):
            left = row[i - channels] if i >= channels else 0
            corner = before[i - channels] if i >= channels else 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = before[i]
            elif kind == 3:
                guess = (left + before[i]) // 2
            else:
                p = left + before[i] - corner
                a, b, c = abs(p - left), abs(p - before[i]), abs(p - corner)
                guess = left if a <= b and a <= c else before[i] if b <= c else corner
            row[i] = (row[i] + guess) & 0xFF
        yield row
        before = row


def colours(picture):
    """Width, height, and how many pixels of each colour there are in every fourth row."""
    data, at, packed, shape = picture.read_bytes(), 8, b"", None
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            shape = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    width, height, depth, kind = shape
    channels = {2: 3, 6: 4}[kind]
    if depth != 8:
        raise ValueError(f"{depth} bits a channel")
    counts = {}
    for place, row in enumerate(unfiltered(zlib.decompress(packed), width, height, channels)):
        if place % 4 == 0:
            for i in range(0, len(row), channels):
                colour = bytes(row[i:i + 3])
                counts[colour] = counts.get(colour, 0) + 1
    return width, height, counts
