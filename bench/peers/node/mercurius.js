// Fastify and Mercurius with its JIT on: a schema written by hand, one prepared statement a root field, one process.
// The statements are those of the raw variant: they answer JSON in the schema's own names, and no field needs a resolver.
// Each list comes in the one order that the questions ask for.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";
import pg from "pg";

const labels = process.env.LABELS;
const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const statement = (name) => ({ name, text: here(`../sql/${name}.sql`) });
const [list, details, portfolio] = ["q1", "q2", "q3"].map(statement);

const pool = new pg.Pool();
const answer = async (query, values) => (await pool.query({ ...query, values })).rows[0].answer;
const today = () => new Date().toISOString().slice(0, 10);

// What is nested in an account is read only where it is asked for.
const child = (field, name) => field?.selectionSet.selections.find((one) => one.name.value === name);
const argument = (field, name, info) => {
  const { value } = field.arguments.find((one) => one.name.value === name);
  return value.kind === "Variable" ? info.variableValues[value.name.value] : Number(value.value);
};

const text = (name) => new GraphQLScalarType({ name });
const resolvers = {
  Date: text("Date"),
  Decimal: text("Decimal"),
  Query: {
    accounts(_, { filter, first }, context, info) {
      const metrics = child(child(info.fieldNodes[0], "nodes"), "dailyMetrics");
      if (metrics) return answer(details, [first, argument(metrics, "first", info), today(), labels]);
      return answer(list, [filter.bucket.in, filter.arr.gte, first, today()]);
    },
    portfolioMetrics: () => answer(portfolio, [today()]),
  },
};

const app = Fastify({ logger: false });
app.register(mercurius, { schema: here("mercurius.graphql"), resolvers, jit: 1, graphiql: false });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
console.log("ready");
