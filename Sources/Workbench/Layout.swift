import Trajectories

/// Where the parts of the screen are.
struct Layout: Equatable, Sendable {
  /// Fewest cells that a workbench can be used in.
  static let smallest = Size(columns: 60, rows: 16)

  /// The title line.
  var title: Rect
  /// Between the title and the message line.
  var body: Rect
  /// The message line, where lines are typed too.
  var message: Rect
  /// The hint line.
  var hints: Rect
  /// The panes that can be seen, borders included.
  var panes: [Pane: Rect] = [:]

  /// Whether only one of two panes can be seen.
  var onePane: Bool { panes.count == 1 }

  /// The rectangles of a state.
  init(of state: WorkbenchState) {
    let (title, rest) = Rect(state.size).split(top: 1)
    self.title = title
    let (body, foot) = rest.split(top: rest.rows - 2)
    self.body = body
    (message, hints) = foot.split(top: 1)
    if state.screen == .study, let board = state.study {
      // Words and curves stand below the table.
      panes[.list] = body.split(top: StudyScreen.tableRows(of: board, within: body.rows)).top
      return
    }
    guard state.screen.hasTwoPanes else {
      panes[.list] = body
      return
    }
    // Sentences are read in wide lines; short lines leave room for a text beside them.
    let stacks = state.screen == .inspect && state.isProse
    if body.columns >= (stacks ? 160 : 100) {
      let (left, right) = body.split(left: body.columns * 58 / 100)
      panes = [.list: left, .text: right]
    } else if body.columns >= 80, body.rows >= 14 {
      let (top, bottom) = body.split(top: Layout.listRows(of: state, within: body.rows))
      panes = [.list: top, .text: bottom]
    } else {
      panes[state.focus] = body
    }
  }

  /// Rows of a list above its text: what it needs, but neither all nor too little.
  private static func listRows(of state: WorkbenchState, within rows: Int) -> Int {
    let wanted =
      switch state.screen {
      case .inspect: (state.trajectory?.steps.count ?? 0) + 3
      case .branches: branchRows(of: state).count + 2
      default: rows
      }
    return min(max(wanted, rows * 2 / 5), rows * 3 / 5)
  }

  /// Rows of a pane that show rows of its list: without borders and the column titles.
  func visibleRows(of pane: Pane, on screen: ScreenName) -> Int {
    max(0, content(of: pane, on: screen).rows)
  }

  /// What of a pane shows rows: without borders and the column titles.
  func content(of pane: Pane, on screen: ScreenName) -> Rect {
    guard let area = panes[pane] else { return Rect(Size(columns: 0, rows: 0)) }
    // These have no border.
    let inner = screen == .recipe || screen == .study ? area : area.inset()
    return inner.split(top: pane == .list ? screen.headerRows : 0).bottom
  }
}

extension ScreenName {
  /// Whether a list stands beside a text.
  var hasTwoPanes: Bool { self == .trajectories || self == .inspect || self == .branches }

  /// Rows of column titles above the list.
  var headerRows: Int {
    switch self {
    case .trajectories, .inspect: 1
    case .study: StudyTable.headerRows
    default: 0
    }
  }
}
