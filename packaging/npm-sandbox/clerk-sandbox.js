#!/usr/bin/env node
// `clerk-sandbox ARGUMENTS` is `clerk-mcp sandbox ARGUMENTS`, by the package that this one depends on.
"use strict";

process.argv.splice(2, 0, "sandbox");
require("clerk-mcp/bin/clerk-mcp.js");
