/// A day of the Gregorian calendar, as templates write it.
struct ChatDate: Equatable {
  let year: Int
  /// 1 to 12.
  let month: Int
  /// 1 to 31.
  let day: Int

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// Reads `26 Jul 2024`, `July 26, 2024` or `2024-07-26`; nil for anything else.
  init?(_ text: String) {
    let words = text.split { " ,-".contains($0) }.map { $0.lowercased() }
    guard words.count == 3 else { return nil }
    func month(_ word: String) -> Int? {
      ChatDate.months.firstIndex { word.count >= 3 && $0.lowercased().hasPrefix(word) }
        .map { $0 + 1 }
    }
    let found: (Int?, Int?, Int?)
    if let named = month(words[1]) {
      found = (Int(words[2]), named, Int(words[0]))
    } else if let named = month(words[0]) {
      found = (Int(words[2]), named, Int(words[1]))
    } else {
      found = (Int(words[0]), Int(words[1]), Int(words[2]))
    }
    guard let year = found.0, let month = found.1, let day = found.2,
      (1...9999).contains(year), (1...12).contains(month),
      (1...ChatDate.length(month, year)).contains(day)
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  private static func length(_ month: Int, _ year: Int) -> Int {
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (leaps ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private var dayOfYear: Int {
    (1..<month).reduce(day) { $0 + ChatDate.length($1, year) }
  }

  /// 0 is a Sunday.
  private var weekday: Int {
    let before = year - 1
    return (before * 365 + before / 4 - before / 100 + before / 400 + dayOfYear) % 7
  }

  /// The date as C's `strftime` writes it, at midnight.
  ///
  /// - Throws: `TemplateError` for a mark that is not supported.
  func text(_ format: [Unicode.Scalar]) throws -> [Unicode.Scalar] {
    var (result, index): ([Unicode.Scalar], Int) = ([], 0)
    while index < format.count {
      guard format[index] == "%", index + 1 < format.count else {
        result.append(format[index])
        index += 1
        continue
      }
      let isShort = format[index + 1] == "-" && index + 2 < format.count
      let mark = format[index + (isShort ? 2 : 1)]
      guard let part = part(mark, isShort: isShort) else {
        throw TemplateError("the date's mark %\(mark) is not supported")
      }
      result += [Unicode.Scalar](part)
      index += isShort ? 3 : 2
    }
    return result
  }

  private func part(_ mark: Unicode.Scalar, isShort: Bool) -> String? {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return isShort
        ? digits : String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    switch mark {
    case "Y": return padded(year, 4)
    case "y": return padded(year % 100, 2)
    case "m": return padded(month, 2)
    case "d": return padded(day, 2)
    case "e": return day < 10 && !isShort ? " \(day)" : "\(day)"
    case "j": return padded(dayOfYear, 3)
    case "B": return ChatDate.months[month - 1]
    case "b", "h": return String(ChatDate.months[month - 1].prefix(3))
    case "A": return ChatDate.days[weekday]
    case "a": return String(ChatDate.days[weekday].prefix(3))
    case "w": return "\(weekday)"
    case "F": return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    case "H", "M", "S": return padded(0, 2)
    case "I": return "12"
    case "p": return "AM"
    case "T": return "00:00:00"
    case "%": return "%"
    default: return nil
    }
  }
}
