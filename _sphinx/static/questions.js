// @ts-check
// A chapter's questions answer, one choice at a time. The page itself holds the reasons,
// folded for whoever has no scripts; here each comes when its choice is checked.

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
const make = (tag, className, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

/**
 * Make one question answer.
 * @param {HTMLFieldSetElement} question
 * @param {(right: boolean) => void} count is told of the first answer
 */
const start = (question, count) => {
  const fold = /** @type {HTMLDetailsElement} */ (question.querySelector("details"));
  const reasons = [...fold.querySelectorAll("li")];
  const radios = [...question.querySelectorAll("input")];
  const taught = fold.querySelector(".lenet-taught");
  const button = make("button", "lenet-check", "Check");
  const verdict = make("div", "lenet-verdict");
  button.setAttribute("type", "button");
  verdict.setAttribute("role", "status");
  let checked = false;

  const check = () => {
    const chosen = radios.findIndex((radio) => radio.checked);
    if (chosen < 0) {
      verdict.replaceChildren(make("p", "", "Choose an answer first."));
      return;
    }
    const right = reasons[chosen].hasAttribute("data-right");
    if (!checked) count(right);
    checked = true;
    const reason = make("p", right ? "lenet-right" : "lenet-wrong");
    reason.append(...reasons[chosen].cloneNode(true).childNodes);
    verdict.replaceChildren(reason);
    if (right && taught) verdict.append(taught.cloneNode(true));
    else verdict.append(make("p", "", "Try another answer."));
    if (right) fold.hidden = false; // the other reasons are worth reading now
  };

  fold.hidden = true;
  fold.before(button, verdict);
  button.addEventListener("click", check);
  question.addEventListener("change", () => verdict.replaceChildren());
};

document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".lenet-self-check")) {
    const questions = [...box.querySelectorAll("fieldset")];
    const progress = make("p", "lenet-progress");
    let [right, answered] = [0, 0];
    const show = () => {
      progress.textContent =
        `${right} of ${questions.length} right at the first try` +
        ` (${answered} answered)`;
    };
    for (const question of questions) {
      start(question, (isRight) => {
        answered += 1;
        if (isRight) right += 1;
        show();
      });
    }
    show();
    box.append(progress);
  }
});
