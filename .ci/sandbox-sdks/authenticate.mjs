// What an application's server does with a request: `authenticateRequest`, and a route of Express
// that only signed-in users get to.
import express from "express";

import { KEY, state } from "./sandbox.mjs";

const PAGE = "http://localhost:3000";

function assert(condition, what) {
    if (!condition) throw new Error(what);
}

export async function authenticate(sdk, url) {
    const { createClerkClient, verifyToken } = await import(sdk);
    const s = state(url);
    const about = await (await fetch(url)).json();
    const options = { secretKey: KEY, apiUrl: url, publishableKey: about.publishable_key, telemetry: { disabled: true } };
    const clerk = createClerkClient(options);
    // Without a network: no request of its could succeed.
    const offline = createClerkClient({ ...options, apiUrl: "http://127.0.0.1:1", jwtKey: about.jwt_key });
    const permission = await s.post("/v1/organization_permissions", { name: "Send", key: "org:letters:send", description: "Send" });
    await s.post("/v1/organization_roles", { name: "Writer", key: "org:writer", permissions: [permission.id] });
    const user = await s.post("/v1/users", { username: "visitor" });
    const admin = await s.post("/v1/users", { username: "admin_of_all" });
    const org = await s.post("/v1/organizations", { name: "Letters", created_by: admin.id });
    await s.post(`/v1/organizations/${org.id}/memberships`, { user_id: user.id, role: "org:writer" });
    const session = await s.post("/v1/sessions", { user_id: user.id, active_organization_id: org.id });
    const token = await s.tokenOf(session.id, PAGE);
    const [header, payload, signature] = token.split(".");
    const forged = [header, payload, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".");
    const request = (headers, path = "/") => new Request(PAGE + path, { headers });
    const bearer = token => request({ Authorization: `Bearer ${token}` });
    const { directives } = await clerk.clients.getHandshakePayload({ nonce: await s.nonce(session.id) });
    const jar = directives.map(cookie => cookie.split(";")[0]).join("; ");
    const cookies = token => `__session=${token}; __client_uat=${Math.floor(session.createdAt / 1000) || 1}; __clerk_db_jwt=${token}`;
    // Version 1 makes it https, whatever the address of the proxy.
    const follow = state => fetch(state.headers.get("location").replace("https:", "http:"), { redirect: "manual" });
    const browser = { Accept: "text/html", "Sec-Fetch-Dest": "document" };

    const cases = {
        "a token in the header, with the key set": async () => {
            const auth = (await clerk.authenticateRequest(bearer(token))).toAuth();
            assert(auth.userId === user.id && auth.sessionId === session.id, JSON.stringify(auth));
        },
        "a token in the header, without a network": async () => {
            const state = await offline.authenticateRequest(bearer(token));
            assert(state.isSignedIn, state.reason);
        },
        "a token in the cookie": async () => {
            const state = await clerk.authenticateRequest(request({ Cookie: cookies(token) }));
            assert(state.isSignedIn, state.reason);
        },
        "the active organization and its permissions": async () => {
            const auth = (await clerk.authenticateRequest(bearer(token))).toAuth();
            assert(auth.orgId === org.id && auth.orgSlug === org.slug && auth.orgRole === "org:writer", JSON.stringify(auth));
            assert(auth.has({ permission: "org:letters:send" }), "has the permission");
            assert(!auth.has({ permission: "org:letters:burn" }), "has no other permission");
        },
        "authorized parties": async () => {
            const right = await clerk.authenticateRequest(bearer(token), { authorizedParties: [PAGE] });
            assert(right.isSignedIn, right.reason);
            const wrong = await clerk.authenticateRequest(bearer(token), { authorizedParties: ["https://evil.example"] });
            assert(wrong.status === "signed-out" && wrong.reason === "token-invalid-authorized-parties", wrong.reason);
        },
        "no token": async () => {
            const state = await clerk.authenticateRequest(request({ Cookie: "__clerk_db_jwt=browser" }));
            assert(state.status === "signed-out" && state.reason === "session-token-and-uat-missing", state.reason);
        },
        "a forged token": async () => {
            const state = await clerk.authenticateRequest(bearer(forged));
            assert(state.status === "signed-out" && state.reason === "token-invalid-signature", state.reason);
        },
        "a token of a template is no session token": async () => {
            await s.post("/v1/jwt_templates", { name: "for_others", claims: {} });
            const { jwt } = await s.post(`/v1/sessions/${session.id}/tokens/for_others`, {});
            const claims = await verifyToken(jwt, { secretKey: KEY, apiUrl: url }).then(claims => claims, error => error);
            assert(claims.sub === user.id || claims.reason, JSON.stringify(claims));
            assert(!claims.sid, "it has no session");
        },
        "verifyToken": async () => {
            const claims = await verifyToken(token, { secretKey: KEY, apiUrl: url });
            assert(claims.sub === user.id && claims.sid === session.id && claims.azp === PAGE, JSON.stringify(claims));
            const offline = await verifyToken(token, { jwtKey: about.jwt_key });
            assert(offline.sub === user.id, JSON.stringify(offline));
        },
        "a handshake, to new cookies and back": async () => {
            const proxied = { proxyUrl: url };
            // To the SDK the token has expired.
            const expired = request({ ...browser, Cookie: jar }, "/letters?page=2");
            const first = await clerk.authenticateRequest(expired, { ...proxied, clockSkewInMs: -61_000 });
            assert(first.status === "handshake", `${first.status} ${first.reason}`);
            const there = await follow(first);
            const back = there.headers.get("location");
            assert(there.status === 307 && back?.startsWith(`${PAGE}/letters?page=2`), `${there.status} ${back}`);
            const second = await clerk.authenticateRequest(new Request(back, { headers: browser }), proxied);
            assert(second.isSignedIn && second.toAuth().userId === user.id, second.reason);
            assert(second.headers.get("set-cookie").includes("__session="), "it sets the cookies");
        },
        "a handshake of a browser that nobody is signed in with": async () => {
            const proxied = { proxyUrl: url };
            const first = await clerk.authenticateRequest(request(browser), proxied);
            assert(first.status === "handshake" && first.reason === "dev-browser-missing", first.reason);
            const there = await follow(first);
            const second = await clerk.authenticateRequest(new Request(there.headers.get("location"), { headers: browser }), proxied);
            assert(second.status === "signed-out", second.status);
        },
        "a protected route of Express": async () => {
            const app = express();
            app.get("/private", async (req, res) => {
                const state = await clerk.authenticateRequest(new Request(PAGE + req.url, { headers: new Headers(req.headers) }));
                if (!state.isSignedIn) return res.status(401).json({ reason: state.reason });
                const { username } = await clerk.users.getUser(state.toAuth().userId);
                return res.json({ username });
            });
            const server = await new Promise(resolve => {
                const server = app.listen(0, "127.0.0.1", () => resolve(server));
            });
            try {
                const route = `http://127.0.0.1:${server.address().port}/private`;
                const nobody = await fetch(route);
                assert(nobody.status === 401, `${nobody.status} without a token`);
                const stranger = await fetch(route, { headers: { Authorization: `Bearer ${forged}` } });
                assert(stranger.status === 401, `${stranger.status} with a forged token`);
                const response = await fetch(route, { headers: { Authorization: `Bearer ${token}` } });
                assert((await response.json()).username === "visitor", `${response.status} with a token`);
            } finally {
                server.close();
            }
        },
    };
    if (clerk.apiKeys) {
        Object.assign(cases, machineCases({ clerk, s, user, bearer, assert }));
    }
    const results = [];
    for (const [name, run] of Object.entries(cases)) {
        try {
            await run();
            results.push({ name: `authenticateRequest: ${name}` });
        } catch (error) {
            results.push({ name: `authenticateRequest: ${name}`, failed: error.message });
        }
    }
    return results;
}

