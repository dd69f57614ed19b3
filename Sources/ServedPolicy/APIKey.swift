import Foundation

/// Where a server's key is: in the environment, and nowhere else.
///
/// It is read again for every request and never kept, so that no record, log or sentence can hold it.
struct APIKey: Sendable {
  /// The variables of the process; tests have some of their own.
  var environment: @Sendable () -> [String: String] = { ProcessInfo.processInfo.environment }

  /// The variable that holds the key for a server of that family; nil where none is set.
  ///
  /// The family's own comes first; OPENAI_API_KEY is what clients of such servers take otherwise.
  func variable(for family: ServerFamily) -> String? {
    let variables = environment()
    return Self.names(for: family).first { variables[$0]?.isEmpty == false }
  }

  /// The key for a server of that family; nil where none is set.
  func value(for family: ServerFamily) -> String? {
    variable(for: family).flatMap { environment()[$0] }
  }

  /// The variables in which a key for that family may stand, in the order they are looked at.
  static func names(for family: ServerFamily) -> [String] {
    switch family {
    case .vllm: ["VLLM_API_KEY", "OPENAI_API_KEY"]
    case .sglang: ["SGLANG_API_KEY", "OPENAI_API_KEY"]
    case .llamaServer: ["LLAMA_API_KEY", "OPENAI_API_KEY"]
    case .llamaCppPython, .ollama, .other: ["OPENAI_API_KEY"]
    }
  }
}
