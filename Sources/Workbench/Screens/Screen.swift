import Trajectories

/// A place of the workbench: how it lies, what it shows, and what keys do on it.
///
/// A screen is a folder beside this file: a type that conforms to this and its name (an extension of
/// `ScreenName`); and a line in `ScreenName.allCases`. Whatever it does not say has a default.
/// What it remembers is a struct of its own, a property of `WorkbenchState`. What draws holds a
/// state; everything else is handed one.
protocol Screen: Sendable {
  /// The key that leads to it with the words of help; nil where no key does.
  static var key: ScreenKey? { get }
  /// The rows of the key table that are its own, wherever else they hold.
  static var commands: [Keymap.Binding] { get }

  /// Whether no other screen lies beneath it.
  static var isLowest: Bool { get }
  /// Whether a list stands beside a text.
  static var hasTwoPanes: Bool { get }
  /// Whether its list has a border.
  static var hasBorder: Bool { get }
  /// Rows of column titles above the list.
  static var headerRows: Int { get }
  /// Whether it shows values whatever it shows, so that nobody comes there who judges blind.
  static var showsValues: Bool { get }
  /// Where its panes are, borders included, as far as they can be seen.
  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect]

  /// Words of the title line behind the name of the run.
  static func titleWords(_ state: WorkbenchState) -> [String]
  /// How many rows its list has, and the one under the cursor.
  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent
  /// What stands in its text pane.
  static func text(_ state: WorkbenchState, columns: Int) -> [TextBlock]
  /// What stands in the message line while there is nothing else to say.
  static func legend(_ state: WorkbenchState) -> [Span]
  /// The commands of the hint line, the most needed first; each has a hint in the key table.
  static func hints(_ state: WorkbenchState) -> [Command]

  /// What draws it.
  init(state: WorkbenchState)
  /// Draws it where the layout says.
  func draw(in layout: Layout, on grid: inout Grid)

  /// Begins anew, as one comes to it.
  static func arrive(_ state: inout WorkbenchState)
  /// Puts what it remembers back into range, after whatever happened.
  static func bringIntoRange(_ state: inout WorkbenchState)
  /// Moves the cursor of its list by rows, or scrolls where there is none.
  static func moveRows(_ state: inout WorkbenchState, by rows: Int)
  /// Moves along what is under the cursor.
  static func moveAlong(_ state: inout WorkbenchState, by places: Int)
  /// Moves the cursor to a row that was clicked on; returns whether there is one.
  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool
  /// Opens what is under the cursor.
  static func open(_ state: inout WorkbenchState) -> [Request]
  /// Goes to the other pane.
  static func changeFocus(_ state: inout WorkbenchState)
  /// Takes back what narrows it; returns whether something did.
  static func widen(_ state: inout WorkbenchState) -> Bool
  /// Follows the trajectory that was chosen elsewhere than in its list.
  static func follow(_ state: inout WorkbenchState)

  /// How many rows a search goes through.
  static func searchedRows(_ state: WorkbenchState) -> Int
  /// The trajectory in a row that is searched; nil where there is none.
  static func searched(row: Int, _ state: WorkbenchState) -> Trajectory?
  /// Whether each step of a row is a place of its own to search.
  static var searchesSteps: Bool { get }
  /// The place in front of the person; nil where there is none.
  static func searchPlace(_ state: WorkbenchState) -> SearchWalk.Place?
  /// Shows a place where the text was found.
  static func show(found: Trajectory, step: Int?, _ state: inout WorkbenchState)

  /// Why a command of this screen cannot be carried out now; nil where it can.
  static func obstacle(to command: Command, _ state: WorkbenchState) -> String?
  /// Carries out a command; nil where it is not one of this screen's.
  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]?
}

/// The key that leads to a screen, with the words that help says of it.
struct ScreenKey: Equatable, Sendable {
  /// The keys, by name.
  var keys: String
  /// A sentence for help, without full stop.
  var help: String
  /// A word for the hint line.
  var hint: String
}

/// How long a list is, and where its cursor stands.
struct ListExtent: Equatable, Sendable {
  /// How many rows there are.
  var count = 0
  /// The row under the cursor; nil where there is no cursor.
  var cursor: Int?
}

// A screen of its own list and nothing else.
extension Screen {
  static var key: ScreenKey? { nil }
  static var commands: [Keymap.Binding] { [] }

  static var isLowest: Bool { false }
  static var hasTwoPanes: Bool { false }
  static var hasBorder: Bool { true }
  static var headerRows: Int { 0 }
  static var showsValues: Bool { false }
  static func panes(_ state: WorkbenchState, in body: Rect) -> [Pane: Rect] { [.list: body] }

  static func titleWords(_ state: WorkbenchState) -> [String] { [state.screen.title] }
  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent { ListExtent() }
  static func text(_ state: WorkbenchState, columns: Int) -> [TextBlock] { [] }
  static func legend(_ state: WorkbenchState) -> [Span] { [] }
  static func hints(_ state: WorkbenchState) -> [Command] { [.back] }

  static func arrive(_ state: inout WorkbenchState) {}
  static func bringIntoRange(_ state: inout WorkbenchState) {}
  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    state.scroll(.list, by: rows)
  }
  static func moveAlong(_ state: inout WorkbenchState, by places: Int) {
    state.moveStep(by: places)
  }
  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool { false }
  static func open(_ state: inout WorkbenchState) -> [Request] { [] }
  static func changeFocus(_ state: inout WorkbenchState) {
    if hasTwoPanes { state.focus = state.focus == .list ? .text : .list }
  }
  static func widen(_ state: inout WorkbenchState) -> Bool { false }
  static func follow(_ state: inout WorkbenchState) {}

  static func searchedRows(_ state: WorkbenchState) -> Int { state.list.listing.listedCount }
  static func searched(row: Int, _ state: WorkbenchState) -> Trajectory? {
    let rows = state.listed
    return rows.indices.contains(row) ? rows[row] : nil
  }
  static var searchesSteps: Bool { false }
  static func searchPlace(_ state: WorkbenchState) -> SearchWalk.Place? {
    state.selection.flatMap { state.row(of: $0) }.map { SearchWalk.Place(row: $0) }
  }
  static func show(found: Trajectory, step: Int?, _ state: inout WorkbenchState) {
    state.select(found.id)
    if let step { state.move(to: step) }
  }

  static func obstacle(to command: Command, _ state: WorkbenchState) -> String? { nil }
  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? { nil }
}

/// The name of a screen.
public struct ScreenName: RawRepresentable, CaseIterable, Hashable, Sendable,
  CustomStringConvertible
{
  /// The name as it is typed.
  public let rawValue: String
  /// The screen.
  let place: any Screen.Type

  /// Every screen, in the order of their keys: to add one, add it here.
  public static let allCases: [ScreenName] = [
    .trajectories,
    .inspect,
    .branches,
    .training,
    .compare,
    .recipe,
    .agreement,
    .study,
    .help,
  ]

  init(_ name: String, _ place: any Screen.Type) {
    rawValue = name
    self.place = place
  }

  /// The screen of that name; nil where there is none.
  public init?(rawValue: String) {
    guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }

  /// The command that leads to it; nil where none does.
  var command: Command? { place.key == nil ? nil : Command(rawValue) }

  /// The name as it is typed.
  public var description: String { rawValue }

  /// The name as titles show it.
  public var title: String { rawValue.capitalised }

  /// Whether two names are the same.
  public static func == (one: ScreenName, other: ScreenName) -> Bool {
    one.place == other.place
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(place)) }
}
