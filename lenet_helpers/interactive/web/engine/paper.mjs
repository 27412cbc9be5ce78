// Numbers of the papers that the figures need, as `lenet_helpers/paper.py` has them, each
// with its place there; a test compares them.

export const AMPLITUDE = 1.7159; // A and S of the squashing function
export const SLOPE = 2 / 3;
export const BACKGROUND = -0.1; // of LeNet-5's input; ink is FOREGROUND
export const FOREGROUND = 1.175;

export const MU = 0.02; // keeps the rate of a flat direction below eta / mu
export const NUM_CURVATURE_PATTERNS = 500; // that h is measured on
// Which maps of the layer below each map reads, from 0: S2 to C3 of LeNet-5, H2 to H3 of
// LeNet-1.
export const C3_TABLE = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];
export const H3_TABLE = [
  [0],
  [0, 1],
  [0, 1],
  [1],
  [0, 1],
  [0, 1],
  [2],
  [2, 3],
  [2, 3],
  [3],
  [2, 3],
  [2, 3],
];
// The output codes of the ten digits; `readCode` in codes.mjs reads them.
export const DIGIT_CODES = [
  "3e001c3663636363361c0000",
  "0c1c3c0c0c0c0c0c0c3f0000",
  "3e003e6343061c30607f0000",
  "7f03060c1e030303633e0000",
  "3e00003333736363673f0303",
  "3e007f60603c1e03633e0000",
  "1e3060607e736363733e0000",
  "7f0303060c0c181818180000",
  "3e6363633e636363633e0000",
  "3e676363673f0303063c0000",
];
