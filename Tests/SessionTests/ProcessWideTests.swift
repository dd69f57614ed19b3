import Testing

/// Tests that meet what belongs to the whole process, who is asked and whether anyone wants to stop:
/// one after another.
@Suite(.serialized) struct ProcessWideTests {}
