"""LaTeX preambles of the type faces of formulas, and the faces held out for validation."""

PREAMBLES = {
    "computer modern": r"\usepackage{amssymb}",
    "computer modern, AMS script": r"\usepackage{amssymb}\usepackage{mathrsfs}\let\mathcal\mathscr",
    "times": r"\usepackage{newtxtext,newtxmath}",
    "palatino": r"\usepackage{newpxtext,newpxmath}",
    "times (psnfss)": r"\usepackage{mathptmx}\usepackage{amssymb}",
    "palatino (psnfss)": r"\usepackage{mathpazo}\usepackage{amssymb}",
    "stix": r"\usepackage{stix}",
    "libertine": r"\usepackage{libertine}\usepackage[libertine]{newtxmath}",
    "utopia": r"\usepackage{fourier}",
    "kp": r"\usepackage{kpfonts}",
    "charter": r"\usepackage[charter]{mathdesign}",
    "cm bright": r"\usepackage{cmbright}\usepackage{amssymb}",
    "concrete": r"\usepackage{concmath}\usepackage{amssymb}",
    "euler": r"\usepackage{amssymb}\usepackage{eulervm}",
    "arev": r"\usepackage{arev}",
    "iwona": r"\usepackage[math]{iwona}\usepackage{amssymb}",
    "stix two": r"\usepackage{stix2}",
    "baskervaldx": r"\usepackage{Baskervaldx}\usepackage[baskervaldx]{newtxmath}",
    "century": r"\usepackage{fouriernc}\usepackage{amssymb}",
}  # fmt: skip
HELD_OUT = frozenset(("stix two", "baskervaldx", "iwona", "century"))
