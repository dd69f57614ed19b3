import Tensors
import Testing

@Suite struct RowsTests {
  @Test func `some rows and some columns are views of the same numbers`() {
    var numbers = (0..<24).map { Float($0) }
    let (first, count): (Float, Int) = numbers.withMutableRows(of: 6) { rows in
      let some = rows[1..<3].columns(from: 4)
      some[1][1] = -1
      return (some[0][0], some.count)
    }
    #expect(first == 10)
    #expect(count == 2)
    #expect(numbers[17] == -1)
  }

  @Test func `a copy takes padding along and leaves the same memory alone`() {
    let source = (0..<12).map { Float($0) }
    var target = [Float](repeating: 7, count: 24)
    source.withRows(of: 6) { source in
      target.withMutableRows(of: 6) { target in
        target[1..<3].copy(source)
        target[0..<2].copy(target[0..<2])
        target[3..<4].clear()
      }
    }
    #expect(target[..<6].allSatisfy { $0 == 7 })
    #expect(Array(target[6..<18]) == source)
    #expect(target[18...].allSatisfy { $0 == 0 })
  }
}
