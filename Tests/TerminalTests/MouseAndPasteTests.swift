import Terminal
import Testing
import Workbench

private func press(_ count: Int, _ row: Int, _ column: Int) -> Input {
  .mouse(MouseEvent(kind: .press(count: count), place: Point(row: row, column: column)))
}

private func decode(_ text: String) -> [Input] {
  var decoder = KeyDecoder()
  return decoder.decode(text.utf8, at: 0)
}

@Test(arguments: ["\u{1B}[<0;300;7M", "\u{1B}[<4;300;7M", "\u{1B}[32;300;7M"])
func `a press of the left button has a place`(_ text: String) {
  #expect(decode(text) == [press(1, 6, 299)])
}

@Test func `the old form of the mouse is read too`() {
  #expect(decode("\u{1B}[M !\"") == [press(1, 1, 0)])
}

@Test func `the wheel turns up and down`() {
  let place = Point(row: 1, column: 0)
  #expect(
    decode("\u{1B}[<64;1;2M\u{1B}[<65;1;2M") == [
      .mouse(MouseEvent(kind: .wheelUp, place: place)),
      .mouse(MouseEvent(kind: .wheelDown, place: place)),
    ])
}

@Test(arguments: [
  "\u{1B}[<0;1;1m", "\u{1B}[<32;1;1M", "\u{1B}[<2;1;1M", "\u{1B}[<66;1;1M", "\u{1B}[<0;0;1M",
  "\u{1B}[<0;1M", "\u{1B}[<;;M;M",
])
func `releases, motion and other buttons are nothing`(_ text: String) {
  #expect(!decode(text).contains { if case .mouse = $0 { true } else { false } })
}

@Test func `two presses at one place in time are a double click`() {
  var decoder = KeyDecoder()
  let click = "\u{1B}[<0;5;5M\u{1B}[<0;5;5m".utf8
  #expect(decoder.decode(click, at: 1000) == [press(1, 4, 4)])
  #expect(decoder.decode(click, at: 1400) == [press(2, 4, 4)])
  #expect(decoder.decode(click, at: 1500) == [press(1, 4, 4)])
  #expect(decoder.decode(click, at: 2000) == [press(1, 4, 4)])
  #expect(decoder.decode("\u{1B}[<0;6;5M".utf8, at: 2001) == [press(1, 4, 5)])
}

@Test func `pasted text is never keys`() {
  #expect(
    decode("q\u{1B}[200~s\r\nt\u{1B}[A\tü\u{1B}[201~q") == [
      .key(.character("q")), .pasted("s\nt[A\tü"), .key(.character("q")),
    ])
}

@Test func `a paste may be cut anywhere`() {
  let bytes = Array("\u{1B}[200~né\u{1B}[2x\u{1B}[201~k".utf8)
  for cut in 0...bytes.count {
    var decoder = KeyDecoder()
    let found = decoder.decode(bytes[..<cut], at: 0) + decoder.decode(bytes[cut...], at: 1)
    #expect(found == [.pasted("né[2x"), .key(.character("k"))])
  }
}

@Test func `a paste without an end is over after a while`() {
  var decoder = KeyDecoder()
  #expect(decoder.decode("\u{1B}[200~abc\u{1B}[20".utf8, at: 0).isEmpty)
  #expect(decoder.patience == KeyDecoder.pasteDelay)
  #expect(decoder.flush(at: 1000) == [.pasted("abc[20")])
  #expect(decoder.decode("q".utf8, at: 1001) == [.key(.character("q"))])
}

@Test func `a long paste comes in parts and whole`() {
  var decoder = KeyDecoder()
  var text = ""
  var inputs = decoder.decode("\u{1B}[200~".utf8, at: 0)
  let chunk = Array(repeating: UInt8(ascii: "x"), count: 100_000)
  for _ in 0..<12 { inputs += decoder.decode(chunk, at: 0) }
  inputs += decoder.decode("\u{1B}[201~".utf8, at: 0)
  for case .pasted(let part) in inputs { text += part }
  #expect(inputs.count == 2)
  #expect(text.utf8.count == 1_200_000)
}
