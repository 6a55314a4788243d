"""Changes a GraphQL result within its schema, with the kinds of changes that apply to any response."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    VisitorAction,
    get_nullable_type,
    is_composite_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    visit,
)

from offer_sandbox.rules.mutation import Path, Place, change
from offer_sandbox.world.rng import Draw

_Names = tuple[str, ...]


def mutate(
    result: dict[str, Any],
    document: DocumentNode | None,
    operation: OperationDefinitionNode | None,
    schema: GraphQLSchema,
    kinds: Sequence[str],
    draw: Draw,
) -> tuple[dict[str, Any], list[str]]:
    """Returns the result (`data`, `errors`, `extensions`) changed in these `KINDS`, and a sentence for each
    change.

    The argument is not modified. `operation` is the operation of `document` that was executed. It is None if there
    was none, and then nothing in `data` changes. `data` contains only requested fields, so extra fields are added
    to `extensions`, which is created for them, and to the `extensions` of errors. Introspection is not changed.
    """
    if "extra_field" in kinds:
        result = {**result, "extensions": result.get("extensions") or {}}
    types = _types(result.get("data"), document, operation, schema)
    return change(result, _Survey(types, result.get("errors", ())), kinds, draw)


class _Asked(Visitor):
    """Collects the types of an operation's fields by response names, with each fragment expanded in place.

    Validation guarantees that a path has one type, including its nullability, whatever the fragments are.
    """

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], type_info: TypeInfo) -> None:
        super().__init__()
        self.types: dict[_Names, GraphQLOutputType] = {}
        self._fragments = fragments
        self._type_info = type_info
        self._names: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        """Enters a field, unless it belongs to introspection."""
        type = self._type_info.get_type()
        if type is None or node.name.value.startswith("__"):
            return SKIP
        self._names.append((node.alias or node.name).value)
        self.types[tuple(self._names)] = type
        return None

    def leave_field(self, *_: Any) -> None:
        """Leaves a field."""
        self._names.pop()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> InlineFragmentNode:
        """Replaces a fragment spread with the fragment's content."""
        fragment = self._fragments[node.name.value]
        return InlineFragmentNode(
            type_condition=fragment.type_condition, directives=(), selection_set=fragment.selection_set
        )


def _types(
    data: Any,
    document: DocumentNode | None,
    operation: OperationDefinitionNode | None,
    schema: GraphQLSchema,
) -> dict[_Names, GraphQLOutputType]:
    """Returns the types of the fields. They are empty if there is no data, because a refused document may be
    impossible to traverse."""
    if document is None or operation is None or all(value is None for value in (data or {}).values()):
        return {}
    type_info = TypeInfo(schema)
    definitions = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    asked = _Asked({node.name.value: node for node in definitions}, type_info)
    visit(operation, TypeInfoVisitor(type_info, asked))
    return asked.types


class _Survey:
    """Yields the places of a result. `types` are the types of its data by response names."""

    def __init__(self, types: Mapping[_Names, GraphQLOutputType], errors: Sequence[Mapping[str, Any]]) -> None:
        self._types = types
        paths = [("data", *(error.get("path") or ())) for error in errors]
        # Error paths point into the data. Arrays on such a path must keep their order, or the path would be wrong.
        self._fixed = {path[:length] for path in paths for length in range(len(path))}

    def __call__(self, result: dict[str, Any]) -> Iterator[Place]:
        yield Place((), result, loose=True)
        for name, value in result.items():
            if name == "data" and isinstance(value, dict):
                yield from self._object(("data",), (), value)
            elif name == "extensions":
                yield Place((name,), value, loose=True, declared=frozenset())
            elif name == "errors":
                yield from _errors(value)

    def _object(self, path: Path, names: _Names, value: dict[str, Any], nullable: bool = False) -> Iterator[Place]:
        yield Place(path, value, nullable, loose=True)
        for name, item in value.items():
            if (type := self._types.get((*names, name))) is not None:
                yield from self._value((*path, name), (*names, name), item, type)

    def _value(self, path: Path, names: _Names, value: Any, type: GraphQLOutputType) -> Iterator[Place]:
        nullable, bare = not is_non_null_type(type), get_nullable_type(type)
        if is_list_type(bare) and isinstance(value, list):
            yield Place(path, value, nullable, loose=path not in self._fixed)
            for index, item in enumerate(value):
                yield from self._value((*path, index), names, item, bare.of_type)
        elif is_composite_type(bare) and isinstance(value, dict):
            yield from self._object(path, names, value, nullable)
        else:
            yield Place(path, value, nullable, choices=tuple(bare.values) if is_enum_type(bare) else ())


def _errors(errors: list[dict[str, Any]]) -> Iterator[Place]:
    yield Place(("errors",), errors, loose=True)
    for index, error in enumerate(errors):
        yield Place(("errors", index), error, loose=True)
        if "extensions" in error:
            yield Place(("errors", index, "extensions"), error["extensions"], loose=True, declared=frozenset())
