/**
 * The page of approvals in a real browser: `approvals.mjs BINARY [FOLDER]`.
 *
 * A supporter's client asks for a change and a deletion, an admin signs in at an authorization server
 * from npm and decides, with script and without, by keyboard and on a phone's width. Needs npm, and
 * Chromium in CHROMIUM or /usr/bin/chromium. With FOLDER, screenshots are written there; those of the
 * documents are approvals.png and approvals-phone.png.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [binary, folder] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const work = join(here, "..", "target", "approvals");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SECRET = "secret-of-the-page-in-a-test";
const PHONE = { width: 390, height: 844 };

const POLICY = `
default = "deny"

[[rules]]
name = "everybody reads"
action = "allow"
effects = ["read"]

[[rules]]
name = "support unlocks"
action = "allow"
who = ["role:support"]
tools = ["clerk_unlock_user"]

[[rules]]
name = "deletions with four eyes"
action = "allow"
who = ["role:support", "role:admin"]
tools = ["clerk_delete_user", "clerk_update_user"]
approval = "second-person"
approvers = ["role:admin"]
`;

/** The packages of approvals/package.json and of oauth/package.json, by their lock files. */
function install() {
  for (const name of ["oauth", "approvals"]) {
    const at = join(work, name);
    mkdirSync(at, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(here, name, file), join(at, file));
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--silent"], { cwd: at, stdio: "inherit" });
  }
  for (const file of ["issuer.mjs", "browser.mjs"]) {
    copyFileSync(join(here, "oauth", file), join(work, "oauth", file));
  }
}

function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

/** Starts a program, and waits for a line of its output that has this in it. */
function start(command, args, options, pattern) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  return new Promise((found, failed) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const match = text.match(pattern);
      if (match) found({ child, match });
    });
    child.on("exit", (code) => failed(new Error(`${command} ended with ${code}: ${text}`)));
  });
}

/** An access token of a person, as an MCP client gets it: registered, signed in, exchanged. */
async function tokenOf(issuer, resource, person) {
  const back = "http://127.0.0.1:9/callback";
  const post = async (path, headers, body) => (await fetch(`${issuer}/${path}`, { method: "POST", headers, body })).json();
  const metadata = { redirect_uris: [back], token_endpoint_auth_method: "none", application_type: "native" };
  const { client_id } = await post("reg", { "content-type": "application/json" }, JSON.stringify(metadata));
  const code_verifier = randomBytes(32).toString("base64url");
  const code_challenge = createHash("sha256").update(code_verifier).digest("base64url");
  const asked = { client_id, response_type: "code", redirect_uri: back, scope: "openid", resource, code_challenge };
  const address = new URL(`${issuer}/auth?${new URLSearchParams({ ...asked, code_challenge_method: "S256" })}`);
  const { visit } = await import(join(work, "oauth", "browser.mjs"));
  const code = (await visit(address, person, back)).searchParams.get("code");
  const form = { grant_type: "authorization_code", code, redirect_uri: back, client_id, code_verifier, resource };
  return (await post("token", {}, new URLSearchParams(form))).access_token;
}

/** What calls of tools return to a person whose client can't ask. */
async function call(issuer, url, person, ...calls) {
  const authorization = `Bearer ${await tokenOf(issuer, url, person)}`;
  const results = [];
  for (const [name, args] of calls) {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
      "io.modelcontextprotocol/clientInfo": { name: "Help desk", version: "1" },
    };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args, _meta } };
    const headers = {
      authorization,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": name,
    };
    const text = await (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).text();
    const message = JSON.parse(text.match(/^(?:data: )?(\{.*)$/m)?.[1] ?? text);
    results.push(JSON.parse(message.result.content[0].text));
  }
  return results;
}

function asked(result) {
  assert.equal(result.error?.code, "needs_second_person", JSON.stringify(result));
  return result.error.message.match(/apv_[A-Za-z0-9]+/)[0];
}

function shown(line) {
  console.log(`  ${line}`);
}

