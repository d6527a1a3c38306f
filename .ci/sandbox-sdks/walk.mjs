// Every method of @clerk/backend, in three of its versions, against a sandbox each; its result must
// be what the SDK makes of Clerk's response. Then what an application's server does with a request.
//
//     node walk.mjs BINARY
import { authenticate } from "./authenticate.mjs";
import { PLAN } from "./plan.mjs";
import { KEY, start, state } from "./sandbox.mjs";
import { report } from "./report.mjs";

// What fails by a fault of the SDK's own.
const FAULTS = {};

const VERSIONS = ["backend-3", "backend-2", "backend-1"];
const binary = process.argv[2];
process.env.CLERK_TELEMETRY_DISABLED = "1";

// The SDK says that a method is deprecated when it is called.
console.warn = () => {};

function methods(client) {
    const names = [];
    for (const [area, api] of Object.entries(client)) {
        if (typeof api !== "object" || !api || typeof api.requireId !== "function") continue;
        for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(api))) {
            if (name !== "constructor") names.push(`${area}.${name}`);
        }
    }
    return names;
}

/// Whether the SDK read the response: it returns text as it is if it isn't JSON. Older versions
/// return nothing as an empty text.
function check(result) {
    const list = result?.data ?? result;
    for (const item of Array.isArray(list) ? list : [list]) {
        if (typeof item === "string" && item !== "") throw new Error(`not read as JSON: ${item.slice(0, 80)}`);
    }
}

function reason(error) {
    const [first] = error?.errors ?? [];
    return first ? `${error.status ?? ""} ${first.code} ${first.longMessage ?? first.message}` : (error?.message ?? String(error));
}

async function walk(sdk) {
    const sandbox = await start(binary);
    const { createClerkClient } = await import(sdk);
    const client = createClerkClient({ secretKey: KEY, apiUrl: sandbox.url, telemetry: { disabled: true } });
    const present = methods(client);
    const s = state(sandbox.url);
    s.asMachine = machineSecretKey => createClerkClient({ machineSecretKey, apiUrl: sandbox.url, telemetry: { disabled: true } });
    const results = [];
    for (const [name, call] of PLAN.filter(([name]) => present.includes(name))) {
        try {
            check(await call(client, s));
            results.push({ name });
        } catch (error) {
            results.push({ name, failed: reason(error) });
        }
    }
    const planned = new Set(PLAN.map(([name]) => name));
    results.push(...present.filter(name => !planned.has(name)).map(name => ({ name, failed: "not in the plan" })));
    const broken = error => [{ name: "authenticateRequest", failed: error.message }];
    results.push(...(await authenticate(sdk, sandbox.url).catch(broken)));
    sandbox.stop();
    return { sdk: `@clerk/${sdk.replace("-", " ")}`, results };
}

const walks = await Promise.all(VERSIONS.map(walk));
process.exitCode = report(walks, FAULTS) ? 0 : 1;
