#!/usr/bin/env python3
"""Writes Sources/Workbench/Cells/EastAsianWidth.swift out of the Unicode Character Database.

    pip install --target u17 unicodedata2==17.0.0
    python3 east_asian_width.py u17 > Sources/Workbench/Cells/EastAsianWidth.swift

The values are Unicode's own property East_Asian_Width (license: Unicode-3.0, which allows this).
Gaps that hold only unassigned characters are closed: those are never drawn.
"""
import json
import subprocess
import sys

DUMP = """
import json, sys
sys.path.insert(0, sys.argv[1])
import unicodedata2 as u
every = (chr(c) for c in range(0x110000))
private = ("Co", "Cs")
width = lambda c: "-" if u.category(c) == "Cn" else "" if u.category(c) in private else u.east_asian_width(c)
print(json.dumps([u.unidata_version, [width(c) for c in every]]))
"""


def table(folder):
    out = subprocess.run([sys.executable, "-c", DUMP, folder], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def ranges(widths, wanted):
    """Inclusive ranges of the characters that `wanted` takes; nothing but unassigned ones between."""
    found = []
    gap = True
    for code, width in enumerate(widths):
        if width != "-" and wanted(width):
            if found and not gap:
                found[-1][1] = code
            else:
                found.append([code, code])
            gap = False
        elif width != "-":
            gap = True
    return found


def literal(name, comment, found):
    words = [f"0x{low:X}, 0x{high:X}," for low, high in found]
    lines, line = [], "   "
    for word in words:
        if len(line) + 1 + len(word) > 100:
            lines.append(line)
            line = "   "
        line += " " + word
    lines.append(line)
    return f"  /// {comment}\n  static let {name}: [UInt32] = [\n" + "\n".join(lines) + "\n  ]\n"


version, now = table(sys.argv[1])
print(f"""/// Unicode's property East_Asian_Width, version {version}.
///
/// Ranges are sorted: first, last, first, last, and so on; gaps that are unassigned are closed.
/// Made by Tests/WorkbenchTests/Scripts/east_asian_width.py.
enum EastAsianWidth {{
  /// The version the tables are of.
  static let version = {version.split(".")[0]}
""")
print(literal("wide", "Classes W and F: two cells.", ranges(now, lambda width: width in ("W", "F"))))
print(literal("ambiguous", "Class A: two cells in East Asian surroundings, else one.", ranges(now, lambda width: width == "A")))
print("""  /// Whether one of the ranges holds the scalar.
  static func holds(_ ranges: [UInt32], _ value: UInt32) -> Bool {
    var (low, high) = (0, ranges.count / 2)
    while low < high {
      let middle = (low + high) / 2
      if ranges[2 * middle + 1] < value { low = middle + 1 } else { high = middle }
    }
    return 2 * low < ranges.count && ranges[2 * low] <= value
  }
}""")
