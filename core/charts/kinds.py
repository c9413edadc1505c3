"""Kinds of charts: a closed list of those that are named but not read."""

UNREAD_KINDS = {
    "box": "a box plot",
    "violin": "a violin plot",
    "heat-map": "a heat map",
    "contour": "a contour plot",
    "vector-field": "a vector field",
    "3-d": "a three-dimensional chart",
    "radar": "a radar chart",
    "candlestick": "a candlestick chart",
    "gauge": "a gauge",
    "map": "a map",
    "treemap": "a treemap",
    "sunburst": "a sunburst chart",
    "sankey": "a Sankey diagram",
    "network": "a network of nodes and links",
    "parallel": "a chart with parallel coordinates",
    "other": "a chart of another kind",
}  # name in results: name in messages


def describe_unread(kind: str) -> str:
    """Say in one line that charts of a kind are not read.

    Raises:
        KeyError: If the kind is not one of `UNREAD_KINDS`.

    Examples:
        >>> describe_unread("box")
        'this is a box plot, a kind that is not read'
    """
    noun = UNREAD_KINDS[kind]
    return f"this is {noun}, a kind that is not read" if kind != "other" else f"this is {noun}, which is not read"
