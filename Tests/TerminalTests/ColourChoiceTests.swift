import Terminal
import Testing
import Workbench

private struct Case: CustomTestStringConvertible, Sendable {
  var asked: ColourDepth?
  var noColour: String?
  var terminal: String
  var colours: Int
  var isDirect = false
  var expected: ColourDepth
  var testDescription: String { "\(terminal) \(colours) \(String(describing: asked))" }
}

private let cases = [
  Case(terminal: "xterm-256color", colours: 256, expected: .indexed),
  Case(terminal: "tmux-256color", colours: 256, expected: .indexed),
  Case(terminal: "xterm-direct", colours: 16_777_216, isDirect: true, expected: .direct),
  Case(terminal: "xterm", colours: 8, expected: .sixteen),
  Case(terminal: "xterm-16color", colours: 16, expected: .sixteen),
  Case(terminal: "linux", colours: 8, expected: .sixteen),
  Case(terminal: "vt100", colours: 0, expected: .none),
  Case(terminal: "dumb", colours: 8, expected: .none),
  Case(terminal: "", colours: 256, expected: .none),
  Case(noColour: "1", terminal: "xterm-256color", colours: 256, expected: .none),
  Case(noColour: "", terminal: "xterm-256color", colours: 256, expected: .indexed),
  Case(
    asked: .indexed, noColour: "1", terminal: "xterm-256color", colours: 256, expected: .indexed),
  Case(asked: ColourDepth.none, terminal: "xterm-256color", colours: 256, expected: .none),
  Case(asked: .sixteen, terminal: "xterm-256color", colours: 256, expected: .sixteen),
  Case(asked: .direct, terminal: "xterm-256color", colours: 256, expected: .indexed),
  Case(asked: .direct, terminal: "vt100", colours: 0, expected: .none),
  Case(
    asked: .indexed, terminal: "xterm-direct", colours: 1 << 24, isDirect: true, expected: .indexed),
]

@Test(arguments: cases)
private func `wish, environment and terminal decide the depth`(_ it: Case) {
  let choice = ColourChoice(
    asked: it.asked, noColour: it.noColour, terminal: it.terminal, terminfoColours: it.colours,
    isDirect: it.isDirect)
  #expect(choice.depth == it.expected)
}
