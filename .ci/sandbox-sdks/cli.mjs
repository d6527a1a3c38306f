// The `api` command of Clerk's CLI against a sandbox.
//
//     node cli.mjs BINARY CLI
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { report } from "./report.mjs";
import { KEY, start } from "./sandbox.mjs";

const sandbox = await start(process.argv[2]);
const home = await mkdtemp(join(tmpdir(), "clerk-cli-"));
const options = {
    // It works with pipes as an agent would; neither it nor its telemetry is to reach anything else.
    env: {
        PATH: process.env.PATH,
        HOME: home,
        CLERK_CONFIG_DIR: home,
        CLERK_BACKEND_API_URL: sandbox.url,
        CLERK_SECRET_KEY: KEY,
        CLERK_TELEMETRY_DISABLED: "1",
        CLERK_NO_UPDATE_CHECK: "1",
    },
    timeout: 30_000,
};
const cli = process.argv[3];

/// What the CLI prints, and its exit code.
async function api(...words) {
    try {
        const running = promisify(execFile)(cli, ["api", ...words], options);
        // It would read a body from there.
        running.child.stdin.end();
        const { stdout } = await running;
        return { code: 0, body: JSON.parse(stdout) };
    } catch (error) {
        if (typeof error.code !== "number") throw error;
        return { code: error.code, body: JSON.parse(error.stdout) };
    }
}

function assert(condition, body) {
    if (!condition) throw new Error(JSON.stringify(body).slice(0, 200));
}

const CASES = {
    "a list": async () => {
        const { code, body } = await api("/users?limit=3");
        assert(code === 0 && body.length === 3 && body[0].object === "user", body);
    },
    "a write, an update and a deletion": async () => {
        const { body: made } = await api("/organizations", "-d", '{"name":"From the CLI"}', "--yes");
        assert(made.object === "organization" && made.slug, made);
        const path = `/organizations/${made.id}`;
        const { body: renamed } = await api(path, "-X", "PATCH", "-d", '{"name":"Renamed"}', "--yes");
        assert(renamed.name === "Renamed", renamed);
        const { body: deleted } = await api(path, "-X", "DELETE", "--yes");
        assert(deleted.deleted === true, deleted);
    },
    "an error": async () => {
        const { code, body } = await api("/users/user_none");
        assert(code === 1 && body.errors[0].code === "resource_not_found", body);
    },
};

async function run([name, test]) {
    const failed = await test().then(() => undefined, error => error.message);
    return { name, failed };
}

const results = await Promise.all(Object.entries(CASES).map(run));
sandbox.stop();
await rm(home, { recursive: true });
process.exitCode = report([{ sdk: "clerk api", results }], {}) ? 0 : 1;
