// A Worker made from text in the page, which works from a disk, too.

/**
 * Starts a Worker.
 * @param {Uint8Array} source  its script, in UTF-8
 * @param {(message: any) => void} receive  takes what it posts; {type: "error", message}
 *   where it cannot run, after this function has returned
 * @param {string} [loss]  what cannot be done then
 * @returns {{post: (message: object) => void, stop: () => void}}
 */
export function startWorker(source, receive, loss = "Nothing can be trained") {
  const blob = new Blob([new TextDecoder().decode(source)], {
    type: "text/javascript",
  });
  const url = URL.createObjectURL(blob);
  const fail = (reason) =>
    receive({
      type: "error",
      message:
        `${loss} here, because the page is not allowed to compute in the background ` +
        `(${reason}). A copy of the book on your disk may.`,
    });
  try {
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message || "its Worker does not start");
    };
    const stop = () => {
      worker.onmessage = null; // what it has posted already
      worker.onerror = null;
      worker.terminate();
      URL.revokeObjectURL(url);
    };
    return { post: (message) => worker.postMessage(message), stop };
  } catch (error) {
    const waiting = setTimeout(fail, 0, error instanceof Error ? error.message : error);
    const stop = () => {
      clearTimeout(waiting);
      URL.revokeObjectURL(url);
    };
    return { post: () => {}, stop };
  }
}
