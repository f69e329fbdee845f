import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "../../schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // Most types are values (a factor, a slice, a payload), which live in what has them: only nodes have an id.
      "@graphql-eslint/strict-id-in-types": "off",
      // A list that is short and asked for whole is a list; and connections tell their nodes beside the edges.
      "@graphql-eslint/relay-edge-types": ["error", {
        listTypeCanWrapOnlyEdgeType: false,
        // A day, a change and a bad row are found by what they belong to, not by an id of their own.
        shouldImplementNode: false,
      }],
      // @oneOf is the specification's own; the code prints it without its text.
      "@graphql-eslint/require-description": ["error", { types: true, FieldDefinition: true, rootField: true }],
      // Those of one account, and what comes newest first, are read forward alone.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
    },
  },
];
