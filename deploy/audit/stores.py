"""Rules on what holds customers' data: the bucket, the queues, the topics, and who may reach them."""

from collections.abc import Iterator
from typing import Final

from deploy.audit import grants
from deploy.audit.grants import Grant
from deploy.audit.template import Finding, Resource, Template, each, names, text

POLICIES: Final = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket", "s3"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns"),
}
"Each kind of store with the kind of its policy, the property that names the store, and its prefix of actions."
CLOSED: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def policies(template: Template, store: Resource) -> list[Grant]:
    """The statements of the policies that stand on the store."""
    kind, owner, _ = POLICIES[store.kind]
    return [
        statement
        for policy in template.of(kind)
        if any(template.referred(one) == store for one in each(policy.properties.get(owner)))
        for statement in grants.statements(policy, "PolicyDocument", policy.properties.get("PolicyDocument"))
    ]


def by_tls_only(template: Template) -> Iterator[Finding]:
    for kind, (policy, _, prefix) in POLICIES.items():
        for store in template.of(kind):
            # A topic's policy takes no "sns:*"; publishing is what reaches it from outside.
            asked = f"{prefix}:Publish" if prefix == "sns" else f"{prefix}:AnyAction"
            reached = [one for one in policies(template, store) if _denies_plain_http(one, asked)]
            if not reached:
                yield Finding(
                    "by-tls-only", store.name, policy,
                    f"denies nobody who comes without TLS (Deny {asked.replace('AnyAction', '*')} to * where "
                    "aws:SecureTransport is false)",
                )  # fmt: skip
            elif kind == "AWS::S3::Bucket":
                covered = {resource for one in reached for resource in one.resources if store.name in names(resource)}
                if not (any(one.endswith("}") for one in covered) and any(one.endswith("/*") for one in covered)):
                    yield Finding(
                        "by-tls-only", store.name, f"{policy}.Resource",
                        "covers the bucket or its objects, and must cover both",
                    )  # fmt: skip


def _denies_plain_http(grant: Grant, action: str) -> bool:
    condition = (grant.conditions or {}).get("Bool", {}).get("aws:SecureTransport")
    denied = Grant(grant.place, grant.owner, "Allow", grant.actions, grant.resources, (), {}).allows(action)
    return grant.effect == "Deny" and grant.principals == ("*",) and denied and text(condition).lower() == "false"


def encrypted(template: Template) -> Iterator[Finding]:
    for bucket in template.of("AWS::S3::Bucket"):
        if not bucket.properties.get("BucketEncryption"):
            yield Finding("encrypted", bucket.name, "BucketEncryption", "is missing: customers' files lie in it")
    for queue in template.of("AWS::SQS::Queue"):
        managed = text(queue.properties.get("SqsManagedSseEnabled")).lower() == "true"
        if not managed and not queue.properties.get("KmsMasterKeyId"):
            yield Finding("encrypted", queue.name, "SqsManagedSseEnabled", "is not true, and no key is named")


def private(template: Template) -> Iterator[Finding]:
    for bucket in template.of("AWS::S3::Bucket"):
        closed = bucket.properties.get("PublicAccessBlockConfiguration") or {}
        for name in CLOSED:
            if text(closed.get(name)).lower() != "true":
                yield Finding(
                    "private", bucket.name, f"PublicAccessBlockConfiguration.{name}",
                    "is not true: one policy written in haste would publish customers' files",
                )  # fmt: skip
    for kind in POLICIES:
        for store in template.of(kind):
            for grant in policies(template, store):
                if grant.effect == "Allow" and "*" in grant.principals and not grant.conditions:
                    yield Finding(
                        "private", grant.owner, f"{grant.place}.Principal", f"opens {store.name} to everybody"
                    )


def s3_may_tell_the_queue(template: Template) -> Iterator[Finding]:
    for bucket in template.of("AWS::S3::Bucket"):
        notified = (bucket.properties.get("NotificationConfiguration") or {}).get("QueueConfigurations")
        for configuration in each(notified):
            queue = template.referred(configuration.get("Queue"))
            if queue is None:
                yield Finding(
                    "s3-may-tell-the-queue", bucket.name, "NotificationConfiguration.QueueConfigurations.Queue",
                    f"{text(configuration.get('Queue'))} is no queue of this template",
                )  # fmt: skip
                continue
            told = [
                grant
                for grant in policies(template, queue)
                if "s3.amazonaws.com" in grant.principals and grant.allows("sqs:SendMessage")
            ]
            if not told:
                yield Finding(
                    "s3-may-tell-the-queue", queue.name, "AWS::SQS::QueuePolicy",
                    f"does not let s3.amazonaws.com sqs:SendMessage: {bucket.name} cannot be made, and no file is read",
                )  # fmt: skip
            for grant in told:
                condition = text(grant.conditions)
                if "aws:SourceArn" not in condition or "aws:SourceAccount" not in condition:
                    yield Finding(
                        "s3-may-tell-the-queue", grant.owner, f"{grant.place}.Condition",
                        "names no aws:SourceArn and aws:SourceAccount: anybody's bucket may send messages",
                    )  # fmt: skip


def callers_are_named(template: Template) -> Iterator[Finding]:
    for permission in template.of("AWS::Lambda::Permission"):
        if not permission.properties.get("SourceArn"):
            yield Finding(
                "callers-are-named", permission.name, "SourceArn",
                f"is missing: {text(permission.properties.get('Principal'))} may call on behalf of any account",
            )  # fmt: skip
