import Testing

@testable import Workbench

@Suite struct NumberTests {
  @Test(arguments: [
    (0.0, "0"), (7, "7"), (999, "999"), (999.6, "1.0 k"), (1000, "1.0 k"), (9_949, "9.9 k"),
    (9_950, "10 k"), (415_200, "415 k"), (999_499, "999 k"), (999_500, "1.0 M"), (-2_500, "-2.5 k"),
    (1e30, "1000000000000 E"), (.infinity, "?"), (.nan, "?"),
  ])
  func `a count is written in three digits and a unit`(count: Double, text: String) {
    #expect(compact(count) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (0.00021, "2.1e-4"), (0.0099, "9.9e-3"), (0.01, "0.010"), (0.1234, "0.123"),
    (0.9999, "1.00"), (1, "1.00"), (9.99, "9.99"), (9.999, "10.0"), (42.31, "42.3"),
    (99.96, "100"), (1234, "1234"), (12_345, "12 k"), (-0.5, "-0.500"), (-3e-7, "-3.0e-7"),
    (.leastNonzeroMagnitude, "0"), (.nan, "?"), (-.infinity, "?"),
  ])
  func `a measurement is written in about three digits`(value: Double, text: String) {
    #expect(measure(value) == text)
  }

  @Test func `intervals and signs need no leading zero`() {
    #expect(interval(0.38, 0.6) == "[.38 .60]")
    #expect(signedInterval(-0.57, -0.34, glyphs: .unicode) == "[−.57 −.34]")
    #expect(signedInterval(-0.57, 0.02, glyphs: .ascii) == "[-.57 +.02]")
    #expect(interval(0, 1) == "[.00 1.00]")
    #expect(signedInterval(-0.004, -0.006, glyphs: .ascii) == "[+.00 -.01]")
  }

  @Test func `logarithms agree with known values`() {
    #expect(abs(naturalLogarithm(2) - 0.693_147_180_559_945) < 1e-12)
    #expect(abs(naturalLogarithm(10) - 2.302_585_092_994_046) < 1e-12)
    #expect(abs(naturalLogarithm(1e-300) + 690.775_527_898_213_7) < 1e-9)
    #expect(naturalLogarithm(1) == 0)
    #expect(naturalLogarithm(0).isNaN && naturalLogarithm(-1).isNaN)
    for exponent in -280...280 { #expect(decimalExponent(powerOfTen(exponent)) == exponent) }
    #expect(decimalExponent(999) == 2)
    #expect(decimalExponent(0.0011) == -3)
  }
}
