/**
 * One row of the table with `@modelcontextprotocol/client` 2.x:
 * `typescript-2.mjs (stdio BINARY | http URL | sse URL) (legacy | auto)`.
 */

import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { report, tellStory } from "./story.mjs";

const transports = {
  stdio: (binary) =>
    new StdioClientTransport({ command: binary, args: ["--sandbox", "--log", "warn"] }),
  http: (url) => new StreamableHTTPClientTransport(new URL(url)),
  sse: (url) => new SSEClientTransport(new URL(url)),
};

const [kind, target, mode] = process.argv.slice(2);
const client = new Client({ name: "interop", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transports[kind](target));
const revision = client.getNegotiatedProtocolVersion();
const outcome = await tellStory(client);
await client.close();
report({ ...outcome, revision });
