import BigInt
import Foundation
public import Trajectories

/// The scores that reasoning-gym 0.1.25's verifiers give, 0…1, task by task.
///
/// The rules are told anew here from what the library does; a differential test against it stands
/// in `Tests/GradingTests/Differential`. Where the library raises an error the answer is worth 0.
public enum ReasoningGym {
  /// The score of a response.
  ///
  /// What stands last between `<answer>` and `</answer>` is the answer, as the library has it. Crux
  /// is milder where there is none: then what stands in a box is, else the whole response.
  ///
  /// - Parameters:
  ///   - response: What was written.
  ///   - reference: The instance's answer.
  ///   - facts: The instance's metadata as JSON; `source_dataset` in it names the task.
  /// - Returns: The score, 0…1.
  public static func score(_ response: String, reference: String, facts: String) -> Double {
    let found = tagged(in: response) ?? ExtractedAnswer.boxed(in: response)
    return score(
      answer: found ?? response.unicodeScalars.stripped().text, reference: reference, facts: facts)
  }

  /// The last text between tags, without space at its ends; nil where there are none.
  static func tagged(in response: String) -> String? {
    let text = Substring(response)
    var found: Substring?
    var rest = text.utf8[...]
    while let opening = rest.firstRange(of: "<answer>".utf8),
      let closing = rest[opening.upperBound...].firstRange(of: "</answer>".utf8)
    {
      found = text[opening.upperBound..<closing.lowerBound]
      rest = rest[closing.upperBound...]
    }
    return found.map { $0.unicodeScalars.stripped().text }
  }

  /// The score of an answer as it stands, nothing being looked for in it.
  public static func score(answer: String, reference: String, facts: String) -> Double {
    let facts = ReasoningGymFacts(facts)
    switch facts.task {
    case "tower_of_hanoi": return HanoiPegs(facts)?.score(answer) ?? 0
    case "spell_backward": return spelling(answer, reference)
    case "knights_knaves": return people(answer, reference)
    default: break
    }
    return score(Array(answer.unicodeScalars), Array(reference.unicodeScalars), facts)
  }

  private static func score(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    switch facts.task {
    case "chain_sum", "products": decimal(answer, reference)
    case "decimal_chain_sum": decimalOnly(answer, reference)
    case "coin_flip": probability(answer, reference)
    case "gsm_symbolic": firstNumber(answer, reference)
    case "countdown": countdown(answer, facts)
    case "puzzle24": puzzle24(answer, facts)
    case "fraction_simplification": fraction(answer, facts)
    case "prime_factorization": factors(answer, reference)
    case "number_sorting": numberList(answer, reference, facts)
    case "word_sorting": wordList(answer, reference, facts)
    case "shortest_path": path(answer, reference, facts)
    default: contained(answer, reference)
    }
  }

  /// Tasks that the library scores by the rule for texts.
  private static let plain: Set<String> = [
    "acre", "aiw", "arc_1d", "base_conversion", "basic_arithmetic", "bf", "binary_alternation",
    "caesar_cipher", "count_bits", "count_primes", "course_schedule", "gcd", "isomorphic_strings",
    "largest_island", "lcm", "leg_counting", "letter_counting", "list_functions", "mahjong_puzzle",
    "maze", "modulo_grid", "number_filtering", "number_sequence", "ransom_note", "rotate_matrix",
    "rotten_oranges", "simple_equations", "simple_geometry", "string_manipulation",
    "string_splitting", "string_synthesis", "syllogism", "word_sequence_reversal",
  ]

  /// Tasks that have a rule of their own above.
  private static let ruled: Set<String> = [
    "chain_sum", "coin_flip", "countdown", "decimal_chain_sum", "fraction_simplification",
    "gsm_symbolic", "knights_knaves", "number_sorting", "prime_factorization", "products",
    "puzzle24", "shortest_path", "spell_backward", "tower_of_hanoi", "word_sorting",
  ]

  /// The tasks among problems of which Crux does not know that their scores are the library's, by
  /// name: they earn by the rule for texts, and the library may have another.
  public static func unknownTasks(in problems: [Problem]) -> [String] {
    let graded = problems.compactMap(\.grading).filter { $0.rule == .reasoningGym }
    let tasks = Set(graded.map { ReasoningGymFacts($0.facts).task })
    return tasks.subtracting(plain).subtracting(ruled).sorted()
  }

