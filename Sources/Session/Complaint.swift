/// A sentence for the user: what went wrong, and what to do about it.
///
/// A command that throws one ends with exit code 1.
package struct Complaint: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What went wrong, and what of it only this process knows.
package func sentence(for error: any Error) -> String {
  "\(error)" + (SessionHost.current.faultSentence() ?? "")
}
