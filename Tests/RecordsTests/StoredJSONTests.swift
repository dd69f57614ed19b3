import Foundation
import GRDB
import Testing

@testable import Records

/// The reader of payloads reads what Foundation reads, and refuses what is not JSON.
struct StoredJSONTests {
  /// A text as `JSONDecoder` reads it, each value as everything that it can be read as.
  private indirect enum Reading: Decodable {
    case null
    case flag(Bool)
    case list([Reading])
    case object([String: Reading])
    case scalar(Scalar)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if var list = try? decoder.unkeyedContainer() {
        var elements: [Reading] = []
        while !list.isAtEnd { elements.append(try list.decode(Reading.self)) }
        self = .list(elements)
      } else if let object = try? decoder.container(keyedBy: StoredKey.self) {
        var members: [String: Reading] = [:]
        for key in object.allKeys {
          members[key.stringValue] = try object.decode(Reading.self, forKey: key)
        }
        self = .object(members)
      } else {
        self = .scalar(try Scalar(value))
      }
    }
  }

  private struct Scalar: Equatable {
    var text: String?
    var int: Int?
    var int32: Int32?
    var natural: UInt64?
    var double: UInt64?
    var float: UInt32?

    init(_ value: any SingleValueDecodingContainer) throws {
      do { text = try value.decode(String.self) } catch DecodingError.typeMismatch {}
      do { double = try value.decode(Double.self).bitPattern } catch DecodingError.typeMismatch
        where text == nil
      {
        // It is an object with a name that cannot be read.
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "no name")
      } catch {}
      int = try? value.decode(Int.self)
      int32 = try? value.decode(Int32.self)
      natural = try? value.decode(UInt64.self)
      float = (try? value.decode(Float.self))?.bitPattern
    }

    init(_ json: StoredJSON, at place: Int) {
      text = try? String(stored: json, at: place)
      int = try? Int(stored: json, at: place)
      int32 = try? Int32(stored: json, at: place)
      natural = try? UInt64(stored: json, at: place)
      double = (try? Double(stored: json, at: place))?.bitPattern
      float = (try? Float(stored: json, at: place))?.bitPattern
    }
  }

  private let decoder = JSONDecoder()
  private let database: DatabaseQueue

  init() throws {
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    database = try DatabaseQueue()
  }

  private func isSame(_ reading: Reading, _ json: StoredJSON, at place: Int) -> Bool {
    switch reading {
    case .null: return json.kind(at: place) == .null
    case .flag(let flag): return (try? Bool(stored: json, at: place)) == flag
    case .scalar(let scalar): return scalar == Scalar(json, at: place)
    case .list(let elements):
      let places = try? json.list(at: place) { $1 }
      guard let places, places.count == elements.count else { return false }
      return zip(elements, places).allSatisfy { isSame($0, json, at: $1) }
    case .object(let members):
      guard json.kind(at: place) == .object else { return false }
      return members.allSatisfy { name, member in
        guard let found = json.member(Array(name.utf8), of: place) else { return false }
        return isSame(member, json, at: found)
      }
    }
  }

  /// Whether a text was read; what it is read as has to be what Foundation reads.
  private func compare(_ bytes: [UInt8]) throws -> Bool {
    let reading = try? decoder.decode(Reading.self, from: Data(bytes))
    let text = String(decoding: bytes, as: UTF8.self)
    guard let json = try? StoredJSON(bytes) else {
      // Foundation takes a comma too many, and a number that is none where nobody asks for it.
      if reading != nil {
        let isJSON = try database.read {
          try Bool.fetchOne($0, sql: "SELECT json_valid(?)", arguments: [text])
        }
        #expect(isJSON == false, "\(text)")
      }
      return false
    }
    let found = try #require(reading, "\(text)")
    #expect(isSame(found, json, at: 0), "\(text)")
    return true
  }

  @Test(arguments: [
    "0", "-0", "-0.0", "7", "-7", "1.0", "1.5", "1e2", "1E+2", "100e-2", "0e999", "0.000",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", "9007199254740993.0", "1e18", "1e19", "1.0000000000000001",
    "0.30000001192092896", "0.300000011920928955", "16777217", "16777219", "16777217.0000001",
    "3.4028235e38", "3.4028236e38", "1e39", "1e-45", "1.4e-46", "1.1754943e-38", "1e308", "1e309",
    "5e-324", "1e-324", "2.2250738585072011e-308", "0.1e-400", "123456789012345678901234567890",
    "0.1234567890123456789012345678901234567890", "-1.1444026e-05", "8.988465674311579e+307",
    "\"inf\"", "\"-inf\"", "\"nan\"", "\"\\u0069nf\"", "\"\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u00e9\\ud83d\\uDE00\\u0000\"", "\"é😀\"", " [ 1 , [ ] , { } ] \r\n\t",
    "{\"a\":1,\"b\":{\"c\":null},\"a\":2,\"\\u0061\":3}", "{\"\\u0061\":3,\"a\":2}", "\u{FEFF}[]",
  ])
  func `each text is read as Foundation reads it`(text: String) throws {
    #expect(try compare(Array(text.utf8)))
  }

  @Test(arguments: [
    "", " ", "01", "-", "+1", ".5", "1.", "1.e2", "1e", "1e+", "0x1", "NaN", "nul", "truE", "[1,]",
    "{\"a\":1,}", "[,]", "[1 2]", "{\"a\" 1}", "{1:2}", "{\"a\":}", "[", "[1", "{\"a\":1", "]",
    "[]]", "\"", "\"a", "\"\\", "\"\\u12", "\"\\u12G4\"", "\"\\x\"", "\"\n\"", "\"\\ud800\"",
    "\"\\udc00\"", "\"\\ud800\\u0041\"", "{\"\\ud800\":1}", "1 // one", "'a'", "[1]\u{0}", "\u{0}",
    "{\"a\":1 \"b\":2}", "[1\u{A0}]",
  ])
  func `what is not JSON is refused`(text: String) throws {
    #expect(try !compare(Array(text.utf8)))
  }

  @Test func `bytes that are not UTF-8 are refused`() throws {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x80]] {
      #expect(try !compare([0x22] + bytes + [0x22]))
    }
  }

  @Test(arguments: ["[", "{\"a\":"]) func `nesting is bounded`(piece: String) throws {
    func nested(_ depth: Int) -> [UInt8] {
      let open = String(repeating: piece, count: depth)
      return Array((open + "1" + String(repeating: piece == "[" ? "]" : "}", count: depth)).utf8)
    }
    #expect((try? StoredJSON(nested(StoredJSON.deepest))) != nil)
    #expect((try? StoredJSON(nested(StoredJSON.deepest + 1))) == nil)
    #expect((try? StoredJSON(Array(String(repeating: piece, count: 300_000).utf8))) == nil)
  }

  @Test func `the events of a run, sound or spoilt, are read as Foundation reads them`() throws {
    let run = try RunStore(
      opening: Samples.package.appendingPathComponent("samples/run"), readOnly: true)
    let payloads = try run.database.read {
      try String.fetchAll($0, sql: "SELECT payload FROM event ORDER BY id")
    }
    for payload in payloads { #expect(try compare(Array(payload.utf8))) }
    let inputs = ProcessInfo.processInfo.environment["CRUX_FUZZ"].flatMap { Int($0) } ?? 1000
    var mutations = Mutations(
      seed: 23, words: ["null", "1e-400", "\"inf\"", "\\u00e9", ",", "\"id\":1,", "0.1", "😀"])
    var counts = (read: 0, refused: 0)
    for number in 0..<inputs {
      let payload = payloads[number % payloads.count].utf8
      if try compare(mutations.spoil(Array(payload))) {
        counts.read += 1
      } else {
        counts.refused += 1
      }
    }
    #expect(counts.read > inputs / 20 && counts.refused > inputs / 4, "\(counts)")
  }

  @Test(arguments: [
    ("marked", #"{"trajectory":"a","step":null,"kind":"marked"}"#, "step is null"),
    ("marked", #"{"trajectory":7,"step":1,"kind":"marked"}"#, "trajectory is of the wrong kind"),
    (
      "recut", #"{"trajectory":"a","kind":"split","token":1,"starts":[0],"steps":[{},7]}"#,
      "steps[0].start is missing"
    ),
    (
      "recut", #"{"trajectory":"a","kind":"split","token":1,"starts":[0,true],"steps":[]}"#,
      "starts[1] is of the wrong kind"
    ),
    ("valued", #"{"trajectory":"a","policyVersion":0,"values":[null]}"#, "values[0] is null"),
    ("started", "{}", "recipe is missing"), ("started", "7", "its payload is of the wrong kind"),
    ("started", #"{"recipe":{"task":3}}"#, "recipe.task is of the wrong kind"),
    ("started", #"{"recipe":{"task":{"hard":"4"}}}"#, "recipe.task.hard is of the wrong kind"),
    (
      "started", #"{"recipe":{"task":{"name":"x"}}}"#,
      "recipe.task.name is nothing that this Crux knows"
    ),
    (
      "started", #"{"recipe":{"optimizer":{"beta1":"inf"}}}"#,
      "its payload is not JSON, or holds a number beyond all bounds"
    ),
  ])
  func `a fault is told with its place`(kind: String, payload: String, words: String) {
    let fault = #expect(throws: StoredFault.self) {
      try EventFormat().event(kind, payload.utf8, schema: 2)
    }
    #expect(fault?.words == words)
  }
}
