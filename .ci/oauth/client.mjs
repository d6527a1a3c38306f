/**
 * Signs a person in with one of the official TypeScript clients, and calls tools:
 * `client.mjs '{"sdk": 1, "url": "…/mcp", "person": "user_admin", "calls": [["clerk_whoami", {}]]}'`.
 * Between two calls it waits until the access token has expired. It prints what each call returned, and
 * how often it was given tokens.
 */

import { setTimeout as pause } from "node:timers/promises";
import { visit } from "./browser.mjs";

const { sdk, url, person, calls } = JSON.parse(process.argv[2]);
const CALLBACK = "http://127.0.0.1:9/callback";
/** The lifetime of a token and the leeway of the server, with a second to spare; in ms. */
const EXPIRED = 8_000;

const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await library();

async function library() {
  if (sdk === 2) return import("@modelcontextprotocol/client");
  const [client, transport, auth] = await Promise.all([
    import("@modelcontextprotocol/sdk/client/index.js"),
    import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
    import("@modelcontextprotocol/sdk/client/auth.js"),
  ]);
  return { ...client, ...transport, ...auth };
}

/** Keeps what the sign-in gives, and signs in. */
class Person {
  redirectUrl = CALLBACK;
  clientMetadata = {
    client_name: "A test",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
    scope: "openid read",
  };
  tokenResponses = 0;

  clientInformation = () => this.client;
  saveClientInformation = (client) => (this.client = client);
  tokens = () => this.kept;
  saveTokens = (tokens) => {
    this.tokenResponses += 1;
    this.kept = tokens;
  };
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => (this.verifier = verifier);
  redirectToAuthorization = async (address) => {
    this.scope = address.searchParams.get("scope");
    this.answer = await visit(address, person, CALLBACK);
  };
}

async function connect(authProvider) {
  const open = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });
  const client = () => new Client({ name: "oauth", version: "1" });
  const first = open();
  const connected = client();
  try {
    await connected.connect(first);
    return connected;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  const parameters = authProvider.answer.searchParams;
  if (parameters.get("error")) throw new Error(`the issuer says: ${authProvider.answer}`);
  await first.finishAuth(sdk === 2 ? parameters : parameters.get("code"));
  const again = client();
  await again.connect(open());
  return again;
}

async function called(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  return { isError: result.isError === true, result: JSON.parse(result.content[0].text) };
}

const authProvider = new Person();
const report = { results: [] };
try {
  const client = await connect(authProvider);
  report.tools = (await client.listTools()).tools.map((tool) => tool.name);
  for (const [index, [name, args]] of calls.entries()) {
    if (index > 0) await pause(EXPIRED);
    report.results.push(await called(client, name, args));
  }
  await client.close();
} catch (error) {
  report.error = `${error.name}: ${error.message}`;
}
report.scope = authProvider.scope;
report.tokenResponses = authProvider.tokenResponses;
console.log(JSON.stringify(report));
process.exit(0);
