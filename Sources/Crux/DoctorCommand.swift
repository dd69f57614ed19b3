import ArgumentParser
import Foundation
import Glibc
import ModelFiles
import Records
import ServedPolicy
import Session
import Tensors
import Terminal
import Trajectories

/// Says what this machine offers and what is set against speed.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what processor, OpenBLAS, terminal and locale offer, and what stands against it."
  )

  @OptionGroup var server: ServerOptions

  private var environment: [String: String] { ProcessInfo.processInfo.environment }

  func run() throws {
    if !server.servers.isEmpty { return try showServers() }
    let speed = SpeedChecks.current
    show("crux        \(Version.text)")
    show("processor   \(Machine.processor), \(Machine.processors) usable")
    show("kernels     \(Machine.kernelSet)")
    show(
      "OpenBLAS    \(Machine.openBLASVersion), \(Machine.openBLASCore), for "
        + (Machine.kernelSet == "baseline"
          ? "the gradients of weights and merging adapters" : "merging adapters into weights")
        + "; the other products are loops of Crux")
    show("BF16        \(speed.bf16)")
    show("huge pages  \(speed.hugePages)")
    show("samples     \(place("samples"))")
    show("themes      \(place("themes"))")
    show("runs        \(Locations.runs.path)")
    show("HF cache    \(ModelCache(environment: environment).folder.path)")
    show("terminal    \(terminal)")
    show("widths      \(widths)")
    show("locale      \(locale)")
    show("sandbox     \(sandbox)")
    let findings = findings + speed.findings
    show(findings.isEmpty ? "Nothing stands against it." : findings.joined(separator: "\n"))
  }

  /// What each server can do, found out by asking it.
  private func showServers() throws {
    for url in server.servers {
      let (_, found) = try ServedPolicy.connect(urls: [url], model: server.serverModel)
      show("address             \(url)")
      for line in found.lines {
        show(line.name.padding(toLength: 20, withPad: " ", startingAt: 0) + line.value)
      }
    }
  }

  private func place(_ name: String) -> String {
    Resources.current.find(name)?.path ?? "not found; set CRUX_HOME to the folder that holds it"
  }

  private var terminal: String {
    let type = TerminalType(named: environment["TERM"] ?? "")
    let words = type.description(noColour: environment["NO_COLOR"])
    guard isatty(STDOUT_FILENO) == 1 else { return words + "; standard output is no terminal" }
    var size = winsize()
    _ = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    return "\(words); \(size.ws_col)x\(size.ws_row)"
  }

  /// How wide characters are taken to be, and who said so.
  private var widths: String {
    let known = WidthOptions.known()
    let said = [
      known.version.map { "Unicode \($0) (CRUX_UNICODE)" },
      known.ambiguous.map { "\($0) cells for ambiguous characters (CRUX_AMBIGUOUS)" },
    ].compactMap { $0 }
    let asked = "asked of the terminal when the workbench opens"
    if said.isEmpty { return asked }
    return (said.count == 1 ? said + ["the rest is " + asked] : said).joined(separator: ", ")
  }

  /// What may keep a reward command from the rest of the machine.
  private var sandbox: String {
    RewardSandbox.place.map { "\($0), for reward commands: task.reward_sandbox = \"bwrap\"" }
      ?? "none; with bubblewrap (bwrap) a reward command has no network and changes no file"
  }

  private var locale: String {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = environment[name], !value.isEmpty { return "\(name)=\(value)" }
    }
    return "none is set; Crux takes C.UTF-8"
  }

  /// What is set against speed or was mended, in sentences.
  private var findings: [String] {
    var found: [String] = []
    found += [OpenBLASChoice.note, OpenBLASChoice.chosen].compactMap { environment[$0] }
    if Resources.current.find("samples/tiny") == nil {
      found.append("samples/tiny is missing, so crux has no policy to start with.")
    }
    return found
  }
}
