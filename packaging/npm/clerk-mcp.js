#!/usr/bin/env node
// Starts the binary of this platform's package with the same arguments and the same standard streams.
"use strict";

const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
const name = `@clerk-mcp/${platform}`;

function binary() {
  const file = process.platform === "win32" ? "clerk-mcp.exe" : "clerk-mcp";
  try {
    return require.resolve(`${name}/bin/${file}`);
  } catch {
    const known = Object.keys(require("../package.json").optionalDependencies);
    const remedy = known.includes(name)
      ? `The package ${name} isn't installed: install without --omit=optional.`
      : `There is no binary for ${platform}: build it with cargo install clerk-mcp.`;
    // Standard output belongs to the protocol.
    console.error(`clerk-mcp: ${remedy}`);
    process.exit(1);
  }
}

const child = spawn(binary(), process.argv.slice(2), { stdio: "inherit", windowsHide: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`clerk-mcp: the binary doesn't start: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) {
    process.exit(code);
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
