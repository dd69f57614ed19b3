import CTerminal
import Glibc
public import Workbench

/// The terminal, taken over while this lives; only one at a time, only on one thread.
public final class Screen {
  /// How a screen is opened.
  public struct Options: Sendable {
    /// Colours wished for; nil is “auto”.
    public var colour: ColourDepth?
    /// Whether the mouse is taken; without it the terminal's own selection works.
    public var mouse = true
    /// Whether frames are sent as synchronised updates where the terminal may know them.
    public var synchronised = true
    /// What is known of the widths of characters; the terminal is asked for the rest.
    public var widths = WidthProbe.Known()
    /// Whether the terminal may be asked; one that is given ASCII alone is sent no letters to measure.
    public var asksWidths = true
    /// The terminal's type; nil takes TERM.
    public var terminal: String?
    /// Where keys are read.
    public var input: Int32 = STDIN_FILENO
    /// Where cells are written.
    public var output: Int32 = STDOUT_FILENO

    /// Standard input and output, all as the terminal allows.
    public init() {}
  }

  /// Colours in use.
  public let depth: ColourDepth
  /// The size of the terminal.
  public private(set) var size: Size
  /// The widths that the terminal gives to what is written.
  public let widths: CellWidths

  let input: Int32
  var decoder: KeyDecoder
  /// Whether the terminal said how it joins characters.
  private let hasAnswered: Bool
  /// Bytes that came while the terminal was asked for its widths.
  var typedAhead: [UInt8] = []
  private let colours: Int
  private let frame: (begin: String, end: String)
  private var shown: Grid?
  private var shownTheme: Theme?
  private var inks: [Ink] = []
  private var isOpen = true
  private var hasReentered = false

  /// Takes the terminal over: raw mode, alternate screen, mouse, bracketed paste, signal handlers.
  ///
  /// The handlers of fatal signals give the terminal back before the previous ones run.
  ///
  /// - Throws: `TerminalError`, and the terminal is as it was.
  public init(_ options: Options = Options()) throws {
    let type = TerminalType(named: options.terminal ?? Self.environment("TERM") ?? "")
    guard let entry = type.entry else { throw TerminalError.unknownTerminal(type.name) }
    let enter = TerminalModes.paste + (options.mouse ? TerminalModes.mouse : "")
    let code = ct_open(
      options.input, options.output, entry, type.takesModes ? enter : "",
      type.takesModes ? TerminalModes.leave : "")
    guard code == Int32(CT_OK) else { throw Self.error(code, terminal: type.name) }
    input = options.input
    decoder = KeyDecoder(escapeDelay: KeyDecoder.escapeDelay(in: Self.environment("ESCDELAY")))
    colours = type.colours
    let choice = ColourChoice(
      asked: options.colour, noColour: Self.environment("NO_COLOR"), terminal: type.name,
      terminfoColours: colours, isDirect: type.isDirect)
    let wished = choice.depth
    depth = wished == .none || ct_start_colour() == 0 ? .none : wished
    let synchronises = options.synchronised && type.takesModes
    frame = synchronises ? (TerminalModes.beginFrame, TerminalModes.endFrame) : ("", "")
    size = Self.measured()
    var probe = WidthProbe()
    if type.takesModes, options.asksWidths { Self.ask(&probe, options) }
    var widths = probe.widths(options.widths)
    // tmux takes the name of the terminal that it runs in for TERM where it is told to.
    let isTmux = type.name.hasPrefix("tmux") || type.name.hasPrefix("screen")
    if isTmux || Self.environment("TMUX") != nil { widths.mostJoinedBytes = 21 }
    self.widths = widths
    hasAnswered = probe.isComplete
    typedAhead = probe.rest
  }

  deinit { close() }

