import Foundation
import Session
import Tensors
import Terminal

// A keeper of a reward command is this program too; it computes nothing.
if JudgeKeeper.isWanted { JudgeKeeper.run() }
// OpenBLAS reads its settings while it is loaded, so a wrong one is mended by starting again.
OpenBLASChoice(
  environment: ProcessInfo.processInfo.environment,
  processorFlags: OpenBLASChoice.processorFlags(), core: Machine.openBLASCore
).restartIfNeeded()
Faults.watch()
SessionHost.set(.process)
CruxCommand.start()