async function signIn(browser, origin, options) {
  const context = await browser.newContext({ extraHTTPHeaders: { "x-person": "user_admin" }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${origin}/approvals`);
  // A page that asks to sign in is a 401, which the console names.
  problems.length = 0;
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Approvals" }).waitFor();
  return { context, page, problems };
}

/** Nothing is wider than the window, and every control has a name. */
async function fits(page) {
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= room, `the page is ${width} wide, the window ${room}`);
}

async function picture(page, name) {
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

async function main() {
  install();
  const { chromium } = createRequire(join(work, "approvals", "package.json"))("playwright-core");
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const files = Object.fromEntries(["policy.toml", "approvals.db", "audit.jsonl"].map((name) => [name, join(work, name)]));
  for (const file of Object.values(files)) for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  writeFileSync(files["policy.toml"], POLICY);
  const ends = [];
  try {
    const issuer = await start(
      process.execPath,
      ["issuer.mjs", `${origin}/mcp`, `${origin}/approvals/callback`, SECRET],
      { cwd: join(work, "oauth") },
      /http:\/\/127\.0\.0\.1:\d+/,
    );
    ends.push(issuer.child);
    const args = [
      "http", "--sandbox", "--log", "warn", "--listen", `127.0.0.1:${port}`, "--resource", `${origin}/mcp`,
      "--oauth-issuer", issuer.match[0], "--oauth-allow", "org:org_ourco", "--oauth-client-id", "approvals-page",
      "--policy", files["policy.toml"], "--approvals", files["approvals.db"], "--audit", files["audit.jsonl"],
    ];
    const env = { ...process.env, CLERK_MCP_OAUTH_CLIENT_SECRET: SECRET };
    const server = await start(binary, args, { env }, /listening on/);
    ends.push(server.child);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    ends.push({ kill: () => browser.close() });

    const url = `${origin}/mcp`;
    const address = issuer.match[0];
    const [{ users }] = await call(address, url, "user_support", ["clerk_list_users", { limit: 2 }]);
    const hostile = "<img src=x onerror=alert(1)>\u202e";
    const waiting = await call(
      address, url, "user_support",
      ["clerk_update_user", { userId: users[0].id, firstName: hostile, reason: "Ticket 12: a new name." }],
      ["clerk_delete_user", { userId: users[1].id, reason: "Ticket 7: she asked to be forgotten." }],
    );
    const [update, deletion] = waiting.map(asked);
    shown("a supporter's client asks, and each call waits");

    const [unlocked] = await call(address, url, "user_support", ["clerk_unlock_user", { userId: users[0].id }]);
    assert.equal(unlocked.success, true, JSON.stringify(unlocked));
    const [read, ...denied] = await call(
      address, url, "user_analyst",
      ["clerk_get_user", { userId: users[0].id }],
      ["clerk_unlock_user", { userId: users[0].id }],
      ["clerk_delete_user", { userId: users[1].id }],
    );
    assert.equal(read.id, users[0].id, JSON.stringify(read));
    assert.deepEqual(denied.map((result) => result.error?.code), ["policy_denied", "policy_denied"]);
    shown("the supporter unlocks without anybody, and an analyst may only read");

    // With script, on a desk, in the light; then by keyboard.
    const desk = await signIn(browser, origin, { viewport: { width: 860, height: 600 }, colorScheme: "light" });
    await picture(desk.page, "approvals-list");
    await desk.page.goto(`${origin}/approvals/${deletion}`);
    await fits(desk.page);
    await picture(desk.page, "approvals");
    const approve = desk.page.getByRole("button", { name: "Approve" });
    await desk.page.keyboard.press("Tab");
    for (let steps = 0; steps < 20 && !(await approve.evaluate((it) => it === document.activeElement)); steps += 1) {
      await desk.page.keyboard.press("Tab");
    }
    await desk.page.keyboard.press("Enter");
    await desk.page.locator("h1 .state", { hasText: "approved" }).waitFor();
    assert.deepEqual(desk.problems, []);
    shown("an admin signs in and approves by keyboard");

    // Another page can neither frame it nor send its form.
    const evil = await desk.context.newPage();
    await evil.route("http://evil.localhost/**", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<iframe src="${origin}/approvals/${update}"></iframe>
          <form method="post" action="${origin}/approvals/${update}/approve"><button>x</button></form>`,
      }),
    );
    await evil.goto("http://evil.localhost/");
    const framed = evil.frames().find((frame) => frame !== evil.mainFrame());
    assert.ok(!(await framed?.content().catch(() => ""))?.includes(update), "the page is framed");
    const [response] = await Promise.all([evil.waitForNavigation(), evil.getByRole("button").click()]);
    assert.equal(response.status(), 403);
    shown("another page can't frame it, and its form is refused");

    // Without script, on a phone, in the dark.
    const phone = await signIn(browser, origin, { viewport: PHONE, javaScriptEnabled: false, colorScheme: "dark" });
    await picture(phone.page, "approvals-phone-list");
    await phone.page.getByRole("link", { name: "Update user" }).click();
    const text = await phone.page.locator("main").innerText();
    assert.ok(text.includes("<img src=x") && text.includes("⟦U+202E⟧"), text);
    await picture(phone.page, "approvals-phone");
    await phone.page.getByLabel("Reason for a rejection").fill("That isn't a name.");
    await phone.page.getByRole("button", { name: "Reject" }).click();
    await phone.page.locator("h1 .state", { hasText: "rejected" }).waitFor();
    assert.deepEqual(phone.problems, []);
    const wide = await signIn(browser, origin, { viewport: PHONE });
    await wide.page.goto(`${origin}/approvals/${update}`);
    await fits(wide.page);
    shown("without script, on a phone's width, a hostile name is text, and the call is rejected");

    await phone.page.getByRole("button", { name: "Sign out" }).click();
    await phone.page.getByRole("link", { name: "Sign in" }).waitFor();

    const [done, again, refused] = await call(
      address, url, "user_support",
      ["clerk_run_approved", { approvalId: deletion }],
      ["clerk_run_approved", { approvalId: deletion }],
      ["clerk_run_approved", { approvalId: update }],
    );
    assert.equal(done.success, true, JSON.stringify(done));
    assert.equal(again.error.code, "approval_used");
    assert.equal(refused.error.code, "approval_rejected");
    await desk.page.reload();
    await picture(desk.page, "approvals-done");
    const log = readFileSync(files["audit.jsonl"], "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const who = (event) => log.filter((line) => line.event === event).map((line) => line.principal.subject);
    assert.deepEqual([who("approved"), who("rejected")], [["user_admin"], ["user_admin"]]);
    assert.deepEqual(who("begun"), ["user_support", "user_support"], "the unlock and the deletion");
    const refusals = log.filter((line) => line.event === "refused" && line.code === "policy_denied");
    assert.deepEqual(refusals.map((line) => line.principal.subject), ["user_analyst", "user_analyst"]);
    shown("the deletion is done once, and the audit log has who asked, who decided and what was done");
  } finally {
    for (const end of ends.reverse()) await end.kill();
  }
}

await main();
