/**
 * @generated SignedSource<<b9052355e338f7cc8ad027b01533a3e4>>
 * @lightSyntaxTransform
 * @nogrep
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type HealthBucket = "AMBER" | "GREEN" | "RED" | "UNKNOWN" | "%future added value";
export type RiskSignalCode = "CRITICAL_SUPPORT" | "DATA_STALE" | "DETRACTOR" | "GROWING_BUT_UNHEALTHY" | "HEALTHY_BUT_SHRINKING" | "LOW_UTILISATION" | "ONBOARDING_STALLED" | "QBR_OVERDUE" | "RENEWAL_AT_RISK" | "RENEWAL_OVERDUE" | "SCORE_DROP" | "SILENT_CUSTOMER" | "USAGE_DROP" | "%future added value";
export type Role = "ADMIN" | "CSM" | "MANAGER" | "VIEWER" | "%future added value";
export type Segment = "ENTERPRISE" | "MID_MARKET" | "SMB" | "%future added value";
export type AccountFilter = {
  and?: ReadonlyArray<AccountFilter> | null | undefined;
  arr?: DecimalFilter | null | undefined;
  bucket?: BucketFilter | null | undefined;
  externalId?: StringFilter | null | undefined;
  id?: IDFilter | null | undefined;
  includeChurned?: boolean | null | undefined;
  industry?: StringFilter | null | undefined;
  not?: AccountFilter | null | undefined;
  or?: ReadonlyArray<AccountFilter> | null | undefined;
  owner?: StringFilter | null | undefined;
  region?: StringFilter | null | undefined;
  renewalDate?: DateFilter | null | undefined;
  renewsWithinDays?: number | null | undefined;
  riskSignal?: ReadonlyArray<RiskSignalCode> | null | undefined;
  score?: DecimalFilter | null | undefined;
  scoreChange30d?: DecimalFilter | null | undefined;
  search?: string | null | undefined;
  segment?: SegmentFilter | null | undefined;
};
export type IDFilter = {
  eq?: string | null | undefined;
  in?: ReadonlyArray<string> | null | undefined;
};
export type StringFilter = {
  contains?: string | null | undefined;
  eq?: string | null | undefined;
  in?: ReadonlyArray<string> | null | undefined;
  isNull?: boolean | null | undefined;
  startsWith?: string | null | undefined;
};
export type SegmentFilter = {
  eq?: Segment | null | undefined;
  in?: ReadonlyArray<Segment> | null | undefined;
};
export type BucketFilter = {
  eq?: HealthBucket | null | undefined;
  in?: ReadonlyArray<HealthBucket> | null | undefined;
};
export type DecimalFilter = {
  eq?: string | null | undefined;
  gte?: string | null | undefined;
  isNull?: boolean | null | undefined;
  lte?: string | null | undefined;
};
export type DateFilter = {
  eq?: string | null | undefined;
  gte?: string | null | undefined;
  isNull?: boolean | null | undefined;
  lte?: string | null | undefined;
};
export type pagesQuery$variables = {
  filter?: AccountFilter | null | undefined;
  first: number;
};
export type pagesQuery$data = {
  readonly viewer: {
    readonly id: string;
    readonly role: Role;
  };
  readonly " $fragmentSpreads": FragmentRefs<"pages_accounts">;
};
export type pagesQuery = {
  response: pagesQuery$data;
  variables: pagesQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "filter"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "first"
},
v2 = [
  {
    "kind": "Variable",
    "name": "filter",
    "variableName": "filter"
  },
  {
    "kind": "Variable",
    "name": "first",
    "variableName": "first"
  }
],
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
},
v4 = {
  "alias": null,
  "args": null,
  "concreteType": "Viewer",
  "kind": "LinkedField",
  "name": "viewer",
  "plural": false,
  "selections": [
    (v3/*: any*/),
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "role",
      "storageKey": null
    }
  ],
  "storageKey": null
},
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "cursor",
  "storageKey": null
},
v6 = [
  {
    "kind": "Literal",
    "name": "first",
    "value": 14
  }
],
v7 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "__typename",
  "storageKey": null
},
v8 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "endCursor",
  "storageKey": null
},
v9 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "hasNextPage",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*: any*/),
      (v1/*: any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "pagesQuery",
    "selections": [
      {
        "args": (v2/*: any*/),
        "kind": "FragmentSpread",
        "name": "pages_accounts"
      },
      (v4/*: any*/)
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*: any*/),
      (v0/*: any*/)
    ],
    "kind": "Operation",
    "name": "pagesQuery",
    "selections": [
      {
        "alias": null,
        "args": (v2/*: any*/),
        "concreteType": "AccountConnection",
        "kind": "LinkedField",
        "name": "accounts",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "AccountEdge",
            "kind": "LinkedField",
            "name": "edges",
            "plural": true,
            "selections": [
              (v5/*: any*/),
              {
                "alias": null,
                "args": null,
                "concreteType": "Account",
                "kind": "LinkedField",
                "name": "node",
                "plural": false,
                "selections": [
                  (v3/*: any*/),
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "name",
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": null,
                    "concreteType": "Health",
                    "kind": "LinkedField",
                    "name": "health",
                    "plural": false,
                    "selections": [
                      {
                        "alias": null,
                        "args": null,
                        "kind": "ScalarField",
                        "name": "score",
                        "storageKey": null
                      },
                      {
                        "alias": null,
                        "args": null,
                        "kind": "ScalarField",
                        "name": "bucket",
                        "storageKey": null
                      }
                    ],
                    "storageKey": null
                  },
                  {
                    "alias": null,
                    "args": (v6/*: any*/),
                    "concreteType": "DailyMetricConnection",
                    "kind": "LinkedField",
                    "name": "dailyMetrics",
                    "plural": false,
                    "selections": [
                      {
                        "alias": null,
                        "args": null,
                        "concreteType": "DailyMetricEdge",
                        "kind": "LinkedField",
                        "name": "edges",
                        "plural": true,
                        "selections": [
                          {
                            "alias": null,
                            "args": null,
                            "concreteType": "DailyMetric",
                            "kind": "LinkedField",
                            "name": "node",
                            "plural": false,
                            "selections": [
                              {
                                "alias": null,
                                "args": null,
                                "kind": "ScalarField",
                                "name": "date",
                                "storageKey": null
                              },
                              {
                                "alias": null,
                                "args": null,
                                "kind": "ScalarField",
                                "name": "logins",
                                "storageKey": null
                              },
                              (v7/*: any*/)
                            ],
                            "storageKey": null
                          },
                          (v5/*: any*/)
                        ],
                        "storageKey": null
                      },
                      {
                        "alias": null,
                        "args": null,
                        "concreteType": "PageInfo",
                        "kind": "LinkedField",
                        "name": "pageInfo",
                        "plural": false,
                        "selections": [
                          (v8/*: any*/),
                          (v9/*: any*/)
                        ],
                        "storageKey": null
                      }
                    ],
                    "storageKey": "dailyMetrics(first:14)"
                  },
                  {
                    "alias": null,
                    "args": (v6/*: any*/),
                    "filters": null,
                    "handle": "connection",
                    "key": "pages_dailyMetrics",
                    "kind": "LinkedHandle",
                    "name": "dailyMetrics"
                  },
                  (v7/*: any*/)
                ],
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "PageInfo",
            "kind": "LinkedField",
            "name": "pageInfo",
            "plural": false,
            "selections": [
              (v9/*: any*/),
              (v8/*: any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v2/*: any*/),
        "filters": [
          "filter"
        ],
        "handle": "connection",
        "key": "pages_accounts",
        "kind": "LinkedHandle",
        "name": "accounts"
      },
      (v4/*: any*/)
    ]
  },
  "params": {
    "cacheID": "e558db1995b2cbe428b661f8761f9c85",
    "id": null,
    "metadata": {},
    "name": "pagesQuery",
    "operationKind": "query",
    "text": "query pagesQuery(\n  $first: Int!\n  $filter: AccountFilter\n) {\n  ...pages_accounts_1qzYLD\n  viewer {\n    id\n    role\n  }\n}\n\nfragment pages_account on Account {\n  health {\n    score\n    bucket\n  }\n  dailyMetrics(first: 14) {\n    edges {\n      node {\n        date\n        logins\n        __typename\n      }\n      cursor\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n  id\n}\n\nfragment pages_accounts_1qzYLD on Query {\n  accounts(first: $first, filter: $filter) {\n    edges {\n      cursor\n      node {\n        id\n        name\n        ...pages_account\n        __typename\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "aeae425ca46a143de4ae9e50f4ea73f7";

export default node;
