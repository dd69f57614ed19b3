import Testing

@testable import TerminalTesting

/// All tests that start the built `crux`, one after another; each extension is a chapter.
@Suite(.serialized, .ownThread) struct CruxProcessTests {}
