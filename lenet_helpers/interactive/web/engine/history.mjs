// What was there before each change, for Undo: no DOM.

/**
 * Says whether two lists hold the same.
 * @param {*} one  what JSON can hold
 * @param {*} other
 * @returns {boolean}
 */
export const areEqual = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Keeps what was there before each change.
 * @template Value
 * @param {Value[]} past  what was there before, the oldest first
 * @param {() => Value} read  reads what is there now
 * @param {(value: Value) => void} put  puts something else there
 * @returns {{store: (value: Value) => void, goBack: () => void, isEmpty: () => boolean}}
 *   store changes nothing where there is no difference
 */
export function createHistory(past, read, put) {
  const store = (value) => {
    const before = read();
    if (areEqual(before, value)) return;
    past.push(before);
    put(value);
  };
  const goBack = () => {
    const before = past.pop();
    if (before !== undefined) put(before);
  };
  return { store, goBack, isEmpty: () => past.length === 0 };
}
