// Visits pages with Firefox, over WebDriver BiDi; started by test_widgets_firefox.py.
// Reads a list of visits from a file, which it is given, and writes what each has found.

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const { executablePath, axe, findOverflow, visits } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
);

/** Draws one of the strokes on the field of a figure, [x, y] in parts of its height. */
async function draw(page, stroke) {
  const field = await page.waitForSelector(".lenet-field");
  await field.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const { x, y, height } = await field.boundingBox();
  const points = stroke.map((point) => [x + point[0] * height, y + point[1] * height]);
  await page.mouse.move(...points[0]);
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...point, { steps: 3 });
  await page.mouse.up();
}

/** Starts the Training room, and waits until a run has ended. */
async function train(page) {
  await page.click(".lenet-start");
  await page.waitForFunction(
    () => document.querySelector(".lenet-status progress")?.value === 1,
    { timeout: 120_000 },
  );
}

async function visit(browser, { url, width, scheme, strokes, trains }) {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console ${message.text()}`);
  });
  page.on("requestfailed", (request) => faults.push(`failed ${request.url()}`));
  await page.setViewport({ width, height: 800 });
  await page.goto(url);
  await page.evaluate((name) => {
    document.documentElement.dataset.theme = name;
  }, scheme);
  for (const figure of await page.$$(".lenet-figure")) {
    await figure.evaluate((element) => element.scrollIntoView());
    await page.waitForFunction(
      (element) => element.matches(".lenet-started, :has(.lenet-fault)"),
      {},
      figure,
    );
  }
  if (trains) await train(page);
  for (const stroke of strokes) await draw(page, stroke);
  await page.evaluate(
    () =>
      new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  const read = (selector) =>
    page.$$eval(selector, (all) => all.map((element) => element.textContent));
  const found = {
    faults,
    notStarted: await read(".lenet-fault:not([hidden])"),
    answers: await read(".lenet-network:not([hidden]) .lenet-answer"),
    trained: await read(".lenet-state"),
    overflow: await page.evaluate(`(${findOverflow})()`),
  };
  await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run()");
  found.violations = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
  );
  await page.close();
  return found;
}

const browser = await puppeteer.launch({ browser: "firefox", executablePath });
try {
  const found = [];
  for (const one of visits) found.push(await visit(browser, one));
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
