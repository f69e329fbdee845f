// PostGraphile 5 over the product's own tables, as its documentation advises for production: the Amber preset, shorter
// names, filters, smart tags for the two relations that no foreign key tells, one process, one pool, prepared statements.
import { createServer } from "node:http";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { access, lambda } from "postgraphile/grafast";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { sql } from "postgraphile/pg-sql2";
import { TYPES } from "postgraphile/@dataplan/pg";
import { addPgTableOrderBy, extendSchema, gql, orderByAscDesc, pgSmartTags } from "postgraphile/utils";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const labels = JSON.parse(process.env.LABELS);

const tags = pgSmartTags([
  // Without these two only columns with an index can be filtered by.
  { kind: "attribute", match: "accounts.status", tags: { behavior: "+attribute:filterBy" } },
  { kind: "attribute", match: "accounts.bucket", tags: { behavior: "+attribute:filterBy" } },
  {
    kind: "class",
    match: "accounts",
    tags: {
      foreignKey: [
        "(id, scored_on) references health_snapshots (account_id, day)|@fieldName health|@behavior -*:backward",
        "(id, observed_on) references account_observations (account_id, observed_on)|@fieldName observation",
      ],
    },
  },
]);

// The index is on the name's key in the C locale, which the column's own order would not use.
const order = addPgTableOrderBy({ schemaName: "public", tableName: "accounts" }, () =>
  orderByAscDesc("NAME_IN_INDEX", (accounts) => ({
    fragment: sql`${accounts}.name_key collate "C"`,
    codec: TYPES.text,
  })),
);

// The factors lie in one JSON column; here they are objects whose fields can be chosen.
const factors = extendSchema({
  typeDefs: gql`
    type HealthFactor {
      measure: String!
      label: String!
      rawValue: String!
      subScore: BigFloat!
      weight: BigFloat!
      effectiveWeight: BigFloat!
      contribution: BigFloat!
      pointsLost: BigFloat!
      direction: String!
      observedOn: Date
    }
    extend type HealthSnapshot {
      factorList: [HealthFactor!]!
    }
  `,
  objects: {
    HealthSnapshot: { plans: { factorList: ($snapshot) => $snapshot.get("factors") } },
    HealthFactor: {
      plans: {
        label: ($factor) => lambda(access($factor, "measure"), (measure) => labels[measure], true),
        rawValue: ($factor) => access($factor, "raw_value"),
        subScore: ($factor) => access($factor, "sub_score"),
        effectiveWeight: ($factor) => access($factor, "effective_weight"),
        pointsLost: ($factor) => access($factor, "points_lost"),
        observedOn: ($factor) => access($factor, "observed_on"),
      },
    },
  },
});

const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
  plugins: [tags, order, factors],
  pgServices: [makePgService({ pool: new pg.Pool(), schemas: ["public", "bench_postgraphile"] })],
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
};

const instance = postgraphile(preset);
if (process.argv[2] === "schema") {
  const { printSchema } = await import("graphql");
  console.log(printSchema(await instance.getSchema()));
  process.exit(0);
}
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
