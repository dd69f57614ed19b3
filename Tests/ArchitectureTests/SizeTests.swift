import Testing

struct SizeTests {
  // An idea stands whole in one file; one past this length holds two.
  @Test func `no source file is longer than 600 lines`() throws {
    for file in try swiftFiles(in: "Sources") + swiftFiles(in: "Tests") {
      #expect(file.lines.count <= 601, "\(file) has \(file.lines.count) lines")
    }
  }

  @Test func `no function is longer than 60 lines and nine in ten have at most 25`() throws {
    var lengths: [Int] = []
    for file in try swiftFiles(in: "Sources") {
      for function in functions(of: file) {
        lengths.append(function.length)
        #expect(function.length <= 60, "\(file):\(function.line) is \(function.length) lines long")
      }
    }
    let short = lengths.count { $0 <= 25 }
    #expect(Double(short) >= 0.9 * Double(lengths.count), "\(short) of \(lengths.count) are short")
  }

  /// Functions and initialisers by indentation: the formatter puts the closing brace below `func`.
  private func functions(of file: SourceFile) -> [(line: Int, length: Int)] {
    var found: [(Int, Int)] = []
    for (number, line) in file.lines.enumerated() {
      let indentation = line.prefix { $0 == " " }
      let code = line.dropFirst(indentation.count)
      guard code.contains("func ") || code.hasPrefix("init(") || code.contains(" init("),
        !code.hasPrefix("//"), !code.contains("\"")
      else { continue }
      if code.hasSuffix("}") {
        found.append((number + 1, 1))
        continue
      }
      guard hasBody(file.lines[number...]) else { continue }
      let closing = indentation + "}"
      guard let end = file.lines[number...].firstIndex(where: { $0 == closing }) else { continue }
      found.append((number + 1, end - number + 1))
    }
    return found
  }

  /// Whether what is declared there has a body; what a protocol asks for has none.
  private func hasBody(_ lines: ArraySlice<Substring>) -> Bool {
    for line in lines {
      if line.hasSuffix("{") { return true }
      let code = line.drop { $0 == " " }
      if code.isEmpty || code.hasPrefix("///") || code == "}" { return false }
    }
    return false
  }
}
