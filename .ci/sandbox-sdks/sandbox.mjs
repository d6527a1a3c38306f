// A sandbox of our own for each SDK, and what the SDKs have no method for.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const KEY = "sk_test_sdks";

export async function start(binary) {
    const process = spawn(binary, ["--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: process.stdout });
    for await (const line of lines) {
        const url = line.match(/http:\/\/[0-9.:]+/)?.[0];
        if (url) return { url, stop: () => process.kill() };
    }
    throw new Error("the sandbox did not start");
}

/// The state that a plan fills, with the look-ups that it needs.
export function state(url) {
    const get = async path => {
        const response = await fetch(`${url}/v1${path}`, { headers: { Authorization: `Bearer ${KEY}` } });
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
        return response.json();
    };
    const post = async (path, body, more = {}) => {
        const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json", ...more };
        const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
        return response.json();
    };
    const found = (what, item) => {
        if (!item) throw new Error(`no ${what} in the sandbox`);
        return item;
    };
    const users = () => get("/users?limit=500&order_by=created_at");
    return {
        url,
        post,
        /// The ids of a user and of one of their passkeys.
        passkey: async () => {
            const user = found("passkey", (await users()).find(user => user.passkeys.length > 0));
            return [user.id, user.passkeys[0].id];
        },
        /// The ids of a user and of their account at Google.
        external: async () => {
            const isGoogle = account => account.provider === "oauth_google";
            const user = found("Google account", (await users()).find(user => user.external_accounts.some(isGoogle)));
            return [user.id, user.external_accounts.find(isGoogle).id];
        },
        /// A sign-up that is not finished.
        signUp: async () => (await post("/sandbox/sign_ups", { email_address: `${crypto.randomUUID()}@example.com` })).id,
        /// A session token that was asked for from a page.
        tokenOf: async (sessionId, origin) => (await post(`/v1/sessions/${sessionId}/tokens`, {}, { Origin: origin })).jwt,
        refreshToken: async sessionId => `sandbox_refresh_token_${sessionId}`,
        nonce: async sessionId => `sandbox_handshake_nonce_${sessionId}`,
        /// What a user gets who signs in to an application.
        oauthToken: async (application, userId) =>
            (await post("/sandbox/oauth_access_tokens", { client_id: application.clientId, subject: userId })).token,
        subscriptionItem: async kind => {
            const { data } = await get("/billing/subscription_items?limit=100");
            return found(`${kind} subscription item`, data.find(item => (kind === "trial" ? item.is_free_trial : !item.is_free_trial && item.status === "active"))).id;
        },
    };
}
