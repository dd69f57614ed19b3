import Testing

@testable import Workbench

@Suite struct ChartTests {
  private func rising(_ count: Int, name: String = "a", role: Role = .curve1) -> Curve {
    Curve(
      name: name, role: role,
      points: (0..<count).map {
        CurvePoint(x: Double($0), y: Double($0) / Double(max(1, count - 1)))
      })
  }

  private func drawn(
    _ chart: Chart, columns: Int, rows: Int, style: ChartStyle = .ascii
  ) -> [String] {
    var grid = Grid(size: Size(columns: columns, rows: rows))
    grid.draw(chart, in: Rect(grid.size), style: style)
    return grid.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `a rising line goes from the lower left to the upper right`() {
    var chart = Chart(title: "reward", curves: [rising(5)], format: .share)
    chart.range = 0...1
    #expect(
      drawn(chart, columns: 18, rows: 7) == [
        "reward 1.00",
        "1.0|            **",
        "   |         ***",
        " .5|     ****",
        "   |  ***",
        "  0|**",
        "    0            4",
      ])
  }

  @Test func `braille sets the dots of both ends`() {
    var chart = Chart(title: "", curves: [rising(2)], format: .share)
    chart.range = 0...1
    let lines = drawn(chart, columns: 12, rows: 4, style: .braille)
    #expect(
      lines[1].last == "⠉" || lines[1].last == "⠊" || lines[1].last == "⠈" || lines[1].last == "⠁")
    #expect(lines.dropFirst().contains { $0.contains("⣀") || $0.contains("⡠") })
  }

  @Test func `the newest value is printed, or that at the cursor`() {
    var chart = Chart(title: "KL", curves: [rising(11)])
    #expect(drawn(chart, columns: 30, rows: 5)[0] == "KL 1.00")
    chart.cursor = 5
    #expect(drawn(chart, columns: 30, rows: 5)[0] == "KL 0.500")
  }

  @Test func `names are not cut so short that two curves share one`() {
    let names = ["half even", "half critical"]
    let chart = Chart(
      title: "regret of it", curves: names.map { rising(3, name: $0) }, format: .share)
    let lines = drawn(chart, columns: 40, rows: 8)
    #expect(!lines[0].contains("half"))
    #expect(lines[1].contains("half even 1.00") && lines[1].contains("half critical 1.00"))
  }

  @Test func `a gap breaks the line`() {
    var curve = rising(21)
    for index in 7...13 { curve.points[index].y = nil }
    curve.points[2].y = .nan
    curve.points[3].y = .infinity
    let chart = Chart(title: "x", curves: [curve])
    let lines = drawn(chart, columns: 26, rows: 12)
    let columns = lines.dropFirst().dropLast().flatMap { line in
      line.enumerated().filter { $0.1 == "*" }.map(\.0)
    }
    #expect(Set(columns).isDisjoint(with: 13...17))
    #expect(!columns.isEmpty)
  }

  @Test func `labels of the axis are never in one row and rise upwards`() {
    for rows in 2...30 {
      for values in [
        [0.0, 1], [-3, 12], [1e-5, 3e-5], [41_000, 415_000], [5, 5], [-1e9, 1e9],
      ] {
        let scale = ChartScale(
          values: values, fixed: nil, isLogarithmic: false, steps: max(1, rows / 2))
        let slack = 1e-9 * max(abs(values[0]), abs(values[1]))
        #expect(scale.low <= values[0] + slack && scale.high >= values[1] - slack)
        #expect(Set(scale.ticks.map(\.label)).count == scale.ticks.count, "\(scale.ticks)")
        #expect(scale.ticks.map(\.value) == scale.ticks.map(\.value).sorted())
      }
    }
  }

  @Test func `ticks are round numbers`() {
    func labels(_ values: [Double], _ steps: Int) -> [String] {
      ChartScale(values: values, fixed: nil, isLogarithmic: false, steps: steps).ticks.map(\.label)
    }
    #expect(labels([0.03, 0.47], 5) == ["0", ".1", ".2", ".3", ".4", ".5"])
    #expect(labels([12_000, 415_000], 2) == ["0", "500k"])
    #expect(labels([-0.04, 0.04], 4) == ["-0.04", "-0.02", "0", ".02", ".04"])
    #expect(labels([1e-5, 3e-5], 2) == ["1e-5", "2e-5", "3e-5"])
  }

  @Test func `a logarithmic axis has powers of ten and leaves out what is not positive`() {
    let scale = ChartScale(
      values: [-1, 0, 0.0003, 0.02], fixed: nil, isLogarithmic: true, steps: 5)
    #expect(scale.ticks.map(\.label) == ["1e-4", "1e-3", ".01", ".1"])
    #expect(scale.height(of: 0) == nil)
    #expect(scale.height(of: 1e-4).map { abs($0) < 1e-9 } == true)
    let none = ChartScale(values: [-1, 0], fixed: nil, isLogarithmic: true, steps: 3)
    #expect(!none.isLogarithmic)
  }

  @Test func `a logarithmic axis within two decades has finer ticks`() {
    let scale = ChartScale(values: [0.6, 0.96], fixed: nil, isLogarithmic: true, steps: 5)
    #expect(scale.ticks.map(\.label) == [".5", "1"])
    let wider = ChartScale(values: [30, 900], fixed: nil, isLogarithmic: true, steps: 5)
    #expect(wider.ticks.map(\.label) == ["20", "50", "100", "200", "500", "1000"])
  }

  @Test func `a line that leaves the domain ends on its edge`() {
    let curve = rising(3)
    let cut = curve.cut(to: 0.5...1.5)
    #expect(cut.points.map(\.x) == [0.5, 1, 1.5])
    #expect(cut.points.map(\.y) == [0.25, 0.5, 0.75])
    #expect(curve.cut(to: 1.25...1.75).points.map(\.x) == [1.25, 1.75])
    #expect(curve.cut(to: 0...2) == curve)
  }

  @Test func `smoothing keeps the first value and the gaps`() {
    let curve = Curve(
      name: "a", role: .curve1,
      points: [1, nil, 0, 1].enumerated().map { CurvePoint(x: Double($0), y: $1) })
    #expect(curve.smoothed(0.5).points.map(\.y) == [1, nil, 0.5, 0.75])
    #expect(curve.smoothed(0) == curve)
  }

  @Test func `any size and any value can be drawn`() {
    let odd: [Double?] = [
      nil, .nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 0, -0.0, 1e16,
    ]
    let curves = [
      Curve(name: "none", role: .curve1, points: []),
      Curve(name: "one", role: .curve2, points: [CurvePoint(x: 3, y: 0.5, error: 0.1)]),
      Curve(
        name: "odd", role: .curve3,
        points: odd.enumerated().map { CurvePoint(x: Double($0), y: $1, error: .infinity) }),
      Curve(
        name: "far", role: .curve4,
        points: [CurvePoint(x: .infinity, y: 1), CurvePoint(x: 1e300, y: 2)]),
    ]
    for columns in 0...34 {
      for rows in 0...9 {
        for style in ChartStyle.allCases {
          for isLogarithmic in [false, true] {
            var chart = Chart(title: "漢 title", curves: curves)
            chart.isLogarithmic = isLogarithmic
            chart.cursor = 3
            chart.smoothing = rows % 2 == 0 ? 0 : 0.6
            chart.reference = 0.2
            if columns % 3 == 0 { chart.domain = 2...2 }
            if columns % 3 == 1 { chart.domain = -(.infinity)...(.infinity) }
            var grid = Grid(size: Size(columns: columns + 2, rows: rows + 2))
            let area = Rect(row: 1, column: 1, rows: rows, columns: columns)
            grid.draw(chart, in: area, style: style)
            let stray = grid.text.split(separator: "\n").first {
              !$0.isEmpty && (rows == 0 || columns == 0)
            }
            #expect(stray == nil)
            expectFrame(grid)
          }
        }
      }
    }
  }

  /// Nothing was drawn in the outermost cells.
  private func expectFrame(_ grid: Grid) {
    let (rows, columns) = (grid.size.rows, grid.size.columns)
    for row in 0..<rows {
      for column in [0, columns - 1] where grid[row, column] != Cell() {
        Issue.record("drawn outside at \(row), \(column) of \(columns)x\(rows)")
      }
    }
    for column in 0..<columns {
      for row in [0, rows - 1] where grid[row, column] != Cell() {
        Issue.record("drawn outside at \(row), \(column) of \(columns)x\(rows)")
      }
    }
  }
}
