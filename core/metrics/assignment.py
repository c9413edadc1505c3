"""The cheapest way to pair rows with columns (Jonker and Volgenant 1987: shortest augmenting paths)."""

import numpy as np
from numpy.typing import NDArray


def assign(cost: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair rows with columns, each at most once and as many as possible, so that the costs add up to the least.

    Args:
        cost: (rows, columns), finite.

    Returns:
        Rows and columns of the `min(rows, columns)` pairs.

    Examples:
        >>> rows, columns = assign(np.array([[1.0, 2.0, 9.0], [1.0, 5.0, 9.0]]))
        >>> sorted(zip(rows.tolist(), columns.tolist()))
        [(0, 1), (1, 0)]
    """
    if cost.shape[0] > cost.shape[1]:
        columns, rows = assign(cost.T)
        return rows, columns
    pairing = _Pairing(cost)
    for row in range(cost.shape[0]):
        pairing.add(row)
    taken = np.flatnonzero(pairing.row_of >= 0)
    return pairing.row_of[taken], taken


class _Pairing:
    """The cheapest pairing of the rows added so far; there are at least as many columns as rows.

    Prices keep `cost - row_price - column_price` at or above 0, and at 0 for pairs.
    """

    def __init__(self, cost: NDArray[np.float64]) -> None:
        rows, columns = cost.shape
        self.cost = cost
        self.row_of = np.full(columns, -1, np.intp)  # -1: no row yet
        self.column_of = np.full(rows, -1, np.intp)
        self.row_price = np.zeros(rows)
        self.column_price = np.zeros(columns)

    def add(self, start: int) -> None:
        """Pair one more row; rows paired before may have to change columns."""
        count = self.cost.shape[1]
        distance = np.full(count, np.inf)
        parent = np.full(count, -1, np.intp)  # the row from which a column was reached
        closed = np.zeros(count, bool)
        row, reached = start, 0.0
        while True:
            offer = reached + self.cost[row] - self.row_price[row] - self.column_price
            nearer = ~closed & (offer < distance)
            distance[nearer] = offer[nearer]
            parent[nearer] = row
            column = self._nearest(distance, closed)
            reached = float(distance[column])
            closed[column] = True
            if self.row_of[column] < 0:
                break
            row = int(self.row_of[column])
        self._change_prices(start, reached, distance, closed)
        self._shift(start, column, parent)

    def _nearest(self, distance: NDArray[np.float64], closed: NDArray[np.bool_]) -> int:
        """Return the nearest open column, one without a row if there is: costs are often equal, and this is fast."""
        masked = np.where(closed, np.inf, distance)
        nearest = np.flatnonzero(masked == masked.min())
        free = nearest[self.row_of[nearest] < 0]
        return int(free[0] if free.size else nearest[0])

    def _change_prices(
        self, start: int, reached: float, distance: NDArray[np.float64], closed: NDArray[np.bool_]
    ) -> None:
        columns = np.flatnonzero(closed)
        gain = reached - distance[columns]
        rows = self.row_of[columns]
        self.column_price[columns] -= gain
        self.row_price[rows[rows >= 0]] += gain[rows >= 0]
        self.row_price[start] += reached

    def _shift(self, start: int, column: int, parent: NDArray[np.intp]) -> None:
        """Give the free column at the path's end to the row before it, that row's column to the next, and so on."""
        row = -1
        while row != start:
            row = int(parent[column])
            self.row_of[column] = row
            column, self.column_of[row] = int(self.column_of[row]), column
