"""Writes tasks and solutions, with the values that the sandbox's data has, read past the server.

    CLERK_MCP=target/debug/clerk-mcp python3 evals/write

To be run where the seeded data changes; then run the evaluation, and read the difference.
"""

import developer
import security
import support
from sandbox import Sandbox

SMALL, LARGE = Sandbox(200, 7), Sandbox(2000, 3)
for module in (developer, security, support):
    module.write(SMALL, LARGE)
