// node server.mjs [PORT]: the provider and its provider-state handler on one port of this machine.
import { createServer } from "node:http";
import { handle } from "./provider.mjs";
import { change } from "./states.mjs";

const maxBody = 2 << 20; // bytes

async function answer(request, response) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    if ((size += chunk.length) > maxBody) return send(response, { status: 413, body: { code: "PayloadTooLarge", message: "413:payload_too_large" } });
  }
  const body = Buffer.concat(chunks).toString("utf8");
  const path = request.url.split("?")[0];
  if (request.method === "POST" && path === "/_pact/provider-states") return send(response, change(JSON.parse(body)));
  const result = handle(request.method, path, request.headers.authorization, body);
  send(response, result);
  if (result.notify) {
    const headers = { "Content-Type": "application/json" };
    fetch(result.notify, { method: "POST", headers, body: JSON.stringify(result.event) }).catch((e) => console.error("not notified:", e.message));
  }
}

function send(response, { status, body }) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  answer(request, response).catch((e) => send(response, { status: 400, body: { code: "BadRequest", message: e.message } }));
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
