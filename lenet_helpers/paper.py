"""Numbers printed in the papers, each with its place; no code but tables.

P89: LeCun et al. 1989, Neural Computation 1(4). P90: Le Cun et al. 1990, NIPS 2.
P95: LeCun et al. 1995, ICANN. P98: LeCun, Bottou, Bengio, Haffner 1998, Proc. IEEE
86(11). EB: LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp. Error rates are
fractions, except in FIGURE_9, which holds the per cent of the figures' labels.
"""

# Connections and trainable parameters, layer by layer. A bias is a connection of each
# unit. Layers that a paper does not count one by one follow from its text.
NET1989 = {  # P89, p. 542-546; totals p. 546
    "h1": (19_968, 1_068),
    "h2": (38_592, 2_592),
    "h3": (5_790, 5_790),
    "output": (310, 310),
    "total": (64_660, 9_760),
}
LENET1 = {  # P90, p. 5-7; totals p. 7
    "h1": (59_904, 104),
    "h2": (2_880, 8),
    "h3": (32_768, 512),
    "h4": (960, 24),
    "output": (1_930, 1_930),
    "total": (98_442, 2_578),
}
LENET5 = {  # P98, Sec. II-B; the output layer's 840 parameters are fixed
    "c1": (122_304, 156),
    "s2": (5_880, 12),
    "c3": (151_600, 1_516),
    "s4": (2_000, 32),
    "c5": (48_120, 48_120),
    "f6": (10_164, 10_164),
    "output": (840, 0),
    "total": (340_908, 60_000),
}
LENET4_TOTAL = (260_000, 17_000)  # about; P98, Sec. III-C, and P95, p. 5

