import Testing
import Trajectories

@testable import Workbench

struct KeymapTests {
  private let keymap = Keymap.standard

  @Test func `every command stands in the table once`() {
    #expect(
      keymap.bindings.map(\.command.rawValue).sorted() == Command.allCases.map(\.rawValue).sorted())
  }

  @Test(arguments: ScreenName.allCases)
  func `no key of a screen means two things or begins another`(screen: ScreenName) {
    let keys = keymap.bindings.filter { $0.screens.contains(screen) }.flatMap(\.keys)
    for (place, one) in keys.enumerated() {
      for other in keys.dropFirst(place + 1) {
        #expect(!one.starts(with: other) && !other.starts(with: one), "\(one) and \(other)")
      }
    }
  }

  @Test(arguments: Keymap.standard.bindings.map(\.command))
  func `every command is in help with a sentence`(command: Command) throws {
    let binding = try #require(keymap.binding(of: command))
    #expect(!binding.help.isEmpty && !binding.help.hasSuffix("."))
    let screen = try #require(ScreenName.allCases.first { binding.screens.contains($0) })
    var state = screen == .study ? StudyScene.state() : Scene.state()
    state.screen = screen
    _ = update(&state, .key(.function(1)))
    if screen == .help { state.screen = .help }
    #expect(HelpScreen(state: state).rows.contains { $0.command == command })
  }

  @Test(
    arguments: Keymap.standard.bindings.flatMap { binding in
      binding.keys.flatMap { keys in binding.screens.map { (keys, $0) } }
    })
  func `every key does something where it is valid`(keys: [Key], screen: ScreenName) {
    var state =
      screen == .study
      ? StudyScene.state(Size(columns: 120, rows: 40)) : Scene.state(columns: 120, rows: 40)
    state.screen = screen
    state.step = 4
    let before = state
    var requests: [Request] = []
    for key in keys { requests += update(&state, .key(key)) }
    let moves = keymap.bindings.first { $0.keys.contains(keys) }?.section == .move
    // At an end of a list a move has nowhere to go.
    #expect(
      state != before || !requests.isEmpty || moves || keys == [.function(1)] || screen.isThat(keys)
    )
    #expect(state.message?.text.contains("means nothing") != true)
  }

  @Test func `a key without meaning says so and names help`() {
    let state = Scene.state(Scene.state(), after: ["Z"])
    #expect(state.message?.text == "Z means nothing here; ? shows the keys.")
  }

  @Test func `names of keys can be read back`() {
    for key in keymap.bindings.flatMap(\.keys).joined() {
      #expect(Key(named: key.name) == key)
    }
  }

  @Test func `the table as Markdown has a line for every command`() {
    let lines = Keymap.markdown.split(separator: "\n")
    #expect(lines.count == keymap.bindings.count + 2)
    #expect(lines.contains("| `u` | `:undo` | Undo the newest mark or cut |"))
    #expect(lines.contains("| `gg` `Home` | `:first` | First row |"))
  }

  @Test func `every hint of a screen is a key that is valid there`() {
    for screen in ScreenName.allCases {
      var state =
        screen == .study ? StudyScene.state() : Scene.state(columns: 120, rows: 40)
      state.screen = screen
      let hints = StatusLine(state: state).hints
      #expect(hints.count > 2)
      for hint in hints { #expect(!hint.words.isEmpty, "\(screen.rawValue) \(hint.key)") }
    }
  }
}

extension ScreenName {
  /// Whether the keys lead to the screen one is on.
  fileprivate func isThat(_ keys: [Key]) -> Bool {
    guard case .command(let command) = Keymap.standard.meaning(of: keys, on: self) else {
      return false
    }
    return command.rawValue == rawValue
  }
}
