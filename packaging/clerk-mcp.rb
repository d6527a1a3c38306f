class ClerkMcp < Formula
  desc "MCP server for Clerk: users, organizations and sessions as tools for LLM agents"
  homepage "https://github.com/clerk-mcp/clerk-mcp"
  version "@VERSION@"
  license "Apache-2.0"

  # @ARCHIVES@

  def install
    bin.install "clerk-mcp"
  end

  test do
    assert_match "\"totalCount\"", shell_output("#{bin}/clerk-mcp call clerk_list_users --sandbox")
  end
end