  /// 1 for the same text; where the reference stands in the answer, its share of the length.
  static func contained(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard !answer.isEmpty else { return 0 }
    if answer == reference { return 1 }
    guard !reference.isEmpty, answer.contains(reference) else { return 0 }
    return Double(reference.count) / Double(answer.count)
  }
}

// Tasks whose answers are numbers.
extension ReasoningGym {
  /// 1 for a decimal number of the same value, whatever its sign's and zeros' writing and its
  /// commas; else the share that the reference takes of the answer it stands in.
  static func decimal(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard !answer.isEmpty else { return 0 }
    let said = answer.filter { $0 != "," }
    let wanted = reference.filter { $0 != "," }
    if let one = PythonNumber.decimal(said), one == PythonNumber.decimal(wanted) { return 1 }
    guard wanted.isEmpty || said.contains(wanted) else { return 0 }
    return Double(wanted.count) / Double(max(1, said.count))
  }

  /// 1 for a decimal number of the same value, 0 for anything else.
  static func decimalOnly(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = PythonNumber.decimal(answer) else { return 0 }
    return said == PythonNumber.decimal(reference) ? 1 : 0
  }

  /// 1 for a probability, as a decimal number or a fraction, within 0.0001 of the reference; else
  /// what share of the shorter of both, written with ten figures, agrees from the beginning.
  static func probability(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = PythonNumber.fraction(answer.filter { $0 != "," }),
      let wanted = PythonNumber.fraction(reference.filter { $0 != "," })
    else { return 0 }
    if abs(said - wanted) <= 1e-4 { return 1 }
    let (one, two) = (String(format: "%.10g", said), String(format: "%.10g", wanted))
    let common = zip(one.utf8, two.utf8).prefix { $0 == $1 }.count
    return Double(common) / Double(min(one.utf8.count, two.utf8.count))
  }

  /// 1 where the first number of the text is the reference, 0.01 for another, 0 for none.
  static func firstNumber(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = firstNumber(in: answer).flatMap({ PythonNumber.real($0) }),
      let wanted = PythonNumber.real(reference)
    else { return 0 }
    return said == wanted ? 1 : 0.01
  }

  /// The first number that stands as a word.
  ///
  /// Its minus counts only right behind a word, and a point only before digits that end a word.
  private static func firstNumber(in text: [Unicode.Scalar]) -> ArraySlice<Unicode.Scalar>? {
    func isWord(_ place: Int) -> Bool {
      text.indices.contains(place) && text[place].isWordCharacter
    }
    func endOfDigits(_ start: Int) -> Int {
      text[start...].firstIndex { $0.decimalDigit == nil } ?? text.count
    }
    var place = 0
    while place < text.count {
      let isMinus = text[place] == "-" && isWord(place - 1)
      let first = isMinus ? place + 1 : place
      let end = first < text.count ? endOfDigits(first) : first
      guard end > first, isMinus || !isWord(place - 1) else {
        place += 1
        continue
      }
      if end + 1 < text.count, text[end] == "." {
        let last = endOfDigits(end + 1)
        if last > end + 1, !isWord(last) { return text[place..<last] }
      }
      if !isWord(end) { return text[place..<end] }
      place = end
    }
    return nil
  }

  /// 1 for the reduced fraction, 0.1 where a part of the one asked about was kept, 0.05 for another
  /// fraction, 0.01 for other text.
  static func fraction(_ answer: [Unicode.Scalar], _ facts: ReasoningGymFacts) -> Double {
    guard let (upper, lower) = fraction(of: answer),
      let reducedUpper = facts.whole("simplified_numerator"),
      let reducedLower = facts.whole("simplified_denominator")
    else { return 0.01 }
    if upper == reducedUpper, lower == reducedLower { return 1 }
    guard let askedUpper = facts.whole("numerator"), let askedLower = facts.whole("denominator")
    else { return 0.01 }
    return upper == askedUpper || lower == askedLower ? 0.1 : 0.05
  }

  /// The parts of `\frac{…}{…}` at the beginning, else of what the first slash separates.
  private static func fraction(of answer: [Unicode.Scalar]) -> (BigInt, BigInt)? {
    let text = answer.stripped().stripped { $0 == "$" }.stripped()
    if let (upper, lower) = latexFraction(text) {
      guard let over = PythonNumber.whole(upper), let under = PythonNumber.whole(lower) else {
        return nil
      }
      return (over, under)
    }
    guard let slash = text.firstIndex(of: "/"), let upper = PythonNumber.whole(text[..<slash]),
      let lower = PythonNumber.whole(text[slash...].dropFirst())
    else { return nil }
    return (upper, lower)
  }

