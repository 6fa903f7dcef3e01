"""The elements of a profile as a tree: children by name, slices by name."""

from dataclasses import dataclass, field

from etalon_wire.validation.profiles import ElementRule


@dataclass(slots=True)
class Node:
    """An element, what stands below it, and its slices."""

    rule: ElementRule
    children: dict[str, "Node"] = field(default_factory=dict["str", "Node"])
    slices: dict[str, "Node"] = field(default_factory=dict["str", "Node"])

    @property
    def repeats(self) -> bool:
        """Whether JSON writes the element as an array: FHIR's cardinality says, not a profile's."""
        rule = self.rule.base or self.rule
        return rule.maximum != 1

    @property
    def type(self) -> str:
        """The one type of the element, empty when it has none or several."""
        return self.rule.types[0].code if len(self.rule.types) == 1 else ""

    def below(self, path: str) -> "Node | None":
        """Return the node at `path` (`identifier.type`, `$this`) below this one."""
        node: Node | None = self
        for step in () if path in ("", "$this") else path.split("."):
            node = node.children.get(step) if node is not None else None
        return node


def tree_of(elements: tuple[ElementRule, ...]) -> Node:
    """Return the tree of the elements of one profile or type; the first is its root.

    Raises:
        ValueError: An element comes whose parent or sliced element is not there.
    """
    root = Node(elements[0])
    for rule in elements[1:]:
        _place(root, rule)
    return root


def _place(root: Node, rule: ElementRule) -> None:
    *steps, last = rule.path.split(".")[1:]
    node = root
    for step in steps:
        name, _, cut = step.partition(":")
        node = node.children[name]
        node = node.slices[cut] if cut else node
    name, _, cut = last.partition(":")
    if not cut:
        node.children[name] = Node(rule)
    elif name in node.children:
        node.children[name].slices[cut] = Node(rule)
    else:
        message = f"{rule.path}: the element it slices is not there"
        raise ValueError(message)
