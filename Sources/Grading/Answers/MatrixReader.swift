// Matrices and vectors.
extension AnswerReader {
  /// A matrix between `\begin` and `\end`; of one between bars the determinant.
  func matrix(_ given: ArraySlice<MathToken>) -> AnswerValue? {
    var tokens = Self.trimmed(given)
    guard case .command(let name) = tokens.first, name.hasPrefix("begin"),
      tokens.last == .command("end" + name.dropFirst(5))
    else { return nil }
    tokens = tokens.dropFirst().dropLast()
    if name == "beginarray" { tokens = Self.withoutColumns(tokens) }
    let rows = Self.split(tokens) { $0 == .command("\\") }.filter { !Self.trimmed($0).isEmpty }
    let cells = rows.map { row in
      Self.split(row) { $0 == .sign("&") }.map { MathParser.expression($0) }
    }
    guard !cells.isEmpty, cells.allSatisfy({ !$0.contains(nil) }) else { return nil }
    let matrix = cells.map { $0.compactMap { $0 } }
    guard name == "beginvmatrix" else { return .matrix(matrix) }
    return Self.determinant(matrix).map { .plain($0) }
  }

  /// Without the `{cc}` that follows `\begin{array}`.
  private static func withoutColumns(_ tokens: ArraySlice<MathToken>) -> ArraySlice<MathToken> {
    guard tokens.first == .sign("{"), let end = tokens.firstIndex(of: .sign("}")) else {
      return tokens
    }
    return tokens[(end + 1)...]
  }

  /// By the first row; nil where the matrix is not square, or larger than four.
  private static func determinant(_ rows: [[MathExpression]]) -> MathExpression? {
    guard (1...4).contains(rows.count), rows.allSatisfy({ $0.count == rows.count }) else {
      return nil
    }
    if rows.count == 1 { return rows[0][0] }
    var sum: MathExpression?
    for column in rows.indices {
      let minor = rows.dropFirst().map { row in
        row.indices.filter { $0 != column }.map { row[$0] }
      }
      guard let part = determinant(minor) else { return nil }
      let term = MathExpression.product(rows[0][column], part)
      let signed = column % 2 == 0 ? term : .negated(term)
      sum = sum.map { .sum($0, signed) } ?? signed
    }
    return sum
  }
}

/// Reads a vector out of the directions it is made of: `2\hat{i} - \hat{j}`.
enum VectorReader {
  private static let names = ["i", "j", "k"]

  /// The components in order; nil where there are no directions, or something stands beside them.
  static func value(_ tokens: ArraySlice<MathToken>) -> AnswerValue? {
    let used = names.filter { tokens.contains(.command("unit-" + $0)) }
    guard !used.isEmpty else { return nil }
    let plain = tokens.map { token -> [MathToken] in
      guard case .command(let name) = token, name.hasPrefix("unit-") else { return [token] }
      return [.letter("e"), .sign("_"), .sign("{"), .word(name), .sign("}")]
    }
    guard let formula = MathParser.expression(plain.joined().map { $0 }) else { return nil }
    func at(_ direction: String?) -> MathExpression {
      names.reduce(formula) { rest, name in
        rest.replacing("e_unit-" + name, with: .number(name == direction ? "1" : "0"))
      }
    }
    guard FormulaComparison.agree(at(nil), .number("0")) else { return nil }
    let dimensions = used.contains("k") ? 3 : 2
    let parts = names.prefix(dimensions).map { AnswerValue.plain(at($0)) }
    return .list(parts, AnswerValue.Fence(open: "(", close: ")"))
  }
}

extension AnswerValue {
  /// Whether this is a set of numbers in a row, so that “or” joins it to others.
  var isRange: Bool {
    switch self {
    case .relation, .union, .reals, .without: true
    case .list(_, let fence): fence != .none
    default: false
    }
  }
}