/// What newer SDKs accept beside session tokens.
function machineCases({ clerk, s, user, bearer, assert }) {
    const accepts = (token, acceptsToken) => clerk.authenticateRequest(bearer(token), { acceptsToken });
    const refuses = async (token, acceptsToken) => {
        const state = await accepts(token, acceptsToken);
        assert(!state.isAuthenticated && state.status === "signed-out", `${acceptsToken}: ${state.status}`);
    };
    return {
        "an API key": async () => {
            const key = await clerk.apiKeys.create({ name: "robot", subject: user.id, scopes: ["read"] });
            const { secret } = await clerk.apiKeys.getSecret(key.id);
            const state = await accepts(secret, "api_key");
            assert(state.isAuthenticated && state.toAuth().subject === user.id, state.reason);
            await refuses(secret, "session_token");
            await clerk.apiKeys.revoke({ apiKeyId: key.id });
            await refuses(secret, "api_key");
            await refuses("ak_none", "api_key");
        },
        "an M2M token": async () => {
            const called = await clerk.machines.create({ name: "robot" });
            const caller = await clerk.machines.create({ name: "engineer", scopedMachines: [called.id] });
            const key = async machine => (await clerk.machines.getSecretKey(machine.id)).secret;
            const { token } = await clerk.m2m.createToken({ machineSecretKey: await key(caller) });
            const options = { acceptsToken: "m2m_token", machineSecretKey: await key(called) };
            const state = await clerk.authenticateRequest(bearer(token), options);
            assert(state.isAuthenticated && state.toAuth().subject === caller.id, state.reason);
        },
        "an M2M token that is a JWT": async () => {
            const caller = await clerk.machines.create({ name: "writer" });
            const { secret } = await clerk.machines.getSecretKey(caller.id);
            const { id, token } = await clerk.m2m.createToken({ machineSecretKey: secret, tokenFormat: "jwt", claims: { job: 7 } });
            const verified = await clerk.m2m.verify({ token });
            assert(verified.id === id && verified.subject === caller.id && !verified.expired, JSON.stringify(verified));
            const state = await accepts(token, "m2m_token");
            assert(state.isAuthenticated && state.toAuth().subject === caller.id, state.reason);
            await refuses(token, "session_token");
            const [header, claims, signature] = token.split(".");
            const forged = [header, claims, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".");
            await refuses(forged, "m2m_token");
        },
        "an OAuth access token": async () => {
            const app = await clerk.oauthApplications.create({ name: "Robot", redirectUris: ["https://robot.example/callback"], scopes: "profile" });
            const token = await s.oauthToken(app, user.id);
            const state = await accepts(token, "oauth_token");
            assert(state.isAuthenticated && state.toAuth().userId === user.id, state.reason);
            await refuses("oat_none", "oauth_token");
        },
    };
}
