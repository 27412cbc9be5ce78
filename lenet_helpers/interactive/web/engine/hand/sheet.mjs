// Where the sheet's marks and boxes lie, as `lenet_helpers/hand/sheet.py` draws them; a
// test compares the numbers. Millimetres, from the centre of the mark at the top left,
// to the right and down.

export const FRAME = [176, 236]; // from mark to mark
// Four corners, clockwise from the top left; the fifth says which way is up.
export const MARKS = [
  [0, 0],
  [176, 0],
  [176, 236],
  [0, 236],
  [44, 0],
];
export const ROWS = 10; // row r holds ten times the digit r
export const COLUMNS = 10;
export const PITCH = [16, 21.5]; // from box to box
export const BOX = [14.5, 19];
export const FIRST = [13, 15]; // the top left corner of the first box

/**
 * Lists the boxes, row by row.
 * @returns {number[][]}  of each: left, top, right and bottom, in mm
 */
export function listBoxes() {
  return Array.from({ length: ROWS * COLUMNS }, (_, box) => {
    const left = FIRST[0] + PITCH[0] * (box % COLUMNS);
    const top = FIRST[1] + PITCH[1] * Math.floor(box / COLUMNS);
    return [left, top, left + BOX[0], top + BOX[1]];
  });
}
