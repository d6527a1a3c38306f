/**
 * Signs a person in with one of the official TypeScript clients, and calls tools:
 * `client.mjs '{"sdk": 1, "url": "…/mcp", "person": "user_admin", "calls": [["clerk_whoami", {}]]}'`.
 * Between two calls it waits until the access token has expired. If a call needs more scopes, the person
 * signs in again for those, and the call is repeated. It prints what each call returned, how often it was
 * given tokens, the scopes of the last sign-in, and the form of the access token: `jwt` or `opaque`.
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
    scope: "openid read write offline_access",
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

const open = (authProvider) => new StreamableHTTPClientTransport(new URL(url), { authProvider });

/** Gives the transport what the person brought back from the issuer. */
async function finish(transport, authProvider) {
  const parameters = authProvider.answer.searchParams;
  if (parameters.get("error")) throw new Error(`the issuer says: ${authProvider.answer}`);
  await transport.finishAuth(sdk === 2 ? parameters : parameters.get("code"));
}

async function connect(authProvider) {
  for (const isFirst of [true, false]) {
    const [client, transport] = [new Client({ name: "oauth", version: "1" }), open(authProvider)];
    try {
      await client.connect(transport);
      return { client, transport };
    } catch (error) {
      if (!isFirst || !(error instanceof UnauthorizedError)) throw error;
      await finish(transport, authProvider);
    }
  }
}

async function called(connected, name, args) {
  const call = () => connected.client.callTool({ name, arguments: args });
  const result = await call().catch(async (error) => {
    if (!(error instanceof UnauthorizedError)) throw error;
    await finish(connected.transport, authProvider);
    Object.assign(connected, await connect(authProvider));
    return call();
  });
  return { isError: result.isError === true, result: JSON.parse(result.content[0].text) };
}

const authProvider = new Person();
const report = { results: [] };
try {
  const connected = await connect(authProvider);
  report.tools = (await connected.client.listTools()).tools.map((tool) => tool.name);
  for (const [index, [name, args]] of calls.entries()) {
    if (index > 0) await pause(EXPIRED);
    report.results.push(await called(connected, name, args));
  }
  await connected.client.close();
} catch (error) {
  report.error = `${error.name}: ${error.message}`;
}
report.scope = authProvider.scope;
report.tokenResponses = authProvider.tokenResponses;
report.form = authProvider.kept?.access_token.split(".").length === 3 ? "jwt" : "opaque";
console.log(JSON.stringify(report));
process.exit(0);
