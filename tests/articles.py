"""Two articles that tests have indexed."""

TAR = """The tar

The tar is a long-necked lute with a body carved from mulberry wood. Its skin is made from the \
pericardium of an ox, and it is plucked with a small brass plectrum. The neck is of walnut, and \
twenty-two frets of gut are tied around it, which a player moves to suit the piece that is played. \
Between the two bowls of the body lies a narrow waist, so that from above it looks like an eight.

Its eleven strings are tuned anew for each mugham. A player holds the instrument high against the \
chest, so that the whole body resonates with it. The three courses in the middle carry the melody, \
the others are struck now and then as a drone. A singer and a spike fiddle complete the trio, and \
the singer keeps the time with a frame drum, which is laid aside when the free passages begin.

In the nineteenth century Sadigjan added strings to it and changed the way in which it is held. \
His instrument is the one that is played in concert halls today. Workshops in several towns make \
it after his pattern, each with small differences in the curve of the bowls and in the pegs. A \
good one takes half a year, most of it spent in waiting for the wood to dry and settle.

Orchestras took it up in the nineteen-thirties, and concertos have been written for it since. \
Their notation is that of the mezzo-soprano clef, an octave apart from what is heard. Children \
learn it in music schools from the age of seven, on smaller instruments with shorter necks.
"""
KILIM = """Kilims

A kilim is woven flat, without a pile. The weft is beaten down so tightly that it hides the warp, \
and a slit remains where two colours meet along an upright line.
"""
