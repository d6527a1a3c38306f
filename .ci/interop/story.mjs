/**
 * One row of the table of interop.py: `story.mjs (typescript-1 | typescript-2) TARGET`. Both major
 * versions of the library call tools alike. Whatever is not as promised throws, and ends the
 * process with the reason.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

/** List the tools, read two users, create one, delete it, and look for it in vain. */
async function tellStory(client) {
  const { tools } = await client.listTools();

  const page = await call(client, "clerk_list_users", { limit: 3 });
  assert.equal(page.users.length, 3, "clerk_list_users: the page has not the size asked for");
  assert.ok(page.totalCount >= 25, `clerk_list_users: totalCount is ${page.totalCount}`);
  const user = await call(client, "clerk_get_user", { userId: page.users[0].id });
  assert.equal(user.id, page.users[0].id, "clerk_get_user: another user");

  const emailAddress = `${randomUUID()}@example.com`;
  const created = await call(client, "clerk_create_user", { emailAddress });
  const deleted = await call(client, "clerk_delete_user", { userId: created.id });
  assert.equal(deleted.deleted, true, "clerk_delete_user: not deleted");
  await callInVain(client, "clerk_get_user", { userId: created.id });

  return { tools: tools.length };
}

/** A call that succeeds; its structured content, which the client has validated. */
async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  const text = JSON.parse(result.content[0].text);
  assert.ok(!result.isError, `${name}: ${result.content[0].text}`);
  assert.deepEqual(result.structuredContent, text, `${name}: text and structure differ`);
  return text;
}

/** A call that fails, as a result that the agent can read. */
async function callInVain(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.isError, true, `${name}: no isError, though nothing has that id`);
  const { code } = JSON.parse(result.content[0].text).error;
  assert.equal(code, "resource_not_found", `${name}: the error's code is ${code}`);
}

const [library, target] = process.argv.slice(2);
const { connect } = await import(`./${library}.mjs`);
const { client, revision } = await connect(JSON.parse(target));
const outcome = await tellStory(client);
await client.close();
console.log(JSON.stringify({ ...outcome, revision }));
