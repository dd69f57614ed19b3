import Foundation
import Terminal

// OpenBLAS reads its settings while it is loaded, so a wrong one is mended by starting again.
OpenBLASChoice(
  environment: ProcessInfo.processInfo.environment,
  processorFlags: OpenBLASChoice.processorFlags()
).restartIfNeeded()
Faults.watch()
CruxCommand.start()
