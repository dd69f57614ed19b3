public import Foundation

/// Finds what is shipped with Crux, `samples` and `themes`, from any working directory.
///
/// Looked at in this order: the folder CRUX_HOME names; the executable's folder and those above it;
/// the working directory and those above it; `/usr/local/share/crux`; `/usr/share/crux`. A folder
/// other than CRUX_HOME counts only if it holds `themes/default.toml`, so that a stranger's
/// `samples` is not taken for Crux's.
public struct Resources: Sendable {
  private let environment: [String: String]
  private let executable: URL?
  private let workingDirectory: URL
  private let exists: @Sendable (String) -> Bool

  /// A search with everything it looks at given.
  ///
  /// - Parameters:
  ///   - environment: CRUX_HOME, XDG_CONFIG_HOME and HOME are read.
  ///   - executable: The running program, links resolved.
  ///   - workingDirectory: Where it was started.
  ///   - exists: Whether there is a file or folder at a path.
  public init(
    environment: [String: String], executable: URL?, workingDirectory: URL,
    exists: @escaping @Sendable (String) -> Bool
  ) {
    self.environment = environment
    self.executable = executable
    self.workingDirectory = workingDirectory
    self.exists = exists
  }

  /// The search of this process.
  public static var current: Resources {
    let files = FileManager.default
    return Resources(
      environment: ProcessInfo.processInfo.environment,
      executable: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
      workingDirectory: URL(fileURLWithPath: files.currentDirectoryPath),
      exists: { FileManager.default.fileExists(atPath: $0) })
  }

  /// Finds a file or folder by its name.
  ///
  /// - Parameter name: Such as `samples` or `samples/tiny`.
  /// - Returns: Where it is; nil where it is not found.
  public func find(_ name: String) -> URL? {
    if let home = folder(named: "CRUX_HOME") {
      let wanted = home.appendingPathComponent(name)
      if exists(wanted.path) { return wanted }
    }
    return homes.lazy.filter { exists($0.appendingPathComponent("themes/default.toml").path) }
      .map { $0.appendingPathComponent(name) }.first { exists($0.path) }
  }

  /// The folders of themes, the user's own first.
  public var themeFolders: [URL] {
    let config =
      folder(named: "XDG_CONFIG_HOME") ?? folder(named: "HOME")?.appendingPathComponent(".config")
    let own = config?.appendingPathComponent("crux/themes")
    return [own, find("themes")].compactMap { $0 }
  }

  private func folder(named variable: String) -> URL? {
    guard let path = environment[variable], path.hasPrefix("/") else { return nil }
    return URL(fileURLWithPath: path, isDirectory: true)
  }

  private var homes: [URL] {
    let program = executable.map { Resources.ancestors(of: $0.deletingLastPathComponent()) } ?? []
    let shared = ["/usr/local/share/crux", "/usr/share/crux"].map {
      URL(fileURLWithPath: $0, isDirectory: true)
    }
    return program + Resources.ancestors(of: workingDirectory) + shared
  }

  private static func ancestors(of folder: URL) -> [URL] {
    let parts = folder.standardizedFileURL.pathComponents.dropFirst()
    return (0...parts.count).reversed().map { count in
      URL(fileURLWithPath: "/" + parts.prefix(count).joined(separator: "/"), isDirectory: true)
    }
  }
}
