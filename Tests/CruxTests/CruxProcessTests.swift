import Testing

/// All tests that start the built `crux`, one after another; each extension is a chapter.
@Suite(.serialized) struct CruxProcessTests {}
