/**
 * A client that events.py watches with: `watch.mjs (typescript-1 | typescript-2) TARGET URI`.
 *
 * It says a line when it is subscribed to the resource, and one each time that it is told of a change.
 * It ends with its input.
 */

const [library, target, uri] = process.argv.slice(2);
const { connect, watch } = await import(`./${library}.mjs`);

function say(line) {
  console.log(JSON.stringify(line));
}

const where = JSON.parse(target);
const { client } = await connect(where);
await watch(client, uri, where.era, (updated) => say({ updated }));
say({ subscribed: uri });
for await (const _ of process.stdin);
await client.close();
