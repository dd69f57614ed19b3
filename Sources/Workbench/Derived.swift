/// Something that is worked out from the rest of a state, and so does not count where two states are
/// compared.
@propertyWrapper
struct Derived<Value: Sendable>: Equatable, Sendable {
  /// What is worked out by now.
  var wrappedValue: Value

  static func == (one: Derived, other: Derived) -> Bool { true }
}
