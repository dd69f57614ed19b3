import Foundation
import Testing

@testable import Workbench

/// Screens as text files in `Screens/`; `CRUX_UPDATE_SCREENS=1` writes them anew.
enum Snapshot {
  /// The sizes and glyphs that every screen is kept in.
  static let variants: [(size: Size, glyphs: GlyphSet)] = [(60, 16), (80, 24), (120, 40)].flatMap {
    size in
    [GlyphSet.unicode, .ascii].map { (Size(columns: size.0, rows: size.1), $0) }
  }

  /// Compares a screen with its file, or writes the file.
  static func check(
    _ grid: Grid, _ name: String, glyphs: GlyphSet, at place: SourceLocation = #_sourceLocation
  ) {
    let size = "\(grid.size.columns)x\(grid.size.rows)"
    compare(grid.text + "\n", with: "\(name)-\(size)-\(glyphs.rawValue)", at: place)
    guard glyphs == .unicode else { return }
    for (kind, theme) in [("colour", Theme.standard), ("mono", Theme.mono)] {
      let painted = Painting(grid, theme: theme).text
      compare(painted, with: "\(name)-\(size)-\(kind)", at: place)
    }
  }

  private static func compare(_ text: String, with file: String, at place: SourceLocation) {
    if ProcessInfo.processInfo.environment["CRUX_UPDATE_SCREENS"] == "1" {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Screens")
      #expect(throws: Never.self, sourceLocation: place) {
        try text.write(
          to: folder.appendingPathComponent(file + ".txt"), atomically: true, encoding: .utf8)
      }
      return
    }
    guard
      let url = Bundle.module.url(
        forResource: file, withExtension: "txt", subdirectory: "Screens"),
      let kept = try? String(contentsOf: url, encoding: .utf8)
    else {
      Issue.record("Screens/\(file).txt is missing", sourceLocation: place)
      return
    }
    #expect(text == kept, "\(file)", sourceLocation: place)
  }

  /// Holds what must be true of every grid, whatever its size.
  static func expectSound(
    _ grid: Grid, ascii: Bool, _ name: String, at place: SourceLocation = #_sourceLocation
  ) {
    for (index, cell) in grid.cells.enumerated() {
      let isPlain = cell.character.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && $0.value != 0x7F
      }
      let isAscii = !ascii || cell.character.isASCII
      guard isPlain, isAscii else {
        Issue.record("\(name): cell \(index) is \(cell.character)", sourceLocation: place)
        return
      }
      let next = index + 1
      let isWide = cellWidth(cell.character) == 2 && !cell.isContinuation
      let hasRoom = next % max(1, grid.size.columns) != 0 && next < grid.cells.count
      if isWide, !hasRoom || !grid.cells[next].isContinuation {
        Issue.record("\(name): wide character without room at \(index)", sourceLocation: place)
        return
      }
    }
  }
}
