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

@Test func `a paste without an end is over by the clock`() {
  var decoder = KeyDecoder()
  #expect(decoder.decode("\u{1B}[200~abc\u{1B}[20".utf8, at: 0).isEmpty)
  // However often one asks before.
  for time in stride(from: 0, to: 1000, by: 200) { #expect(decoder.expire(at: time).isEmpty) }
  #expect(decoder.deadline == 1000)
  #expect(decoder.expire(at: 1000) == [.pasted("abc[20")])
  #expect(decoder.decode("q".utf8, at: 1001) == [.key(.character("q"))])
}

@Test func `whoever types into a paste without an end is heard`() {
  var decoder = KeyDecoder()
  var inputs = decoder.decode("\u{1B}[200~abc".utf8, at: 0)
  for time in stride(from: 300, to: 3000, by: 300) {
    inputs += decoder.expire(at: time) + decoder.decode("j".utf8, at: time)
  }
  #expect(inputs == [.pasted("abcjjjj")] + Array(repeating: .key(.character("j")), count: 5))
  decoder = KeyDecoder()
  _ = decoder.decode("\u{1B}[200~abc".utf8, at: 0)
  #expect(decoder.decode([3], at: 200) == [.pasted("abc"), .key(.control("c"))])
}

@Test func `a paste that stalls is still a paste`() {
  var decoder = KeyDecoder()
  var inputs = decoder.decode("\u{1B}[200~one ".utf8, at: 0)
  inputs += decoder.expire(at: 1000)
  inputs += decoder.decode("then all of this at once ".utf8, at: 4000)
  inputs += decoder.expire(at: 5000)
  inputs += decoder.decode("and t\u{1B}[201~q".utf8, at: 6000)
  #expect(
    inputs == [
      .pasted("one "), .pasted("then all of this at once "), .pasted("and t"),
      .key(.character("q")),
    ])
}

@Test func `a paste that trickles over a slow link is one`() {
  var decoder = KeyDecoder()
  let text = String(repeating: "all slowly ", count: 20)
  var inputs: [Input] = []
  for (number, byte) in "\u{1B}[200~\(text)\u{1B}[201~".utf8.enumerated() {
    inputs += decoder.expire(at: number * 60) + decoder.decode([byte], at: number * 60)
  }
  #expect(inputs == [.pasted(text)])
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
