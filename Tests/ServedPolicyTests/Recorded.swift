import Foundation
import Testing

@testable import ServedPolicy
@testable import ServerTesting

/// What a real server answered once.
struct Recorded {
  var status: Int
  var request: [String: Any]
  var response: Any

  /// An answer of vLLM 0.32.0, llama-cpp-python 0.3.36 or transformers serve 5.19, named
  /// `server/case`.
  init(_ name: String) throws {
    let json = try #require(try Self.json(name) as? [String: Any])
    status = try #require(json["status"] as? Int)
    request = try #require(json["request"] as? [String: Any])
    response = try #require(json["response"])
  }

  static func json(_ name: String) throws -> Any {
    let folder = try #require(
      Bundle.module.url(forResource: "Recorded", withExtension: nil))
    let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
    return try JSONSerialization.jsonObject(with: data)
  }

  /// The body as it was sent over the line.
  var body: String {
    if let text = response as? String { return text }
    let data = try? JSONSerialization.data(withJSONObject: response)
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  /// The ids of the prompt that was asked about.
  var prompt: [Int] {
    (request["body"] as? [String: Any])?["prompt"] as? [Int] ?? []
  }

  /// The same answer, had other ids been asked about.
  func about(_ ids: [Int]) throws -> Recorded {
    var copy = self
    var object = try #require(response as? [String: Any])
    var choices = try #require(object["choices"] as? [[String: Any]])
    for index in choices.indices {
      if choices[index]["prompt_token_ids"] is [Int] { choices[index]["prompt_token_ids"] = ids }
      if let rows = choices[index]["prompt_logprobs"] as? [Any] {
        choices[index]["prompt_logprobs"] = Array(rows.prefix(ids.count))
      }
    }
    object["choices"] = choices
    copy.response = object
    return copy
  }
}

extension Connection {
  /// Answers what a real server answered.
  func replay(_ name: String, about ids: [Int]? = nil) {
    do {
      var recorded = try Recorded(name)
      if let ids { recorded = try recorded.about(ids) }
      answer(recorded.status, recorded.body)
    } catch {
      Issue.record("\(name) cannot be replayed: \(error)")
    }
  }
}
