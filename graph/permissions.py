"""Who may have which field of the schema. A field that stands nowhere here is for ADMIN alone, until somebody decides.

VIEWER reads what there is to know of accounts. What was wrong in an uploaded file shows raw cells, and who changed what
names people: those are for whoever works with them. What the model takes is money, and so for whoever answers for it.
A field of an interface is for whoever may have it of one of its types.
"""

from collections.abc import Mapping
from typing import Final

from services.vocabulary import Role

_TABLE: Final[Mapping[Role, Mapping[str, str]]] = {
    Role.VIEWER: {
        "Account": (
            "id externalId name segment industry region owner arr renewalDate daysToRenewal renewalWindow status "
            "seatsPurchased activeUsers nps version createdAt updatedAt health riskSignals latestInsight "
            "healthHistory dailyMetrics metricsSummary recommendedPlaybooks insights changes"
        ),
        "AccountConnection": "edges nodes pageInfo totalCount totalArr",
        "AccountEdge": "cursor node",
        "ApiLimits": (
            "maxDepth maxCost maxFields maxRequestBytes maxRequestSeconds maxStatementSeconds maxTokens maxAliases "
            "maxVariableValues maxPageSize maxUploadBytes maxInsights insightBudget"
        ),
        "BucketSlice": "bucket accounts arr shareOfArr",
        "Change": "id at source fields",
        "ChangeConnection": "edges nodes pageInfo",
        "ChangeEdge": "cursor node",
        "DailyMetric": "date logins events featureEvents avgSessionMinutes errors ticketBacklog",
        "DailyMetricConnection": "edges nodes pageInfo",
        "DailyMetricEdge": "cursor node",
        "Evidence": "key label value unit observedOn source",
        "FieldChange": "field before after",
        "Finding": "text kind evidence",
        "Health": "source score bucket trend change30d coverage factors missing asOf computedAt scorecard",
        "HealthFactor": (
            "measure dimension label rawValue subScore weight effectiveWeight contribution pointsLost versusPeers "
            "direction observedOn"
        ),
        "HealthSnapshot": "date score bucket coverage scorecardVersion factors",
        "HealthSnapshotConnection": "edges nodes pageInfo",
        "HealthSnapshotEdge": "cursor node",
        "Insight": (
            "id scope account headline summary findings actions engine fallbackReason verification isStale "
            "dataAsOf createdAt feedback"
        ),
        "InsightBatchJob": "id status createdAt startedAt finishedAt progress pollAfterMs failure jobs",
        "InsightBudget": "tokensUsedToday tokensPerDay resetsAt engine",
        "InsightConnection": "edges nodes pageInfo",
        "InsightEdge": "cursor node",
        "InsightFeedback": "rating comment at",
        "InsightJob": "id status createdAt startedAt finishedAt progress pollAfterMs failure attempts insight",
        "Job": "id status createdAt startedAt finishedAt progress pollAfterMs failure",
        "JobFailure": "code message retryable",
        "JobProgress": "done total",
        "MetricsSummary": "days daysWithData logins loginsChangePct avgSessionMinutes lastActiveOn",
        "MissingMeasure": "measure reason weight",
        "Money": "amount currency",
        "Node": "id",
        "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
        "Playbook": "id key title description category priority effortHours triggers measures steps",
        "PlaybookRecommendation": "relevance because pointsRecoverable playbook",
        "PlaybookStep": "order title dueInDays",
        "PortfolioMetrics": (
            "asOf accountCount scoredAccounts totalArr averageScore arrWeightedScore medianScore byBucket "
            "bySegment byRegion byOwner renewals arrInRed arrInRedOrAmber arrAtRisk trend topRisks"
        ),
        "PortfolioPoint": "date accounts arr averageScore arrInRed arrInAmber",
        "Query": (
            "node nodes viewer account accounts portfolioMetrics insight insights job updates uploadTemplate "
            "playbooks scorecards"
        ),
        "RecommendedAction": "title reason priority evidence dueInDays playbook",
        "RecomputeJob": "id status createdAt startedAt finishedAt progress pollAfterMs failure changedBuckets",
        "RenewalSlice": "window accounts arr arrInRed",
        "RiskSignal": "code severity since evidence",
        "Scorecard": "id name version appliesTo measures greenFrom amberFrom leastCoverage activeFrom",
        "ScorecardMeasure": "measure dimension label weight zeroAt hundredAt missingPolicy staleAfterDays",
        "SegmentSlice": "segment accounts arr averageScore buckets",
        "TemplateColumn": "name aliases required type example help allowedValues",
        "TextSlice": "key accounts arr averageScore",
        "UpdateEvent": "id at kind subject",
        "UpdateFeed": "events cursor pollAfterMs",
        "Upload": "id",
        "UploadTemplate": "kind columns csv",
        "UserError": "code message path",
        "Verification": "numbersFound numbersVerified sentencesDropped status",
        "Viewer": "id name role workspaceName limits",
    },
    Role.CSM: {
        "Change": "actor",
        "ColumnMatch": "header column ignored dateOrder",
        "FormField": "name value",
        "Mutation": "requestUploadUrl updateAccount queueInsight queuePortfolioInsight rateInsight",
        "Query": "upload uploads",
        "QueueInsightPayload": "job reused userErrors",
        "RateInsightPayload": "insight userErrors",
        "RequestUploadUrlPayload": "upload target userErrors",
        "RowChange": "line action key fields",
        "RowError": "line column code message value",
        "RowErrorConnection": "edges nodes pageInfo totalCount",
        "RowErrorEdge": "cursor node",
        "UpdateAccountPayload": "account userErrors",
        "Upload": (
            "kind status fileName dryRun policy progress pollAfterMs columns counts duplicateOf failure createdAt "
            "finishedAt rowErrors preview errorReportUrl"
        ),
        "UploadConnection": "edges nodes pageInfo",
        "UploadCounts": "rows created updated unchanged skipped failed",
        "UploadEdge": "cursor node",
        "UploadTarget": "url method fields maxBytes expiresAt",
    },
    Role.MANAGER: {
        "GenerateMockDataPayload": "accountsCreated metricsCreated seed userErrors",
        "Insight": "usage",
        "InsightUsage": "model promptTokens completionTokens cached durationMs",
        "Mutation": "queueInsights recomputeHealth generateMockData",
        "QueueInsightsPayload": "job matched estimatedTokens userErrors",
        "RecomputeHealthPayload": "job userErrors",
    },
    Role.ADMIN: {
        "ApiKey": "id prefix name role createdBy createdAt expiresAt lastUsedAt revokedBy revokedAt",
        "ApiKeyConnection": "edges nodes pageInfo",
        "ApiKeyEdge": "cursor node",
        "CreateApiKeyPayload": "apiKey key userErrors",
        "Mutation": "createApiKey revokeApiKey",
        "Query": "apiKeys",
        "RevokeApiKeyPayload": "apiKey userErrors",
    },
}

FIELDS: Final[dict[str, dict[str, Role]]] = {}
"Who may have each field of each type."

for _role, _types in _TABLE.items():
    for _type, _names in _types.items():
        FIELDS.setdefault(_type, {}).update(dict.fromkeys(_names.split(), _role))
