"""Writes tasks and solutions with values from the sandbox's data, which it reads without the server.

    CLERK_MCP=target/debug/clerk-mcp python3 evals/write

Run it after a change of the seeded data, then run the tasks and read the diff.
"""

import cases
import developer
import security
import support
from sandbox import Sandbox

SMALL, LARGE = Sandbox(200, 7), Sandbox(2000, 3)
for module in (developer, security, support):
    module.write(SMALL, LARGE)
cases.write()
