public import Tensors

extension Array {
  /// The elements in an order drawn from a stream (Fisher and Yates).
  ///
  /// - Parameter random: Decides the order; `count - 1` numbers are drawn, none for fewer than two
  ///   elements.
  /// - Returns: The same elements, every order as likely as any other.
  public func shuffled(_ random: inout Random) -> [Element] {
    var mixed = self
    for last in stride(from: count - 1, to: 0, by: -1) {
      mixed.swapAt(last, random.below(last + 1))
    }
    return mixed
  }
}
