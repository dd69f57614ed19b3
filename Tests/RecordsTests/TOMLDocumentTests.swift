import Foundation
import Testing

@testable import Records

struct TOMLDocumentTests {
  private func root(_ text: String) throws -> [String: TOMLNode] {
    try TOMLDocument(text, name: "t.toml").root
  }

  @Test(arguments: [
    ("1", TOMLNode.whole(1)), ("-17", .whole(-17)), ("+0", .whole(0)), ("1_000", .whole(1000)),
    ("0xFF_ff", .whole(65535)), ("0o17", .whole(15)), ("0b101", .whole(5)),
    ("9223372036854775807", .whole(.max)), ("-9223372036854775808", .whole(.min)),
    ("0.5", .number(0.5)), ("1e3", .number(1000)), ("-2.5E-1", .number(-0.25)),
    ("1e+06", .number(1e6)), ("6_1.2_5", .number(61.25)), ("inf", .number(.infinity)),
    ("true", .flag(true)), ("false # no", .flag(false)), ("\"\"", .text("")),
    ("\"a # b \\\"c\\\" \\u00e9\\t\"", .text("a # b \"c\" é\t")), ("'a\\b'", .text("a\\b")),
    ("[ 1, [2], # two\n\n 'x', ]", .list([.whole(1), .list([.whole(2)]), .text("x")])),
    ("{ a = 1, b.c = {} }", .table(["a": .whole(1), "b": .table(["c": .table([:])])])),
  ])
  func `a value is read`(text: String, value: TOMLNode) throws {
    #expect(try root("key = \(text)\r\n") == ["key": value])
  }

  @Test func `tables and dotted keys meet`() throws {
    let text = """
      a.b = 1
      "x y" = 2
      [ c . "d.e" ]   # a table
      f = 3
      [c]
      g = 4
      """
    let expected: [String: TOMLNode] = [
      "a": .table(["b": .whole(1)]), "x y": .whole(2),
      "c": .table(["d.e": .table(["f": .whole(3)]), "g": .whole(4)]),
    ]
    #expect(try root(text) == expected)
    let document = try TOMLDocument(text, name: "t.toml")
    #expect(document.place(of: ["c", "d.e", "f"]) == "t.toml:4")
    #expect(document.place(of: ["c", "d.e", "nothing"]) == "t.toml:3")
    #expect(document.place(of: ["nothing"]) == "t.toml")
  }

  @Test(arguments: [
    "key", "key =", "= 1", "key = 01", "key = 1_", "key = 1__0", "key = .5", "key = 1.",
    "key = 1.e5", "key = 0x", "key = 0xG", "key = 9223372036854775808", "key = tru",
    "key = 1979-05-27", "key = 1979-05-27 1,", "key = 07:32:00", "key = \"a", "key = \"\\x\"",
    "key = \"\\ud800\"", "key = \"\\u12\"", "key = \"\"\"a\"\"\"", "key = \"\u{1}\"", "# \u{7}",
    "key = [1 2]", "key = [1", "key = { a = 1, }", "key = { a = 1", "key = {\na = 1}",
    "key = 1 2", "key = 1\nkey = 2", "[a]\n[a]", "key = 1\n[key]", "key = 1\nkey.a = 2",
    "[=]", "[]", "[a", "[a]]", "[[a]]", "[a.]", "[a..b]", "key = 1\0", "key = 1\rkey2 = 2", "ü = 1",
  ])
  func `what is not TOML is a sentence with its line`(text: String) {
    let error = #expect(throws: RecordsError.self) { try root("\n" + text) }
    #expect(error?.description.hasPrefix("t.toml:") == true, "\(error?.description ?? "")")
  }

  @Test func `a byte order mark is passed over`() throws {
    #expect(try root("\u{FEFF}a = 1") == ["a": .whole(1)])
  }
}
