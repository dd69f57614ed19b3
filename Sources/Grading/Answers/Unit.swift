import BigInt

/// What a quantity is measured in: powers of a few dimensions, and how many of their base it is.
struct Unit: Equatable, Sendable {
  /// How many of the base units of the same dimensions one of this is.
  var factor: ExactNumber
  /// The power of each dimension, without those that cancel.
  var powers: [String: Int]

  private init(_ factor: ExactNumber, _ powers: [String: Int]) {
    self.factor = factor
    self.powers = powers
  }

  /// A unit by any of its names in small letters; nil where none is known.
  static func named(_ name: String) -> Unit? { table[name] }

  /// The unit of a currency's sign.
  static func currency(_ sign: Character) -> Unit? {
    [
      "$": "dollar", "€": "euro", "£": "sterling", "¥": "yen", "₹": "rupee", "₽": "rouble",
      "₩": "won",
    ][sign].flatMap { table[$0] }
  }

  /// This to a power.
  func power(_ exponent: Int) -> Unit? {
    factor.power(ExactNumber(BigInt(exponent))).map { Unit($0, powers.mapValues { $0 * exponent }) }
  }

  /// The product of two.
  func times(_ other: Unit) -> Unit? {
    factor.multiplied(by: other.factor).map {
      Unit($0, powers.merging(other.powers, uniquingKeysWith: +).filter { $0.value != 0 })
    }
  }

  private static let table: [String: Unit] = {
    // Names, how many of the base, divided by how many, dimension.
    let rows: [(String, Int, Int, String)] = [
      ("mm millimeter millimeters millimetre millimetres", 1, 1000, "length"),
      ("cm centimeter centimeters centimetre centimetres", 1, 100, "length"),
      ("dm decimeter decimeters decimetre decimetres", 1, 10, "length"),
      ("m meter meters metre metres", 1, 1, "length"),
      ("km kilometer kilometers kilometre kilometres kms", 1000, 1, "length"),
      ("in inch inches", 254, 10000, "length"), ("ft foot feet", 3048, 10000, "length"),
      ("yd yard yards", 9144, 10000, "length"), ("mi mile miles", 1_609_344, 1000, "length"),
      ("mg milligram milligrams", 1, 1000, "mass"), ("g gram grams", 1, 1, "mass"),
      ("kg kilogram kilograms kgs", 1000, 1, "mass"), ("tonne tonnes", 1_000_000, 1, "mass"),
      ("lb lbs pound pounds", 45_359_237, 100_000, "mass"),
      ("oz ounce ounces", 45_359_237, 1_600_000, "mass"),
      ("ml milliliter milliliters millilitre millilitres", 1, 1000, "volume"),
      ("l liter liters litre litres", 1, 1, "volume"), ("gal gallon gallons", 1, 1, "gallons"),
      ("ms millisecond milliseconds", 1, 1000, "time"), ("s sec secs second seconds", 1, 1, "time"),
      ("min mins minute minutes", 60, 1, "time"), ("h hr hrs hour hours", 3600, 1, "time"),
      ("day days", 86400, 1, "time"), ("week weeks", 604_800, 1, "time"),
      ("month months", 1, 1, "months"), ("yr yrs year years", 12, 1, "months"),
      ("cent cents", 1, 100, "dollars"), ("dollar dollars usd bucks", 1, 1, "dollars"),
      ("euro euros eur", 1, 1, "euros"), ("sterling gbp", 1, 1, "sterling"),
      ("yen jpy", 1, 1, "yen"), ("rupee rupees rs inr", 1, 1, "rupees"), ("won krw", 1, 1, "won"),
      ("rouble roubles ruble rubles", 1, 1, "roubles"), ("dime dimes", 10, 100, "dollars"),
      ("nickel nickels", 5, 100, "dollars"), ("hz", 1, 1, "hertz"),
      ("rad radian radians", 1, 1, ""),
      ("n newton newtons", 1, 1, "newtons"), ("j joule joules", 1, 1, "joules"),
      ("w watt watts", 1, 1, "watts"), ("v volt volts", 1, 1, "volts"),
      ("k kelvin", 1, 1, "kelvin"),
    ]
    var table: [String: Unit] = [:]
    for (names, factor, divisor, dimension) in rows {
      guard let size = ExactNumber(BigInt(factor), BigInt(divisor)) else { continue }
      let powers = [dimension: 1]
      for name in names.split(separator: " ") { table[String(name)] = Unit(size, powers) }
    }
    for (name, distance) in [("mph", "mile"), ("kph", "km"), ("kmh", "km"), ("kmph", "km")] {
      table[name] = table["hour"]?.power(-1).flatMap { table[distance]?.times($0) }
    }
    return table
  }()

  /// How many of another unit of the same kind one of this is; nil where they measure different
  /// things.
  func size(in other: Unit) -> ExactNumber? {
    powers == other.powers ? factor.divided(by: other.factor) : nil
  }

  /// Whether it is an angle in radians.
  var isRadians: Bool { powers == ["": 1] }

  /// Whether it is money, of which 50 cents and .50 dollars are the same.
  var isMoney: Bool { powers == ["dollars": 1] }
}
