"""Charts by eight plotting libraries and more, in their default looks and at their default sizes.

Every library writes a PDF with a chart a page, so that the position of all text is known in the same way
(`ocr2.synth.text_lines.pdf`), and the picture can be had at any size. Debian packages: chromium, gnuplot-nox,
libreoffice-calc, r-cran-ggplot2; npm packages, unpacked into one folder: echarts, chart.js, plotly.js-dist-min.
"""
