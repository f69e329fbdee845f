// What Relay asks: connections that it can page through, refetch and find again by their ids.
declare const graphql: (text: TemplateStringsArray) => unknown;

export const accounts = graphql`
  query pagesQuery($first: Int!, $filter: AccountFilter) {
    ...pages_accounts @arguments(first: $first, filter: $filter)
    viewer { id role }
  }
`;

export const list = graphql`
  fragment pages_accounts on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" }, filter: { type: "AccountFilter" })
  @refetchable(queryName: "pagesRefetchQuery") {
    accounts(first: $first, after: $after, filter: $filter) @connection(key: "pages_accounts") {
      edges { cursor node { id name ...pages_account } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

export const account = graphql`
  fragment pages_account on Account
  @argumentDefinitions(days: { type: "Int", defaultValue: 14 }, after: { type: "String" })
  @refetchable(queryName: "pagesDaysQuery") {
    health { score bucket }
    dailyMetrics(first: $days, after: $after) @connection(key: "pages_dailyMetrics") {
      edges { node { date logins } }
    }
  }
`;

export const change = graphql`
  mutation pagesChangeMutation($input: UpdateAccountInput!) {
    updateAccount(input: $input) { account { id version name } userErrors { code message path } }
  }
`;
