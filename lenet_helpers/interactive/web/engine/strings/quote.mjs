// Text in quotes, as Python's repr writes it, so that messages are the same. No DOM.

const NAMED = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Quotes a text; what cannot be seen is written as a number.
 * @param {string} text
 * @returns {string}
 */
export function quote(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const written = [...text].map((character) => {
    if (character === mark) return `\\${mark}`;
    if (NAMED[character]) return NAMED[character];
    return character !== " " && /[\p{C}\p{Z}]/u.test(character)
      ? writeCode(character)
      : character;
  });
  return `${mark}${written.join("")}${mark}`;
}

function writeCode(character) {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  const [letter, length] =
    code.length <= 2 ? ["x", 2] : code.length <= 4 ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.padStart(length, "0")}`;
}
