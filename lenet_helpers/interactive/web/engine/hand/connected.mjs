// Numbers what is connected: pixels of a mask, and things that are near each other.

/**
 * Numbers the connected parts of a mask in the order of their first pixels, row by row;
 * pixels that touch at a corner are connected.
 * @param {ArrayLike<number>} mask  (height * width), 0 or 1
 * @param {number} width
 * @param {number} height
 * @returns {Int32Array}  (height * width), from 1; 0 where the mask is
 */
export function connect(mask, width, height) {
  const numbers = new Int32Array(width * height);
  const parents = [0]; // of each provisional number, one that is not larger
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      if (!mask[i]) continue;
      let number = x > 0 ? numbers[i - 1] : 0;
      const last = y > 0 ? Math.min(x + 1, width - 1) : -1;
      for (let u = Math.max(x - 1, 0); u <= last; u += 1) {
        const above = numbers[i - width - x + u];
        if (!above || above === number) continue;
        number = number ? join(parents, number, above) : above;
      }
      if (!number) number = parents.push(parents.length) - 1;
      numbers[i] = number;
    }
  const finals = countUp(parents);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = finals[numbers[i]];
  return numbers;
}

/**
 * Groups things of which one comes from each to the others by steps between near ones.
 * @param {number} count
 * @param {(one: number, other: number) => boolean} isNear
 * @returns {number[][]}  groups in the order of their first members
 */
export function group(count, isNear) {
  const parents = Array.from({ length: count + 1 }, (_, i) => i);
  for (let one = 1; one <= count; one += 1)
    for (let other = 1; other < one; other += 1)
      if (isNear(one - 1, other - 1)) join(parents, one, other);
  /** @type {number[][]} */
  const groups = [];
  for (const [i, number] of countUp(parents).entries()) {
    if (i === 0) continue;
    groups[number - 1] ??= [];
    groups[number - 1].push(i - 1);
  }
  return groups;
}

/** Makes two numbers one, and returns it: the smaller of their first ones. */
function join(parents, one, other) {
  const [a, b] = [findFirst(parents, one), findFirst(parents, other)];
  const least = Math.min(a, b);
  parents[a] = parents[b] = least;
  return least;
}

function findFirst(parents, number) {
  let first = number;
  while (parents[first] !== first) {
    parents[first] = parents[parents[first]];
    first = parents[first];
  }
  return first;
}

/** Gives first numbers 1, 2, ... in their order, and the others that of their first. */
function countUp(parents) {
  let count = 0;
  const finals = new Int32Array(parents.length);
  for (let number = 1; number < parents.length; number += 1) {
    const first = findFirst(parents, number);
    if (first === number) count += 1;
    finals[number] = first === number ? count : finals[first];
  }
  return finals;
}