  /// Gives the terminal back as it was; a second time does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    ct_close()
  }

  /// Shows a grid; only what changed since the last is sent.
  ///
  /// A grid of another size is cut, or stands in the upper left corner.
  public func present(_ grid: Grid, theme: Theme) {
    guard isOpen else { return }
    let isNewTheme = theme != shownTheme
    if isNewTheme { mix(theme) }
    if !isNewTheme, grid == shown { return }
    let base = isNewTheme || grid.size != shown?.size ? nil : shown
    for row in 0..<size.rows where base == nil || !isSame(row, grid, base) { put(row, of: grid) }
    place(grid.cursor)
    ct_refresh(frame.begin, frame.end)
    shown = grid
    shownTheme = theme
  }

  /// Sends every cell again, for a screen that something else wrote on.
  public func repaint() {
    guard isOpen else { return }
    ct_redraw()
    ct_refresh(frame.begin, frame.end)
  }

  /// Gives the terminal back, stops the process, and takes the terminal again when continued.
  ///
  /// - Returns: Whether it was stopped: not where no shell above would continue it, such as in a
  ///   session of its own.
  public func suspend() -> Bool {
    guard isOpen, ct_can_stop(input) != 0 else { return false }
    ct_leave()
    hasReentered = ct_stop(input) != 0
    ct_enter()
    return hasReentered
  }

  /// Takes the terminal again when the process was continued, unless `suspend` did already.
  func reenter() {
    if !hasReentered { ct_enter() }
    hasReentered = false
  }

  /// Asks the terminal for its size; nil when it has not changed, and all is sent again: whoever
  /// tells of a size that is the same has done something to the screen.
  func resize() -> Size? {
    let now = Self.measured()
    guard now != size else {
      repaint()
      return nil
    }
    size = now
    shown = nil
    return now
  }

  /// Row by row from the left, so that no half of a wide character is left behind.
  private func put(_ row: Int, of grid: Grid) {
    ct_begin_row(Int32(row))
    var column = 0
    // Up to here the cells are written again, as what stands before may reach over them.
    var covered = 0
    while column < size.columns {
      let cell = grid[row, column]
      var columns = 1
      while !cell.isContinuation, column + columns < size.columns,
        grid[row, column + columns].isContinuation
      {
        columns += 1
      }
      // A continuation without its left half is a blank.
      let character = cell.isContinuation ? " " : cell.character
      // A terminal that is known not to join would still, or drop, what follows a joiner.
      var glyph = Glyph(character, columns: columns, keepsJoiner: !hasAnswered)
      if column < covered { glyph.isApart = true }
      put(glyph, row: row, column: column, ink: inks[ink(of: cell)])
      column += columns
      covered = max(covered, column + glyph.reach)
    }
  }

  private func put(_ glyph: Glyph, row: Int, column: Int, ink: Ink) {
    let values = glyph.scalars.map(\.value)
    let put = glyph.isApart ? ct_put_apart : ct_put
    put(
      Int32(row), Int32(column), Int32(glyph.columns), values, Int32(values.count),
      ink.attributes.rawValue, ink.foreground, ink.background)
  }

  private func isSame(_ row: Int, _ grid: Grid, _ other: Grid?) -> Bool {
    guard let other, row < grid.size.rows else { return true }
    let range = row * grid.size.columns..<(row + 1) * grid.size.columns
    return grid.cells[range] == other.cells[range]
  }

  private func place(_ cursor: Point?) {
    guard let cursor, (0..<size.rows).contains(cursor.row),
      (0..<size.columns).contains(cursor.column)
    else { return ct_cursor(-1, 0) }
    ct_cursor(Int32(cursor.row), Int32(cursor.column))
  }

  /// Works out the ink of every role, plain and selected.
  private func mix(_ theme: Theme) {
    let theme = depth == .none ? theme.withoutColours : theme
    inks = Role.allCases.flatMap { role in
      [nil, theme.style(of: .selection)].map {
        Ink(
          theme.style(of: role), selection: $0, ground: theme.style(of: .text).background,
          depth: depth, colours: colours)
      }
    }
  }

  private func ink(of cell: Cell) -> Int {
    (Self.roleIndices[cell.role] ?? 0) * 2 + (cell.selected ? 1 : 0)
  }

  private static let roleIndices = Dictionary(
    uniqueKeysWithValues: Role.allCases.enumerated().map { ($1, $0) })

  private static func measured() -> Size {
    let size = ct_resize()
    return Size(columns: Int(size.columns), rows: Int(size.rows))
  }

  /// Asks for widths and waits for the answers, for a moment.
  private static func ask(_ probe: inout WidthProbe, _ options: Options) {
    let question = Array(WidthProbe.question.utf8)
    // Whatever it draws, ncurses shall paint over.
    ct_redraw()
    guard write(options.output, question, question.count) == question.count else { return }
    let end = now + WidthProbe.patience
    var bytes = [UInt8](repeating: 0, count: 1024)
    while !probe.isComplete, now < end {
      var descriptor = pollfd(fd: options.input, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&descriptor, 1, Int32(end - now)) > 0 else { continue }
      let count = read(options.input, &bytes, bytes.count)
      guard count > 0 else { return }
      probe.take(bytes[..<count])
    }
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  private static func error(_ code: Int32, terminal: String) -> TerminalError {
    let reason = errno
    switch Int(code) {
    case Int(CT_NOT_A_TERMINAL): return .notATerminal
    case Int(CT_UNKNOWN_TERMINAL): return .unknownTerminal(terminal)
    case Int(CT_CANNOT_ADDRESS): return .cannotPlaceCursor(terminal)
    case Int(CT_NO_UTF8): return .noUnicode
    case Int(CT_ALREADY_OPEN): return .alreadyOpen
    default: return .system(String(cString: strerror(reason)))
    }
  }
}

