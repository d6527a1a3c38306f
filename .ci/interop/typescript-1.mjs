/** `@modelcontextprotocol/sdk` 1.x, for the scripts that take a library by name. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";

const transports = {
  stdio: ({ command, args }) => new StdioClientTransport({ command, args }),
  http: ({ url }) => new StreamableHTTPClientTransport(new URL(url)),
  sse: ({ url }) => new SSEClientTransport(new URL(url)),
};

/** Note the revision when the client hands it to its transport: it tells it nowhere else. */
function noteRevision(transport, note) {
  const set = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    note(version);
    set?.(version);
  };
}

/** A connected client and the revision it speaks; without `elicit` it has no elicitation. */
export async function connect(target, elicit) {
  const transport = transports[target.transport](target);
  let revision;
  noteRevision(transport, (version) => (revision = version));

  const capabilities = elicit ? { elicitation: { form: {} } } : {};
  const client = new Client({ name: "interop", version: "1" }, { capabilities });
  if (elicit) client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  await client.connect(transport);
  return { client, revision };
}

/** Subscribe to a resource; `heard` is told its URI each time that it changed. */
export async function watch(client, uri, era, heard) {
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard(params.uri));
  await client.subscribeResource({ uri });
}
