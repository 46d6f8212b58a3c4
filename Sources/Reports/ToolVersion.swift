/// What this build is called.
package enum ToolVersion {
  /// The version of ktrain.
  package static let current = "0.1.0"
}
