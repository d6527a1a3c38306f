/**
 * An authorization server on this machine, with people who sign in by a header in place of a page:
 * `issuer.mjs RESOURCE [CALLBACK SECRET [opaque]]`. It prints its address, and issues access tokens for the
 * resource only, as JWTs unless the last word says otherwise. With CALLBACK, it knows the server as a client
 * with this secret, which signs people in to the page of approvals and asks about opaque tokens.
 */

import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [resource, callback, secret, format = "jwt"] = process.argv.slice(2);

const page = {
  client_id: "approvals-page",
  client_secret: secret,
  redirect_uris: [callback],
  grant_types: ["authorization_code"],
};

/** By their IDs: what their access tokens say of them. */
const people = {
  user_admin: { email: "ada@ourco.example", email_verified: true, org_id: "org_ourco", roles: ["admin"] },
  user_support: { email: "sam@ourco.example", email_verified: true, org_id: "org_ourco", roles: ["support"] },
  user_analyst: { email: "ann@ourco.example", email_verified: true, org_id: "org_ourco", roles: ["analyst"] },
  user_stranger: { email: "eve@ourco.example", email_verified: false },
};

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };

/** The scopes that a client may ask for. */
const SCOPES = "read write";

const configuration = {
  jwks: { keys: [key] },
  clients: callback ? [page] : [],
  cookies: { keys: ["of a test"] },
  scopes: ["openid", "offline_access", "email", "profile", ...SCOPES.split(" ")],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  clientDefaults: { grant_types: ["authorization_code", "refresh_token"] },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    introspection: { enabled: format === "opaque" },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, audience) => ({
        scope: SCOPES,
        audience,
        accessTokenFormat: format,
        // A JWT's is so short that a client has to refresh it.
        accessTokenTTL: format === "jwt" ? 2 : 60,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  extraTokenClaims: (_, token) => people[token.accountId],
  issueRefreshToken: () => true,
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
};

/** What a person would do on the pages: sign in, and agree to all that is asked for. */
async function interact(provider, request, response) {
  const { prompt, session, params } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const login = { accountId: request.headers["x-person"] };
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? "openid");
  for (const [indicator, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
    grant.addResourceScope(indicator, scopes.join(" "));
  }
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

/** Reads a registration. The clients name the scopes that they ask for first, and may ask for others later. */
async function registration(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  const { scope, ...metadata } = JSON.parse(text);
  request.body = metadata;
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(address, configuration);
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    if (request.method === "POST" && request.url === "/reg") await registration(request);
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  console.log(address);
});
