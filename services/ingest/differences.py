"""SQL for what changes, as the text of JSON objects: {"field": ..., "before": ..., "after": ...}."""

from collections.abc import Iterable


def difference(field: str, before: str, after: str, *, as_text: str = "{}::text") -> str:
    """SQL: the field's change, or null where before and after are the same. `as_text` is only asked of what differs."""
    return (
        f'case when {before} is distinct from {after} then \'{{"field":"{field}","before":\' || '
        f"coalesce(to_json({as_text.format(before)})::text, 'null') || ',\"after\":' || "
        f"coalesce(to_json({as_text.format(after)})::text, 'null') || '}}' end"
    )


def told(field: str, value: str, *, escaped: bool = False) -> str:
    """SQL: the change of a field that had no value before, or null where it has none now either.

    Say `escaped` of a text that may hold what JSON must escape; numbers, days and words of ours cannot.
    """
    after = f"' || to_json({value})::text || '" if escaped else f"\"' || {value} || '\""
    return f'\'{{"field":"{field}","before":null,"after":{after}}}\''


def joined(objects: Iterable[str]) -> str:
    """SQL: those of the objects that are not null, with commas between them; null where none is."""
    return f"nullif(concat_ws(',', {', '.join([*objects, 'null'])}), '')"
