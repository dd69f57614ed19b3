import Foundation
import Testing

@testable import Records

struct ResourcesTests {
  private func resources(
    _ environment: [String: String] = [:], executable: String? = nil, at folder: String = "/",
    holding paths: Set<String>
  ) -> Resources {
    Resources(
      environment: environment, executable: executable.map { URL(fileURLWithPath: $0) },
      workingDirectory: URL(fileURLWithPath: folder, isDirectory: true),
      exists: { paths.contains($0) })
  }

  private func home(_ path: String) -> Set<String> {
    [path + "/samples", path + "/themes", path + "/themes/default.toml"]
  }

  @Test func `CRUX_HOME comes first`() {
    let found = resources(
      ["CRUX_HOME": "/h"], executable: "/src/crux", holding: home("/h").union(home("/src")))
    #expect(found.find("samples")?.path == "/h/samples")
  }

  @Test func `a built program finds its package from anywhere`() {
    let found = resources(
      executable: "/src/crux/.build/x86_64/release/crux", at: "/elsewhere",
      holding: home("/src/crux").union(home("/elsewhere")))
    #expect(found.find("samples")?.path == "/src/crux/samples")
    #expect(found.find("nothing") == nil)
  }

  @Test func `the folders above the working directory come next`() {
    let found = resources(
      executable: "/bin/crux", at: "/a/b/c", holding: home("/a").union(home("/usr/share/crux")))
    #expect(found.find("samples")?.path == "/a/samples")
  }

  @Test func `an installed Crux finds what is shared, not a stranger's samples`() {
    let found = resources(
      executable: "/usr/local/bin/crux", at: "/music",
      holding: home("/usr/local/share/crux").union(home("/usr/share/crux")).union([
        "/music/samples"
      ]))
    #expect(found.find("samples")?.path == "/usr/local/share/crux/samples")
  }

  @Test func `the user's own themes come first`() {
    let own = resources(
      ["XDG_CONFIG_HOME": "/c", "HOME": "/u"], at: "/a", holding: home("/a"))
    #expect(own.themeFolders.map(\.path) == ["/c/crux/themes", "/a/themes"])
    let other = resources(["XDG_CONFIG_HOME": "relative", "HOME": "/u"], holding: [])
    #expect(other.themeFolders.map(\.path) == ["/u/.config/crux/themes"])
  }
}
