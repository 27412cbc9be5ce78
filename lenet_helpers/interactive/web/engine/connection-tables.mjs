// Connection tables, and what they cost: pure functions, no DOM.
// A table lists, for each map of a layer, the maps of the layer below that it reads.

/**
 * Connects a map to a map below, or takes the connection away.
 * @param {number[][]} table
 * @param {number} map
 * @param {number} input  the map below
 * @returns {number[][]} a new table, its lists in rising order
 */
export function toggleLink(table, map, input) {
  return table.map((inputs, i) => {
    if (i !== map) return inputs;
    const others = inputs.filter((other) => other !== input);
    if (others.length < inputs.length) return others;
    return [...inputs, input].sort((a, b) => a - b);
  });
}

/**
 * Counts what a layer with a table costs: a kernel a link, a bias a map.
 * @param {number[][]} table
 * @param {{kernelSize: number, side: number}} layer  side: of a map, in units
 * @returns {{links: number, parameters: number, connections: number}} each unit's bias
 *   is a connection, as in the papers
 */
export function countLayer(table, { kernelSize, side }) {
  const links = table.reduce((total, inputs) => total + inputs.length, 0);
  const parameters = links * kernelSize ** 2 + table.length;
  return { links, parameters, connections: parameters * side ** 2 };
}

/**
 * Counts the different sets of inputs: maps of one set start out alike.
 * @param {number[][]} table
 * @returns {number}
 */
export function countDifferent(table) {
  return new Set(table.map((inputs) => inputs.join())).size;
}
