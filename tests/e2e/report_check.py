"""A report as a strict reader sees it: parse(path) gives its structure, check(path) asserts what every
report promises. report_check.py FILE... checks each."""
import base64
import collections
import hashlib
import html.parser
import re
import sys
import unicodedata

STATEMENT = ("Findings state what the records show. They are not a finding of infringement, "
             "knowledge in law, or contempt.")
VOID = {"meta", "br"}
ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "dl", "dt", "dd", "p", "bdi",
           "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "strong", "br", "ul", "li", "pre", "code",
           "figure", "figcaption", "div", "svg", "desc", "defs", "pattern", "line", "rect", "circle", "g", "text"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "viewbox", "role",
              "aria-labelledby", "xmlns", "id", "width", "height", "patternunits", "patterntransform", "x", "y",
              "x1", "x2", "y1", "y2", "cx", "cy", "r", "fill", "text-anchor", "transform", "tabindex", "aria-label"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.count, self.tags, self.text = [], collections.Counter(), [], []
        self.style = ""
        self.inside = collections.defaultdict(list)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert tag in ALLOWED, f"<{tag}> in a report"
        assert len(set(names)) == len(names) and set(names) <= ATTRIBUTES, (tag, attrs)
        if tag == "li" and self.stack[-1] == "li":
            self.stack.pop()  # its end tag may be left out (HTML, 13.1.2.4)
        self.count[tag] += 1
        self.tags.append((tag, dict(attrs), tuple(self.stack)))
        if tag not in VOID:
            self.stack.append(tag)
            self.inside[tag].append("")

    def handle_startendtag(self, tag, attrs):
        assert "svg" in self.stack, tag  # in HTML the slash would mean nothing
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag == "ul" and self.stack[-1] == "li":
            self.stack.pop()
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]}"
        self.stack.pop()

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "style":
            self.style += data
        else:
            self.text.append(data)
        for tag in set(self.stack):
            self.inside[tag][-1] += data

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)

    def unknown_decl(self, data):
        raise AssertionError("a declaration: " + data)

    handle_pi = unknown_decl


def parse(path):
    page = Page()
    with open(path, encoding="utf-8", newline="") as file:
        source = file.read()
    page.feed(source)
    page.close()
    assert page.stack == [], page.stack
    page.source = source
    page.words = " ".join("".join(page.text).split())
    return page


def luminance(colour):
    colour = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check(path):
    page = parse(path)
    source = page.source
    assert source.startswith("<!DOCTYPE html>\n"), source[:40]
    for char in source:
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Cs"), hex(ord(char))
    assert page.count["h1"] == page.count["main"] == 1, page.count
    assert sum(tag == "title" and up[-1] == "head" for tag, _, up in page.tags) == 1
    assert page.tags[0][1]["lang"] == "en"
    # nothing is loaded, nothing is run
    policy, = (a["content"] for t, a, _ in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'", policy
    assert "url(" not in page.style and "@import" not in page.style
    assert all(a["fill"] in ("url(#gap)", "url(#uncovered)") for _, a, _ in page.tags if "fill" in a)
    # who listens to it finds their way
    level = 0
    for tag, attributes, up in page.tags:
        if re.fullmatch("h[1-6]", tag):
            assert int(tag[1]) <= level + 1, f"{tag} after h{level}"
            level = int(tag[1])
        if tag == "th":
            assert attributes.get("scope") == ("col" if "thead" in up else "row"), attributes
        if tag == "svg":
            assert attributes["role"] == "img" and attributes["aria-labelledby"] == "chart-title chart-desc"
    assert page.count["caption"] == page.count["table"] == page.count["thead"] == page.count["tbody"]
    ids = [a["id"] for _, a, _ in page.tags if "id" in a]
    assert len(ids) == len(set(ids)) and (page.count["svg"] == 0 or {"chart-title", "chart-desc"} <= set(ids)), ids
    # contrast of text as WCAG 2.2, 1.4.3 asks; where no ground is said it is the page's
    pairs = re.findall(r"[{;]color:#([0-9a-f]{3,6})(?:;background:#([0-9a-f]{3,6}))?", page.style)
    assert len(pairs) >= 6, pairs
    for ink, ground in pairs:
        assert contrast(ink, ground or "fff") >= 4.5, (ink, ground)
    assert "@media print" in page.style
    assert page.words.endswith(STATEMENT), page.words[-200:]
    return page


if __name__ == "__main__":
    for name in sys.argv[1:]:
        check(name)
