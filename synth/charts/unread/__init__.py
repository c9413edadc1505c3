"""Charts of kinds that are named but not read (`ocr2.charts.kinds`), and readable ones that look like them.

They train and test the classifier `ocr2.onechart.nano.chart_kinds`. Debian packages: gnuplot-nox, r-cran-ggplot2,
chromium; npm packages: echarts, plotly.js-dist-min.
"""
