/**
 * @generated SignedSource<<dcd02cfe035b9687ee8244c42819b75a>>
 * @lightSyntaxTransform
 * @nogrep
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type AccountStatus = "ACTIVE" | "CHURNED" | "ONBOARDING" | "%future added value";
export type Segment = "ENTERPRISE" | "MID_MARKET" | "SMB" | "%future added value";
export type UserErrorCode = "BUDGET_EXHAUSTED" | "CONFLICT" | "FORBIDDEN" | "IDEMPOTENCY_MISMATCH" | "INVALID_VALUE" | "NOT_ALLOWED_NOW" | "NOT_FOUND" | "OUT_OF_RANGE" | "REQUIRED" | "STALE_VERSION" | "TOO_MANY" | "%future added value";
export type UpdateAccountInput = {
  activeUsers?: number | null | undefined;
  arr?: string | null | undefined;
  expectedVersion?: number | null | undefined;
  id: string;
  industry?: string | null | undefined;
  name?: string | null | undefined;
  nps?: number | null | undefined;
  owner?: string | null | undefined;
  region?: string | null | undefined;
  renewalDate?: string | null | undefined;
  seatsPurchased?: number | null | undefined;
  segment?: Segment | null | undefined;
  status?: AccountStatus | null | undefined;
};
export type pagesChangeMutation$variables = {
  input: UpdateAccountInput;
};
export type pagesChangeMutation$data = {
  readonly updateAccount: {
    readonly account: {
      readonly id: string;
      readonly name: string;
      readonly version: number;
    } | null | undefined;
    readonly userErrors: ReadonlyArray<{
      readonly code: UserErrorCode;
      readonly message: string;
      readonly path: ReadonlyArray<string> | null | undefined;
    }>;
  };
};
export type pagesChangeMutation = {
  response: pagesChangeMutation$data;
  variables: pagesChangeMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "input",
        "variableName": "input"
      }
    ],
    "concreteType": "UpdateAccountPayload",
    "kind": "LinkedField",
    "name": "updateAccount",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "Account",
        "kind": "LinkedField",
        "name": "account",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "version",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "name",
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "UserError",
        "kind": "LinkedField",
        "name": "userErrors",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "code",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "message",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "path",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*: any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "pagesChangeMutation",
    "selections": (v1/*: any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*: any*/),
    "kind": "Operation",
    "name": "pagesChangeMutation",
    "selections": (v1/*: any*/)
  },
  "params": {
    "cacheID": "c53fc68723765b4a4547a77de7433a9f",
    "id": null,
    "metadata": {},
    "name": "pagesChangeMutation",
    "operationKind": "mutation",
    "text": "mutation pagesChangeMutation(\n  $input: UpdateAccountInput!\n) {\n  updateAccount(input: $input) {\n    account {\n      id\n      version\n      name\n    }\n    userErrors {\n      code\n      message\n      path\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "dadbab7cccad898d7e9a51238e3dc91c";

export default node;
