// What a front end in TypeScript asks, by the documents that graphql-codegen makes types for.
import { graphql } from "./made/gql";
import type { HealthBucket } from "./made/graphql";

export const Page = graphql(`
  query Page($first: Int!, $after: String, $filter: AccountFilter) {
    accounts(first: $first, after: $after, filter: $filter, orderBy: [{ field: ATTENTION, direction: DESC }]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ...Row }
    }
  }
`);

export const Row = graphql(`
  fragment Row on Account {
    id name owner renewalDate
    arr { amount currency }
    health { score bucket trend factors { measure contribution } }
    riskSignals { code severity }
  }
`);

export const Change = graphql(`
  mutation Change($input: UpdateAccountInput!) {
    updateAccount(input: $input) { account { id version } userErrors { code message path } }
  }
`);

export const Ask = graphql(`
  mutation Ask($input: QueueInsightInput!) {
    queueInsight(input: $input) { job { id status pollAfterMs failure { code retryable } } reused userErrors { code } }
  }
`);

export const Poll = graphql(`
  query Poll($job: ID!) {
    job(id: $job) {
      __typename id status pollAfterMs
      ... on InsightJob { attempts insight { headline findings { text evidence { key value } } } }
      ... on RecomputeJob { changedBuckets }
    }
  }
`);

type Answer<Document> = Document extends { __apiType?: (variables: never) => infer Result } ? Result : never;

/** Does not compile where a list, an object or an enum of the schema turns into `any` or may be null. */
export function reds(page: Answer<typeof Page>): number {
  const total: number = page.accounts.totalCount;
  const bucket: HealthBucket = "RED" as HealthBucket;
  const next: string | null | undefined = page.accounts.pageInfo.endCursor;
  return next === bucket ? 0 : total;
}

/** An account without its version, and a bucket that there is none of, must not compile. */
type Variables<Document> = Document extends { __apiType?: (variables: infer Given) => unknown } ? Given : never;
// @ts-expect-error a filter has no such word
export const wrong: Variables<typeof Page> = { first: 1, filter: { bucket: { eq: "PURPLE" } } };
