"""Unread charts by ggplot2 and R's own graphics: a script that writes a PDF with a chart a page."""

from collections.abc import Sequence
from pathlib import Path

from ocr2.synth.charts.unread.canvas import Rng, names, title, word
from ocr2.synth.charts.unread.gnuplot import run_script

BEGIN = """suppressMessages(library(ggplot2))
groups <- function(labels) {
  n <- length(labels)
  y <- rnorm(60 * n, rep(runif(n, 0, 4), each = 60), rep(runif(n, .3, 1.2), each = 60))
  data.frame(x = factor(rep(labels, each = 60)), y = y)
}
at <- function(n) seq(-3, 3, length = n)
waves <- function(n) {
  f <- runif(2, .4, 1.6)
  outer(at(n), at(n), function(a, b) sin(f[1] * a) * cos(f[2] * b) + exp(-((a - 1)^2 + b^2)))
}
long <- function(m, x, y) { g <- expand.grid(x = x, y = y); g$z <- as.vector(m); g }
lands <- function(colours, main) {
  n <- 5 + sample(20, 1); p <- cbind(runif(n), runif(n)); s <- 90
  a <- as.matrix(expand.grid(1:s, 1:s)) / s
  a <- a + .02 * cbind(sin(31 * a[, 2]) + sin(57 * a[, 2]), cos(29 * a[, 1]) + sin(61 * a[, 1]))
  k <- apply(a, 1, function(q) which.min(colSums((t(p) - q)^2)))
  sea <- (a[, 1] - .5)^2 + (a[, 2] - .5)^2 > .2 + .03 * sin(40 * a[, 1] * a[, 2])
  v <- runif(n)[k]; v[sea] <- NA; k[sea] <- 0
  par(mar = c(1, 1, 2, 1))
  image(matrix(v, s), axes = FALSE, asp = 1, col = hcl.colors(12, colours), main = main)
  contour(matrix(as.numeric(k), s), levels = 1:n - .5, drawlabels = FALSE, add = TRUE, lwd = .6)
}
across <- function(n, main) {
  matplot(t(matrix(rnorm(40 * n), 40)), type = "l", lty = 1, xaxt = "n", xlab = "", ylab = "", main = main)
  abline(v = 1:n); axis(1, 1:n, paste0("v", 1:n))
}
corners <- function() data.frame(x = factor(rep(1:6, 2)), y = runif(12), s = rep(c("a", "b"), each = 6))
"""
# Of each kind; named fields are filled in by `_chart`.
OWN = {
    "box": "boxplot(y ~ x, groups({labels}), main={main}, horizontal={flag}, col={color})",
    "heat-map": "image(matrix(runif({cells}), {count}), main={main})",
    "contour": "contour(at({side}), at({side}), waves({side}), main={main})",
    "3-d": "persp(at({side}), at({side}), waves({side}), theta={turn}, phi=30, main={main}, col={color}, shade=.4)",
    "map": "lands({palette}, {main})",
    "parallel": "across({count} + 1, {main})",
}
OTHER = {
    "heat-map": "heatmap(matrix(runif({cells}), {count}), Rowv=NA, Colv=NA, main={main})",
    "contour": "filled.contour(at({side}), at({side}), waves({side}), main={main})",
}
GRAMMAR = {
    "box": "ggplot(groups({labels}), aes(x, y{fill})) + geom_boxplot(){flip}",
    "violin": "ggplot(groups({labels}), aes(x, y{fill})) + geom_violin(){flip}",
    "heat-map": "ggplot(long(runif({cells}), letters[1:{count}], 1:{wide}), aes(x, y, fill=z)) + geom_tile(){text}",
    "contour": "ggplot(long(waves({side}), at({side}), at({side})), aes(x, y, z=z)) + geom_contour{filled}()",
    "radar": "ggplot(corners(), aes(x, y, group=s, color=s, fill=s)) + geom_polygon(alpha=.3) + coord_polar()",
}
THEMES = ("", "", " + theme_bw()", " + theme_minimal()", " + theme_classic()")
R_KINDS = ("box", "violin", "heat-map", "contour", "3-d", "radar", "map", "parallel")


def plot_r(kinds: Sequence[str], rng: Rng, path: Path) -> None:
    """Write a PDF with a page for each of some kinds, of `R_KINDS`."""
    wide, high = float(rng.choice([7, 7, 6, 5])), float(rng.choice([7, 5, 4, 5]))
    lines = [BEGIN, f"set.seed({rng.integers(1 << 30)})"]
    lines.append(f'cairo_pdf("{path}", width={wide}, height={high}, onefile=TRUE)')
    run_script(
        ["Rscript"], "plots.R", "\n".join([*lines, *(_chart(kind, rng) for kind in kinds), "invisible(dev.off())"])
    )


def _chart(kind: str, rng: Rng) -> str:
    count, flag = int(rng.integers(2, 9)), bool(rng.random() < 0.3)
    filled = bool(rng.random() < 0.5)
    fields = {
        "count": count,
        "wide": count + 3,
        "cells": count * (count + 3),
        "side": int(rng.integers(20, 45)),
        "turn": int(rng.integers(10, 80)),
        "labels": "c(" + ", ".join(f'"{name}"' for name in names(rng, count)) + ")",
        "main": f'"{title(rng)}"' if rng.random() < 0.5 else '""',
        "palette": ('"viridis"', '"Blues"', '"Reds"')[int(rng.integers(3))],
        "color": int(rng.integers(2, 9)) if filled else '"white"',
        "flag": "TRUE" if flag else "FALSE",
        "flip": " + coord_flip()" if flag else "",
        "text": " + geom_text(aes(label=round(z, 1)))" if flag else "",
        "fill": ", fill=x" if filled else "",
        "filled": "_filled" if filled else "",
    }
    known = [table for table in (OWN, OTHER, GRAMMAR) if kind in table]
    chosen = known[int(rng.integers(len(known)))]
    call = chosen[kind].format(**fields)
    if chosen is not GRAMMAR:
        return call
    axes = f' + xlab("{word(rng)}") + ylab("{word(rng)}")' if rng.random() < 0.5 else ""
    return f"print({call}{THEMES[int(rng.integers(len(THEMES)))]}{axes} + labs(title={fields['main']}))"
