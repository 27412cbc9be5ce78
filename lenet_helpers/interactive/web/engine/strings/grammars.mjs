// Grammars: what a reading may say, and what it is turned into on the way. As
// `lenet_helpers/strings/grammars.py`, one grammar at a time. Pure functions, no DOM.
//
// LeCun et al. 1998, p. 31-33. Unlike a graph of readings a grammar may go round in
// cycles and end in several states.

export const NULL = -1; // the label that says nothing

/**
 * States, and rules that lead from state to state.
 * @typedef {object} Grammar
 * @property {number[]} sources  (R): the states that the rules leave, from 0
 * @property {number[]} destinations  (R)
 * @property {number[]} inputs  (R): the label that a rule takes; NULL is none
 * @property {number[]} outputs  (R): the one that it puts out
 * @property {number[]} penalties  (R)
 * @property {boolean[]} isFinal  (S): whether a reading may end in the state
 * @property {number} start
 */

/**
 * Makes a grammar from its rules.
 * @param {number[][]} rules  [source, destination, input], or with an output behind it,
 *   or with output and penalty; without an output it is the input
 * @param {number[]} finals  the states in which a reading may end
 * @param {number} [start]
 * @returns {Grammar}
 * @throws {Error} a rule without an input leaves a final state; no final state; a penalty
 *   that is not finite
 */
export function fromRules(rules, finals, start = 0) {
  const whole = rules.map(([source, destination, input, output = input, more = 0]) => [
    source,
    destination,
    input,
    output,
    more,
  ]);
  const [sources, destinations, inputs, outputs, penalties] = [0, 1, 2, 3, 4].map(
    (column) => whole.map((rule) => rule[column]),
  );
  const states = [...sources, ...destinations, ...finals, start];
  const isFinal = Array(1 + states.reduce((a, b) => Math.max(a, b))).fill(false);
  for (const state of finals) isFinal[state] = true;
  const grammar = {
    sources,
    destinations,
    inputs,
    outputs,
    penalties,
    isFinal,
    start,
  };
  check(grammar);
  return grammar;
}

/**
 * Makes a grammar that accepts one string alone.
 * @param {number[]} labels
 * @returns {Grammar}
 */
export const spell = (labels) =>
  fromRules(
    labels.map((label, i) => [i, i + 1, label]),
    [labels.length],
  );

/**
 * Makes a grammar that accepts the strings of a list (a lexicon), as a tree.
 * @param {number[][]} strings
 * @returns {Grammar}
 * @throws {Error} the list is empty
 */
export function fromList(strings) {
  const children = [new Map()]; // of each state: where each label leads
  const finals = [];
  const rules = [];
  for (const string of strings) {
    let state = 0;
    for (const label of string) {
      if (!children[state].has(label)) {
        children[state].set(label, children.length);
        rules.push([state, children.length, label]);
        children.push(new Map());
      }
      state = children[state].get(label);
    }
    finals.push(state);
  }
  return fromRules(rules, finals);
}

/**
 * Makes the model that reads a sliding network's row of answers. A character may last for
 * several places; between two characters there is at least one blank. The first of a
 * character's places puts it out, the rest say nothing.
 * @param {number} [numClasses]  the characters' labels are below it; it is the blank's
 * @returns {Grammar}
 *
 * LeCun et al. 1998, p. 28-29, which prints neither states nor penalties.
 */
export function characterModel(numClasses = 10) {
  const blank = numClasses;
  const rules = [[0, 0, blank, NULL]];
  const finals = [0];
  for (let label = 0; label < numClasses; label += 1) {
    const inside = label + 1;
    rules.push([0, inside, label, label], [inside, inside, label, NULL]);
    rules.push([inside, 0, blank, NULL]);
    finals.push(inside);
  }
  return fromRules(rules, finals);
}

/**
 * Makes a grammar that accepts every string but one.
 * @param {number[]} labels  the string
 * @param {number} numLabels  of which strings may consist, from 0
 * @returns {Grammar}
 */
export function allBut(labels, numLabels) {
  const off = labels.length + 1; // the state of what has left the string
  const rules = [];
  for (let label = 0; label < numLabels; label += 1) {
    for (let state = 0; state < off; state += 1)
      rules.push([state, label === labels[state] ? state + 1 : off, label]);
    rules.push([off, off, label]);
  }
  const finals = [...Array(labels.length).keys(), off];
  return fromRules(rules, finals);
}

function check({ sources, destinations, inputs, penalties, isFinal }) {
  if (!isFinal.includes(true))
    throw new Error(
      "A grammar must have a state in which a reading may end: `finals` is empty.",
    );
  if ([...sources, ...destinations].some((state) => state < 0))
    throw new Error("States must be numbered from 0.");
  const silent = sources.find((state, i) => inputs[i] === NULL && isFinal[state]);
  if (silent !== undefined)
    throw new Error(
      `A rule without an input leaves the final state ${silent}: a reading could not` +
        " tell whether it has ended. Let it leave a state before.",
    );
  if (!penalties.every(Number.isFinite))
    throw new Error(`Penalties must be finite, got [${penalties.join(", ")}].`);
}
