"""Other answers that leave hidden counts open: for each hidden count two worlds where it is another one.

A world is the truth but for few firms that answer otherwise. What is released must be the same in all of them, so
worlds are chosen that change the digits of as few figures as possible; figures that differ lose digits until they do
not, and those that would have to be hidden in a world (or shown) are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smv_ai.survey.disclosure.tabulated import Array, Flags, Past, Places, Question, is_between, next_step

MOST_CELLS = 40
EFFORTS = ((6, 2), (40, 5))  # how many first moves are tried, and how many firms may answer the other way round
# prices of a figure that loses digits, of one that is hidden, of one that would be shown, of one that an earlier
# release, or the number of firms of a group, has shown otherwise; of a firm that is not there
DIGIT, HIDING, FORBIDDEN, REFUTED, IMPOSSIBLE = 1.0, 100.0, 1e5, 1e9, 1e14
ALIKE = 1e-9


@dataclass
class World:
    """Firms that answer otherwise (cell, the answer that they leave, that they take), and what that changes.

    shifts: of each figure, in its unit; highest: of its answers of the highest score; prices: what it costs.
    """

    moves: tuple[tuple[int, int, int], ...]
    shifts: Array
    highest: Array
    prices: Array

    @property
    def price(self) -> float:
        """What the world costs."""
        return float(self.prices.sum())


class Search:
    """Worlds for the hidden counts of one question; ranges: how far worlds move figures, steps: what is shown."""

    def __init__(self, question: Question) -> None:
        self.question, self.figures = question, question.figures
        count = len(self.figures.number)
        self.low, self.high = np.zeros(count), np.zeros(count)
        self.step = self.figures.step.copy()
        kept = self.figures.is_kept
        self.is_shown, self.is_hidden = self.figures.is_shown & ~kept, self.figures.is_hidden | kept
        self.worlds: list[World] = []
        self.effort = EFFORTS[0]
        # a count that is shown now tells who knows which firms answer otherwise since what it was when it was hidden
        open_places = np.union1d(np.flatnonzero(self.is_hidden), question.past.hidden)
        self.values: dict[int, set[float]] = {int(place): {0.0} for place in open_places}
        self.past = _by_figure(question.past, count)
        self.truth = World((), np.zeros(count), np.zeros(count), np.zeros(count))

    @property
    def is_moved(self) -> Flags:
        """Whether each figure is another one in some world."""
        return (self.low < 0) | (self.high > 0)

    def run(self) -> None:
        """Find worlds until each hidden count has three values, or none can be found."""
        # where few firms could answer otherwise first: what is found there often serves the groups around it
        waiting = sorted(self.values, key=lambda place: (self.question.inside[place].sum(), place))
        while waiting:
            place = waiting.pop(0)
            for world in self._worlds_for(place):
                waiting += self._accept(world)

    def hide(self, places: Places) -> None:
        """Hide figures, too; their counts are then to be open like the others."""
        self.is_hidden[places], self.is_shown[places] = True, False
        self.values |= {
            int(place): {0.0, *(round(other.highest[place], 6) for other in self.worlds)} for place in places
        }

    def _worlds_for(self, place: int) -> list[World]:
        """The cheapest worlds that give a hidden count the values that it lacks."""
        pairs: list[list[World]] = []
        for self.effort in EFFORTS:
            if len(self.values[place]) >= 3 or (pairs and _price(pairs[0]) < FORBIDDEN):
                break
            pairs = self._pairs(place)
        return pairs[0] if pairs else []

    def _pairs(self, place: int) -> list[list[World]]:
        """Pairs of worlds with other values of a hidden count, the cheapest first."""
        up, down = self._next(place, self.truth, 1), self._next(place, self.truth, -1)
        if up and down and up.price + down.price == 0:
            return [[up, down]]
        further_up, further_down = up and self._next(place, up, 1), down and self._next(place, down, -1)
        pairs = [(up, down), (up, further_up), (down, further_down)]
        return sorted(([one, other] for one, other in pairs if one and other), key=_price)

    def _accept(self, world: World) -> list[int]:
        """Let what is released be the same in this world; the places of figures that are newly hidden."""
        self.worlds.append(world)
        hidden = np.flatnonzero((world.prices >= HIDING) & ~self.is_hidden)
        self.hide(hidden)
        self.low, self.high = np.minimum(self.low, world.shifts), np.maximum(self.high, world.shifts)
        value = self.figures.value
        while (wrong := self.is_shown & is_between(value + self.low, value + self.high, self.step)).any():
            for place in np.flatnonzero(wrong):
                self.step[place] = next_step(self.step[place])
        for place, values in self.values.items():
            values.add(round(float(world.highest[place]), 6))
        return [int(place) for place in hidden]

    def _next(self, place: int, base: World, sign: int) -> World | None:
        """A world further on, in which one answer more (or fewer) of the highest score is hidden at the place.

        Where a firm that answers otherwise costs something, firms outside may answer the other way round.
        """
        question = self.question
        scores = question.scaled[self.figures.measure[place]]
        pairs = np.argwhere(sign * (scores[None, :] - scores[:, None]) > ALIKE)
        cells = self._cells(base, np.flatnonzero(question.inside[place]), pairs)
        outside = np.flatnonzero(~question.inside[place])
        prices = self._prices(base, cells, pairs)
        tried, counters = self.effort
        order = np.argsort(prices, axis=None, kind="stable")[:tried]
        best = None
        for cell, pair in zip(*np.unravel_index(order, prices.shape), strict=True):
            if prices[cell, pair] >= IMPOSSIBLE:
                break
            leaves, takes = pairs[pair]
            world = self._moved(base, int(cells[cell]), int(leaves), int(takes))
            for _ in range(counters):
                others = self._cells(world, outside, np.array([[takes, leaves]]))
                if world.price == 0 or not len(others):
                    break
                back = self._prices(world, others, np.array([[takes, leaves]]))
                if back.min() >= world.price:
                    break
                world = self._moved(world, int(others[back.argmin()]), int(takes), int(leaves))
            if best is None or world.price < best.price:
                best = world
            if best.price == 0:
                break
        return best

    def _cells(self, base: World, cells: Places, pairs: Places) -> Places:
        """Of these cells, as many as are tried of those with a firm that could move, for each answer that it leaves."""
        left = self._left(base)[:, cells]
        chosen = [np.flatnonzero(left[code] >= 1 - ALIKE) for code in np.unique(pairs[:, 0])]
        tried = [found[np.linspace(0, len(found) - 1, min(len(found), MOST_CELLS)).astype(int)] for found in chosen]
        return cells[np.unique(np.concatenate([*tried, np.array([], dtype=int)]))]

    def _moved(self, base: World, cell: int, leaves: int, takes: int) -> World:
        """The world in which another firm answers otherwise."""
        move = np.array([[leaves, takes]])
        effects = self._effects(base, np.array([cell]), move)
        prices = self._price(*effects, move).ravel()
        at, shifts, highest = (array.ravel() for array in effects)
        real = at >= 0
        world = World((*base.moves, (cell, leaves, takes)), base.shifts.copy(), base.highest.copy(), base.prices.copy())
        world.shifts[at[real]], world.highest[at[real]] = shifts[real], highest[real]
        world.prices[at[real]] = prices[real]
        return world

    def _effects(self, base: World, cells: Places, pairs: Places) -> tuple[Places, Array, Array]:
        """Figures by measure, breakdown, cell and pair; their shifts and answers of the highest score after a move."""
        question = self.question
        at, (leaves, takes) = question.place[:, :, cells][..., None], pairs.T
        change, scaled = (
            (by_code[:, takes] - by_code[:, leaves])[:, None, None, :]
            for by_code in (question.plain_scores, question.plain_scaled)
        )
        worth = question.worth_of_weight[at] * question.weights_by_measure[:, None, cells, None]
        return at, base.shifts[at] + worth * change, base.highest[at] + scaled

    def _price(self, at: Places, shifts: Array, highest: Array, pairs: Places) -> Array:
        """What figures cost in a world: in digits, or because they would have to be shown there, or hidden."""
        question, figures = self.question, self.figures
        high_side, low_side = (side[at] for side in question.sides)
        leaves, takes = pairs.T
        recounted = (question.is_counted[:, leaves] != question.is_counted[:, takes])[:, None, None, :]
        rarest = np.minimum(high_side + highest, low_side - highest)
        moved = np.abs(highest) > ALIKE
        value, step = figures.value[at], self.step[at]
        loses = (
            self.is_shown[at]
            & is_between(value + np.minimum(self.low[at], shifts), value + np.maximum(self.high[at], shifts), step)
            & (np.abs(shifts) > 0)
        )
        would_be_hidden = ~(self.is_hidden | figures.is_size)[at] & (
            (moved & (rarest < question.threshold - ALIKE)) | recounted
        )
        would_be_shown = self.figures.is_rare[at] & moved & ((rarest < ALIKE) | (rarest > question.threshold - ALIKE))
        price = DIGIT * loses + HIDING * would_be_hidden + FORBIDDEN * would_be_shown + IMPOSSIBLE * (rarest < -ALIKE)
        price = price + REFUTED * (moved & figures.is_counted[at])
        for value_then, step_then, worth_then, spare_then in self.past:
            then = shifts * worth_then[at]
            low, high = value_then[at] + np.minimum(0, then), value_then[at] + np.maximum(0, then)
            # what an earlier release has shown cannot lose digits any more
            refuted = is_between(low, high, step_then[at]) | (np.abs(highest) > spare_then[at] + ALIKE)
            price = price + REFUTED * (refuted & moved)
        return np.where(at >= 0, price, 0.0)

    def _prices(self, base: World, cells: Places, pairs: Places) -> Array:
        """The price of the world with each move besides: cells by pairs of answers."""
        at, shifts, highest = self._effects(base, cells, pairs)
        changed = self._price(at, shifts, highest, pairs) - np.where(at >= 0, base.prices[at], 0.0)
        prices = base.price + changed.sum(axis=(0, 1))
        return np.where(self._firms(base, cells, pairs), prices, IMPOSSIBLE)

    def _firms(self, base: World, cells: Places, pairs: Places) -> Flags:
        """Whether a firm that could move is left in each cell (rows) with the answer that a pair leaves."""
        return self._left(base)[:, cells][pairs[:, 0]].T >= 1 - ALIKE

    def _left(self, base: World) -> Array:
        """Firms by answer and cell in a world."""
        left = self.question.answers.copy() if base.moves else self.question.answers
        for cell, leaves, takes in base.moves:
            left[leaves, cell] -= 1
            left[takes, cell] += 1
        return left


def _by_figure(past: Past, count: int) -> list[tuple[Array, Array, Array, Array]]:
    """Value, step, worth and spare of earlier releases, an entry a figure; they say nothing where there is none."""
    layers: list[tuple[Array, Array, Array, Array]] = []
    depth = np.zeros(count, dtype=int)
    for place, *numbers in zip(past.place, past.value, past.step, past.worth, past.spare, strict=True):
        if depth[place] == len(layers):
            layers.append((np.zeros(count), np.full(count, 1e18), np.ones(count), np.full(count, 1e18)))
        for array, number in zip(layers[depth[place]], numbers, strict=True):
            array[place] = number
        depth[place] += 1
    return layers


def _price(worlds: list[World]) -> float:
    return sum(world.price for world in worlds)