/// What the screen's thread has to answer.
public enum Event: Equatable, Sendable {
  /// Keys, mouse, pasted text, in the order they came.
  case input([Input])
  /// The terminal has another size; present a grid of that size.
  case resized(Size)
  /// `Waker.wake` was called.
  case woken
  /// Someone wants the program to end.
  case signalled(EndSignal)
  /// Someone wanted the process to stop, and no shell above would continue it.
  case notStopped
  /// The time given has passed and nothing happened.
  case tick
}

/// Why the program should end: a signal whose default is to end it.
public struct EndSignal: Equatable, Sendable {
  /// Its number.
  public var number: Int32

  /// A signal by its number.
  public init(_ number: Int32) { self.number = number }

  /// The terminal is gone: SIGHUP, or the other side closed.
  public static let hangup = EndSignal(SIGHUP)
}

extension Screen {
  /// Waits until something happens and tells all that did.
  ///
  /// Stop and continue signals are handled inside: the terminal is given back, and taken and
  /// repainted afterwards. After a hangup the input stays at its end, so leave the loop.
  ///
  /// - Parameter milliseconds: How long to wait at most; negative waits for ever.
  /// - Returns: What happened, signals first; `[.tick]` when nothing did.
  public func events(within milliseconds: Int) -> [Event] {
    let start = Self.now
    if !typedAhead.isEmpty {
      let inputs = decoder.decode(typedAhead, at: start)
      typedAhead = []
      if !inputs.isEmpty { return [.input(inputs)] }
    }
    while true {
      let now = Self.now
      let left = milliseconds < 0 ? -1 : max(0, milliseconds - (now - start))
      let held = decoder.deadline.map { max(0, $0 - now) }
      let events = poll(for: held.map { left < 0 ? $0 : min($0, left) } ?? left)
      if !events.isEmpty { return events }
      if milliseconds >= 0, Self.now - start >= milliseconds { return [.tick] }
    }
  }

  /// Milliseconds of a clock that does not go back.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  private func poll(for milliseconds: Int) -> [Event] {
    var descriptors = [input, ct_signal_descriptor(), ct_wake_descriptor()].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let wait = Int32(clamping: milliseconds)
    let ready = Glibc.poll(&descriptors, nfds_t(descriptors.count), wait)
    // An interrupted poll: the signal is in the pipe already.
    if ready < 0 { return takeSignals() }
    var events: [Event] = []
    if descriptors[1].revents != 0 { events += takeSignals() }
    if descriptors[0].revents != 0 {
      readInput(into: &events)
    } else {
      // Only where nothing follows: what has come while this thread was busy came in time.
      append(decoder.expire(at: Self.now), to: &events)
    }
    if descriptors[2].revents != 0, ct_woken() != 0 { events.append(.woken) }
    return events
  }

  private func append(_ inputs: [Input], to events: inout [Event]) {
    if !inputs.isEmpty { events.append(.input(inputs)) }
  }

  private func readInput(into events: inout [Event]) {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = bytes.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
    if count > 0 {
      append(decoder.decode(bytes[..<count], at: Self.now), to: &events)
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      events.append(.signalled(.hangup))
    }
  }

  private func takeSignals() -> [Event] {
    var events: [Event] = []
    var isResized = false
    while true {
      let number = ct_next_signal()
      switch number {
      case 0:
        if isResized, let size = resize() { events.append(.resized(size)) }
        return events
      case SIGWINCH: isResized = true
      case SIGTSTP:
        if !suspend() { events.append(.notStopped) }
      case SIGCONT:
        reenter()
        isResized = true
      default: events.append(.signalled(EndSignal(number)))
      }
    }
  }
}
