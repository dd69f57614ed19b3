import Foundation

/// When a request that failed is sent again, and after how long: the habits of openai-python.
struct RetryRule {
  /// How often one request is sent again: 2 unless said otherwise, 6 where much work hangs on it.
  var retries = 2
  /// The longest wait that a server may ask for; one that asks for more is not waited for.
  static let longestWait = 120.0

  /// What becomes of a request.
  enum Verdict: Equatable {
    /// It is sent again after so many seconds.
    case again(after: Double)
    /// It was sent often enough; another server may be asked.
    case exhausted
    /// It would fail anywhere.
    case refused
  }

  /// The verdict on a failure.
  ///
  /// - Parameters:
  ///   - failure: What happened to the request.
  ///   - attempt: How often the request was sent again before.
  ///   - before: What its last failure was.
  ///   - headers: Those of the answer, names in lower case.
  ///   - random: A number in 0 ..< 1, by which waits differ.
  /// - Returns: Whether it is sent again, and when.
  func verdict(
    on failure: ServerFailure, attempt: Int, before: ServerFailure?, headers: [String: String],
    random: Double
  ) -> Verdict {
    guard mayBeAskedAgain(failure, before: before, told: headers["x-should-retry"]) else {
      return .refused
    }
    let asked = Self.wait(askedForIn: headers)
    if let asked, asked > Self.longestWait { return .exhausted }
    guard attempt < retries else { return .exhausted }
    let own = min(0.5 * pow(2, Double(attempt)), 8) * (1 - 0.25 * random)
    return .again(after: asked ?? own)
  }

  private func mayBeAskedAgain(
    _ failure: ServerFailure, before: ServerFailure?, told: String?
  ) -> Bool {
    switch failure.cause {
    case .unusable: return false
    case .unreachable, .cut: return true
    case .status(let status):
      if told == "true" { return true }
      if told == "false" { return false }
      // Some servers answer 500 to a request that is wrong; the second time it is believed.
      if status == 500, failure == before { return false }
      return status == 408 || status == 409 || status == 429 || status >= 500
    }
  }

  /// How long the server wants to be left alone, in seconds; nil where it does not say.
  static func wait(askedForIn headers: [String: String], now: Date = Date()) -> Double? {
    if let text = headers["retry-after-ms"], let milliseconds = Double(text), milliseconds >= 0 {
      return milliseconds / 1000
    }
    guard let text = headers["retry-after"] else { return nil }
    if let seconds = Double(text) { return seconds >= 0 ? seconds : nil }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}

/// The clock and the dice of waiting; tests bring their own.
struct RetryTiming {
  /// Seconds since some moment.
  var now: () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
  /// Waits so many seconds.
  var sleep: (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }
  /// A number in 0 ..< 1.
  var random: () -> Double = { Double.random(in: 0..<1) }
}
