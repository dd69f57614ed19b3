import Foundation

/// Where a server is.
struct ServerAddress: Equatable, Sendable {
  /// The address of the API, without a slash at its end; it ends in `/v1` unless it was given
  /// another path.
  let api: String
  /// The address that what is not OpenAI's lies under.
  let root: String
  /// How the server is called in sentences: its host and port.
  let host: String

  /// The address in a text as people write it, `http://host:8000` or `https://host/v1/`.
  init(_ text: String) throws(ServerFailure) {
    let trimmed = String(text.reversed().drop { $0 == "/" }.reversed())
    guard let parts = URLComponents(string: trimmed), let name = parts.host, !name.isEmpty,
      parts.scheme == "http" || parts.scheme == "https"
    else {
      throw ServerFailure(
        .unusable, "A server's address begins with http:// or https:// and names a host: \(text)")
    }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
      throw ServerFailure(
        .unusable,
        "The address of \(name) holds more than a host and a path; keys are taken from the"
          + " environment alone.")
    }
    host = parts.port.map { "\(name):\($0)" } ?? name
    if parts.path.isEmpty {
      root = trimmed
      api = trimmed + "/v1"
    } else {
      api = trimmed
      root = trimmed.hasSuffix("/v1") ? String(trimmed.dropLast(3)) : trimmed
    }
  }

  /// The address of a path, `/v1/…` below the API and anything else below the root.
  func url(_ path: String) throws(ServerFailure) -> URL {
    let whole = path.hasPrefix("/v1/") ? api + path.dropFirst(3) : root + path
    guard let url = URL(string: whole) else {
      throw ServerFailure(.unusable, "There is no address \(whole).")
    }
    return url
  }
}
