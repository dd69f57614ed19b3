import BigInt

// Tasks whose answers are arithmetic.
extension ReasoningGym {
  /// 1 where just the given numbers make the target, 0.05 for other arithmetic, 0.01 for text that
  /// is no number.
  static func countdown(_ answer: [Unicode.Scalar], _ facts: ReasoningGymFacts) -> Double {
    guard let value = ExpressionReader.value(of: answer)?.double,
      let used = numbersAsWords(in: answer), let given = facts.wholes("numbers"),
      let target = facts.number("target")
    else { return 0.01 }
    let isNear = value.isFinite && abs(value - target) <= 1e-6 + 1e-5 * abs(target)
    return used.sorted() == given.sorted() && isNear ? 1 : 0.05
  }

  /// 1 where arithmetic with four numbers of the range that the instance was made of is worth 24,
  /// whatever stands behind the point; 0.01 for any other text.
  ///
  /// Which four the question gave does not matter to the library.
  static func puzzle24(_ answer: [Unicode.Scalar], _ facts: ReasoningGymFacts) -> Double {
    guard let value = ExpressionReader.value(of: answer)?.truncated, value == 24,
      let used = numbersAsWords(in: Array(answer.stripped())), used.count == 4
    else { return 0.01 }
    let range = facts.valueRange ?? 1...10
    return used.allSatisfy { range.contains($0) } ? 1 : 0.01
  }

  /// The runs of digits that stand alone as words; nil where one is longer than Python reads.
  private static func numbersAsWords(in text: [Unicode.Scalar]) -> [BigInt]? {
    var numbers: [BigInt] = []
    for word in text.split(whereSeparator: { !$0.isWordCharacter })
    where word.allSatisfy({ $0.decimalDigit != nil }) {
      guard let number = PythonNumber.whole(word) else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
