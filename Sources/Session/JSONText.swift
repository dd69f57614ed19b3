import Foundation

/// A value as one line of JSON, its keys in alphabetical order.
package func jsonLine(_ value: some Encodable) throws -> String {
  try json(value, [])
}

/// A value as JSON over several lines, for people too.
package func jsonPages(_ value: some Encodable) throws -> String {
  try json(value, .prettyPrinted)
}

private func json(
  _ value: some Encodable, _ form: JSONEncoder.OutputFormatting
) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = form.union([.sortedKeys, .withoutEscapingSlashes])
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
