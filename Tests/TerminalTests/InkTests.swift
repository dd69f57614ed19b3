import Terminal
import Testing
import Workbench

private func style(_ foreground: Colour?, reverse: Bool = false, dim: Bool = false) -> Style {
  var style = Style()
  style.foreground = foreground
  style.reverse = reverse
  style.dim = dim
  return style
}

@Test func `a colour is a number of the depth in use`() {
  let orange = style(.rgb(0xFF, 0x87, 0x00))
  #expect(Ink(orange, depth: .direct, colours: 1 << 24).foreground == 0xFF8700)
  #expect(Ink(orange, depth: .indexed, colours: 256).foreground == 208)
  #expect((0..<16).contains(Ink(orange, depth: .sixteen, colours: 16).foreground))
  #expect(Ink(orange, depth: .none, colours: 0).foreground == -1)
}

@Test func `bright colours are bold where a terminal has only eight`() {
  let ink = Ink(style(.named(12)), depth: .sixteen, colours: 8)
  #expect(ink.foreground == 4)
  #expect(ink.attributes == .bold)
}

@Test func `grey on eight colours is never black`() {
  let ink = Ink(style(.named(8)), depth: .sixteen, colours: 8)
  #expect(ink.foreground == -1)
  #expect(ink.attributes == .dim)
}

@Test func `direct colours never collide with the eight named ones`() {
  let ink = Ink(style(.rgb(0, 0, 5)), depth: .direct, colours: 1 << 24)
  #expect(ink.foreground == 0)
}

@Test(arguments: Role.allCases, ColourDepth.allCases)
func `a selected cell differs from an unselected one`(_ role: Role, _ depth: ColourDepth) {
  let theme = depth == .none ? Theme.standard.withoutColours : .standard
  let plain = Ink(theme.style(of: role), depth: depth, colours: 256)
  let selected = Ink(
    theme.style(of: role), selection: theme.style(of: .selection), depth: depth, colours: 256)
  #expect(plain != selected)
  #expect(selected.attributes.contains(.reverse))
  #expect(plain.foreground == selected.foreground)
}

@Test(arguments: Role.allCases, ColourDepth.allCases)
func `a selection with a background keeps the colours of a role`(
  _ role: Role, _ depth: ColourDepth
) {
  var selection = Style()
  selection.background = .rgb(0x2A, 0x34, 0x42)
  let style = Theme.standard.style(of: role)
  let plain = Ink(style, depth: depth, colours: 256)
  let selected = Ink(style, selection: selection, depth: depth, colours: 256)
  #expect(plain != selected)
  #expect(plain.foreground == selected.foreground)
  let isBand = (depth == .indexed || depth == .direct) && !style.reverse
  #expect(selected.attributes.contains(.reverse) == !isBand)
  #expect((selected.background != plain.background) == isBand)
}

@Test(arguments: [
  (Role.stepProposed, Role.stepRejected), (.barPositive, .barNegative), (.barUnsure, .barPositive),
  (.text, .heading), (.text, .error), (.text, .match), (.border, .borderFocused), (.right, .wrong),
])
func `without colours meaning is kept by attributes`(_ one: Role, _ other: Role) {
  let theme = Theme.standard.withoutColours
  let inks = [one, other].map {
    Ink(theme.style(of: $0), depth: .none, colours: 0)
  }
  #expect(inks[0] != inks[1])
  #expect(inks.allSatisfy { $0.foreground == -1 && $0.background == -1 })
}
