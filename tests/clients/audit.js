// The audits of GraphQL over HTTP, against a server: node audit.js URL [CREDENTIAL]. Prints what each says, as JSON.
import { serverAudits } from "graphql-http";

const [url, credential] = process.argv.slice(2);
const authorization = credential ? { authorization: `Bearer ${credential}` } : {};
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, ...authorization } });

const told = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason, response } = await audit.fn();
  told.push({ id: audit.id, name: audit.name, status, reason, got: response && [response.status, await response.text()] });
}
console.log(JSON.stringify(told));