  private static func latexFraction(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (ArraySlice<Unicode.Scalar>, ArraySlice<Unicode.Scalar>)? {
    let head = text.prefix { $0 != "{" && !$0.isPythonSpace }
    guard ["\\frac", "\\dfrac"].contains(head.text.lowercased()) else { return nil }
    var rest = text[head.endIndex...]
    var parts: [ArraySlice<Unicode.Scalar>] = []
    for _ in 0..<2 {
      rest = rest.drop(while: \.isPythonSpace)
      guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return nil }
      let inner = rest[..<end].dropFirst().stripped()
      guard !inner.isEmpty, inner.allSatisfy({ $0.decimalDigit != nil }) else { return nil }
      parts.append(inner)
      rest = rest[end...].dropFirst()
    }
    return (parts[0], parts[1])
  }

  /// 1 for the prime factors in any order, 0.5 for others of the same product, 0.01 for other
  /// numbers and for none; 0 where a factor is no whole number, which the library raises an error
  /// for.
  static func factors(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard let said = factors(of: answer), let wanted = factors(of: reference) else { return 0 }
    if said.sorted() == wanted.sorted() { return 1 }
    let product = wanted.reduce(1, *)
    return isProduct(said, product) ? 0.5 : 0.01
  }

  private static func factors(of text: [Unicode.Scalar]) -> [BigInt]? {
    var factors: [BigInt] = []
    for part in text.split(separator: "×") where !part.stripped().isEmpty {
      guard let factor = PythonNumber.whole(part) else { return nil }
      factors.append(factor)
    }
    return factors
  }

  /// Whether factors make a product; ends as soon as they are too many.
  private static func isProduct(_ factors: [BigInt], _ product: BigInt) -> Bool {
    if factors.contains(0) { return product == 0 }
    var result = BigInt(1)
    for factor in factors {
      result *= factor
      guard result.magnitude <= product.magnitude else { return false }
    }
    return result == product
  }
}

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

// Tasks whose answers are words and lists.
extension ReasoningGym {
  /// 1 for a JSON list (single quotes will do) of as many numbers, or texts of numbers, as the
  /// reference has, in the order asked for and each within 1 of the reference's.
  static func numberList(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    guard let said = NumberList.read(answer), let wanted = NumberList.read(reference),
      said.count == wanted.count
    else { return 0 }
    let isAscending =
      facts.text("direction").map { $0 == "ascending" } ?? (wanted.sorted() == wanted)
    let isSorted = zip(said, said.dropFirst()).allSatisfy { !(isAscending ? $1 < $0 : $0 < $1) }
    // Said so, a number that is none is near to all.
    return isSorted && zip(said, wanted).allSatisfy { !(abs($0 - $1) > 1) } ? 1 : 0
  }

  /// The share of words that stand at their place; at least 0.2 where all are there, in any order.
  static func wordList(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    func words(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
      text.split(separator: ",", omittingEmptySubsequences: false).map { Array($0.stripped()) }
    }
    guard !answer.isEmpty else { return 0 }
    let said = words(answer)
    let sorted = facts.texts("sorted_words").map { $0.map { Array($0.unicodeScalars) } }
    let wanted = sorted ?? words(reference)
    guard !wanted.isEmpty else { return 0 }
    let right = zip(said, wanted).count { $0 == $1 }
    let share = Double(right) / Double(wanted.count)
    return said.count == wanted.count && counts(said) == counts(wanted) ? max(share, 0.2) : share
  }