# Which maps of the layer below each map reads, from 0.
C3_TABLE = (  # P98, Table I: S2 to C3
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
H3_TABLE = (  # P90, Table 1: H2 to H3 (printed from 1)
    (0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1),
    (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3),
)  # fmt: skip

BACKGROUND, FOREGROUND = -0.1, 1.175  # input of white and black; P98, Sec. II-B
AMPLITUDE, SLOPE = 1.7159, 2 / 3  # A and S of the squashing function; P98, eq. 6

# The training of LeNet-5.
LEARNING_RATES = (  # eta of each of 20 passes; P98, Sec. III-B
    (0.0005,) * 2 + (0.0002,) * 3 + (0.0001,) * 3 + (0.00005,) * 4 + (0.00001,) * 8
)
MU = 0.02  # P98, Sec. III-B
NUM_CURVATURE_PATTERNS = 500  # P98, Sec. III-B
# The smallest and largest effective rate in pass 1, about; P98, Sec. III-B.
EFFECTIVE_RATES = (7e-5, 0.016)
LENET5_ERROR_RATE = 0.0095  # test, stable from pass 10; P98, Sec. III-B

# P89, p. 547: 7,291 training and 2,007 test digits, 23 passes.
NET1989_SET_SIZES = (7_291, 2_007)
NET1989_NUM_EPOCHS = 23
NET1989_ERROR_RATES = (0.0014, 0.0500)  # training, test
NET1989_LOSSES = (2.5e-3, 1.8e-2)  # mean squared error; training, test

# P98, Figure 5, digitised from the curve's coordinates, +-0.0003; 21 points are drawn.
FIGURE_5_TRAINING = (
    0.0489, 0.0306, 0.0176, 0.0147, 0.0121, 0.0090, 0.0077,
    0.0069, 0.0056, 0.0049, 0.0046, 0.0044, 0.0041, 0.0038,
    0.0038, 0.0038, 0.0038, 0.0036, 0.0036, 0.0036, 0.0036,
)  # fmt: skip
FIGURE_5_TEST = (
    0.0267, 0.0224, 0.0147, 0.0142, 0.0142, 0.0108, 0.0103,
    0.0105, 0.0097, 0.0095, 0.0095, 0.0097, 0.0095, 0.0095,
    0.0095, 0.0095, 0.0095, 0.0095, 0.0095, 0.0095, 0.0095,
)  # fmt: skip
# P98, Figure 6, digitised, +-0.0001: size of the training set -> (test, training).
FIGURE_6 = {
    15_000: (0.0168, 0.0005),
    30_000: (0.0114, 0.0031),
    60_000: (0.0094, 0.0035),
}
NUM_VERSIONS = 10  # of each digit, where distorted ones are shown; P98, Sec. III-B
FIGURE_6_DISTORTED = 0.0082  # 60,000 with distortions: 82 errors; the text says 0.8 %

# P98, Figure 8: what LeNet-5, trained with distortions, answers wrongly: index in
# MNIST's test set (from 0), label, answer. The 82 images in the paper's PDF were
# compared with the test set; each matches exactly one.
FIGURE_8 = (
    (247, 4, 6), (449, 3, 5), (582, 8, 2), (659, 2, 1), (674, 5, 3), (829, 4, 8),
    (926, 2, 8), (938, 3, 5), (1014, 6, 5), (1039, 7, 3), (1232, 9, 4), (1319, 8, 0),
    (1328, 7, 8), (1393, 5, 3), (1530, 8, 7), (1621, 0, 6), (1681, 3, 7),
    (1790, 2, 7), (1878, 8, 3), (1901, 9, 4), (1955, 8, 2), (2035, 5, 3),
    (2043, 4, 8), (2109, 3, 9), (2118, 6, 0), (2129, 9, 8), (2130, 4, 9),
    (2135, 6, 1), (2293, 9, 4), (2387, 9, 1), (2414, 9, 4), (2462, 2, 0),
    (2654, 6, 1), (2921, 3, 5), (2927, 3, 2), (2939, 9, 5), (3030, 6, 0),
    (3422, 6, 0), (3520, 6, 0), (3762, 6, 8), (3780, 4, 6), (3808, 7, 3),
    (3869, 9, 4), (3941, 4, 6), (4176, 2, 7), (4224, 9, 7), (4265, 4, 3),
    (4369, 9, 4), (4405, 9, 4), (4425, 9, 4), (4497, 8, 7), (4575, 4, 2),
    (4601, 8, 4), (4740, 3, 5), (4956, 8, 4), (5736, 6, 5), (5749, 8, 5),
    (5955, 3, 8), (5973, 3, 8), (6091, 9, 8), (6101, 1, 5), (6173, 9, 8),
    (6538, 6, 3), (6557, 0, 2), (6558, 6, 5), (6571, 9, 5), (6597, 0, 7),
    (6783, 1, 6), (7434, 4, 9), (8059, 2, 1), (8094, 2, 8), (8408, 8, 5),
    (8527, 4, 9), (9009, 7, 2), (9015, 7, 2), (9679, 6, 5), (9692, 9, 7),
    (9698, 6, 1), (9729, 5, 6), (9770, 5, 0), (9792, 4, 9), (9904, 2, 8),
)  # fmt: skip

# P98, Figures 9 to 12, from their labels: classifier, digits -> test error (%, about
# +-0.1), rejected for 0.5 % error (%), thousands of multiply-accumulates, thousands of
# numbers in memory. None: not in that figure. The unit "thousands" follows from the
# text. Figure 12 calls the virtual SVM "poly 5".
FIGURE_9 = {
    ("linear", "plain"): (12.0, None, None, None),
    ("linear", "deslanted"): (8.4, None, 4, 4),
    ("pairwise linear", "plain"): (7.6, None, 36, 35),
    ("k-NN", "plain"): (5.0, None, None, None),
    ("k-NN", "deslanted"): (2.4, 8.1, 24_000, 24_000),
    ("40 PCA + quadratic", "plain"): (3.3, None, 39, 40),
    ("1000 RBF + linear", "plain"): (3.6, None, 794, 794),
    ("tangent distance", "16x16"): (1.1, 1.9, 20_000, 25_000),
    ("SVM poly 4", "plain"): (1.1, 1.8, 14_000, 14_000),
    ("RS-SVM poly 5", "plain"): (1.0, None, 650, 650),
    ("V-SVM poly 9", "distorted"): (0.8, None, 28_000, 28_000),
    ("300-10", "plain"): (4.7, None, None, None),
    ("300-10", "distorted"): (3.6, None, None, None),
    ("300-10", "deslanted"): (1.6, 3.2, 123, 123),
    ("1000-10", "plain"): (4.5, None, 795, 795),
    ("1000-10", "distorted"): (3.8, None, None, None),
    ("300-100-10", "plain"): (3.05, None, 267, 267),
    ("300-100-10", "distorted"): (2.5, None, None, None),
    ("500-150-10", "plain"): (2.95, None, 469, 469),
    ("500-150-10", "distorted"): (2.45, None, None, None),
    ("LeNet-1", "16x16"): (1.7, 3.7, 100, 3),
    ("LeNet-4", "plain"): (1.1, 1.8, 260, 17),
    ("LeNet-4 / local", "plain"): (1.1, 1.4, 20_000, 24_000),
    ("LeNet-4 / k-NN", "plain"): (1.1, 1.6, 10_000, 24_000),
    ("LeNet-5", "plain"): (0.95, None, 401, 60),
    ("LeNet-5", "distorted"): (0.8, None, None, None),
    ("boosted LeNet-4", "distorted"): (0.7, 0.5, 460, 51),
}
HUMAN_ERROR_RATE = 0.002  # an estimate; P95
ERROR_RATE_AFTER_REJECTION = 0.005  # among accepted patterns; P98, Figure 10

# P98, Figure 3: the output codes of the printable ASCII characters, 12 rows of 7
# pixels, top row first, two hexadecimal digits a row, leftmost pixel in bit 6; 1 is +1
# (black), 0 is -1 (white). Read from the bitmaps embedded in the paper's PDF.
CODES = {
    " ": "000000000000000000000000",
    "!": "0c0c0c0c0c0c0c000c0c0000",
    '"': "363636360000000000000000",
    "#": "0036367f7f367f7f36360000",
    "$": "3e14143e773c1e17773e1400",
    "%": "7353760c0c18183765670000",
    "&": "3c6666663c3c6766663f0000",
    "'": "1e0e0e0c1800000000000000",
    "(": "0306040c0c0c0c0c0c040603",
    ")": "3018080c0c0c0c0c0c081830",
    "*": "00086b3e1c771c3e6b080000",
    "+": "00000c0c3f3f0c0c00000000",
    ",": "0000000000001e0e0e0c1800",
    "-": "000000007f7f000000000000",
    ".": "000000000000000c1e0c0000",
    "/": "0003070e0c0c0c0c1c383000",
    "0": "3e001c3663636363361c0000",
    "1": "0c1c3c0c0c0c0c0c0c3f0000",
    "2": "3e003e6343061c30607f0000",
    "3": "7f03060c1e030303633e0000",
    "4": "3e00003333736363673f0303",
    "5": "3e007f60603c1e03633e0000",
    "6": "1e3060607e736363733e0000",
    "7": "7f0303060c0c181818180000",
    "8": "3e6363633e636363633e0000",
    "9": "3e676363673f0303063c0000",
    ":": "00000c1e0c00000c1e0c0000",
    ";": "00000c1e0c001e0e0e0c1800",
    "<": "0003060c1830180c06030000",
    "=": "0000003f3f00003f3f000000",
    ">": "0030180c0603060c18300000",
    "?": "3e636303060c0c000c0c0000",
    "@": "003e7f676f69696f703f0000",
    "A": "3e2263637f63636363630000",
    "B": "3e60607e73636363737e0000",
    "C": "3e00003f70606060703f0000",
    "D": "3f03033f67636363673f0000",
    "E": "7f6160607c606060617f0000",
    "F": "3e3f3030307e303030300000",
    "G": "3e00003f606c6f6d613f0000",
    "H": "636363637f63636363630000",
    "I": "1e0c0c0c0c0c0c0c0c1e0000",
    "J": "3e0c0c001c0c0c0c0c6c6e7e",
    "K": "7e6060666c78786c66630000",
    "L": "6060606060606060617f0000",
    "M": "3e0000367f6b6b6363630000",
    "N": "3e00007e7363636363630000",
    "O": "3e00003e63636363633e0000",
    "P": "3e00007e73636363737e6060",
    "Q": "3e00003f67636363673f0303",
    "R": "7e6363637e7c666663630000",
    "S": "3e00003e633c1e03633e0000",
    "T": "7f0c0c0c0c0c0c0c0c0c0000",
    "U": "3e00006363636363673f0000",
    "V": "3e00006363636336361c0800",
    "W": "3e00006363636b6b7f360000",
    "X": "3e000063633e1c3e63630000",
    "Y": "3e000063636363673f03633e",
    "Z": "3e00007f060c1830607f0000",
    "[": "0f0c0c0c0c0c0c0c0c0c0f00",
    "\\": "0030381c0c0c0c0c0e070300",
    "]": "3c0c0c0c0c0c0c0c0c0c3c00",
    "^": "081c36630000000000000000",
    "_": "000000000000000000007f00",
    "`": "1e1c1c0c0600000000000000",
    "a": "0000003e033f6363673f0000",
    "b": "6060607e73636363737e0000",
    "c": "0000003f70606060703f0000",
    "d": "0303033f67636363673f0000",
    "e": "0000003e63637f60633e0000",
    "f": "1e333030307e303030300000",
    "g": "0000003e676363673f03633e",
    "h": "6060607e7363636363630000",
    "i": "000c0c001c0c0c0c0c1e0000",
    "j": "000c0c001c0c0c0c0c6c6e7e",
    "k": "606060666c78786c66630000",
    "l": "1c0c0c0c0c0c0c0c0c1e0000",
    "m": "000000367f6b6b6363630000",
    "n": "0000007e7363636363630000",
    "o": "0000003e63636363633e0000",
    "p": "0000007e73636363737e6060",
    "q": "0000003f67636363673f0303",
    "r": "0000007e7360606060600000",
    "s": "0000003e633c1e03633e0000",
    "t": "303030307f303030371e0000",
    "u": "0000006363636363673f0000",
    "v": "0000006363636336361c0800",
    "w": "0000006363636b6b7f360000",
    "x": "00000063633e1c3e63630000",
    "y": "00000063636363673f03633e",
    "z": "0000007f060c1830607f0000",
    "{": "03060c0c061c1c060c0c0603",
    "|": "000c0c0c0c0c0c0c0c0c0c00",
    "}": "30180c0c180e0e180c0c1830",
    "~": "00397f4e0000000000000000",
}
