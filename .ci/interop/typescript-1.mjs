/**
 * One row of the table with `@modelcontextprotocol/sdk` 1.x:
 * `typescript-1.mjs (stdio BINARY | http URL | sse URL)`.
 */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { report, tellStory } from "./story.mjs";

const transports = {
  stdio: (binary) =>
    new StdioClientTransport({ command: binary, args: ["--sandbox", "--log", "warn"] }),
  http: (url) => new StreamableHTTPClientTransport(new URL(url)),
  sse: (url) => new SSEClientTransport(new URL(url)),
};

/** Note the revision when the client hands it to its transport: it tells it nowhere else. */
function noteRevision(transport, note) {
  const set = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    note(version);
    set?.(version);
  };
}

const [kind, target] = process.argv.slice(2);
const transport = transports[kind](target);
let revision;
noteRevision(transport, (version) => (revision = version));

const client = new Client({ name: "interop", version: "1" });
await client.connect(transport);
const outcome = await tellStory(client);
await client.close();
report({ ...outcome, revision });
