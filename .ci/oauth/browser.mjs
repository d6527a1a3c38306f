/** A browser as far as signing in goes: it follows redirects with its cookies. */

/** Goes where `url` leads until it is sent to `end`, and returns that address. */
export async function visit(url, person, end) {
  const cookies = new Map();
  for (let steps = 0; steps < 20; steps += 1) {
    if (String(url).startsWith(end)) return new URL(url);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie, "x-person": person } });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const next = response.headers.get("location");
    if (!next) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
    url = new URL(next, url);
  }
  throw new Error(`${url} is redirected for ever`);
}
