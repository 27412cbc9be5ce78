// Projective transforms of the plane: matrices of 3 x 3, row by row.

/**
 * Finds the transform that takes four points to four others.
 * @param {number[][]} from  no three in a line
 * @param {number[][]} to  the same
 * @returns {number[]}
 */
export const takeTo = (from, to) => multiply(span(to), invert(span(from)));

/**
 * Applies a transform to a point.
 * @param {number[]} matrix
 * @param {number[]} point  x and y
 * @returns {number[]}
 */
export function apply(matrix, [x, y]) {
  const [across, down, depth] = [0, 3, 6].map(
    (row) => matrix[row] * x + matrix[row + 1] * y + matrix[row + 2],
  );
  return [across / depth, down / depth];
}

/** Multiplies two matrices. @param {number[]} a @param {number[]} b */
export const multiply = (a, b) =>
  a.map((_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6];
  });

/** Inverts a transform, up to a factor. @param {number[]} matrix */
export function invert([a, b, c, d, e, f, g, h, i]) {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

/**
 * Takes (1, 0, 0), (0, 1, 0), (0, 0, 1) and (1, 1, 1) to four points.
 * @param {number[][]} points
 */
function span([[x, y], [x2, y2], [x3, y3], [x4, y4]]) {
  const columns = [x, x2, x3, y, y2, y3, 1, 1, 1];
  const back = invert(columns);
  const shares = [0, 3, 6].map(
    (row) => back[row] * x4 + back[row + 1] * y4 + back[row + 2],
  );
  return columns.map((value, i) => value * shares[i % 3]);
}
