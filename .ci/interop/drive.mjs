/**
 * A client that confirm.py drives: `drive.mjs (typescript-1 | typescript-2) TARGET [elicits]`.
 *
 * It says which revision it speaks, then makes the calls that come in, one a line, and answers each
 * with a line: the result and what the person was asked meanwhile. Whatever the library throws ends
 * the process with the reason.
 */

import { createInterface } from "node:readline";

const [library, target, elicits] = process.argv.slice(2);
const { connect } = await import(`./${library}.mjs`);
let answer;
let questions = [];

function elicit({ message, requestedSchema }) {
  questions.push({ message, schema: requestedSchema });
  return answer;
}

function say(line) {
  console.log(JSON.stringify(line));
}

const { client, revision } = await connect(JSON.parse(target), elicits && elicit);
// From now on the library holds structured content against the tools' output schemas.
await client.listTools();
say({ revision });
for await (const line of createInterface({ input: process.stdin })) {
  const { tool, arguments: args, answer: given } = JSON.parse(line);
  answer = given;
  questions = [];
  const result = await client.callTool({ name: tool, arguments: args });
  say({ result, questions });
}
await client.close();
