import Testing

@testable import TerminalTesting

/// Tests that meet what belongs to the whole process, who is asked and whether anyone wants to stop:
/// one after another.
@Suite(.serialized, .ownThread) struct ProcessWideTests {}
