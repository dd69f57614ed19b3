/// How values become heights, and which of them are written beside the axis.
struct ChartScale: Equatable {
  /// The value at the bottom.
  let low: Double
  /// The value at the top.
  let high: Double
  /// Whether equal ratios take equal heights.
  let isLogarithmic: Bool
  /// The values to write, by rising value.
  let ticks: [Tick]

  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  /// A scale that holds all `values`, in at most `steps` intervals.
  ///
  /// A logarithmic scale leaves out what is not above zero; where nothing remains it is linear.
  init(values: [Double], fixed: ClosedRange<Double>?, isLogarithmic: Bool, steps: Int) {
    let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    guard let least = shown.min(), let most = shown.max() else {
      self.init(linear: fixed?.lowerBound ?? 0, fixed?.upperBound ?? 1, steps: steps)
      return
    }
    if isLogarithmic {
      self.init(logarithmic: least, most, steps: steps)
    } else if let fixed {
      self.init(linear: fixed.lowerBound, fixed.upperBound, steps: steps)
    } else {
      let (low, high) = Self.widened(least, most)
      self.init(linear: low, high, steps: steps)
    }
  }

  /// The height of a value from 0 to 1; nil where the scale cannot show it.
  func height(of value: Double) -> Double? {
    guard value.isFinite, high > low else { return nil }
    let raw: Double
    if isLogarithmic {
      guard value > 0 else { return nil }
      let (bottom, top) = (decimalLogarithm(low), decimalLogarithm(high))
      raw = (decimalLogarithm(value) - bottom) / (top - bottom)
    } else {
      raw = (value - low) / (high - low)
    }
    return raw.isFinite ? min(1, max(0, raw)) : nil
  }

  /// A range that is not a point: a constant stands in the middle.
  private static func widened(_ low: Double, _ high: Double) -> (Double, Double) {
    let size = max(low.magnitude, high.magnitude)
    if size < 1e-290 { return (0, 1) }
    guard high - low < size * 1e-6 else { return (low, high) }
    return (low - size * 0.1, high + size * 0.1)
  }

  private init(linear low: Double, _ high: Double, steps: Int) {
    let rough = (high - low) / Double(max(1, steps))
    let unit = powerOfTen(decimalExponent(rough))
    let multiple = [1.0, 2, 5, 10].first { $0 * unit >= rough * 0.999_999 } ?? 10
    let step = multiple * unit
    let first = (low / step + 1e-6).rounded(.down)
    let last = max(first + 1, (high / step - 1e-6).rounded(.up))
    let count = Int(min(50, last - first))
    let values = (0...count).map { (first + Double($0)) * step }
    self.low = first * step
    self.high = (first + Double(count)) * step
    isLogarithmic = false
    ticks = values.map {
      Tick(value: $0, label: Self.label($0, step: step, most: max(abs(low), abs(high))))
    }
  }

  /// Powers of ten; within two decades 1, 2 and 5 times them too, so that little is lost.
  private init(logarithmic low: Double, _ high: Double, steps: Int) {
    let first = decimalExponent(max(low, 1e-290))
    let last = max(first + 1, Int((decimalLogarithm(min(high, 1e290)) - 1e-9).rounded(.up)))
    isLogarithmic = true
    if last - first <= 2 {
      let all = (first...last).flatMap { exponent in
        [1.0, 2, 5].map { $0 * powerOfTen(exponent) }
      }
      let bottom = all.last { $0 <= low * 1.000_001 } ?? all[0]
      let top = all.first { $0 >= high * 0.999_999 && $0 > bottom } ?? powerOfTen(last)
      let inside = all.filter { $0 >= bottom && $0 <= top }
      self.low = bottom
      self.high = top
      ticks = inside.map { Tick(value: $0, label: Self.label(logarithmic: $0)) }
    } else {
      let stride = (last - first + max(1, steps) - 1) / max(1, steps)
      self.low = powerOfTen(first)
      self.high = powerOfTen(last)
      ticks = Swift.stride(from: first, through: last, by: stride).map {
        Tick(value: powerOfTen($0), label: Self.label(logarithmic: powerOfTen($0)))
      }
    }
  }

  /// A tick of a linear scale with just the decimals that tell it from the next.
  private static func label(_ value: Double, step: Double, most: Double) -> String {
    var unit = 1.0
    var suffix = ""
    if most >= 10_000 || step >= 1000 {
      let thousands = min(5, decimalExponent(max(most, step)) / 3)
      unit = powerOfTen(thousands * 3)
      suffix = ["", "k", "M", "G", "T", "P"][thousands]
    } else if step < 0.001 {
      let exponent = decimalExponent(step)
      unit = powerOfTen(exponent)
      suffix = "e\(exponent)"
    }
    let decimals = max(0, min(6, -decimalExponent(step / unit)))
    let number = value / unit
    if number.magnitude < 1e-6 { return "0" }
    return share(number, decimals: decimals) + suffix
  }

  /// One, two or five times a power of ten.
  private static func label(logarithmic value: Double) -> String {
    let exponent = decimalExponent(value)
    switch exponent {
    case 0...3: return fixed(value, decimals: 0)
    case -2..<0: return share(value, decimals: -exponent)
    default: return "\(fixed(value / powerOfTen(exponent), decimals: 0))e\(exponent)"
    }
  }
}
