/// The kinds of servers, as far as one must speak to them differently.
public enum ServerFamily: String, Codable, CaseIterable, Sendable {
  /// vLLM.
  case vllm
  /// SGLang.
  case sglang
  /// llama.cpp's llama-server.
  case llamaServer = "llama-server"
  /// The server of llama-cpp-python.
  case llamaCppPython = "llama-cpp-python"
  /// Ollama.
  case ollama
  /// Any other that speaks OpenAI's completions.
  case other

  /// How people call it.
  public var name: String {
    switch self {
    case .vllm: "vLLM"
    case .sglang: "SGLang"
    case .llamaServer, .llamaCppPython: rawValue
    case .ollama: "Ollama"
    case .other: "a server of an unknown kind"
    }
  }
}
