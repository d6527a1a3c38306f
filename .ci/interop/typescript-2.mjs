/** `@modelcontextprotocol/client` 2.x, for the scripts that take a library by name. */

import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const transports = {
  stdio: ({ command, args }) => new StdioClientTransport({ command, args }),
  http: ({ url }) => new StreamableHTTPClientTransport(new URL(url)),
  sse: ({ url }) => new SSEClientTransport(new URL(url)),
};

/** A connected client and the revision it speaks; without `elicit` it has no elicitation. */
export async function connect(target, elicit) {
  const options = {
    capabilities: elicit ? { elicitation: { form: {} } } : {},
    versionNegotiation: { mode: target.era },
  };
  const client = new Client({ name: "interop", version: "1" }, options);
  if (elicit) client.setRequestHandler("elicitation/create", ({ params }) => elicit(params));
  await client.connect(transports[target.transport](target));
  return { client, revision: client.getNegotiatedProtocolVersion() };
}

/** Subscribe to a resource; `heard` is told its URI each time that it changed. */
export async function watch(client, uri, era, heard) {
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => heard(params.uri));
  if (era === "legacy") await client.subscribeResource({ uri });
  else await client.listen({ resourceSubscriptions: [uri] });
}
