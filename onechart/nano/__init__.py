"""onechart-nano: the chart reader that ships."""