  private static func counts(_ words: [[Unicode.Scalar]]) -> [[Unicode.Scalar]: Int] {
    words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// The share of letters that stand at their place, whatever their case; a longer answer that has
  /// all of them loses a fifth.
  static func spelling(_ answer: String, _ reference: String) -> Double {
    let said = Array(answer.lowercased().unicodeScalars)
    let wanted = Array(reference.lowercased().unicodeScalars)
    if said == wanted { return 1 }
    // Added up in this order: a sum that just misses 1 keeps its fifth, as in the library.
    let sum = zip(said, wanted).reduce(0.0) {
      $1.0 == $1.1 ? $0 + 1 / Double(wanted.count) : $0
    }
    return sum == 1 ? 0.8 : sum
  }

  /// 1 where just the right pairs of a name and a role are said; with as many pairs, some of them
  /// right, 0.3 and 0.7 of their share; else 0.
  static func people(_ answer: String, _ reference: String) -> Double {
    guard !answer.isEmpty else { return 0 }
    let (said, wanted) = (pairs(answer), pairs(reference))
    if said == wanted { return 1 }
    let right = wanted.intersection(said).count
    guard said.count == wanted.count, right > 0 else { return 0 }
    return 0.3 + 0.7 * Double(right) / Double(wanted.count)
  }

  /// Every kind of people that the library's islands have.
  private static let roles: Set<String> = [
    "knight", "knave", "pioneer", "laggard", "saint", "sinner", "hero", "villain", "angel", "devil",
    "altruist", "egoist", "sage", "fool",
  ]

  /// Each role with the word before it that is no “is”, “a” or “an”.
  private static func pairs(_ text: String) -> Set<[String]> {
    let marks: Set<Unicode.Scalar> = [".", ",", "(", ")"]
    let plain = text.lowercased().unicodeScalars.map { marks.contains($0) ? " " : $0 }
    var pairs: Set<[String]> = []
    var name: String?
    for word in plain.stripped().text.replaced(" and ", with: " ").unicodeScalars.words {
      let word = word.text
      if ["is", "a", "an"].contains(word) { continue }
      if !roles.contains(word) {
        name = word
      } else if let known = name {
        pairs.insert([known, word])
        name = nil
      }
    }
    return pairs
  }

  /// 1 for a way through the grid as short as the shortest, 0.5 for a longer one.
  static func path(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    if answer.isEmpty { return 0 }
    if answer.stripped() == reference.stripped() { return 1 }
    let said = answer.words
    guard let grid = facts.grid, leads(said.map(\.text), through: grid) else { return 0 }
    return said.count == reference.words.count ? 1 : 0.5
  }

  private static func leads(_ moves: [String], through grid: [[String]]) -> Bool {
    let steps = ["up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)]
    guard let width = grid.first?.count, var row = grid.firstIndex(where: { $0.contains("*") }),
      var column = grid[row].firstIndex(of: "*")
    else { return false }
    for move in moves {
      guard let (down, right) = steps[move] else { return false }
      (row, column) = (row + down, column + right)
      guard grid.indices.contains(row), (0..<width).contains(column),
        grid[row].indices.contains(column), grid[row][column] != "X"
      else { return false }
    }
    return grid[row][column] == "#"
  }
}

/// What an instance holds beside its question and answer.
struct ReasoningGymFacts {
  private let fields: [String: Any]

  /// Reads the metadata of an instance; nothing where it is no JSON object.
  init(_ json: String) {
    let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
    fields = object as? [String: Any] ?? [:]
  }

  /// The task that made the instance.
  var task: String { fields["source_dataset"] as? String ?? "" }

  func text(_ name: String) -> String? { fields[name] as? String }

  func texts(_ name: String) -> [String]? { fields[name] as? [String] }

  func number(_ name: String) -> Double? { (fields[name] as? NSNumber)?.doubleValue }

  func whole(_ name: String) -> BigInt? { (fields[name] as? NSNumber).flatMap(Self.whole) }

  func wholes(_ name: String) -> [BigInt]? {
    (fields[name] as? [NSNumber])?.compactMap(Self.whole)
  }

  /// The least and the largest value that the instance was made of, where its difficulty says so.
  var valueRange: ClosedRange<BigInt>? {
    let bounds = (fields["difficulty"] as? [String: Any])?["value"] as? [NSNumber]
    let wholes = bounds?.compactMap(Self.whole) ?? []
    return wholes.count == 2 && wholes[0] <= wholes[1] ? wholes[0]...wholes[1] : nil
  }

  /// The cells of a grid, row by row.
  var grid: [[String]]? { fields["matrix"] as? [[String]] }

  private static func whole(_ number: NSNumber) -> BigInt? {
    let value = number.doubleValue
    if abs(value) < 1e15 { return value == value.rounded() ? BigInt(Int64(value)) : nil }
    return BigInt(number.stringValue) ?? BigInt(exactly: value)
  }
}
