// Numbers of the papers that the figures need, as `lenet_helpers/paper.py` has them, each
// with its place there; a test compares them.

export const AMPLITUDE = 1.7159; // A and S of the squashing function
export const SLOPE = 2 / 3;
export const BACKGROUND = -0.1; // of LeNet-5's input; ink is FOREGROUND
export const FOREGROUND = 1.175;
