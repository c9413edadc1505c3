"""Charts as people's programs draw them: eight libraries and more in their default looks, at their default sizes.

Every program writes a PDF with a chart a page, so that the place of all text is known by one way
(`ocr2.synth.text_lines.pdf`), and the picture can be had at any size. Debian packages: chromium, gnuplot-nox,
libreoffice-calc, r-cran-ggplot2; npm packages, unpacked into one folder: echarts, chart.js, plotly.js-dist-min.
"""
