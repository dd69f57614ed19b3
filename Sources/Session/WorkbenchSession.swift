package import Workbench

/// What the workbench stands in front of: a run or a study at work.
///
/// Whatever it has to tell while it works comes through its inbox; everything here is called by the
/// thread of the screen.
package protocol WorkbenchSession: AnyObject {
  /// What other threads have to tell the screen.
  var inbox: Inbox { get }

  /// Why nothing can be done here at all; nil where something can, or still may.
  var failure: String? { get }

  /// What is known before anything is loaded.
  func state(of size: Size, glyphs: GlyphSet) -> WorkbenchState

  /// Begins to load, and returns once that is done or so much time has passed.
  func start(patience seconds: Double)

  /// Answers a request; what takes time is answered later through the inbox.
  func perform(_ request: Request, state: WorkbenchState) -> [Action]

  /// What happened since it was asked last, whatever process did it; asked at every frame.
  func news() -> [Action]

  /// Ends the work, keeping what was made; answers whether it ended in time.
  func end() -> Bool
}
