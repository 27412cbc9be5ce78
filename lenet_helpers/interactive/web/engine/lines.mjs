// LeNet-5 over a line of digits: an answer at each place of the window. No DOM.

import { judge } from "./networks.mjs";

/** @import { Tensor } from "./tensors.mjs" */

const NEARBY = 3; // windows; twelve pixels, less than most digits are wide

/**
 * What LeNet-5 answers in one window; answer is null where it gives no numbers.
 * @typedef {object} Place
 * @property {number | null} answer
 * @property {number} second
 * @property {number} difference  of the two best distances
 * @property {number} distance  of F6 from the code of the answer
 * @property {boolean} isSure  false where the answer is refused
 */

const NOTHING = { answer: null, second: 0, difference: 0, distance: 0, isSure: false };

/**
 * Judges the output at each place.
 * @param {Tensor} output  (10, 1, places)
 * @param {number} threshold  of the difference, for an answer that is not refused
 * @returns {Place[]}
 */
export function readPlaces(output, threshold) {
  const [, , count] = output.shape;
  return Array.from({ length: count }, (_, place) => {
    const judged = judge("lenet5", output, place);
    if (!judged) return NOTHING;
    const distance = output.data[judged.answer * count + place];
    return { ...judged, distance, isSure: judged.difference >= threshold };
  });
}

/**
 * Reads a line: an accepted answer counts where none nearby has a smaller distance.
 * @param {Place[]} places
 * @returns {number[]}
 */
export function readLine(places) {
  const counts = (place, i) =>
    place.isSure &&
    places.every((other, k) => {
      if (!other.isSure || k === i || Math.abs(k - i) > NEARBY) return true;
      return (
        place.distance < other.distance || (place.distance === other.distance && i < k)
      );
    });
  return places.filter(counts).map(({ answer }) => Number(answer));
}
